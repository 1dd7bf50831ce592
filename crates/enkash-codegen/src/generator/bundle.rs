//! The bundled documents: the spec with what only the sandbox answers, as JSON. The sandbox reads requests against its copy
//! and shows it; the copy of recordings is without the evidence, because it only says what each field is.

use anyhow::Result;
use serde_json::Value;

use super::GeneratedFile;
use crate::spec::Spec;

pub(super) fn generate(spec: &Spec) -> Result<[GeneratedFile; 2]> {
    let sandbox = spec.sandbox_document.clone();
    let mut recording = sandbox.clone();
    remove_evidence(&mut recording);
    Ok([
        file("crates/enkash-sandbox/src/openapi.json", sandbox)?,
        file("crates/enkash-recording/src/openapi.json", recording)?,
    ])
}

fn file(path: &str, mut document: Value) -> Result<GeneratedFile> {
    // JSON has no comments: the header travels as an extension.
    document["x-generated"] = "by `cargo xtask codegen` from spec/. Do not edit.".into();
    Ok(GeneratedFile {
        path: path.to_owned(),
        content: serde_json::to_string_pretty(&document)? + "\n",
    })
}

/// Takes the pages, notes and printed examples of every operation away.
fn remove_evidence(document: &mut Value) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for item in paths.into_iter().flat_map(|paths| paths.values_mut()) {
        for operation in item.as_object_mut().into_iter().flat_map(|item| item.values_mut()) {
            if let Some(operation) = operation.as_object_mut() {
                operation.remove("x-enkash");
            }
        }
    }
}
