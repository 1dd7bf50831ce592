//! An operation for calls that the description has none for: method and path as they were seen, free JSON for what was sent and
//! received, and each field of it under `observed`. It has the strictest policy until a person writes one.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToUpperCamelCase;
use serde_json::{Value, json};

use crate::spec::pointer::Pointer;
use crate::spec::{ObservedSide, Operation};

use super::super::finding::{Cause, Finding};
use super::super::names;
use super::super::observe::EvidenceSide;
use super::super::routes::{Routes, Unmatched};
use super::super::sighting::{Key, Sight, Subject, Tally};
use super::Context;
use super::action::Action;
use super::error_response::ErrorResponses;
use super::mend::{observation, observed_fact};

/// What was accepted of the calls of no operation.
#[derive(Default)]
struct Seen<'a> {
    is_accepted: bool,
    sightings: Vec<(&'a Key, &'a Tally)>,
    comments: Vec<String>,
}

/// An action for each of the findings that no operation has a path.
pub(super) fn actions(context: &Context<'_>, findings: &[&Finding], errors: &mut ErrorResponses<'_>) -> Vec<Action> {
    let mut calls: BTreeMap<&Unmatched, Seen<'_>> = BTreeMap::new();
    for finding in findings {
        let Cause::Sighting { key, tally, .. } = &finding.cause else {
            continue;
        };
        let Subject::Unmatched(unmatched) = &key.subject else {
            continue;
        };
        let seen = calls.entry(unmatched).or_default();
        seen.is_accepted |= key.sight == Sight::UnknownPath;
        seen.sightings.push((key, tally));
        seen.comments.push(finding.text.clone());
    }
    let routes = Routes::new(context.spec, context.stated);
    let mut ids: BTreeSet<String> = context.spec.operations.iter().map(|known| known.id.clone()).collect();
    let mut actions = Vec::new();
    for (unmatched, seen) in calls {
        if !seen.is_accepted {
            continue;
        }
        let near = routes.same_path(unmatched).or_else(|| routes.nearest(unmatched));
        let near = near.or(context.spec.operations.first());
        let path = routes
            .same_path(unmatched)
            .map_or(&unmatched.template, |same| &same.path);
        let id = free_id(unmatched, &mut ids);
        let mut content = operation(context, unmatched, path, &id, near, &seen);
        content["responses"] = responses(&seen, errors);
        let update = json!({ path: { unmatched.method.to_ascii_lowercase(): content } });
        let paths = Pointer::root().child("paths");
        actions.push(Action::update(&context.spec.document, &paths, update, seen.comments));
    }
    actions
}

/// An operationId that no operation has, such as `observedPostCartClear`.
fn free_id(unmatched: &Unmatched, taken: &mut BTreeSet<String>) -> String {
    let words = unmatched
        .template
        .split('/')
        .filter(|segment| !segment.starts_with('{'));
    let name: String = words.map(|segment| segment.to_upper_camel_case()).collect();
    let method = unmatched.method.to_ascii_lowercase().to_upper_camel_case();
    let first = format!("observed{method}{name}");
    let mut id = first.clone();
    let mut number = 2;
    while !taken.insert(id.clone()) {
        id = format!("{first}{number}");
        number += 1;
    }
    id
}

fn operation(
    context: &Context<'_>,
    unmatched: &Unmatched,
    path: &str,
    id: &str,
    near: Option<&Operation>,
    seen: &Seen<'_>,
) -> Value {
    let tag = near.map_or("Token", |near| near.tag.as_str());
    let mut content = json!({
        "operationId": id,
        "tags": [tag],
        "summary": "Seen in a recording",
        "description": "No page of the documentation describes it. It is known from a recording alone.",
        "x-enkash": {
            "pages": [{"id": null, "title": "No page, seen in a recording", "section": tag}],
            "evidence": evidence(context, unmatched),
            "observed": observed(seen),
        },
    });
    let parameters: Vec<Value> = names::placeholders(path)
        .map(|name| {
            json!({
                "name": name, "in": "path", "required": true,
                "description": "A part of the path that may differ from call to call.",
                "schema": {"type": "string"},
            })
        })
        .collect();
    if !parameters.is_empty() {
        content["parameters"] = Value::Array(parameters);
    }
    let has_body = |(key, _): &(&Key, &Tally)| {
        key.side == ObservedSide::Request && key.sight != Sight::UnknownPath && !key.field.starts_with("query.")
    };
    if unmatched.method != "GET" && seen.sightings.iter().any(has_body) {
        let schema = json!({"$ref": "#/components/schemas/UnseenBody"});
        content["requestBody"] = json!({"content": {"application/json": {"schema": schema}}});
    }
    content
}

/// The status of success, which is the first that was seen, and those of errors.
fn responses(seen: &Seen<'_>, errors: &mut ErrorResponses<'_>) -> Value {
    let statuses: BTreeMap<u16, bool> = seen
        .sightings
        .iter()
        .filter_map(|(key, _)| match key.sight {
            Sight::OtherStatus { status, is_json } => Some((status, is_json)),
            _ => None,
        })
        .collect();
    let success = success_status(seen);
    let mut responses = serde_json::Map::new();
    let body = json!({"application/json": {"schema": {"$ref": "#/components/schemas/UnseenBody"}}});
    let description = "What was seen in a recording; its fields stand under `observed`.";
    responses.insert(
        success.to_string(),
        json!({"description": description, "content": body}),
    );
    for (status, _) in statuses
        .iter()
        .filter(|(status, is_json)| (400..600).contains(*status) && **is_json)
    {
        responses.insert(status.to_string(), errors.get(None, *status));
    }
    Value::Object(responses)
}

fn success_status(seen: &Seen<'_>) -> u16 {
    let successes = seen.sightings.iter().filter_map(|(key, _)| match key.sight {
        Sight::OtherStatus { status, .. } if (200..300).contains(&status) => Some(status),
        _ => None,
    });
    successes.min().unwrap_or(200)
}

fn evidence(context: &Context<'_>, unmatched: &Unmatched) -> Value {
    let name = unmatched.name();
    let side = |side: EvidenceSide| match context.confirmed.get(&(name.clone(), side)) {
        Some(seen) => observed_fact(seen.count, &seen.date, "not described"),
        None => json!({"level": "unknown", "note": "No recording showed it."}),
    };
    json!({
        "path": side(EvidenceSide::Path),
        "request": side(EvidenceSide::Request),
        "response": side(EvidenceSide::Response),
        "errors": side(EvidenceSide::Errors),
    })
}

fn observed(seen: &Seen<'_>) -> Value {
    let success = success_status(seen);
    let is_stated = |key: &Key| match &key.sight {
        Sight::UnknownPath => true,
        Sight::OtherStatus { status, is_json } => *status == success || ((400..600).contains(status) && *is_json),
        // It becomes a property of the schema of errors.
        Sight::UndocumentedField { owner, .. } => owner.is_some(),
        _ => false,
    };
    let left = seen.sightings.iter().filter(|(key, _)| !is_stated(key));
    let entries: Vec<_> = left
        .map(|(key, tally)| observation(key, tally, tally.types.clone()))
        .collect();
    json!(entries)
}
