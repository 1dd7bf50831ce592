//! Reads all of spec/ in stages, and collects what is wrong on the way.
//!
//! Loading and lint share this: both need everything that could be read, and every finding, not only the first.
//! A stage runs only on what the stage before it let through, so that one mistake is reported once.

use std::path::{Path, PathBuf};

use enkash_policy::{OperationPolicy, Policy};
use openapiv3::OpenAPI;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::diagnostic::Diagnostic;
use super::document::Document;
use super::evidence::{self, Enkash};
use super::openapi_shape::{DOCUMENT, OPERATION};
use super::shape::{self, Checked, Node};
use super::{Changes, Operation, loosening, moves, naming, openapi, overlay, policy, references};

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
    /// The policy file after overlays.
    pub(crate) policy_document: Document,
    pub(crate) policy: Policy,
    /// The policy as it is written.
    pub(crate) pristine_policy: Policy,
    pub(crate) api: OpenAPI,
    /// The operations that are complete enough, in the order of the document.
    pub(crate) operations: Vec<Operation>,
    /// What is wrong, although everything could be read.
    pub(crate) findings: Vec<Diagnostic>,
}

/// A value, or everything that stands in its way.
type Read<T> = Result<T, Vec<Diagnostic>>;

/// Both values, or what stands in the way of either.
fn both<A, B>(a: Read<A>, b: Read<B>) -> Read<(A, B)> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(a), Err(b)) => Err([a, b].concat()),
        (Err(findings), Ok(_)) | (Ok(_), Err(findings)) => Err(findings),
    }
}

/// Reads spec/ below `root` and applies `changes`.
pub(crate) fn draft(root: &Path, changes: &Changes) -> Read<Draft> {
    let policies = Policies::read(root, &changes.policy_overlays);
    let (documents, policies) = both(Documents::read(root, &changes.overlays), policies)?;
    let Policies {
        pristine: pristine_policy,
        policy,
        document: policy_document,
    } = policies;

    let mut known = operation_ids(&documents.pristine);
    known.extend(operation_ids(&documents.document.value));
    let mut findings = policy::unknown_operations(&policy_document, &policy, &known);
    let moves = moves::moves(&documents.pristine, &documents.document, |id| {
        moves::is_read(id, [&pristine_policy, &policy])
    });
    let comparison = loosening::Comparison {
        moves: &moves,
        before: &pristine_policy,
        after: &policy,
        document: &policy_document,
        known: &known,
    };
    findings.extend(comparison.findings(&changes.allow_loosening));
    let (operations, found) = operations(&documents.document, &policy);
    findings.extend(found);
    Ok(Draft {
        document: documents.document,
        sandbox: documents.sandbox,
        policy_document,
        policy,
        pristine_policy,
        api: documents.api,
        operations,
        findings,
    })
}

/// The OpenAPI document in its three states.
struct Documents {
    /// As it is written.
    pristine: Value,
    /// With the overlays.
    document: Document,
    api: OpenAPI,
    /// With the sandbox's own overlay on top.
    sandbox: Document,
}

impl Documents {
    fn read(root: &Path, overlays: &[PathBuf]) -> Read<Self> {
        let rewards = Document::read(root, &root.join(REWARDS));
        let overlays = read_all(root, overlays);
        let patched = both(rewards, overlays).and_then(|(pristine, overlays)| {
            let document = overlays.iter().try_fold(pristine.clone(), |document, overlay| {
                overlay::apply(document, overlay, None)
            })?;
            Ok((pristine.value, read_openapi(&document)?, document))
        });
        let sandbox_overlay = Document::read(root, &root.join(SANDBOX));
        let ((pristine, api, document), sandbox_overlay) = both(patched, sandbox_overlay)?;
        let sandbox = overlay::apply(document.clone(), &sandbox_overlay, Some(&pristine))?;
        read_openapi(&sandbox)?;
        Ok(Self {
            pristine,
            document,
            api,
            sandbox,
        })
    }
}

/// The policy file in its two states.
struct Policies {
    /// As it is written.
    pristine: Policy,
    /// With the overlays.
    policy: Policy,
    document: Document,
}

impl Policies {
    fn read(root: &Path, overlays: &[PathBuf]) -> Read<Self> {
        let written =
            Document::read(root, &root.join(POLICY)).and_then(|document| Ok((policy::read(&document)?, document)));
        let ((pristine, document), overlays) = both(written, read_all(root, overlays))?;
        let document = overlays
            .iter()
            .try_fold(document, |document, overlay| overlay::apply(document, overlay, None))?;
        Ok(Self {
            pristine,
            policy: policy::read(&document)?,
            document,
        })
    }
}

fn read_all(root: &Path, paths: &[PathBuf]) -> Read<Vec<Document>> {
    let (mut documents, mut findings) = (Vec::new(), Vec::new());
    for path in paths {
        match Document::read(root, path) {
            Ok(document) => documents.push(document),
            Err(found) => findings.extend(found),
        }
    }
    if findings.is_empty() {
        Ok(documents)
    } else {
        Err(findings)
    }
}

fn read_openapi(document: &Document) -> Read<OpenAPI> {
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
            Err(error) => {
                findings.push(document.finding(&node.at.child(evidence::KEY), format!("{}: {error}", evidence::KEY)))
            }
        }
    }
    operations.sort_by_key(|(order, _)| *order);
    (
        operations.into_iter().map(|(_, operation)| operation).collect(),
        findings,
    )
}

fn operation(id: String, node: &Node<'_>, enkash: Enkash, policy: &Policy) -> Operation {
    let steps = node.at.steps();
    let (path, method) = match steps.as_slice() {
        [_, path, method] => (path.clone(), method.to_uppercase()),
        // The tables know operations nowhere else.
        _ => (String::new(), String::new()),
    };
    let tag = node
        .map
        .get("tags")
        .and_then(|tags| tags.get(0))
        .and_then(Value::as_str);
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
