//! The response of an error status that an overlay adds. The sandbox's own overlay is applied after it and states some of the
//! same statuses, so where that one points at a component, this points at the same one and adds it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::spec::pointer::Pointer;
use crate::spec::{Operation, Spec};

use super::super::wire;
use super::action::Action;

const COMPONENTS: &str = "#/components/responses/";

/// The error responses of one overlay.
pub(super) struct ErrorResponses<'a> {
    spec: &'a Spec,
    /// The components that the description does not have.
    missing: BTreeSet<String>,
}

impl<'a> ErrorResponses<'a> {
    pub(super) fn new(spec: &'a Spec) -> Self {
        Self {
            spec,
            missing: BTreeSet::new(),
        }
    }

    /// The response for a status of an operation, or of one that is new.
    pub(super) fn get(&mut self, operation: Option<&Operation>, status: u16) -> Value {
        // A new operation gets from the sandbox what the others get.
        let others = self.spec.operations.iter().filter(|_| operation.is_none());
        let reference = operation
            .into_iter()
            .chain(others)
            .find_map(|operation| self.reference(operation, status));
        let Some(reference) = reference else {
            return response();
        };
        let name = reference.trim_start_matches(COMPONENTS);
        if self.spec.document["components"]["responses"].get(name).is_none() {
            self.missing.insert(name.to_owned());
        }
        json!({ "$ref": reference })
    }

    fn reference(&self, operation: &Operation, status: u16) -> Option<&'a str> {
        let at = wire::place(operation)
            .child("responses")
            .child(&status.to_string())
            .child("$ref");
        self.spec.sandbox_document.pointer(at.as_str())?.as_str()
    }

    /// The actions that add the components.
    pub(super) fn actions(&self) -> Vec<Action> {
        let at = Pointer::root().child("components").child("responses");
        let components = self.missing.iter();
        components
            .map(|name| Action::update(&self.spec.document, &at, json!({ name: response() }), Vec::new()))
            .collect()
    }
}

fn response() -> Value {
    json!({
        "description": "Seen in a recording.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}},
    })
}
