//! Writes the OpenAPI Overlay that mends findings: one action for each place of the description, with what was seen beside it.
//! A person reads it, and `--overlay` applies it like any other.

mod action;
mod error_response;
mod mend;
mod new_operation;
mod yaml_text;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::spec::pointer::Pointer;
use crate::spec::{Operation, Spec};

use super::finding::{Cause, Finding};
use super::observe::{Confirmation, EvidenceSide};
use super::sighting::{Sight, Subject};
use super::{StatedPath, wire};

use action::Action;
use error_response::ErrorResponses;
use mend::Mends;

/// What an overlay is written from.
pub(super) struct Context<'a> {
    pub(super) spec: &'a Spec,
    pub(super) stated: &'a [StatedPath],
    pub(super) confirmed: &'a BTreeMap<(String, EvidenceSide), Confirmation>,
}

/// The overlay as YAML, or nothing where no finding can be mended.
pub(super) fn write<'a>(context: &Context<'_>, findings: impl Iterator<Item = &'a Finding>) -> Option<String> {
    let findings: Vec<_> = findings.collect();
    let moved = moved(context, &findings);
    let mut mends = Mends::new(context.spec, &moved);
    for finding in &findings {
        mends.add(finding);
    }
    let mut actions = moves(context, &findings);
    let mut errors = ErrorResponses::new(context.spec);
    actions.extend(new_operation::actions(context, &findings, &mut errors));
    actions.extend(mends.actions(&mut errors));
    actions.extend(errors.actions());
    if actions.is_empty() {
        return None;
    }
    let newest = findings
        .iter()
        .map(|finding| finding.date.as_str())
        .max()
        .unwrap_or_default();
    let mut text = format!(
        "# Written by `cargo xtask learn`. Read each action before you use it: it says what was seen.\n\
         overlay: 1.0.0\ninfo:\n  title: What recordings show\n  version: {}\nactions:\n",
        yaml_text::scalar_text(newest)
    );
    for action in &actions {
        text.push_str(&action.text());
    }
    Some(text)
}

/// The operations whose path was unknown and is stated now, with their new places.
fn moved<'a>(context: &Context<'a>, findings: &[&Finding]) -> BTreeMap<&'a str, Pointer> {
    let seen = findings
        .iter()
        .filter_map(|finding| Some(path_seen(context, finding)?.0));
    seen.filter_map(|operation| {
        let stated = context.stated.iter().find(|stated| stated.operation == operation.id)?;
        let place = Pointer::root().child("paths").child(&stated.path);
        Some((operation.id.as_str(), place.child(&stated.method.to_ascii_lowercase())))
    })
    .collect()
}

/// The operation of a finding that says that its unknown path was seen, and how often and when.
fn path_seen<'a>(context: &Context<'a>, finding: &Finding) -> Option<(&'a Operation, u64, String)> {
    let Cause::Sighting { key, tally, .. } = &finding.cause else {
        return None;
    };
    let (Sight::UnknownPath, Subject::Operation(id)) = (&key.sight, &key.subject) else {
        return None;
    };
    let operation = context.spec.operations.iter().find(|operation| operation.id == *id)?;
    Some((operation, tally.count, tally.date.clone()))
}

/// The actions that give an operation its path.
fn moves(context: &Context<'_>, findings: &[&Finding]) -> Vec<Action> {
    let mut actions = Vec::new();
    for finding in findings {
        let Some((operation, count, date)) = path_seen(context, finding) else {
            continue;
        };
        let Some(stated) = context.stated.iter().find(|stated| stated.operation == operation.id) else {
            continue;
        };
        let from = wire::place(operation);
        let Some(content) = context.spec.document.pointer(from.as_str()) else {
            continue;
        };
        let mut content = content.clone();
        content["x-enkash"]["evidence"]["path"] = mend::observed_fact(count, &date, "unknown");
        let mut entry = serde_json::Map::new();
        entry.insert(stated.method.to_ascii_lowercase(), content);
        let mut comments = vec![finding.text.clone()];
        if operation.policy.effect.as_str() != "reads" {
            comments.push(format!(
                "It is no read: generate with --allow-loosening {}",
                operation.id
            ));
        }
        let old = from.parent().unwrap_or_default();
        actions.push(Action::removal(&context.spec.document, &old, comments));
        let update = Value::Object([(stated.path.clone(), Value::Object(entry))].into_iter().collect());
        actions.push(Action::update(
            &context.spec.document,
            &Pointer::root().child("paths"),
            update,
            Vec::new(),
        ));
    }
    actions
}
