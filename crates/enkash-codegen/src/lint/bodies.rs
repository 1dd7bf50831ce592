//! Rules about the bodies of requests and answers as a whole.

use serde_json::{Map, Value};

use super::context::{LintContext, OperationNode};
use crate::spec::Diagnostic;
use crate::spec::pointer::Pointer;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// The schema of what nobody saw.
const UNSEEN_BODY: &str = "UnseenBody";

/// The generator takes the name of a type from the component, reads one content type, and always sends a body.
pub(super) fn components(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for site in &context.operations {
        if let Some((at, body)) = context.request_body(site) {
            diagnostics.extend(request_body(context, site, &at, body));
        }
        for answer in context.responses(site) {
            diagnostics.extend(schema_is_component(context, &answer.at));
        }
    }
    diagnostics
}

fn request_body(
    context: &LintContext<'_>,
    site: &OperationNode<'_>,
    at: &Pointer,
    body: &Map<String, Value>,
) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    if site.method == "get" {
        let message = format!(
            "requestBody: a GET sends none, remove it from {} and say so in a note",
            site.name()
        );
        return vec![context.diagnostic(at, message)];
    }
    // Whether a body that nobody saw can be left out is not known either.
    let is_unseen = context
        .content_schema(at)
        .is_some_and(|schema| context.component_name(&schema) == Some(UNSEEN_BODY));
    if body.get("required") != Some(&Value::Bool(true)) && !is_unseen {
        let message = format!("requestBody: {at} needs required: true, the generator cannot leave a body out");
        diagnostics.push(context.diagnostic(at, message));
    }
    let content = body.get("content").and_then(Value::as_object);
    let types: Vec<_> = content.into_iter().flat_map(Map::keys).map(String::as_str).collect();
    match types.as_slice() {
        [JSON | FORM] => diagnostics.extend(schema_is_component(context, at)),
        [other] => {
            let message = format!("content: {other} in {at} cannot be generated, only {JSON} and {FORM}");
            diagnostics.push(context.diagnostic(&at.child("content").child(other), message));
        }
        several => {
            let message = format!(
                "content: {at} has {} content types, the generator knows one",
                several.len()
            );
            diagnostics.push(context.diagnostic(&at.child("content"), message));
        }
    }
    diagnostics
}

fn schema_is_component(context: &LintContext<'_>, body: &Pointer) -> Option<Diagnostic> {
    let content = body.child("content");
    let types = context.document().get(&content)?.as_object()?;
    types.keys().find_map(|media_type| {
        let schema = content.child(media_type).child("schema");
        if context.component_name(&schema).is_some() {
            return None;
        }
        let remedy = "make it a component and point at it by $ref";
        Some(match context.document().get(&schema) {
            Some(_) => context.diagnostic(&schema, format!("schema: of {body} is inline, {remedy}")),
            None => context.diagnostic(&schema, format!("schema: missing in {body}, {remedy}")),
        })
    })
}

/// Evidence and types must agree: an invented type for an unknown body is the worst of both.
pub(super) fn unseen(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for site in &context.operations {
        let success = context
            .responses(site)
            .into_iter()
            .find(super::context::Answer::is_success);
        let bodies = [
            ("request", context.request_body(site).map(|(at, _)| at)),
            ("response", success.map(|answer| answer.at)),
        ];
        for (side, body) in bodies {
            let Some(schema) = body.and_then(|body| context.content_schema(&body)) else {
                continue;
            };
            let is_unseen = context.component_name(&schema) == Some(UNSEEN_BODY);
            match site.level(side) {
                Some("unknown") if !is_unseen => {
                    let message = format!(
                        "the {side} of {} is unknown, so its schema is {UNSEEN_BODY}",
                        site.name()
                    );
                    diagnostics.push(context.diagnostic(&schema, message));
                }
                // An observed body may stay free JSON: what was seen in it stands under `observed`.
                Some(level) if !matches!(level, "unknown" | "observed") && is_unseen => {
                    let message = format!(
                        "the {side} of {} is {level}, but its schema is {UNSEEN_BODY}",
                        site.name()
                    );
                    diagnostics.push(context.diagnostic(&schema, message));
                }
                _ => {}
            }
        }
    }
    diagnostics
}

/// The contract tests send these examples, so there is one for each body.
pub(super) fn examples(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for site in &context.operations {
        let Some((body, _)) = context.request_body(site) else {
            continue;
        };
        let Some(schema) = context.content_schema(&body) else {
            continue;
        };
        let media_type = schema.parent().unwrap_or_default();
        let at = media_type.child("examples");
        let examples = context.document().get(&at).and_then(Value::as_object);
        let is_unseen = context.component_name(&schema) == Some(UNSEEN_BODY);
        if examples.is_none_or(Map::is_empty) && !is_unseen {
            let message = format!("examples: missing in the request body of {}", site.name());
            diagnostics.push(context.diagnostic(&at, message));
        }
        for (name, example) in examples.into_iter().flatten() {
            if example.get("value").is_none() && example.get("$ref").is_none() {
                let message = format!("value: missing in example {name} of {}", site.name());
                diagnostics.push(context.diagnostic(&at.child(name), message));
            }
        }
    }
    diagnostics
}
