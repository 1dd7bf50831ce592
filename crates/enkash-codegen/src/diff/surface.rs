//! Rules about `surface.yaml`, which says by what each operation can be reached, and about the overlay of the sandbox.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::comparison::{Comparison, Is, Unknown};
use super::finding::{Category, Change, Place, Severity};
use super::tree::{Node, Tree};
use super::usage::Usage;

/// Where an operation can be reached.
#[derive(Clone, Copy)]
struct Part {
    key: &'static str,
    added: &'static str,
    removed: &'static str,
    renamed: &'static str,
    gone: Severity,
}

const PARTS: [Part; 3] = [
    Part {
        key: "high-level",
        added: "wrapper-added",
        removed: "wrapper-removed",
        renamed: "wrapper-renamed",
        gone: Severity::CompileTime,
    },
    Part {
        key: "cli",
        added: "command-added",
        removed: "command-removed",
        renamed: "command-renamed",
        gone: Severity::RunTime,
    },
    Part {
        key: "sandbox",
        added: "sandbox-added",
        removed: "sandbox-removed",
        renamed: "sandbox-changed",
        gone: Severity::Behaviour,
    },
];

/// Compares both files.
pub(super) fn compare(comparison: &mut Comparison<'_>) {
    surface(comparison);
    sandbox(comparison);
}

/// What can be used of an operation, as the surface file names it.
pub(super) fn names(surface: &Tree, id: &str, key: &str) -> Vec<String> {
    let part = surface.root().below("operations").below(id).below(key);
    let text = part.text("is").unwrap_or_default();
    // A name is a path of Rust or words of a command; what is said about it begins with `with`.
    let names = text
        .split(", ")
        .filter(|name| !name.is_empty() && !name.starts_with("with "));
    names.map(str::to_owned).collect()
}

fn surface(comparison: &mut Comparison<'_>) {
    let (old, new) = (&comparison.old.surface, &comparison.new.surface);
    if old.is_missing() || new.is_missing() {
        return;
    }
    let (a, b) = (old.root().below("operations"), new.root().below("operations"));
    let ids: BTreeSet<_> = a
        .entries()
        .iter()
        .chain(&b.entries())
        .map(|(id, _)| (*id).to_owned())
        .collect();
    let before: BTreeSet<_> = comparison
        .old
        .operations()
        .into_iter()
        .map(|found| (found.id.clone(), found.route()))
        .collect();
    let after: BTreeSet<_> = comparison
        .new
        .operations()
        .into_iter()
        .map(|found| (found.id.clone(), found.route()))
        .collect();
    for id in &ids {
        // The operation was renamed with its entry.
        let renamed_to = |from: &BTreeSet<(String, String)>, to: &BTreeSet<(String, String)>| {
            let route = &from.iter().find(|(found, _)| found == id)?.1;
            let other = &to.iter().find(|(_, found)| found == route)?.0;
            (other != id).then(|| other.clone())
        };
        let old_id = renamed_to(&after, &before).unwrap_or_else(|| id.clone());
        if renamed_to(&before, &after).is_some_and(|other| b.child(&other).is_some() && b.child(id).is_none()) {
            continue;
        }
        // The operation is new, which is said there.
        let is_new =
            |id: &str| before.iter().all(|(found, _)| found != id) && after.iter().any(|(found, _)| found == id);
        let is_gone =
            |id: &str| after.iter().all(|(found, _)| found != id) && before.iter().any(|(found, _)| found == id);
        let is_said = old_id == *id && (is_new(id) || is_gone(id));
        let place = match b.child(id) {
            Some(node) => new.place(&node.at),
            None => old.place(&a.below(&old_id).at),
        };
        for part in PARTS.iter().filter(|_| !is_said) {
            reached(comparison, part, (&old_id, id), &place);
        }
        keys(comparison, id, (&a.below(&old_id), &b.below(id)), place);
    }
    let usage = Usage::default();
    let what = unknown("the surface", &usage, Place::default());
    comparison.unknown_keys(&what, &old.root(), &new.root(), &[("operations", Is::Map)]);
}

fn unknown<'u>(subject: &'u str, usage: &'u Usage, place: Place) -> Unknown<'u> {
    Unknown {
        subject,
        category: Category::HighLevel,
        usage,
        place,
    }
}

fn reached(comparison: &mut Comparison<'_>, part: &Part, (old_id, id): (&str, &str), place: &Place) {
    let (old, new) = (
        names(&comparison.old.surface, old_id, part.key),
        names(&comparison.new.surface, id, part.key),
    );
    let gone: Vec<_> = old.iter().filter(|name| !new.contains(name)).collect();
    let come: Vec<_> = new.iter().filter(|name| !old.contains(name)).collect();
    let subject = |name: &str| match part.key {
        "sandbox" => id.to_owned(),
        _ => format!("{id} {name}"),
    };
    let mut push = |rule, name: &str, severity, names: [Option<&String>; 2]| {
        let [before, after] = names.map(|name| name.cloned());
        let change = Change::new(rule, subject(name), place.clone())
            .with_transition(before, after)
            .of(&Usage::sent(id).operations)
            .effect(Category::HighLevel, severity, name);
        comparison.push(change);
    };
    if let ([a], [b]) = (gone.as_slice(), come.as_slice()) {
        return push(part.renamed, a, part.gone, [Some(a), Some(b)]);
    }
    for name in gone {
        push(part.removed, name, part.gone, [Some(name), None]);
    }
    for name in come {
        push(part.added, name, Severity::Compatible, [None, Some(name)]);
    }
}

fn keys(comparison: &mut Comparison<'_>, id: &str, (old, new): (&Node<'_>, &Node<'_>), place: Place) {
    let usage = Usage::sent(id);
    let subject = format!("{id} surface");
    let what = unknown(&subject, &usage, place);
    comparison.unknown_keys(&what, old, new, &PARTS.map(|part| (part.key, Is::Map)));
    for part in PARTS {
        let known = [("is", Is::Text), ("not", Is::Text)];
        comparison.unknown_keys(&what, &old.below(part.key), &new.below(part.key), &known);
    }
}

/// Only the sandbox answers with what stands in its overlay, so no program breaks.
fn sandbox(comparison: &mut Comparison<'_>) {
    let (old, new) = (&comparison.old.sandbox, &comparison.new.sandbox);
    if old.is_missing() || new.is_missing() || without_words(old.root().value) == without_words(new.root().value) {
        return;
    }
    let place = new.place(&new.root().below("actions").at);
    let change = Change::new("sandbox-changed", "the sandbox", place).effect(
        Category::HighLevel,
        Severity::Compatible,
        "only the sandbox answers so",
    );
    comparison.push(change);
}

fn without_words(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map
                .iter()
                .filter(|(key, value)| !matches!(key.as_str(), "description" | "info") || is_field(value));
            Value::Object(
                kept.map(|(key, value)| (key.clone(), without_words(value)))
                    .collect::<Map<_, _>>(),
            )
        }
        Value::Array(values) => values.iter().map(without_words).collect(),
        other => other.clone(),
    }
}

/// A field may be called `description`.
fn is_field(value: &Value) -> bool {
    value.get("type").is_some() || value.get("$ref").is_some()
}
