//! The pages of the site that are made from spec/ say all that it says, and nothing that nobody may call.

use std::path::{Path, PathBuf};

use enkash_codegen::lint;
use enkash_codegen::spec::{Changes, Level, Operation, Sources, Spec};
use serde_json::Value;
use xtask::site::reference::{self, ReferencePage};
use xtask::site::{markdown, summary};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn spec() -> Spec {
    let loaded = lint::load(&Sources::in_repository(&repository()), &Changes::default());
    loaded.unwrap_or_else(|diagnostics| panic!("{diagnostics:?}"))
}

fn page_of<'a>(pages: &'a [ReferencePage], operation: &Operation) -> &'a str {
    let path = format!("reference/{}.md", operation.id);
    let page = pages.iter().find(|page| page.path == path);
    &page.unwrap_or_else(|| panic!("there is no {path}")).text
}

fn wire<'a>(spec: &'a Spec, operation: &Operation) -> &'a Value {
    &spec.document["paths"][&operation.path][operation.method.to_lowercase()]
}

#[test]
fn every_operation_has_a_page_with_its_evidence_and_its_policy() {
    let spec = spec();
    let pages = reference::pages(&spec);
    for operation in &spec.operations {
        let page = page_of(&pages, operation);
        let evidence = &operation.evidence;
        let parts = [&evidence.path, &evidence.request, &evidence.response, &evidence.errors];
        for (name, fact) in ["path", "request", "response", "errors"].into_iter().zip(parts) {
            let id = fact.page.as_ref().map(|id| format!("`{id}`")).unwrap_or_default();
            let row = format!("| {name} | **{}** | {id} |", fact.level.as_str());
            assert!(page.contains(&row), "{}: no {row}", operation.id);
        }
        let effect = format!("| effect | {} |", operation.policy.effect.as_str().replace('-', " "));
        assert!(page.contains(&effect), "{}: no {effect}", operation.id);
        for source in &operation.pages {
            assert!(
                page.contains(&source.title),
                "{}: {} is not named",
                operation.id,
                source.title
            );
        }
        let reach = &spec.surface.operations[&operation.id];
        assert!(
            matches!(reach.cli, enkash_codegen::spec::Reachable::Not(_)) || page.contains("`enkash "),
            "{}",
            operation.id
        );
        assert!(
            page.contains(&format!("`Client::{}`", operation.rust_name)),
            "{}",
            operation.id
        );
    }
}

#[test]
fn a_path_that_nobody_saw_is_shown_nowhere() {
    let spec = spec();
    let pages = reference::pages(&spec);
    assert!(
        spec.operations
            .iter()
            .any(|operation| operation.evidence.path.level == Level::Unknown)
    );
    for page in &pages {
        assert!(
            !page.text.contains("-unknown-"),
            "{} shows an artificial path",
            page.path
        );
    }
    for operation in &spec.operations {
        let address = format!("`{} {}`", operation.method, operation.path);
        let is_known = operation.evidence.path.level != Level::Unknown;
        assert_eq!(
            page_of(&pages, operation).contains(&address),
            is_known,
            "{}",
            operation.id
        );
    }
}

#[test]
fn every_example_stands_on_its_page_as_the_spec_has_it() {
    let spec = spec();
    let pages = reference::pages(&spec);
    let mut count = 0;
    for operation in &spec.operations {
        let blocks = markdown::code_blocks(page_of(&pages, operation), "json");
        let shown: Vec<Value> = blocks
            .iter()
            .map(|(_, text)| serde_json::from_str(text).expect("it is JSON"))
            .collect();
        let content = wire(&spec, operation)["requestBody"]["content"].as_object();
        let examples = content
            .into_iter()
            .flat_map(|content| content.values())
            .flat_map(|body| body["examples"].as_object());
        let examples = examples
            .flat_map(|examples| examples.values())
            .map(|example| &example["value"]);
        for example in examples.chain(operation.seen.iter().map(|seen| &seen.value)) {
            assert!(shown.contains(example), "{}: {example} is not shown", operation.id);
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
}

#[test]
fn every_field_of_every_type_is_described() {
    let spec = spec();
    let pages = reference::pages(&spec);
    let types = &pages
        .iter()
        .find(|page| page.path == "reference/types.md")
        .expect("there are types")
        .text;
    let schemas = spec.document["components"]["schemas"]
        .as_object()
        .expect("there are schemas");
    for (name, schema) in schemas {
        let (_, section) = types
            .split_once(&format!("\n## {name}\n"))
            .unwrap_or_else(|| panic!("no {name}"));
        let section = section.split("\n## ").next().unwrap_or_default();
        let parts = schema["allOf"].as_array().into_iter().flatten().chain([schema]);
        for field in parts
            .filter_map(|part| part["properties"].as_object())
            .flat_map(|fields| fields.keys())
        {
            assert!(section.contains(&format!("| `{field}` | ")), "{name} has no {field}");
        }
        for word in schema["enum"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            assert!(section.contains(&format!("`{word}`")), "{name} has no {word}");
        }
    }
}

#[test]
fn the_list_of_pages_begins_with_the_readme() {
    let text = std::fs::read_to_string(repository().join(summary::PATH)).expect("there is a list");
    let (items, mistakes) = summary::parse(&text);
    assert_eq!(mistakes, Vec::<String>::new());
    let first = summary::entries(&items).next().map(|entry| entry.path.as_str());
    assert_eq!(first, Some("README.md"));
}
