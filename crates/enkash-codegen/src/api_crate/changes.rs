//! What overlays changed in a spec, in words: what is there that was not, what is gone, and what is another thing now.
//! The command prints it, so that nobody has to read the diff of the generated code.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::spec::{Operation, Spec};

pub(super) fn lines(spec: &Spec) -> Vec<String> {
    let mut lines = operations(spec);
    lines.extend(types(spec));
    lines
}

fn operations(spec: &Spec) -> Vec<String> {
    let before = by_id(&spec.original);
    let mut lines = Vec::new();
    for operation in &spec.operations {
        let (id, method, path) = (&operation.id, &operation.method, &operation.path);
        let now = &spec.document["paths"][path][method.to_lowercase()];
        match before.get(id.as_str()) {
            None => lines.push(added(operation, spec)),
            Some((old_method, old_path, old)) => {
                if (old_method.to_uppercase(), old_path) != (method.clone(), &path.as_str()) {
                    lines.push(format!("moved operation {id}: to {method} {path}"));
                }
                if is_other(old, now) {
                    lines.push(format!("changed operation {id}"));
                }
            }
        }
    }
    let removed = spec.removed.iter();
    lines.extend(removed.map(|removed| format!("removed operation {}", removed.id)));
    lines
}

fn added(operation: &Operation, spec: &Spec) -> String {
    let Operation {
        id,
        method,
        path,
        rust_name,
        ..
    } = operation;
    let policy = if spec.policy.operations.contains_key(id) {
        "the client needs your policy overlay to know what it does with value"
    } else {
        "it counts as moving value"
    };
    format!("added operation {id}: {method} {path}, as `Client::{rust_name}` of the low level only; {policy}")
}

/// Every operation by its id: method, path and the rest.
fn by_id(document: &Value) -> BTreeMap<&str, (&str, &str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    });
    operations
        .filter_map(|found| Some((found.2.get("operationId")?.as_str()?, found)))
        .collect()
}

fn types(spec: &Spec) -> Vec<String> {
    let (before, after) = (schemas(&spec.original), schemas(&spec.document));
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let mut lines = Vec::new();
    for name in names {
        match (before.get(name), after.get(name)) {
            (None, _) => lines.push(format!("added type {name}")),
            (_, None) => lines.push(format!("removed type {name}")),
            (Some(old), Some(new)) => lines.extend(fields(name, old, new)),
        }
    }
    lines
}

fn fields(name: &str, before: &Value, after: &Value) -> Vec<String> {
    let (old, new) = (properties(before), properties(after));
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let mut lines = Vec::new();
    for field in names {
        match (old.get(field), new.get(field)) {
            (None, _) => lines.push(format!("added field {name}.{field}")),
            (_, None) => lines.push(format!(
                "removed field {name}.{field}: whatever reads it does not compile"
            )),
            (Some(old), Some(new)) if is_other(old, new) => {
                lines.push(format!("changed field {name}.{field}: what reads it may not compile"));
            }
            _ => {}
        }
    }
    if lines.is_empty() && is_other(before, after) {
        lines.push(format!("changed type {name}: what uses it may not compile"));
    }
    lines
}

fn schemas(document: &Value) -> Map<String, Value> {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    schemas.cloned().unwrap_or_default()
}

/// The properties of a schema, with those of the parts of `allOf` that stand in it.
fn properties(schema: &Value) -> BTreeMap<&str, &Value> {
    let own = schema["properties"].as_object().into_iter().flatten();
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let own = own.map(|(name, property)| (name.as_str(), property));
    own.chain(parts.flat_map(properties)).collect()
}

/// Whether two parts differ in more than what people read.
fn is_other(before: &Value, after: &Value) -> bool {
    without_words(before) != without_words(after)
}

fn without_words(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, value)| {
                let is_words = matches!(
                    key.as_str(),
                    "description" | "summary" | "example" | "examples" | "x-enkash"
                );
                // A property may have such a name.
                !is_words || (key.as_str() != "x-enkash" && value.get("type").is_some())
            });
            Value::Object(kept.map(|(key, value)| (key.clone(), without_words(value))).collect())
        }
        Value::Array(values) => values.iter().map(without_words).collect(),
        other => other.clone(),
    }
}
