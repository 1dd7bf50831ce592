//! Reads the spec and hands it to whoever needs it: code generation, lint, the operations table.

use enkash_policy::{OperationPolicy, Policy};
use openapiv3::OpenAPI;
use serde_json::Value;

mod diagnostic;
pub(crate) mod document;
pub(crate) mod evidence;
pub(crate) mod load;
mod loosening;
mod moves;
pub(crate) mod naming;
mod openapi;
pub(crate) mod openapi_shape;
mod overlay;
pub(crate) mod pointer;
mod policy;
mod positions;
pub(crate) mod references;
mod scalar;
pub(crate) mod shape;
pub(crate) mod source;
pub(crate) mod suggestion;
mod surface;
mod yaml;

pub(crate) use diagnostic::sorted;

pub use diagnostic::Diagnostic;
pub use evidence::{DocPage, Evidence, Fact, Level, Observation, ObservedSide, PrintedExample, PrintedExampleKind};
pub use source::{Source, Sources};
pub use surface::{Reach, Reachable, Surface};

/// What a user changes about the spec without editing it.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// OpenAPI Overlays of the document, in the order in which they are applied.
    pub overlays: Vec<Source>,
    /// The same of the policy file. They may tighten it.
    pub policy_overlays: Vec<Source>,
    /// The operations, by operationId, whose policy they may loosen, or whose id they may give to another call.
    pub allow_loosening: Vec<String>,
}

/// Everything that spec/ says, after overlays.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The OpenAPI document.
    pub document: Value,
    /// The OpenAPI document with what only the sandbox answers.
    pub sandbox_document: Value,
    /// The document as the generator reads it.
    pub api: OpenAPI,
    /// All operations, in the order of the document.
    pub operations: Vec<Operation>,
    /// The policy file.
    pub policy: Policy,
    /// Where operations can be reached. One that an overlay added has no entry.
    pub surface: Surface,
    /// The document as it was before the overlays.
    pub original: Value,
    /// The operations that the document had before the overlays and has no longer.
    pub removed: Vec<RemovedOperation>,
}

/// An operation that an overlay took away, or gave another id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedOperation {
    /// The operationId that is gone.
    pub id: String,
    /// The overlay that says so.
    pub file: String,
    /// Its line.
    pub line: usize,
}

impl From<load::ParsedSpec> for Spec {
    fn from(parsed: load::ParsedSpec) -> Self {
        Self {
            document: parsed.document.value,
            sandbox_document: parsed.sandbox.value,
            api: parsed.api,
            operations: parsed.operations,
            policy: parsed.policy,
            surface: parsed.surface,
            original: parsed.original,
            removed: parsed.removed,
        }
    }
}

/// One operation of the document, with its evidence and its policy.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The operationId.
    pub id: String,
    /// The name of its function in Rust, as progenitor makes it.
    pub rust_name: String,
    /// The method, in upper case.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The tag.
    pub tag: String,
    /// One line.
    pub summary: String,
    /// The description, where there is one.
    pub description: Option<String>,
    /// The documentation's pages that describe it.
    pub pages: Vec<DocPage>,
    /// How each side of it is known.
    pub evidence: Evidence,
    /// What a caller should know about contradictions.
    pub note: Option<String>,
    /// The documentation's own examples.
    pub seen: Vec<PrintedExample>,
    /// What recordings showed and no schema says.
    pub observed: Vec<Observation>,
    /// What it does with value.
    pub policy: OperationPolicy,
}

/// Reads a YAML file that stands beside the spec, with the same care for duplicates and odd words.
///
/// # Errors
///
/// All diagnostics, one a line, each with its line.
pub fn yaml_to_json(text: &str) -> Result<Value, String> {
    let document = document::Document::parse("", text).map_err(|diagnostics| {
        let lines: Vec<_> = diagnostics
            .iter()
            .map(|found| format!("line {}: {}", found.line, found.message))
            .collect();
        lines.join("\n")
    })?;
    Ok(document.value)
}
