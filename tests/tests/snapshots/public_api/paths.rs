//! What a path leads to, through imports, re-exports and modules. The outline asks it what a crate exports;
//! the check of the surface asks it what stands behind a name in a signature.

use syn::{Item, ItemImpl, Type};

use super::{
    macro_text,
    sources::{Import, Module, Sources, head, joined},
};
use crate::rust_text::is_public;

/// What a path leads to.
#[derive(Clone)]
pub(super) enum Definition<'a> {
    /// Something of another crate, by its path.
    Outside(String),
    /// A module, by its path.
    Module(String),
    /// An item, with the names that it goes by and the module that it stands in.
    Item {
        names: Vec<String>,
        module: String,
        item: &'a Item,
    },
}

impl Definition<'_> {
    /// What it goes by.
    pub(super) fn title(&self) -> String {
        match self {
            Self::Outside(path) | Self::Module(path) => path.clone(),
            Self::Item { names, .. } => names.join(", "),
        }
    }

    /// The item, as what no other item is equal to.
    pub(super) fn address(&self) -> Option<*const Item> {
        match self {
            Self::Item { item, .. } => Some(*item),
            _ => None,
        }
    }
}

impl Sources {
    /// The paths that a module makes public: of its own items, of its modules, and of what it re-exports.
    pub(super) fn exports(&self, module: &str) -> Vec<Vec<String>> {
        let Module {
            file, items, imports, ..
        } = &self.modules[module];
        let re_exports = imports.iter().filter(|import| import.is_public).map(|import| {
            let is_renamed = import.path.last() != Some(&import.name);
            assert!(
                !is_renamed,
                "{}: `pub use {}`: re-export each item by its own name, so that a reader and this outline see what is public",
                file.display(),
                import.path.join("::")
            );
            import.path.clone()
        });
        let own = items.iter().filter_map(|item| match head(item) {
            Some((_, visibility, name)) if is_public(visibility) => Some(vec![name.to_string()]),
            _ => None,
        });
        re_exports.chain(own).collect()
    }

    /// What a path within a module leads to. What follows the name of an item, such as a variant, belongs to the item.
    pub(super) fn resolve(&self, module: &str, path: &[String]) -> Definition<'_> {
        let [first, rest @ ..] = path else {
            return Definition::Module(module.to_owned());
        };
        match first.as_str() {
            "crate" => return self.resolve("", rest),
            "self" => return self.resolve(module, rest),
            "super" => return self.resolve(module.rsplit_once("::").map_or("", |(parent, _)| parent), rest),
            _ => {}
        }
        let inner = joined(module, first);
        if self.modules.contains_key(&inner) {
            return self.resolve(&inner, rest);
        }
        self.item(module, first)
            .or_else(|| {
                let import = self.import(module, first)?;
                // `use http;`, or a crate with an item of its own name.
                let is_crate = import.path.first() == Some(first);
                let path = [&import.path, rest].concat();
                Some(match is_crate {
                    true => Definition::Outside(path.join("::")),
                    false => self.resolve(module, &path),
                })
            })
            .unwrap_or_else(|| Definition::Outside(path.join("::")))
    }

    /// The `impl` blocks of an item, with the modules that they stand in.
    pub(super) fn impls_of(&self, item: &Item) -> impl Iterator<Item = (&str, &ItemImpl)> {
        self.impls()
            .filter(move |(module, block)| self.implementer(module, block) == Some(std::ptr::from_ref(item)))
    }

    /// All `impl` blocks, with the modules that they stand in.
    pub(super) fn impls(&self) -> impl Iterator<Item = (&str, &ItemImpl)> {
        self.modules.iter().flat_map(|(path, module)| {
            module.items.iter().filter_map(move |item| match item {
                Item::Impl(block) => Some((path.as_str(), block)),
                _ => None,
            })
        })
    }

    /// The item that a block is an `impl` of, if it is one of the crate.
    fn implementer(&self, module: &str, block: &ItemImpl) -> Option<*const Item> {
        match &*block.self_ty {
            Type::Path(ty) => self.resolve(module, &names(&ty.path)).address(),
            _ => None,
        }
    }

    fn item(&self, module: &str, name: &str) -> Option<Definition<'_>> {
        let Module { items, names, .. } = &self.modules[module];
        let by_macro = name == macro_text::PLACEHOLDER || names.iter().any(|given| given == name);
        let (written, names) = match by_macro {
            true => (macro_text::PLACEHOLDER, names.clone()),
            false => (name, vec![name.to_owned()]),
        };
        let item = items
            .iter()
            .find(|item| head(item).is_some_and(|(_, _, ident)| ident == written))?;
        Some(Definition::Item {
            names,
            module: module.to_owned(),
            item,
        })
    }

    fn import(&self, module: &str, name: &str) -> Option<&Import> {
        let Module { file, imports, .. } = &self.modules[module];
        let found = imports.iter().find(|import| import.name == name);
        assert!(
            found.is_some() || imports.iter().all(|import| import.name != "*"),
            "{}: what `{name}` is hides behind a glob import: import it by name",
            file.display()
        );
        found
    }
}

/// The names of a path, without what stands in angle brackets.
pub(super) fn names(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}
