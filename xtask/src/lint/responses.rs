//! Rules about answers: the generator knows one type for success and one for failure, and panics on a second.

use serde_json::Value;

use super::fields::property_names;
use super::subject::{Site, Subject};
use crate::spec::Diagnostic;
use crate::spec::pointer::Pointer;

/// The schema of every error.
const ERROR_BODY: &str = "ErrorBody";

/// Exactly one status of success, with JSON content.
pub(super) fn one_success(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for site in &subject.operations {
        let at = site.at.child("responses");
        let successes: Vec<_> = subject
            .responses(site)
            .into_iter()
            .filter(|answer| answer.is_success())
            .collect();
        match successes.as_slice() {
            [] => findings.push(subject.finding(&at, format!("responses: {} has no success status", site.name()))),
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
                    findings.push(subject.finding(&only.at, message));
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
                findings.push(subject.finding(&at, message));
            }
        }
    }
    findings
}

/// `default` beside a success makes the generator panic.
pub(super) fn no_default(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let default = |site: &Site<'_>| site.at.child("responses").child("default");
    subject
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
            subject.finding(&default(site), message)
        })
        .collect()
}

/// One error schema for all operations, so that one error type holds them.
pub(super) fn error_body(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for site in &subject.operations {
        let errors = subject.responses(site);
        for answer in errors
            .iter()
            .filter(|answer| !answer.is_success() && answer.status != "default")
        {
            let schema = answer.at.child("content").child("application/json").child("schema");
            let found = match subject.component_name(&schema) {
                Some(ERROR_BODY) => continue,
                Some(other) => format!("answers with {other}"),
                None if subject.document().get(&schema).is_some() => "answers with a schema of its own".to_owned(),
                None => "has no application/json content".to_owned(),
            };
            let place = if subject.document().get(&schema).is_some() {
                schema.child("$ref")
            } else {
                answer.at.clone()
            };
            let message = format!(
                "{} {found}, but every error status answers with {ERROR_BODY}",
                answer.at
            );
            findings.push(subject.finding(&place, message));
        }
    }
    findings
}

/// Both of the portal's envelopes are one struct, so every answer with a payload has it.
pub(super) fn envelope(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for site in &subject.operations {
        for answer in subject.responses(site).iter().filter(|answer| answer.is_success()) {
            let Some(name) = subject
                .content_schema(&answer.at)
                .and_then(|schema| subject.component_name(&schema))
            else {
                continue;
            };
            let schema = Pointer::root().child("components").child("schemas").child(name);
            let names = property_names(subject.document(), &schema);
            let has_envelope = ["code", "message", "response_code", "response_message"]
                .iter()
                .all(|field| names.contains(*field));
            if names.contains("payload") && !has_envelope {
                let message = format!("{schema} has a payload without an envelope, write allOf: [Envelope, …]");
                findings.push(subject.finding(&schema, message));
            }
        }
    }
    findings
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
