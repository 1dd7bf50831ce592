//! Everything that a user of a crate can reach, and each path that it shows: in signatures, public fields,
//! variants, bounds, trait impls and re-exports. Aliases are seen through. The outline asks it which impls others
//! can use; the check of foreign types goes through the paths.

use std::{collections::BTreeSet, path::PathBuf};

use syn::{
    Attribute, Field, ImplItem, Item, ItemImpl, TraitItem,
    visit::{self, Visit},
};

use super::{
    macro_text::PLACEHOLDER,
    paths::{Definition, names},
    sources::{Sources, head},
};
use crate::rust_text::{is_public, path_text, type_text};

/// The public surface of a crate.
pub(super) struct Surface<'a> {
    sources: &'a Sources,
    /// What it shows of other crates.
    pub(super) mentions: BTreeSet<Mention>,
    /// The items that it reaches, by their addresses.
    items: BTreeSet<*const Item>,
    /// The trait impls that it reaches, by their addresses.
    impls: BTreeSet<*const ItemImpl>,
}

/// A path of another crate that an item shows.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mention {
    /// The file of the item, from the root of the repository.
    pub(super) file: PathBuf,
    /// The module of the item.
    pub(super) module: String,
    /// The item: `Type::method`, `Type.field`, `impl Trait for Type`, `pub use …`.
    pub(super) item: String,
    /// The path, without imports and aliases.
    pub(super) path: String,
}

impl<'a> Surface<'a> {
    pub(super) fn new(sources: &'a Sources) -> Self {
        let mut surface = Self {
            sources,
            mentions: BTreeSet::new(),
            items: BTreeSet::new(),
            impls: BTreeSet::new(),
        };
        surface.reach_module("");
        // A trait impl is reached when all that its head names is; and it may reach further items.
        loop {
            let known = surface.impls.len();
            for (module, block) in sources.impls().filter(|(_, block)| block.trait_.is_some()) {
                if !surface.shows(block) && surface.reaches_head(module, block) {
                    surface.impls.insert(block);
                    surface.reach_impl(module, block);
                }
            }
            if surface.impls.len() == known {
                return surface;
            }
        }
    }

    /// Whether others can use a trait impl: not if it is about something that they cannot reach.
    pub(super) fn shows(&self, block: &ItemImpl) -> bool {
        self.impls.contains(&std::ptr::from_ref(block))
    }

    fn reach_module(&mut self, module: &str) {
        for export in self.sources.exports(module) {
            match self.sources.resolve(module, &export) {
                Definition::Outside(path) => self.mention(module, format!("pub use {path}"), path),
                // The generated code of enkash-api shows what it wants.
                Definition::Module(path) if super::is_generated(&path) => {}
                Definition::Module(path) => self.reach_module(&path),
                definition @ Definition::Item { .. } => self.reach(&definition),
            }
        }
    }

    fn reach(&mut self, definition: &Definition<'a>) {
        let Definition::Item { names, module, item } = definition else {
            return;
        };
        if !self.items.insert(*item) {
            return;
        }
        let name = names.join(" / ");
        match item {
            Item::Const(item) => self.show(module, &name, |paths| paths.visit_type(&item.ty)),
            Item::Static(item) => self.show(module, &name, |paths| paths.visit_type(&item.ty)),
            Item::Fn(item) => self.show(module, &name, |paths| paths.visit_signature(&item.sig)),
            Item::Type(item) => self.show(module, &name, |paths| paths.visit_type(&item.ty)),
            Item::Struct(item) => {
                self.show(module, &name, |paths| paths.visit_generics(&item.generics));
                for (index, field) in item.fields.iter().enumerate().filter(|(_, field)| is_shown(field)) {
                    let field_name = field.ident.as_ref().map_or(index.to_string(), ToString::to_string);
                    self.show(module, &format!("{name}.{field_name}"), |paths| {
                        paths.visit_type(&field.ty)
                    });
                }
            }
            Item::Enum(item) => {
                self.show(module, &name, |paths| paths.visit_generics(&item.generics));
                for variant in &item.variants {
                    for field in &variant.fields {
                        self.show(module, &format!("{name}::{}", variant.ident), |paths| {
                            paths.visit_type(&field.ty)
                        });
                    }
                }
            }
            Item::Trait(item) => {
                self.show(module, &name, |paths| paths.visit_generics(&item.generics));
                item.supertraits
                    .iter()
                    .for_each(|bound| self.show(module, &name, |paths| paths.visit_type_param_bound(bound)));
                for item in &item.items {
                    match item {
                        TraitItem::Fn(item) => self.show(module, &format!("{name}::{}", item.sig.ident), |paths| {
                            paths.visit_signature(&item.sig)
                        }),
                        item => self.show(module, &name, |paths| paths.visit_trait_item(item)),
                    }
                }
            }
            _ => panic!("{module}: a kind of item that the surface does not know: {name}"),
        }
        let sources = self.sources;
        for (module, block) in sources.impls_of(item).filter(|(_, block)| block.trait_.is_none()) {
            self.show(module, &name, |paths| paths.visit_generics(&block.generics));
            for item in &block.items {
                match item {
                    ImplItem::Fn(item) if is_public(&item.vis) => {
                        self.show(module, &format!("{name}::{}", item.sig.ident), |paths| {
                            paths.visit_signature(&item.sig)
                        });
                    }
                    ImplItem::Const(item) if is_public(&item.vis) => {
                        self.show(module, &format!("{name}::{}", item.ident), |paths| {
                            paths.visit_type(&item.ty)
                        });
                    }
                    _ => {}
                }
            }
        }
    }

