//! Rules about the named types of the document: added, removed, renamed; and each compared with what it was. What the other
//! sections of the components hold is compared where it is used.

use std::collections::BTreeSet;

use heck::ToUpperCamelCase;
use serde_json::{Value, json};

use super::comparison::{Comparison, Is, Unknown};
use super::finding::{Category, Change, Items, Severity};
use super::rust_names::type_of_component;
use super::shape::Shape;
use super::spot::{Form, Spot};
use super::tree::Node;
use super::usage::Usage;
use super::values;

/// Compares all types.
pub(super) fn compare(comparison: &mut Comparison<'_>) {
    let (old, new) = comparison.documents();
    let before: Vec<_> = old.components("schemas");
    for name in &before {
        let found = comparison.types.new_name(name).map(str::to_owned);
        match found {
            Some(other) => both(comparison, name, &other),
            None => removed(comparison, name),
        }
    }
    for name in new.components("schemas") {
        if comparison.types.old_name(name).is_none() {
            added(comparison, name);
        }
    }
    sections(comparison);
}

fn both(comparison: &mut Comparison<'_>, old_name: &str, name: &str) {
    let (old, new) = comparison.documents();
    let (Some(a), Some(b)) = (old.component("schemas", old_name), new.component("schemas", name)) else {
        return;
    };
    let usage = comparison.usage_of(name);
    let types = (type_of_component(old, old_name), type_of_component(new, name));
    if old_name != name && types.0 != types.1 {
        let text = [&types.0, &types.1].map(|name| name.as_deref().unwrap_or("a payload"));
        let change = Change::new("type-renamed", old_name, comparison.place(Some(&a.at), Some(&b.at)))
            .with_transition(Some(old_name.to_owned()), Some(name.to_owned()))
            .of(&usage.operations)
            .about(of_type(types.0.as_deref()))
            .effect(
                Category::Rust,
                Severity::CompileTime,
                format!("{} → {}", text[0], text[1]),
            );
        comparison.push(change);
    }
    let spot = Spot {
        subject: name.to_owned(),
        usage,
        form: Form::Field,
        hint: name.to_upper_camel_case(),
        is_optional: false,
        items: of_type(types.1.as_deref().or(Some(name))),
    };
    let shapes = (Shape::new(old, &a), Shape::new(new, &b));
    values::compare(comparison, &spot, &shapes.0, &shapes.1);
}

fn of_type(name: Option<&str>) -> Items {
    Items {
        type_name: name.map(str::to_owned),
        ..Items::default()
    }
}

fn removed(comparison: &mut Comparison<'_>, name: &str) {
    let (old, new) = comparison.documents();
    let Some(node) = old.component("schemas", name) else {
        return;
    };
    // A payload has no type of its own. Gone, it breaks what still refers to it.
    let is_missed = || refers_to(new.root().value, &format!("#/components/schemas/{name}"));
    let rust_name = type_of_component(old, name).or_else(|| is_missed().then(|| "a payload".to_owned()));
    let Some(rust_name) = rust_name else { return };
    let change = Change::new("type-removed", name, comparison.place(Some(&node.at), None))
        .of(&comparison.usage_of(name).operations)
        .about(of_type(Some(&rust_name)))
        .effect(Category::Rust, Severity::CompileTime, rust_name);
    comparison.push(change);
}

fn refers_to(value: &Value, reference: &str) -> bool {
    match value {
        Value::Object(map) => {
            map.get("$ref").is_some_and(|found| found == reference)
                || map.values().any(|value| refers_to(value, reference))
        }
        Value::Array(values) => values.iter().any(|value| refers_to(value, reference)),
        _ => false,
    }
}

fn added(comparison: &mut Comparison<'_>, name: &str) {
    let (old, new) = comparison.documents();
    let was_missed = || refers_to(old.root().value, &format!("#/components/schemas/{name}"));
    let rust_name = type_of_component(new, name).or_else(|| was_missed().then(|| "a payload".to_owned()));
    let Some(rust_name) = rust_name else { return };
    let Some(node) = new.component("schemas", name) else {
        return;
    };
    let change = Change::new("type-added", name, comparison.place(None, Some(&node.at)))
        .of(&comparison.usage_of(name).operations)
        .effect(Category::Rust, Severity::Compatible, rust_name);
    comparison.push(change);
}

/// The sections of the components that rules know, and the document's own keys.
fn sections(comparison: &mut Comparison<'_>) {
    let (old, new) = (comparison.old.document.root(), comparison.new.document.root());
    let nobody = Usage::default();
    let place = comparison.place(Some(&old.at), Some(&new.at));
    let mut check = |subject, old: &_, new: &_, known: &[(&str, Is)]| {
        let what = Unknown {
            subject,
            category: Category::Wire,
            usage: &nobody,
            place: place.clone(),
        };
        comparison.unknown_keys(&what, old, new, known);
    };
    let root = [
        ("info", Is::Map),
        ("servers", Is::List),
        ("paths", Is::Map),
        ("components", Is::Map),
        ("security", Is::List),
        ("tags", Is::List),
        ("externalDocs", Is::Anything),
    ];
    check("the document", &old, &new, &root);
    let info = [
        "title",
        "version",
        "description",
        "termsOfService",
        "contact",
        "license",
    ]
    .map(|key| (key, Is::Anything));
    check("the document", &old.below("info"), &new.below("info"), &info);
    let sections = [
        "schemas",
        "responses",
        "parameters",
        "examples",
        "requestBodies",
        "headers",
        "securitySchemes",
    ];
    let sections = sections.map(|key| (key, Is::Map));
    check(
        "the components",
        &old.below("components"),
        &new.below("components"),
        &sections,
    );
    tags(comparison, &old.below("tags"), &new.below("tags"));
}

/// What stands beside the names of the tags, which operations have, and their words for people.
fn tags(comparison: &mut Comparison<'_>, old: &Node<'_>, new: &Node<'_>) {
    let others = |tags: &Node<'_>| -> BTreeSet<String> {
        let others = tags.items().into_iter().flat_map(|tag| {
            let known = ["name", "description", "externalDocs"];
            let others = tag.entries().into_iter().filter(|(key, _)| !known.contains(key));
            others
                .map(|(key, node)| format!("{key}: {}", node.value))
                .collect::<Vec<_>>()
        });
        others.collect()
    };
    let (a, b) = (others(old), others(new));
    if a != b {
        let what = Unknown {
            subject: "the document",
            category: Category::Wire,
            usage: &Usage::default(),
            place: comparison.place(Some(&old.at), Some(&new.at)),
        };
        comparison.unclassified(&what, &[("tags", Some(&json!(a)), Some(&json!(b)))]);
    }
}
