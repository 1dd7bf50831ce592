//! The outline of the public API of a crate: every public item with its signature, one line each, as the
//! sources write it. Generated types and calls are named only; their pages have the rest. `foreign_types` holds
//! the outline of enkash against what it must not show.

mod foreign_types;
mod item_lines;
mod macro_text;
mod paths;
mod sources;
mod surface;

use std::collections::{BTreeMap, BTreeSet};

use self::{paths::Definition, sources::Sources, surface::Surface};
use crate::generated;

/// What one module shows.
#[derive(Default)]
struct Exports<'a> {
    re_exports: Vec<String>,
    definitions: Vec<Definition<'a>>,
}

/// The outline of the crate in `crates/<name>`.
pub(crate) fn text(name: &str) -> String {
    let sources = Sources::read(name);
    let surface = Surface::new(&sources);
    let mut modules: BTreeMap<String, Exports<'_>> = BTreeMap::new();
    let mut generated_modules = Vec::new();
    let mut open = vec![String::new()];
    while let Some(path) = open.pop() {
        let mut shown = Exports::default();
        for export in sources.exports(&path) {
            match sources.resolve(&path, &export) {
                Definition::Outside(path) => shown.re_exports.push(path),
                Definition::Module(path) if is_generated(&path) => {
                    let name = path.rsplit("::").next().unwrap_or_default().to_owned();
                    modules.insert(name, hand_written(&sources, &path));
                    generated_modules.push(path);
                }
                Definition::Module(path) => open.push(path),
                definition => shown.definitions.push(definition),
            }
        }
        modules.insert(path, shown);
    }

    let mut text = String::new();
    let mut written = BTreeSet::new();
    for (path, mut shown) in modules {
        let is_empty = shown.definitions.is_empty() && shown.re_exports.is_empty();
        shown.definitions.sort_by_key(Definition::title);
        shown.definitions.dedup_by_key(|definition| definition.title());
        // What stands above already is named only.
        let (first, again) = shown
            .definitions
            .into_iter()
            .partition::<Vec<_>, _>(|definition| written.insert(definition.address()));
        shown
            .re_exports
            .extend(again.iter().map(|definition| format!("crate::{}", definition.title())));
        if !path.is_empty() && !is_empty {
            text += &format!("\nmod {path}\n");
        }
        shown.re_exports.sort();
        if !shown.re_exports.is_empty() {
            let (before, indent) = if path.is_empty() { ("", "") } else { ("\n", "  ") };
            text += &format!("{before}{indent}re-exports\n");
            shown
                .re_exports
                .iter()
                .for_each(|path| text += &format!("{indent}  {path}\n"));
        }
        if path.is_empty() {
            text += "\ncrate\n";
        }
        for definition in first {
            text += "\n";
            item_lines::item_lines(&sources, &surface, &definition)
                .iter()
                .for_each(|line| text += &format!("  {line}\n"));
        }
    }
    text + &generated_text(&generated_modules)
}

/// Whether codegen wrote what is in a module of enkash-api.
fn is_generated(module: &str) -> bool {
    module.split("::").any(|name| name == "generated")
}

/// What a generated module re-exports of the hand-written ones.
fn hand_written<'a>(sources: &'a Sources, module: &str) -> Exports<'a> {
    let exports = sources.exports(module).into_iter();
    let definitions = exports.map(|export| sources.resolve(module, &export));
    Exports {
        definitions: definitions
            .filter(|found| matches!(found, Definition::Item { module, .. } if !is_generated(module)))
            .collect(),
        ..Exports::default()
    }
}

/// The generated modules by what is in them.
fn generated_text(modules: &[String]) -> String {
    let mut text = String::new();
    for module in modules {
        text += &match module.rsplit("::").next().unwrap_or_default() {
            "types" => {
                let mut names: Vec<_> = generated().types.iter().map(|found| found.name.as_str()).collect();
                names.sort_unstable();
                format!(
                    "\nmod types, generated: {} structs, each with a builder\n  {}\n",
                    names.len(),
                    names.join("\n  ")
                )
            }
            "builder" => format!(
                "\nmod builder, generated: {} calls, one for each operation\n",
                generated().operations.len()
            ),
            other => panic!("the outline does not know the generated module {other}"),
        };
    }
    text
}
