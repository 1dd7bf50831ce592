//! What the rules look at: the document with its operations and schemas picked out.
//!
//! Every rule gets the same [`LintContext`] and returns diagnostics. It is built once for a run.

use std::collections::BTreeSet;
use std::ptr;

use serde_json::{Map, Value};

use crate::spec::Diagnostic;
use crate::spec::document::Document;
use crate::spec::load::ParsedSpec;
use crate::spec::openapi_shape::{DOCUMENT, OPERATION, SCHEMA};
use crate::spec::pointer::Pointer;
use crate::spec::references::{resolve, target};
use crate::spec::shape::{self, Node, Object, Reference};

/// The document and what can be told from it.
pub(super) struct LintContext<'a> {
    pub(super) parsed: &'a ParsedSpec,
    /// The operations, in the order of the document, complete or not.
    pub(super) operations: Vec<OperationNode<'a>>,
    nodes: Vec<Node<'a>>,
    references: Vec<Reference<'a>>,
}

/// An operation where it stands.
pub(super) struct OperationNode<'a> {
    pub(super) at: Pointer,
    /// The method, in lower case as OpenAPI has it.
    pub(super) method: String,
    pub(super) path: String,
    pub(super) map: &'a Map<String, Value>,
}

impl<'a> LintContext<'a> {
    pub(super) fn new(parsed: &'a ParsedSpec) -> Self {
        let checked = shape::check(&parsed.document, &DOCUMENT);
        let mut operations: Vec<_> = checked.nodes.iter().filter_map(site).collect();
        operations.sort_by_key(|site| {
            let place = parsed.document.place(&site.at);
            (place.file != parsed.document.file, place.line)
        });
        Self {
            parsed,
            operations,
            nodes: checked.nodes,
            references: checked.references,
        }
    }

    pub(super) fn document(&self) -> &'a Document {
        &self.parsed.document
    }

    /// A diagnostic about a place of the document.
    pub(super) fn diagnostic(&self, at: &Pointer, message: impl Into<String>) -> Diagnostic {
        self.document().diagnostic(at, message)
    }

    /// All mappings of one kind.
    pub(super) fn nodes(&self, object: &'static Object) -> impl Iterator<Item = &Node<'a>> {
        self.nodes.iter().filter(move |node| ptr::eq(node.object, object))
    }

    /// All schemas of bodies, that is, all but those of parameters and headers.
    pub(super) fn body_schemas(&self) -> impl Iterator<Item = &Node<'a>> {
        self.nodes(&SCHEMA).filter(|node| {
            let steps = node.at.steps();
            let owner = if steps.first().is_some_and(|step| step == "paths") {
                3
            } else {
                1
            };
            !steps
                .iter()
                .skip(owner)
                .take(1)
                .any(|step| step == "parameters" || step == "headers")
        })
    }

    /// The places that `start` leads to by `$ref`, and `start` itself.
    pub(super) fn reach(&self, start: &Pointer) -> BTreeSet<Pointer> {
        let mut reached = BTreeSet::from([start.clone()]);
        let mut next = vec![start.clone()];
        while let Some(from) = next.pop() {
            for reference in self.references.iter().filter(|reference| reference.at.is_within(&from)) {
                let to = target(reference.target);
                if reached.insert(to.clone()) {
                    next.push(to);
                }
            }
        }
        reached
    }

    /// The responses of an operation: the status, and the response after its `$ref`.
    pub(super) fn responses(&self, site: &OperationNode<'a>) -> Vec<Answer<'a>> {
        let at = site.at.child("responses");
        let statuses = site
            .map
            .get("responses")
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(Map::keys);
        statuses
            .filter_map(|status| {
                let (at, map) = resolve(self.document(), at.child(status))?;
                Some(Answer {
                    status: status.clone(),
                    at,
                    map,
                })
            })
            .collect()
    }

    /// The request body of an operation after its `$ref`.
    pub(super) fn request_body(&self, site: &OperationNode<'a>) -> Option<(Pointer, &'a Map<String, Value>)> {
        resolve(self.document(), site.at.child("requestBody"))
    }

    /// The schema of a body of one content type, before its `$ref`.
    pub(super) fn content_schema(&self, body: &Pointer) -> Option<Pointer> {
        let content = body.child("content");
        let media_type = self.document().get(&content)?.as_object()?.keys().next()?.clone();
        let schema = content.child(&media_type).child("schema");
        self.document().get(&schema).map(|_| schema)
    }

    /// The name of the component that a schema is a `$ref` to.
    pub(super) fn component_name(&self, schema: &Pointer) -> Option<&'a str> {
        let reference = self.document().get(&schema.child("$ref"))?.as_str()?;
        reference.strip_prefix("#/components/schemas/")
    }
}

/// One answer of an operation.
pub(super) struct Answer<'a> {
    pub(super) status: String,
    pub(super) at: Pointer,
    pub(super) map: &'a Map<String, Value>,
}

impl Answer<'_> {
    pub(super) fn is_success(&self) -> bool {
        self.status.starts_with('2')
    }
}

fn site<'a>(node: &Node<'a>) -> Option<OperationNode<'a>> {
    let steps = node.at.steps();
    let [_, path, method] = steps.as_slice() else {
        return None;
    };
    ptr::eq(node.object, &raw const OPERATION).then(|| OperationNode {
        at: node.at.clone(),
        method: method.clone(),
        path: path.clone(),
        map: node.map,
    })
}

impl<'a> OperationNode<'a> {
    pub(super) fn id(&self) -> Option<&'a str> {
        self.map.get("operationId")?.as_str()
    }

    /// Its operationId, or where it stands.
    pub(super) fn name(&self) -> String {
        self.id().map_or_else(|| self.at.to_string(), str::to_owned)
    }

    /// The evidence of one side (`path`, `request`, `response`, `errors`).
    pub(super) fn fact(&self, side: &str) -> Option<&'a Map<String, Value>> {
        self.map.get("x-enkash")?.get("evidence")?.get(side)?.as_object()
    }

    /// The level of one side's evidence.
    pub(super) fn level(&self, side: &str) -> Option<&'a str> {
        self.fact(side)?.get("level")?.as_str()
    }
}
