//! The bundled document: the spec with what only the sandbox answers, as JSON. The sandbox reads
//! requests against it and shows it.

use anyhow::Result;

use super::GeneratedFile;
use crate::spec::Spec;

pub(super) fn generate(spec: &Spec) -> Result<GeneratedFile> {
    let mut document = spec.sandbox_document.clone();
    // JSON has no comments: the header travels as an extension.
    document["x-generated"] = "by `cargo xtask codegen` from spec/. Do not edit.".into();
    Ok(GeneratedFile {
        path: "crates/enkash-sandbox/src/openapi.json".to_owned(),
        content: serde_json::to_string_pretty(&document)? + "\n",
    })
}
