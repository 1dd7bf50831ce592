//! The outline of the public API of enkash-api: every public item with its signature, one line each, as
//! the sources write it. Generated types and calls are named only; their pages have the rest.

mod item_lines;
mod macro_text;
mod sources;

use std::collections::BTreeMap;

use self::sources::{Definition, Sources};
use crate::generated;

/// The outline.
pub(crate) fn text() -> String {
    let sources = Sources::read();
    let mut re_exports = Vec::new();
    let mut modules: BTreeMap<String, Vec<Definition<'_>>> = BTreeMap::new();
    let mut generated_modules = Vec::new();
    for export in sources.exports("") {
        match sources.resolve("", &export) {
            Definition::Outside(path) => re_exports.push(path),
            Definition::Module(path) if path.starts_with("generated::") => generated_modules.push(path),
            Definition::Module(path) => {
                let exports = sources.exports(&path);
                let items = exports.iter().map(|export| sources.resolve(&path, export)).collect();
                modules.insert(path, items);
            }
            definition => modules.entry(String::new()).or_default().push(definition),
        }
    }

    re_exports.sort();
    let mut text = "re-exports\n".to_owned();
    re_exports.iter().for_each(|path| text += &format!("  {path}\n"));
    for (path, mut definitions) in modules {
        definitions.sort_by_key(Definition::title);
        definitions.dedup_by_key(|definition| definition.title());
        text += &if path.is_empty() {
            "\ncrate\n".to_owned()
        } else {
            format!("\nmod {path}\n")
        };
        for definition in definitions {
            text += "\n";
            item_lines::of(&sources, &definition)
                .iter()
                .for_each(|line| text += &format!("  {line}\n"));
        }
    }
    text + &generated_text(&generated_modules)
}

/// The generated modules by what is in them.
fn generated_text(modules: &[String]) -> String {
    let mut text = String::new();
    for module in modules {
        let name = module.trim_start_matches("generated::");
        text += &match name {
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
