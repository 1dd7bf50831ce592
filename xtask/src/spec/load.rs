//! Reads all of spec/ in stages, and collects what is wrong on the way.
//!
//! [`super::load`] and lint share this: both need everything that could be read, and every finding, not only the first.
//! A stage runs only on what the stage before it let through, so that one mistake is reported once.

use std::path::{Path, PathBuf};

use openapiv3::OpenAPI;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::diagnostic::Diagnostic;
use super::document::Document;
use super::evidence::{self, Enkash};
use super::openapi_shape::{DOCUMENT, OPERATION};
use super::policy::{self, OperationPolicy, Policy};
use super::shape::{self, Checked, Node};
use super::{Operation, naming, openapi, overlay, references};

/// The OpenAPI document, below the root.
pub(crate) const REWARDS: &str = "spec/rewards.yaml";
/// What each operation does with value, below the root.
pub(crate) const POLICY: &str = "spec/policy.yaml";
/// What only the sandbox answers, below the root.
pub(crate) const SANDBOX: &str = "spec/sandbox.overlay.yaml";

/// Everything that could be read, before the rules of lint are held against it.
pub(crate) struct Draft {
    /// The OpenAPI document after overlays.
    pub(crate) document: Document,
    /// The same with what only the sandbox answers.
    pub(crate) sandbox: Document,
    /// The policy file.
    pub(crate) policy_document: Document,
    pub(crate) policy: Policy,
    pub(crate) api: OpenAPI,
    /// The operations that are complete enough, in the order of the document.
    pub(crate) operations: Vec<Operation>,
    /// What is wrong, although everything could be read.
    pub(crate) findings: Vec<Diagnostic>,
}

/// Reads spec/ below `root` and applies `overlays` in order.
pub(crate) fn draft(root: &Path, overlays: &[PathBuf]) -> Result<Draft, Vec<Diagnostic>> {
    let mut findings = Vec::new();
    let mut keep =
        |read: Result<Document, Vec<Diagnostic>>| read.map_err(|found| findings.extend(found)).ok();
    let rewards = keep(Document::read(root, &root.join(REWARDS)));
    let policy_document = keep(Document::read(root, &root.join(POLICY)));
    let sandbox_overlay = keep(Document::read(root, &root.join(SANDBOX)));
    let overlays: Vec<_> = overlays
        .iter()
        .filter_map(|path| keep(Document::read(root, path)))
        .collect();

    let policy = policy_document
        .as_ref()
        .and_then(|document| policy::read(document).map_err(|found| findings.extend(found)).ok());
    let Some(rewards) = rewards else {
        return Err(findings);
    };
    let pristine = rewards.value.clone();
    let (document, sandbox, found) =
        with_overlays(rewards, &pristine, &overlays, sandbox_overlay.as_ref());
    findings.extend(found);
    let api = read_openapi(&document).map_err(|found| findings.extend(found));
    findings.extend(read_openapi(&sandbox).err().into_iter().flatten());
    let (Some(policy_document), Some(policy), Ok(api), true) =
        (policy_document, policy, api, findings.is_empty())
    else {
        return Err(findings);
    };

    let mut known = operation_ids(&pristine);
    known.extend(operation_ids(&document.value));
    findings.extend(policy::unknown_operations(&policy_document, &policy, &known));
    let (operations, found) = operations(&document, &policy);
    findings.extend(found);
    Ok(Draft {
        document,
        sandbox,
        policy_document,
        policy,
        api,
        operations,
        findings,
    })
}

/// The document with `overlays`, and that with the sandbox's own overlay on top.
fn with_overlays(
    mut document: Document,
    pristine: &Value,
    overlays: &[Document],
    sandbox_overlay: Option<&Document>,
) -> (Document, Document, Vec<Diagnostic>) {
    let mut findings = Vec::new();
    for overlay in overlays {
        findings.extend(overlay::apply(&mut document, overlay, None));
    }
    let mut sandbox = document.clone();
    if let Some(overlay) = sandbox_overlay {
        findings.extend(overlay::apply(&mut sandbox, overlay, Some(pristine)));
    }
    (document, sandbox, findings)
}

fn read_openapi(document: &Document) -> Result<OpenAPI, Vec<Diagnostic>> {
    let Checked {
        nodes,
        references,
        mut findings,
    } = shape::check(document, &DOCUMENT);
    findings.extend(references::check(document, &references));
    if !findings.is_empty() {
        return Err(findings);
    }
    openapi::read(document, &nodes)
}

fn operation_ids(document: &Value) -> Vec<&str> {
    let paths = document.get("paths").and_then(Value::as_object);
    paths
        .into_iter()
        .flat_map(|paths| paths.values().filter_map(Value::as_object))
        .flat_map(|item| {
            item.values()
                .filter_map(|operation| operation.get("operationId")?.as_str())
        })
        .collect()
}

/// The operations that have an id and evidence, in the order of the document. Lint reports the others.
fn operations(document: &Document, policy: &Policy) -> (Vec<Operation>, Vec<Diagnostic>) {
    let mut operations = Vec::new();
    let mut findings = Vec::new();
    for node in shape::check(document, &DOCUMENT).nodes {
        if !std::ptr::eq(node.object, &raw const OPERATION) {
            continue;
        }
        let (Some(id), Some(written)) = (text(node.map, "operationId"), node.map.get(evidence::KEY)) else {
            continue;
        };
        let place = document.place(&node.at);
        match Enkash::deserialize(written) {
            Ok(enkash) => {
                let order = (place.file != document.file, place.line);
                operations.push((order, operation(id, &node, enkash, policy)));
            }
            Err(error) => findings.push(
                document.finding(&node.at.child(evidence::KEY), format!("{}: {error}", evidence::KEY)),
            ),
        }
    }
    operations.sort_by_key(|(order, _)| *order);
    (operations.into_iter().map(|(_, operation)| operation).collect(), findings)
}

fn operation(id: String, node: &Node<'_>, enkash: Enkash, policy: &Policy) -> Operation {
    let steps = node.at.steps();
    let (path, method) = match steps.as_slice() {
        [_, path, method] => (path.clone(), method.to_uppercase()),
        // The tables know operations nowhere else.
        _ => (String::new(), String::new()),
    };
    let tag = node.map.get("tags").and_then(|tags| tags.get(0)).and_then(Value::as_str);
    Operation {
        rust_name: naming::function_name(&id),
        method,
        path,
        tag: tag.unwrap_or_default().to_owned(),
        summary: text(node.map, "summary").unwrap_or_default(),
        description: text(node.map, "description"),
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
    }
}

fn text(map: &Map<String, Value>, key: &str) -> Option<String> {
    map.get(key)?.as_str().map(str::to_owned)
}
