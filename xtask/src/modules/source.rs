//! Reads the modules of a crate: their items, their `use` declarations, and every path in them. Called by the module graph.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Item, ItemMod, UseTree};

use super::ModulePath;

/// One module as it is written.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// The names of its child modules.
    pub(super) children: BTreeSet<String>,
    /// Names that `use` brings in, with the path that they stand for.
    pub(super) aliases: BTreeMap<String, Vec<String>>,
    /// Paths that `use path::*` brings in.
    pub(super) globs: Vec<Vec<String>>,
    /// Every path that it names.
    pub(super) paths: BTreeSet<Vec<String>>,
}

/// The modules of the crate, by path.
pub(super) type Modules = BTreeMap<ModulePath, Module>;

pub(super) fn read(root_file: &Path) -> Result<Modules> {
    let mut modules = Modules::new();
    let folder = root_file.parent().unwrap_or(Path::new(""));
    read_file(root_file, folder, Vec::new(), &mut modules)?;
    Ok(modules)
}

/// `folder` is where the files of its children are.
fn read_file(file: &Path, folder: &Path, path: ModulePath, modules: &mut Modules) -> Result<()> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let parsed = syn::parse_file(&text).with_context(|| format!("parsing {}", file.display()))?;
    read_items(parsed.items, folder, path, modules)
}

fn read_items(items: Vec<Item>, folder: &Path, path: ModulePath, modules: &mut Modules) -> Result<()> {
    let mut module = Module::default();
    for item in items {
        match item {
            Item::Mod(child) if is_test(&child.attrs) => {}
            Item::Mod(child) => {
                module.children.insert(child.ident.to_string());
                read_child(child, folder, &path, modules)?;
            }
            Item::Use(item) if is_test(&item.attrs) => {}
            Item::Use(item) => add_use(&item.tree, &mut Vec::new(), &mut module),
            Item::Fn(item) if is_test(&item.attrs) => {}
            Item::Impl(item) if is_test(&item.attrs) => {}
            other => add_paths(other.into_token_stream(), &mut module.paths),
        }
    }
    modules.insert(path, module);
    Ok(())
}

fn read_child(child: ItemMod, folder: &Path, parent: &ModulePath, modules: &mut Modules) -> Result<()> {
    let name = child.ident.to_string();
    let mut path = parent.clone();
    path.push(name.clone());
    let below = folder.join(&name);
    if let Some((_, items)) = child.content {
        return read_items(items, &below, path, modules);
    }
    let files: [PathBuf; 2] = [folder.join(format!("{name}.rs")), below.join("mod.rs")];
    let file = files.iter().find(|file| file.is_file());
    let file = file.with_context(|| format!("there is no file for the module {}", path.join("::")))?;
    read_file(file, &below, path, modules)
}

/// Whether it is compiled in tests only.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let text = attribute.meta.to_token_stream().to_string();
        attribute.path().is_ident("test") || attribute.path().is_ident("cfg") && text.contains("(test)")
    })
}

fn add_use(tree: &UseTree, before: &mut Vec<String>, module: &mut Module) {
    let with = |before: &[String], name: &syn::Ident| [before, &[name.to_string()]].concat();
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            add_use(&path.tree, before, module);
            before.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| add_use(tree, before, module)),
        UseTree::Glob(_) => {
            module.paths.insert(before.clone());
            module.globs.push(before.clone());
        }
        UseTree::Name(name) if name.ident == "self" => {
            let last = before.last().cloned().unwrap_or_default();
            add_alias(last, before.clone(), module);
        }
        UseTree::Name(name) => add_alias(name.ident.to_string(), with(before, &name.ident), module),
        UseTree::Rename(rename) => add_alias(rename.rename.to_string(), with(before, &rename.ident), module),
    }
}

fn add_alias(name: String, path: Vec<String>, module: &mut Module) {
    module.paths.insert(path.clone());
    module.aliases.insert(name, path);
}

/// Every `a::b::c` in the tokens, macros included.
fn add_paths(tokens: TokenStream, paths: &mut BTreeSet<Vec<String>>) {
    let mut path: Vec<String> = Vec::new();
    // How many colons stand behind the last name.
    let mut colons = 0;
    let mut finish = |path: &mut Vec<String>| {
        if path.len() > 1 {
            paths.insert(std::mem::take(path));
        }
        path.clear();
    };
    let mut groups = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(name) => {
                if colons != 2 {
                    finish(&mut path);
                }
                path.push(name.to_string());
                colons = 0;
            }
            TokenTree::Punct(mark) if mark.as_char() == ':' && !path.is_empty() => colons += 1,
            TokenTree::Group(group) => {
                finish(&mut path);
                colons = 0;
                groups.push(group.stream());
            }
            _ => {
                finish(&mut path);
                colons = 0;
            }
        }
    }
    finish(&mut path);
    groups.into_iter().for_each(|group| add_paths(group, paths));
}
