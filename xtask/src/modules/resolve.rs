//! Follows a path to the module that defines what it names, through re-exports. Called by the module graph.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ModulePath,
    source::{Module, Modules},
};

/// A chain of re-exports that is longer goes in a circle.
const MAX_DEPTH: usize = 16;

/// What each module imports from others of its crate.
pub(super) fn imports(modules: &Modules) -> BTreeMap<ModulePath, BTreeSet<ModulePath>> {
    let mut imports: BTreeMap<ModulePath, BTreeSet<ModulePath>> = BTreeMap::new();
    for (path, module) in modules {
        let targets = module.paths.iter().filter_map(|named| target(modules, path, named, 0));
        for target in targets.filter(|target| target != path) {
            imports.entry(path.clone()).or_default().insert(target);
        }
    }
    imports
}

/// The module that defines what `named` leads to, seen from `at`; `None` for other crates and local names.
fn target(modules: &Modules, at: &ModulePath, named: &[String], depth: usize) -> Option<ModulePath> {
    if depth > MAX_DEPTH {
        return None;
    }
    let (first, rest) = named.split_first()?;
    let module = modules.get(at)?;
    match first.as_str() {
        "crate" => walk(modules, Vec::new(), rest, depth),
        "self" => walk(modules, at.clone(), rest, depth),
        "super" => walk(modules, parent(at)?, rest, depth),
        name if module.children.contains(name) => walk(modules, at.clone(), named, depth),
        name => {
            let alias = module.aliases.get(name)?;
            // `use name;` of another crate would lead to itself.
            if alias.first() == Some(first) {
                return None;
            }
            target(modules, at, &[alias.as_slice(), rest].concat(), depth + 1)
        }
    }
}

/// Walks from a module down the rest of a path.
fn walk(modules: &Modules, at: ModulePath, rest: &[String], depth: usize) -> Option<ModulePath> {
    let module = modules.get(&at)?;
    let Some((name, after)) = rest.split_first() else {
        return Some(at);
    };
    if name == "super" {
        return walk(modules, parent(&at)?, after, depth);
    }
    if module.children.contains(name) {
        let mut child = at;
        child.push(name.clone());
        return walk(modules, child, after, depth);
    }
    re_exported(modules, &at, module, name, after, depth).or(Some(at))
}

/// Where a name comes from that the module does not define itself.
fn re_exported(
    modules: &Modules,
    at: &ModulePath,
    module: &Module,
    name: &str,
    after: &[String],
    depth: usize,
) -> Option<ModulePath> {
    if depth > MAX_DEPTH {
        return None;
    }
    let alias = module.aliases.get(name)?;
    target(modules, at, &[alias.as_slice(), after].concat(), depth + 1)
}

fn parent(path: &ModulePath) -> Option<ModulePath> {
    let (_, before) = path.split_last()?;
    Some(before.to_vec())
}
