//! Reads all files of a spec in stages, and collects what is wrong on the way.
//!
//! Loading and lint share this: both need everything that could be read, and every diagnostic, not only the first.
//! A stage runs only on what the stage before it let through, so that one mistake is reported once.

use enkash_policy::{OperationPolicy, Policy};
use openapiv3::OpenAPI;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::diagnostic::Diagnostic;
use super::document::Document;
use super::evidence::{self, EnkashExtension};
use super::openapi_shape::{DOCUMENT, OPERATION};
use super::pointer::Pointer;
use super::shape::{self, Checked, Node};
use super::source::{Source, Sources};
use super::surface::{self, Surface};
use super::{Changes, Operation, RemovedOperation, loosening, moves, naming, openapi, overlay, policy, references};

/// Everything that could be read, before the rules of lint are held against it.
pub(crate) struct ParsedSpec {
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
    pub(crate) surface: Surface,
    /// The document before the overlays.
    pub(crate) original: Value,
    /// The operations that overlays took away.
    pub(crate) removed: Vec<RemovedOperation>,
    /// What is wrong, although everything could be read.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// A value, or everything that stands in its way.
type Parsed<T> = Result<T, Vec<Diagnostic>>;

/// Both values, or what stands in the way of either.
fn zip_errors<A, B>(a: Parsed<A>, b: Parsed<B>) -> Parsed<(A, B)> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(a), Err(b)) => Err([a, b].concat()),
        (Err(diagnostics), Ok(_)) | (Ok(_), Err(diagnostics)) => Err(diagnostics),
    }
}

/// Reads the files of a spec and applies `changes`.
pub(crate) fn parse(sources: &Sources, changes: &Changes) -> Parsed<ParsedSpec> {
    let policies = zip_errors(
        Policies::read(sources, &changes.policy_overlays),
        surface::read(&sources.surface),
    );
    let (documents, (policies, (surface, surface_document))) =
        zip_errors(Documents::read(sources, &changes.overlays), policies)?;
    let Policies {
        pristine: pristine_policy,
        policy,
        document: policy_document,
    } = policies;

    let before = operation_ids(&documents.pristine);
    let after = operation_ids(&documents.document.value);
    let removed = removed(&documents, &after);
    let known = [before, after].concat();
    let mut diagnostics = policy::unknown_operations(&policy_document, &policy, &known);
    diagnostics.extend(surface::unknown_operations(&surface_document, &surface, &known));
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
    diagnostics.extend(comparison.diagnostics(&changes.allow_loosening));
    let (operations, found) = operations(&documents.document, &policy);
    diagnostics.extend(found);
    Ok(ParsedSpec {
        document: documents.document,
        sandbox: documents.sandbox,
        policy_document,
        policy,
        pristine_policy,
        api: documents.api,
        operations,
        surface,
        original: documents.pristine,
        removed,
        diagnostics,
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
    fn read(sources: &Sources, overlays: &[Source]) -> Parsed<Self> {
        let rewards = Document::read(&sources.document);
        let overlays = read_all(overlays);
        let patched = zip_errors(rewards, overlays).and_then(|(pristine, overlays)| {
            let document = overlays.iter().try_fold(pristine.clone(), |document, overlay| {
                overlay::apply(document, overlay, None)
            })?;
            Ok((pristine.value, read_openapi(&document)?, document))
        });
        let sandbox_overlay = Document::read(&sources.sandbox);
        let ((pristine, api, document), sandbox_overlay) = zip_errors(patched, sandbox_overlay)?;
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
    fn read(sources: &Sources, overlays: &[Source]) -> Parsed<Self> {
        let written = Document::read(&sources.policy).and_then(|document| Ok((policy::read(&document)?, document)));
        let ((pristine, document), overlays) = zip_errors(written, read_all(overlays))?;
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

fn read_all(sources: &[Source]) -> Parsed<Vec<Document>> {
    let (mut documents, mut diagnostics) = (Vec::new(), Vec::new());
    for source in sources {
        match Document::read(source) {
            Ok(document) => documents.push(document),
            Err(found) => diagnostics.extend(found),
        }
    }
    if diagnostics.is_empty() {
        Ok(documents)
    } else {
        Err(diagnostics)
    }
}

fn read_openapi(document: &Document) -> Parsed<OpenAPI> {
    let Checked {
        nodes,
        references,
        mut diagnostics,
    } = shape::check(document, &DOCUMENT);
    diagnostics.extend(references::check(document, &references));
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    openapi::read(document, &nodes)
}

fn operation_ids(document: &Value) -> Vec<&str> {
    located_ids(document).into_iter().map(|(id, _)| id).collect()
}

/// Every operationId, and where it stands.
fn located_ids(document: &Value) -> Vec<(&str, Pointer)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if let Some(id) = operation.get("operationId").and_then(Value::as_str) {
                let at = Pointer::root().child("paths").child(path).child(method);
                found.push((id, at.child("operationId")));
            }
        }
    }
    found
}

fn removed(documents: &Documents, left: &[&str]) -> Vec<RemovedOperation> {
    let gone = located_ids(&documents.pristine);
    gone.into_iter()
        .filter(|(id, _)| !left.contains(id))
        .map(|(id, at)| {
            let place = documents.document.place_of_change(&at);
            RemovedOperation {
                id: id.to_owned(),
                file: place.file.to_string(),
                line: place.line,
            }
        })
        .collect()
}

/// The operations that have an id and evidence, in the order of the document. Lint reports the others.
fn operations(document: &Document, policy: &Policy) -> (Vec<Operation>, Vec<Diagnostic>) {
    let mut operations = Vec::new();
    let mut diagnostics = Vec::new();
    for node in shape::check(document, &DOCUMENT).nodes {
        if !std::ptr::eq(node.object, &raw const OPERATION) {
            continue;
        }
        let (Some(id), Some(written)) = (text(node.map, "operationId"), node.map.get(evidence::KEY)) else {
            continue;
        };
        let place = document.place(&node.at);
        match EnkashExtension::deserialize(written) {
            Ok(enkash) => {
                let order = (place.file != document.file, place.line);
                operations.push((order, operation(id, &node, enkash, policy)));
            }
            Err(error) => diagnostics
                .push(document.diagnostic(&node.at.child(evidence::KEY), format!("{}: {error}", evidence::KEY))),
        }
    }
    operations.sort_by_key(|(order, _)| *order);
    (
        operations.into_iter().map(|(_, operation)| operation).collect(),
        diagnostics,
    )
}

fn operation(id: String, node: &Node<'_>, enkash: EnkashExtension, policy: &Policy) -> Operation {
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
        observed: enkash.observed,
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
