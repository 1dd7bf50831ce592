//! The meaning of the spec, as text that a reviewer reads: one page for each operation and each
//! component, one list of all operations, one outline of the public API of each library. How a change is accepted stands in
//! the README of this package.

mod columns;
mod component_page;
mod operation_list;
mod operation_page;
mod public_api;
mod rust_text;
mod snapshot_files;
mod surface_file;

use std::sync::LazyLock;

use enkash_tests::{
    generated_source::GeneratedSource,
    repository,
    spec_view::{components, operations},
};
use snapshot_files::Snapshot;

/// The generated sources, read once.
fn generated() -> &'static GeneratedSource {
    static SOURCE: LazyLock<GeneratedSource> = LazyLock::new(|| GeneratedSource::read(repository()));
    &SOURCE
}

fn operation_pages() -> Vec<Snapshot> {
    let pages = operations().map(|operation| {
        let tag = operation.facts.tag.to_lowercase().replace(' ', "-");
        let name = format!("{tag}__{}", operation.facts.id);
        Snapshot {
            folder: "operations",
            name,
            text: operation_page::text(&operation),
        }
    });
    pages.collect()
}

fn component_pages() -> Vec<Snapshot> {
    let pages = components().into_iter().map(|(name, schema)| {
        let text = component_page::text(name, schema);
        Snapshot {
            folder: "types",
            name: name.to_owned(),
            text,
        }
    });
    pages.collect()
}

fn overviews() -> Vec<Snapshot> {
    let overview = |name: &str, text| Snapshot {
        folder: "",
        name: name.to_owned(),
        text,
    };
    vec![
        overview("operations", operation_list::text()),
        overview("public-api-enkash", public_api::text("enkash")),
        overview("public-api-enkash-api", public_api::text("enkash-api")),
    ]
}

#[test]
fn each_operation_is_as_reviewed() {
    snapshot_files::assert_reviewed(operation_pages());
}

#[test]
fn each_type_is_as_reviewed() {
    snapshot_files::assert_reviewed(component_pages());
}

#[test]
fn the_list_of_operations_and_the_public_apis_are_as_reviewed() {
    snapshot_files::assert_reviewed(overviews());
}

/// progenitor's own error prints bodies, URLs and headers, and `?` would carry it into the user's code.
#[test]
fn each_call_returns_the_safe_error() {
    for call in &generated().operations {
        assert!(
            call.returns.ends_with(", crate :: Error >"),
            "{}: {}",
            call.method,
            call.returns
        );
    }
    let outline = public_api::text("enkash-api");
    let foreign: Vec<_> = outline.lines().filter(|line| line.contains("progenitor")).collect();
    assert_eq!(foreign, ["  progenitor_client::ResponseValue"]);
}

#[test]
fn every_snapshot_file_is_used_and_reviewed() {
    let all = [operation_pages(), component_pages(), overviews()];
    snapshot_files::assert_no_strays(all.into_iter().flatten());
}
