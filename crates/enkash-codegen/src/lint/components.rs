//! The rule that a component is there for something.

use std::collections::BTreeSet;

use serde_json::Value;

use super::context::LintContext;
use crate::spec::Diagnostic;
use crate::spec::pointer::Pointer;

/// What components there are that an operation can lead to.
const SECTIONS: [&str; 5] = ["schemas", "parameters", "responses", "requestBodies", "examples"];

/// A component is used by an operation, or its evidence names it. One that only an overlay left alone is forgiven: the overlay
/// removed who used it.
pub(super) fn orphans(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let document = &context.document().value;
    let (before, now) = (used(&context.parsed.original), used(document));
    let mut diagnostics = Vec::new();
    for section in SECTIONS {
        let components = document.pointer(&format!("/components/{section}"));
        for name in components
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
        {
            let target = format!("#/components/{section}/{name}");
            if !now.contains(&target) && !before.contains(&target) {
                let at = Pointer::root().child("components").child(section).child(name);
                let message = format!(
                    "{name}: no operation leads to it, remove it, or name it in the x-enkash of the operation that it belongs to"
                );
                diagnostics.push(context.diagnostic(&at, message));
            }
        }
    }
    diagnostics
}

/// The components that the operations lead to, as they are written behind `$ref`.
fn used(document: &Value) -> BTreeSet<String> {
    let mut next = Vec::new();
    targets(&document["paths"], &mut next);
    named_in_evidence(document, &mut next);
    let mut used = BTreeSet::new();
    while let Some(target) = next.pop() {
        let value = target.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
        if let Some(value) = value
            && used.insert(target.clone())
        {
            targets(value, &mut next);
        }
    }
    used
}

fn targets(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|value| targets(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| targets(value, found)),
        _ => {}
    }
}

/// The schemas whose name is a word of some operation's `x-enkash`.
fn named_in_evidence(document: &Value, found: &mut Vec<String>) {
    let mut words = BTreeSet::new();
    for (_, item) in document["paths"].as_object().into_iter().flatten() {
        for (_, operation) in item.as_object().into_iter().flatten() {
            let notes = operation["x-enkash"].to_string();
            words.extend(notes.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
        }
    }
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    let names = schemas.into_iter().flatten().map(|(name, _)| name);
    found.extend(
        names
            .filter(|name| words.contains(*name))
            .map(|name| format!("#/components/schemas/{name}")),
    );
}
