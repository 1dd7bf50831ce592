//! The page of types: every component of the spec, with its fields and the operations that use it.

use std::collections::{BTreeMap, BTreeSet};

use enkash_codegen::spec::Spec;
use serde_json::{Map, Value};

use super::schema::fields_text;
use super::{file_name, words};

pub(super) fn text(spec: &Spec) -> String {
    let nothing = Map::new();
    let schemas = spec.document["components"]["schemas"].as_object().unwrap_or(&nothing);
    let users = users(spec, schemas);
    let mut text = String::from(
        "# Types\n\n\
         All bodies of the [operations](README.md) and what is in them, by name. The low level has a Rust type of each name.\n\n\
         Three formats are the spec's own. An *amount* is an exact decimal and never a float. A *secret* and *personal data* are\n\
         texts that no log, error or `Debug` shows. In a response every field may be missing; `required` is about what is sent.\n",
    );
    let mut names: Vec<_> = schemas.keys().collect();
    names.sort_unstable();
    for name in names {
        let schema = &schemas[name];
        text += &format!("\n## {name}\n\n");
        let description = words(&schema["description"]);
        if !description.is_empty() {
            text += &format!("{description}\n\n");
        }
        if description.is_empty() || schema.as_object().is_some_and(|schema| schema.len() > 1) {
            text += &fields_text(&spec.document, schema);
        }
        if let Some(ids) = users.get(name.as_str()) {
            let links: Vec<_> = ids.iter().map(|id| format!("[`{id}`]({})", file_name(id))).collect();
            text += &format!("\nUsed by {}.\n", links.join(", "));
        }
    }
    text
}

/// The operations that use each component, directly or through another.
fn users<'a>(spec: &'a Spec, schemas: &'a Map<String, Value>) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for operation in &spec.operations {
        let Some(body) = spec.document["paths"][&operation.path].get(operation.method.to_lowercase()) else {
            continue;
        };
        let (mut open, mut seen) = (vec![body], BTreeSet::new());
        while let Some(value) = open.pop() {
            for reference in references(value) {
                if !seen.insert(reference) {
                    continue;
                }
                open.extend(spec.document.pointer(reference));
                if let Some((name, _)) = reference
                    .rsplit_once('/')
                    .and_then(|(_, name)| schemas.get_key_value(name))
                {
                    users.entry(name).or_default().insert(&operation.id);
                }
            }
        }
    }
    users
}

/// The pointers that a value names.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(map) => {
            let own = map
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|reference| reference.strip_prefix('#'));
            own.into_iter().chain(map.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
