//! A crate of the workspace as syntax: its modules, each with its items, what its macros write, and what it
//! imports. What only tests see is left out. `paths` says what a name in one of them leads to.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use enkash_tests::repository;
use syn::{Attribute, Ident, ImplItem, Item, Meta, UseTree, Visibility, punctuated::Punctuated};

use super::macro_text;
use crate::rust_text::is_public;

/// Every module of a crate, by its path within it; the root has the path "".
pub(super) struct Sources {
    pub(super) modules: BTreeMap<String, Module>,
}

/// One module.
#[derive(Default)]
pub(super) struct Module {
    /// Its file, from the root of the repository.
    pub(super) file: PathBuf,
    /// Its items, with those that its macros write.
    pub(super) items: Vec<Item>,
    /// The names that its macro is called with.
    pub(super) names: Vec<String>,
    /// What its `use` items bring in.
    pub(super) imports: Vec<Import>,
}

/// One name that a `use` brings into a module.
pub(super) struct Import {
    /// The name; `*` for all that there is.
    pub(super) name: String,
    /// The path behind it.
    pub(super) path: Vec<String>,
    /// Whether it is a re-export.
    pub(super) is_public: bool,
}

impl Sources {
    /// Reads the crate in `crates/<name>`, as it is with all features.
    pub(super) fn read(name: &str) -> Self {
        let mut modules = BTreeMap::new();
        let folder = repository().join("crates").join(name).join("src");
        read_module(&folder.join("lib.rs"), &folder, "", &mut modules);
        Self { modules }
    }

    /// A crate that stands in one text.
    pub(super) fn of_text(text: &str) -> Self {
        let mut modules = BTreeMap::new();
        let items = syn::parse_file(text).expect("a crate").items;
        add_module(items, Path::new("lib.rs"), Path::new(""), "", &mut modules);
        Self { modules }
    }
}

pub(super) fn joined(module: &str, name: &str) -> String {
    if module.is_empty() {
        name.to_owned()
    } else {
        format!("{module}::{name}")
    }
}

/// The attributes, the visibility and the name of an item that has all of them.
pub(super) fn head(item: &Item) -> Option<(&[Attribute], &Visibility, &Ident)> {
    Some(match item {
        Item::Const(item) => (&item.attrs, &item.vis, &item.ident),
        Item::Enum(item) => (&item.attrs, &item.vis, &item.ident),
        Item::Fn(item) => (&item.attrs, &item.vis, &item.sig.ident),
        Item::Mod(item) => (&item.attrs, &item.vis, &item.ident),
        Item::Static(item) => (&item.attrs, &item.vis, &item.ident),
        Item::Struct(item) => (&item.attrs, &item.vis, &item.ident),
        Item::Trait(item) => (&item.attrs, &item.vis, &item.ident),
        Item::Type(item) => (&item.attrs, &item.vis, &item.ident),
        Item::Union(item) => (&item.attrs, &item.vis, &item.ident),
        _ => return None,
    })
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
    let mut module = Module {
        file: file.strip_prefix(repository()).unwrap_or(file).to_owned(),
        ..Module::default()
    };
    for item in items.into_iter().filter_map(without_tests) {
        match item {
            Item::Mod(item) => {
                let name = item.ident.to_string();
                let (inner, below) = (joined(path, &name), folder.join(&name));
                match item.content {
                    Some((_, items)) => add_module(items, file, &below, &inner, modules),
                    None => read_module(&module_file(folder, &name), &below, &inner, modules),
                }
                if is_public(&item.vis) {
                    let shown = syn::parse_str(&format!("pub mod {name} {{}}")).expect("a module");
                    module.items.push(Item::Mod(shown));
                }
            }
            Item::Use(item) => imports(&item.tree, &[], is_public(&item.vis), &mut module.imports),
            Item::Macro(item) if item.mac.path.is_ident("macro_rules") => {
                module.items.extend(macro_text::items_of(&item));
            }
            Item::Macro(item) if item.mac.path.is_ident("include") => {
                let name: syn::LitStr = item.mac.parse_body().expect("the name of a file");
                let included = items_of(&file.with_file_name(name.value()));
                module.names.extend(included.iter().filter_map(names_of_call).flatten());
                let items = included.into_iter().filter(|item| !matches!(item, Item::Macro(_)));
                module.items.extend(items);
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

/// The names that a `use` brings in, with the full paths behind them.
fn imports(tree: &UseTree, before: &[String], is_public: bool, found: &mut Vec<Import>) {
    let with = |name: &Ident| [before, &[name.to_string()]].concat();
    let mut add = |name: String, path| found.push(Import { name, path, is_public });
    match tree {
        UseTree::Path(path) => imports(&path.tree, &with(&path.ident), is_public, found),
        UseTree::Group(group) => {
            for tree in &group.items {
                imports(tree, before, is_public, found);
            }
        }
        UseTree::Name(name) if name.ident == "self" => {
            add(before.last().cloned().unwrap_or_default(), before.to_vec());
        }
        UseTree::Name(name) => add(name.ident.to_string(), with(&name.ident)),
        UseTree::Rename(name) if name.ident == "self" => add(name.rename.to_string(), before.to_vec()),
        UseTree::Rename(name) => add(name.rename.to_string(), with(&name.ident)),
        UseTree::Glob(_) => add("*".to_owned(), before.to_vec()),
    }
}

/// The item as the crate has it outside of its tests, if it has it.
fn without_tests(mut item: Item) -> Option<Item> {
    let attributes = match (&item, head(&item)) {
        (_, Some((attributes, ..))) => attributes,
        (Item::Impl(block), _) => &block.attrs,
        (Item::Use(item), _) => &item.attrs,
        (Item::Macro(item), _) => &item.attrs,
        _ => &[],
    };
    if is_for_tests(attributes) {
        return None;
    }
    if let Item::Impl(block) = &mut item {
        block.items.retain(|item| match item {
            ImplItem::Const(item) => !is_for_tests(&item.attrs),
            ImplItem::Fn(item) => !is_for_tests(&item.attrs),
            ImplItem::Type(item) => !is_for_tests(&item.attrs),
            _ => true,
        });
    }
    Some(item)
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    let mut conditions = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .filter_map(|attribute| attribute.parse_args::<Meta>().ok());
    conditions.any(|condition| asks_for_test(&condition))
}

fn asks_for_test(condition: &Meta) -> bool {
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => list
            .parse_args_with(Punctuated::<Meta, syn::Token![,]>::parse_terminated)
            .is_ok_and(|all| all.iter().any(asks_for_test)),
        _ => false,
    }
}
