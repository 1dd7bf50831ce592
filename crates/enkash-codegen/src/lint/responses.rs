//! Rules about answers: the generator knows one type for success and one for failure, and panics on a second.

use serde_json::Value;

use super::context::{LintContext, OperationNode};
use super::fields::property_names;
use crate::spec::Diagnostic;
use crate::spec::pointer::Pointer;

/// The schema of every error.
const ERROR_BODY: &str = "ErrorBody";

/// Exactly one status of success, with JSON content.
pub(super) fn one_success(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for site in &context.operations {
        let at = site.at.child("responses");
        let successes: Vec<_> = context
            .responses(site)
            .into_iter()
            .filter(|answer| answer.is_success())
            .collect();
        match successes.as_slice() {
            [] => {
                diagnostics.push(context.diagnostic(&at, format!("responses: {} has no success status", site.name())))
            }
            [only] => {
                let has_json = only
                    .map
                    .get("content")
                    .and_then(|content| content.get("application/json"))
                    .is_some_and(|media_type| media_type.get("schema").is_some());
                if !has_json {
                    let message = format!(
                        "{} of {} has no application/json content with a schema; for an answer that nobody saw, \
                         point at UnseenBody",
                        only.status,
                        site.name()
                    );
                    diagnostics.push(context.diagnostic(&only.at, message));
                }
            }
            several => {
                let statuses: Vec<_> = several.iter().map(|answer| answer.status.as_str()).collect();
                let message = format!(
                    "responses: {} has {} success statuses ({}), the generator knows one",
                    site.name(),
                    several.len(),
                    statuses.join(", ")
                );
                diagnostics.push(context.diagnostic(&at, message));
            }
        }
    }
    diagnostics
}

/// `default` beside a success makes the generator panic.
pub(super) fn no_default(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let default = |site: &OperationNode<'_>| site.at.child("responses").child("default");
    context
        .operations
        .iter()
        .filter(|site| {
            site.map
                .get("responses")
                .is_some_and(|responses| responses.get("default").is_some())
        })
        .map(|site| {
            let message = format!(
                "default: {} has a default response, name the statuses instead",
                site.name()
            );
            context.diagnostic(&default(site), message)
        })
        .collect()
}

/// One error schema for all operations, so that one error type holds them.
pub(super) fn error_body(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for site in &context.operations {
        let errors = context.responses(site);
        for answer in errors
            .iter()
            .filter(|answer| !answer.is_success() && answer.status != "default")
        {
            let schema = answer.at.child("content").child("application/json").child("schema");
            let found = match context.component_name(&schema) {
                Some(ERROR_BODY) => continue,
                Some(other) => format!("answers with {other}"),
                None if context.document().get(&schema).is_some() => "answers with a schema of its own".to_owned(),
                None => "has no application/json content".to_owned(),
            };
            let place = if context.document().get(&schema).is_some() {
                schema.child("$ref")
            } else {
                answer.at.clone()
            };
            let message = format!(
                "{} {found}, but every error status answers with {ERROR_BODY}",
                answer.at
            );
            diagnostics.push(context.diagnostic(&place, message));
        }
    }
    diagnostics
}

/// Both of the API's envelopes are one struct, so every response with a payload has it.
pub(super) fn envelope(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for site in &context.operations {
        for answer in context.responses(site).iter().filter(|answer| answer.is_success()) {
            let Some(name) = context
                .content_schema(&answer.at)
                .and_then(|schema| context.component_name(&schema))
            else {
                continue;
            };
            let schema = Pointer::root().child("components").child("schemas").child(name);
            let names = property_names(context.document(), &schema);
            let has_envelope = ["code", "message", "response_code", "response_message"]
                .iter()
                .all(|field| names.contains(*field));
            if names.contains("payload") && !has_envelope {
                let message = format!("{schema} has a payload without an envelope, write allOf: [Envelope, …]");
                diagnostics.push(context.diagnostic(&schema, message));
            }
        }
    }
    diagnostics
}

/// The texts of a list of names.
pub(super) fn names(value: Option<&Value>) -> Vec<&str> {
    value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}
