//! The API reference: one page for each operation of the spec, one of all types, and a list by product. They are made when the
//! site is, and are not checked in; `docs/coverage.md` is the same in one table.

mod operation;
mod schema;
mod types;

use enkash_codegen::spec::{Level, Operation, Spec};
use serde_json::Value;

/// A page of the reference, as Markdown.
#[derive(Clone, Debug)]
pub struct ReferencePage {
    /// Below the root of the site, as if it stood in the repository.
    pub path: String,
    /// What the list of pages calls it.
    pub title: String,
    /// How many pages it stands under.
    pub depth: usize,
    /// The whole text.
    pub text: String,
}

/// The folder of the pages.
pub const FOLDER: &str = "reference";

const TYPES: &str = "types.md";

/// All pages, in the order of the list.
#[must_use]
pub fn pages(spec: &Spec) -> Vec<ReferencePage> {
    let page = |name: &str, title: &str, depth, text| ReferencePage {
        path: format!("{FOLDER}/{name}"),
        title: title.to_owned(),
        depth,
        text,
    };
    let mut pages = vec![page("README.md", "Operations", 0, list(spec))];
    let operations = spec.operations.iter();
    pages.extend(operations.map(|o| page(&file_name(&o.id), &o.id, 1, operation::text(spec, o))));
    pages.push(page(TYPES, "Types", 0, types::text(spec)));
    pages
}

fn file_name(id: &str) -> String {
    format!("{id}.md")
}

fn list(spec: &Spec) -> String {
    let mut text = String::from(
        "# API reference\n\n\
         All operations of the Reward APIs, as [spec/rewards.yaml](../spec/rewards.yaml) describes them: from EnKash's public pages,\n\
         in this project's own words. **Unofficial; nothing here was confirmed against the live API.**\n\n\
         Evidence says how well each part is known: *documented* by a page, *observed* in a recording, *inferred* from a sibling\n\
         page or an integration, or *unknown*, because nobody saw it. The tables name what is not documented; the page of an\n\
         operation says where each part comes from. [Types](types.md) has all bodies, and\n\
         [coverage](../docs/coverage.md) the same list by EnKash's pages.\n",
    );
    for (tag, description) in tags(spec) {
        let operations: Vec<_> = spec.operations.iter().filter(|o| o.tag == tag).collect();
        if operations.is_empty() {
            continue;
        }
        text += &format!("\n## {tag}\n\n{description}\n\n");
        text += "| operation | what it does | what is not documented | method and path |\n|---|---|---|---|\n";
        for operation in operations {
            let parts = evidence(operation).into_iter();
            let others = parts.filter(|(_, level)| *level != Level::Documented);
            let others: Vec<_> = others
                .map(|(part, level)| format!("{part} {}", level.as_str()))
                .collect();
            text += &format!(
                "| [`{}`]({}) | {} | {} | {} |\n",
                operation.id,
                file_name(&operation.id),
                cell(&operation.summary),
                others.join(", "),
                address(operation),
            );
        }
    }
    text
}

fn tags(spec: &Spec) -> Vec<(String, String)> {
    let listed = spec.document["tags"].as_array().into_iter().flatten();
    let mut tags: Vec<_> = listed
        .map(|tag| (words(&tag["name"]), words(&tag["description"])))
        .collect();
    for operation in &spec.operations {
        if !tags.iter().any(|(name, _)| *name == operation.tag) {
            tags.push((operation.tag.clone(), String::new()));
        }
    }
    tags
}

/// The four parts of the evidence, in the order of all tables.
fn evidence(operation: &Operation) -> [(&'static str, Level); 4] {
    let evidence = &operation.evidence;
    [
        ("path", evidence.path.level),
        ("request", evidence.request.level),
        ("response", evidence.response.level),
        ("errors", evidence.errors.level),
    ]
}

/// Method and path; the artificial path of an unknown one is not shown, because nobody may call it.
fn address(operation: &Operation) -> String {
    match operation.evidence.path.level {
        Level::Unknown => format!("{}, path unknown", operation.method),
        _ => format!("`{} {}`", operation.method, operation.path),
    }
}

/// A text of the spec, or nothing where there is none.
fn words(value: &Value) -> String {
    value.as_str().unwrap_or_default().trim().to_owned()
}

/// A text as a cell of a table: in one line, and without what would end the cell.
fn cell(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
        .replace('<', "&lt;")
}

/// JSON as a block of code.
fn json_block(value: &Value) -> String {
    format!("```json\n{value:#}\n```\n")
}