    fn reach_impl(&mut self, module: &str, block: &'a ItemImpl) {
        let Some((path, _)) = &block.trait_ else { return };
        let implementer = match type_text(&block.self_ty) {
            text if text == PLACEHOLDER => format!("${PLACEHOLDER}"),
            text => text,
        };
        let name = format!("impl {} for {implementer}", path_text(path));
        self.show(module, &name, |paths| {
            paths.visit_path(path);
            paths.visit_type(&block.self_ty);
        });
        self.show(module, &name, |paths| paths.visit_generics(&block.generics));
        for item in &block.items {
            match item {
                ImplItem::Fn(item) => self.show(module, &name, |paths| paths.visit_signature(&item.sig)),
                ImplItem::Const(item) => self.show(module, &name, |paths| paths.visit_type(&item.ty)),
                ImplItem::Type(item) => self.show(module, &name, |paths| paths.visit_type(&item.ty)),
                _ => {}
            }
        }
    }

    /// Whether the user can reach every item of the crate that stands in the head of an impl.
    fn reaches_head(&self, module: &str, block: &'a ItemImpl) -> bool {
        let Some((path, _)) = &block.trait_ else { return false };
        let shown = self.shown_by(module, |paths| {
            paths.visit_path(path);
            paths.visit_type(&block.self_ty);
        });
        let mut items = shown.iter().filter_map(Definition::address);
        items.all(|item| self.items.contains(&item))
    }

    /// Notes what a part of an item shows, and reaches the public items among it: no path may lead to them, but
    /// their methods can be called.
    fn show(&mut self, module: &str, name: &str, part: impl FnOnce(&mut Paths)) {
        for definition in self.shown_by(module, part) {
            match &definition {
                Definition::Outside(path) => self.mention(module, name.to_owned(), path.clone()),
                Definition::Item { item, .. } if head(item).is_some_and(|(_, visibility, _)| is_public(visibility)) => {
                    self.reach(&definition);
                }
                _ => {}
            }
        }
    }

    /// What the paths of a part lead to, through the aliases of the crate.
    fn shown_by(&self, module: &str, part: impl FnOnce(&mut Paths)) -> Vec<Definition<'a>> {
        let mut paths = Paths::default();
        part(&mut paths);
        let mut found = Vec::new();
        for path in paths.0 {
            match self.sources.resolve(module, &path) {
                Definition::Item {
                    module,
                    item: Item::Type(alias),
                    ..
                } => found.extend(self.shown_by_type(&module, &alias.ty)),
                definition => found.push(definition),
            }
        }
        found
    }

    fn shown_by_type(&self, module: &str, ty: &syn::Type) -> Vec<Definition<'a>> {
        self.shown_by(module, |paths| paths.visit_type(ty))
    }

    fn mention(&mut self, module: &str, item: String, path: String) {
        self.mentions.insert(Mention {
            file: self.sources.modules[module].file.clone(),
            module: module.to_owned(),
            item,
            path,
        });
    }
}

/// Whether others see a field, or the `From` that thiserror makes of it.
fn is_shown(field: &Field) -> bool {
    is_public(&field.vis) || field.attrs.iter().any(|attribute| attribute.path().is_ident("from"))
}

/// Collects the paths of a piece of syntax.
#[derive(Default)]
struct Paths(Vec<Vec<String>>);

impl<'ast> Visit<'ast> for Paths {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.push(names(path));
        visit::visit_path(self, path);
    }

    /// Documentation and hints to the compiler show nothing.
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}
