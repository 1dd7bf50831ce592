//! Looks for properties through `$ref`, `allOf`, `oneOf` and lists, for rules that name a field.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::spec::document::Document;
use crate::spec::pointer::Pointer;
use crate::spec::references::resolve;

/// The parts that make up a schema: itself, and what it is combined of.
fn parts(document: &Document, schema: &Pointer) -> Vec<Pointer> {
    let mut found = Vec::new();
    let mut next = vec![schema.clone()];
    while let Some(at) = next.pop() {
        let Some((at, map)) = resolve(document, at) else {
            continue;
        };
        if found.contains(&at) {
            continue;
        }
        for key in ["allOf", "oneOf", "anyOf"] {
            let count = map.get(key).and_then(Value::as_array).map_or(0, Vec::len);
            next.extend((0..count).map(|index| at.child(key).index(index)));
        }
        if map.contains_key("items") {
            next.push(at.child("items"));
        }
        found.push(at);
    }
    found
}

/// The names of the properties of a schema.
pub(super) fn property_names(document: &Document, schema: &Pointer) -> BTreeSet<String> {
    parts(document, schema)
        .iter()
        .filter_map(|part| document.get(&part.child("properties"))?.as_object())
        .flat_map(|properties| properties.keys().cloned())
        .collect()
}

/// Whether a schema has a property at a path such as `payload.pgReferenceNumber`.
pub(super) fn has_path(document: &Document, schema: &Pointer, path: &str) -> bool {
    let (first, rest) = path
        .split_once('.')
        .map_or((path, None), |(first, rest)| (first, Some(rest)));
    parts(document, schema)
        .iter()
        .map(|part| part.child("properties").child(first))
        .filter(|property| document.get(property).is_some())
        .any(|property| rest.is_none_or(|rest| has_path(document, &property, rest)))
}
