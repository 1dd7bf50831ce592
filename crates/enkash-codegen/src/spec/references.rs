//! Every `$ref` of the document, held against what exists.
//!
//! The generator panics on a reference that leads nowhere and takes one that leads into another section for what it
//! is not, so the loader looks at them before anything else.

use serde_json::{Map, Value};

use super::diagnostic::Diagnostic;
use super::document::Document;
use super::pointer::Pointer;
use super::shape::Reference;
use super::suggestion::did_you_mean;

/// Finds the references that lead nowhere, elsewhere or in a circle.
pub(crate) fn check(document: &Document, references: &[Reference<'_>]) -> Vec<Diagnostic> {
    let mut diagnostics: Vec<_> = references
        .iter()
        .filter_map(|reference| dangling(document, reference))
        .collect();
    if diagnostics.is_empty() {
        diagnostics = circles(document, references);
    }
    diagnostics
}

fn dangling(document: &Document, reference: &Reference<'_>) -> Option<Diagnostic> {
    let Reference { at, section, target } = reference;
    let owner = owner(document, at);
    let place = at.child("$ref");
    let name = target
        .strip_prefix("#/components/")
        .and_then(|path| path.split_once('/'));
    let Some((found_section, name)) = name.filter(|(_, name)| !name.contains('/')) else {
        let message = format!("$ref '{target}' of {owner} is not of the form '#/components/{section}/Name'");
        return Some(document.diagnostic(&place, message));
    };
    if found_section != *section {
        let message = format!("$ref '{target}' of {owner} leads into {found_section}, but {section} are expected here");
        return Some(document.diagnostic(&place, message));
    }
    let components = document
        .get(&Pointer::root().child("components").child(section))
        .and_then(Value::as_object);
    if components.is_some_and(|components| components.contains_key(name)) {
        return None;
    }
    let names = components
        .into_iter()
        .flat_map(|components| components.keys().map(String::as_str));
    let hint = did_you_mean(name, names);
    Some(document.diagnostic(&place, format!("$ref '{target}' of {owner} does not exist{hint}")))
}

/// The operation by its id, where there is one; else the name of the place.
fn owner(document: &Document, at: &Pointer) -> String {
    at.operation()
        .and_then(|operation| document.get(&operation.child("operationId")))
        .and_then(Value::as_str)
        .map_or_else(|| at.to_string(), str::to_owned)
}

/// Components that are nothing but each other, by `$ref` and `allOf`: no type can be made of them.
fn circles(document: &Document, references: &[Reference<'_>]) -> Vec<Diagnostic> {
    let leads_to = |from: &Pointer| -> Vec<Pointer> {
        references
            .iter()
            .filter(|reference| is_part_of(&reference.at, from))
            .map(|reference| target(reference.target))
            .collect()
    };
    let mut diagnostics = Vec::new();
    for start in components(references) {
        let mut seen = vec![start.clone()];
        let mut next = leads_to(&start);
        while let Some(pointer) = next.pop() {
            if pointer == start {
                diagnostics.push(document.diagnostic(&start, format!("{start} is made of itself")));
                break;
            }
            if !seen.contains(&pointer) {
                next.extend(leads_to(&pointer));
                seen.push(pointer);
            }
        }
    }
    diagnostics
}

/// Whether a reference says what the component is, and not what is inside of one of its properties.
fn is_part_of(reference: &Pointer, component: &Pointer) -> bool {
    let own_steps = component.steps().len();
    reference.is_within(component)
        && reference
            .steps()
            .iter()
            .skip(own_steps)
            .all(|step| matches!(step.as_str(), "allOf" | "oneOf" | "anyOf") || step.parse::<usize>().is_ok())
}

fn components(references: &[Reference<'_>]) -> Vec<Pointer> {
    let mut components: Vec<_> = references.iter().map(|reference| target(reference.target)).collect();
    components.sort();
    components.dedup();
    components
}

/// The place that a reference leads to; whether something stands there is another question.
pub(crate) fn target(reference: &str) -> Pointer {
    Pointer::from_valid(reference.trim_start_matches('#'))
}

/// The mapping that a node stands for, after its `$ref`s.
pub(crate) fn resolve(document: &Document, mut at: Pointer) -> Option<(Pointer, &Map<String, Value>)> {
    // A chain longer than this is a circle.
    for _ in 0..32 {
        let map = document.get(&at)?.as_object()?;
        match map.get("$ref").and_then(Value::as_str) {
            Some(reference) => at = target(reference),
            None => return Some((at, map)),
        }
    }
    None
}
