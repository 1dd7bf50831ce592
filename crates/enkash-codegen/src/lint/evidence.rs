//! Rules about `x-enkash`: how everything is known, and that the examples are there.

use serde_json::{Map, Value};

use super::context::{LintContext, OperationNode};
use crate::spec::Diagnostic;

const SIDES: [&str; 4] = ["path", "request", "response", "errors"];

/// Without evidence an operation would look as well known as any other.
pub(super) fn present(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for site in &context.operations {
        let at = site.at.child("x-enkash");
        let Some(enkash) = site.map.get("x-enkash") else {
            let message = format!(
                "x-enkash: missing in {}, it says how the operation is known",
                site.name()
            );
            diagnostics.push(context.diagnostic(&site.at, message));
            continue;
        };
        if enkash.get("pages").and_then(Value::as_array).is_none_or(Vec::is_empty) {
            diagnostics.push(context.diagnostic(&at.child("pages"), format!("pages: {} names no page", site.name())));
        }
    }
    diagnostics
}

/// A level without a source cannot be checked by the next person.
pub(super) fn sources(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for site in &context.operations {
        for side in SIDES {
            let Some(fact) = site.fact(side) else {
                continue;
            };
            let level = site.level(side).unwrap_or_default();
            let at = site.at.child("x-enkash").child("evidence").child(side);
            if !fact.contains_key("page") && !fact.contains_key("note") {
                let message = format!(
                    "{side}: of {} is {level}, name the page or say why in a note",
                    site.name()
                );
                diagnostics.push(context.diagnostic(&at, message));
            }
        }
    }
    diagnostics
}

/// Contract tests decode what the documentation prints, so what is documented has to be there.
pub(super) fn seen(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for site in &context.operations {
        let at = site.at.child("x-enkash").child("seen");
        let examples: Vec<_> = context
            .document()
            .get(&at)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .collect();
        let has = |kind: &str| {
            examples
                .iter()
                .any(|seen| seen.get("kind").and_then(Value::as_str) == Some(kind))
        };
        let has_request_body = context.request_body(site).is_some();
        for side in ["request", "response"] {
            let needs_one = site.level(side) == Some("documented") && (side == "response" || has_request_body);
            if needs_one && !has(side) && !explains_the_gap(site, side) {
                let message = format!(
                    "seen: the {side} of {} is documented, but no example of it stands here; \
                     if the page has none, write \"no example\" into the note of the evidence",
                    site.name()
                );
                diagnostics.push(context.diagnostic(&at, message));
            }
        }
        for (index, example) in examples.iter().enumerate() {
            let is_request = example.get("kind").and_then(Value::as_str) == Some("request");
            if is_request && example.get("status").is_some() {
                let at = at.index(index);
                diagnostics
                    .push(context.diagnostic(&at.child("status"), format!("status: a request has none, in {at}")));
            }
        }
    }
    diagnostics
}

fn explains_the_gap(site: &OperationNode<'_>, side: &str) -> bool {
    let note = |map: &Map<String, Value>| map.get("note").and_then(Value::as_str).map(str::to_lowercase);
    let of_side = site.fact(side).and_then(note);
    let of_operation = site.map.get("x-enkash").and_then(Value::as_object).and_then(note);
    [of_side, of_operation]
        .into_iter()
        .flatten()
        .any(|note| note.contains("no example"))
}
