//! The modules of enkash-api as syntax, and what their `pub use` and `pub mod` lead to. The outline asks
//! it what the crate exports and where each of these is defined.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use enkash_tests::repository;
use syn::{Item, UseTree};

use super::macro_text;
use crate::rust_text::is_public;

/// Every module, by its path within the crate; the root has the path "".
pub(super) struct Sources {
    modules: BTreeMap<String, Module>,
}

/// One module.
#[derive(Default)]
pub(super) struct Module {
    /// Its items, with those that its macros write.
    pub(super) items: Vec<Item>,
    /// The names that its macro is called with.
    names: Vec<String>,
}

/// What an export leads to.
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
}

impl Sources {
    /// Reads the crate.
    pub(super) fn read() -> Self {
        let mut modules = BTreeMap::new();
        let folder = repository().join("crates/enkash-api/src");
        read_module(&folder.join("lib.rs"), &folder, "", &mut modules);
        Self { modules }
    }

    /// The items of all modules that can have something to say about an item of this one: a name that a
    /// macro gives, or that stands in a generated module, says nothing outside of it.
    pub(super) fn items_about(&self, module: &str, name: &str) -> impl Iterator<Item = &Item> {
        let only_here = name == macro_text::PLACEHOLDER;
        let modules = self
            .modules
            .iter()
            .filter(move |(path, _)| *path == module || !only_here && !path.starts_with("generated::"));
        modules.flat_map(|(_, module)| &module.items)
    }

    /// The paths that a module makes public: of its own items, of its modules, and of what it re-exports.
    pub(super) fn exports(&self, module: &str) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        for item in &self.modules[module].items {
            match item {
                Item::Use(item) if is_public(&item.vis) => leaves(&item.tree, &[], &mut found),
                item => found.extend(public_name(item).map(|name| vec![name])),
            }
        }
        found
    }

    /// What a path within a module leads to.
    pub(super) fn resolve(&self, module: &str, path: &[String]) -> Definition<'_> {
        match path {
            [first, rest @ ..] if first == "crate" => self.resolve("", rest),
            [first, rest @ ..] if first == "self" => self.resolve(module, rest),
            [name] => self.resolve_name(module, name),
            [first, rest @ ..] if self.modules.contains_key(&joined(module, first)) => {
                self.resolve(&joined(module, first), rest)
            }
            path => Definition::Outside(path.join("::")),
        }
    }

    fn resolve_name(&self, module: &str, name: &str) -> Definition<'_> {
        let inner = joined(module, name);
        if self.modules.contains_key(&inner) {
            return Definition::Module(inner);
        }
        let Module { items, names } = &self.modules[module];
        let by_macro = name == macro_text::PLACEHOLDER || names.iter().any(|given| given == name);
        let (written, names) = match by_macro {
            true => (macro_text::PLACEHOLDER, names.clone()),
            false => (name, vec![name.to_owned()]),
        };
        if let Some(item) = items.iter().find(|item| public_name(item).as_deref() == Some(written)) {
            return Definition::Item {
                names,
                module: module.to_owned(),
                item,
            };
        }
        let mut re_exports = Vec::new();
        for item in items {
            if let Item::Use(item) = item {
                leaves(&item.tree, &[], &mut re_exports);
            }
        }
        let re_export = re_exports
            .into_iter()
            .find(|path| path.len() > 1 && path.last().is_some_and(|last| last == name));
        re_export.map_or_else(
            || Definition::Outside(name.to_owned()),
            |path| self.resolve(module, &path),
        )
    }
}

fn joined(module: &str, name: &str) -> String {
    if module.is_empty() {
        name.to_owned()
    } else {
        format!("{module}::{name}")
    }
}

/// Reads a file and the modules that it names. `folder` is where those lie.
fn read_module(file: &Path, folder: &Path, path: &str, modules: &mut BTreeMap<String, Module>) {
    add_module(items_of(file), file, folder, path, modules);
}

fn items_of(file: &Path) -> Vec<Item> {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    syn::parse_file(&text)
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()))
        .items
}

fn add_module(items: Vec<Item>, file: &Path, folder: &Path, path: &str, modules: &mut BTreeMap<String, Module>) {
    let mut module = Module::default();
    for item in items {
        match item {
            Item::Mod(item) => {
                let name = item.ident.to_string();
                let (inner, below) = (joined(path, &name), folder.join(&name));
                match item.content {
                    Some(_) if name == "tests" => {}
                    Some((_, items)) => add_module(items, file, &below, &inner, modules),
                    None => read_module(&module_file(folder, &name), &below, &inner, modules),
                }
                if is_public(&item.vis) {
                    let shown = syn::parse_str(&format!("pub mod {name} {{}}")).expect("a module");
                    module.items.push(Item::Mod(shown));
                }
            }
            Item::Macro(item) if item.mac.path.is_ident("macro_rules") => {
                module.items.extend(macro_text::items_of(&item));
            }
            Item::Macro(item) if item.mac.path.is_ident("include") => {
                let name: syn::LitStr = item.mac.parse_body().expect("the name of a file");
                let included = items_of(&file.with_file_name(name.value()));
                module.names.extend(included.iter().filter_map(names_of_call).flatten());
            }
            item => {
                module.names.extend(names_of_call(&item).into_iter().flatten());
                module.items.push(item);
            }
        }
    }
    module.names.sort();
    modules.insert(path.to_owned(), module);
}

fn names_of_call(item: &Item) -> Option<Vec<String>> {
    match item {
        Item::Macro(call) => Some(macro_text::names_given(call)),
        _ => None,
    }
}

fn module_file(folder: &Path, name: &str) -> PathBuf {
    let file = folder.join(format!("{name}.rs"));
    if file.exists() {
        file
    } else {
        folder.join(name).join("mod.rs")
    }
}

/// The full paths at the ends of a `use`.
fn leaves(tree: &UseTree, before: &[String], found: &mut Vec<Vec<String>>) {
    let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
    match tree {
        UseTree::Path(path) => leaves(&path.tree, &with(&path.ident), found),
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, before, found)),
        UseTree::Name(name) => found.push(with(&name.ident)),
        _ => panic!("the outline does not follow renamed or glob imports: {before:?}"),
    }
}

/// The name of a public item.
fn public_name(item: &Item) -> Option<String> {
    let (vis, ident) = match item {
        Item::Const(item) => (&item.vis, &item.ident),
        Item::Enum(item) => (&item.vis, &item.ident),
        Item::Fn(item) => (&item.vis, &item.sig.ident),
        Item::Mod(item) => (&item.vis, &item.ident),
        Item::Static(item) => (&item.vis, &item.ident),
        Item::Struct(item) => (&item.vis, &item.ident),
        Item::Trait(item) => (&item.vis, &item.ident),
        Item::Type(item) => (&item.vis, &item.ident),
        _ => return None,
    };
    is_public(vis).then(|| ident.to_string())
}
