//! The document as the sandbox serves it: with paths for the operations whose path nobody saw, and with ids in its examples
//! that are there in this sandbox.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::operation::Operation;

/// Operations whose path nobody saw stand in the document under this artificial prefix, which is not served.
pub(super) const UNKNOWN_PREFIX: &str = "/-unknown-/";

/// Where the sandbox serves them instead. The sandbox's own choice; it says so where it announces itself.
const ASSIGNED_PATHS: [(Operation, &str); 3] = [
    (Operation::SearchCatalog, "/api/v0/sandbox/search-catalog"),
    (
        Operation::GetProductDetails,
        "/api/v0/sandbox/products/{productCatalogId}",
    ),
    (
        Operation::CreateOrderLowerCase,
        "/api/v0/sandbox/create-order-lower-case",
    ),
];

/// Replaces ids in examples, by the name of the field or parameter that they stand in.
pub(super) fn fill_examples(value: &mut Value, ids: &BTreeMap<&str, String>, in_example: bool) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| fill_examples(item, ids, in_example)),
        Value::Object(object) => {
            let parameter = object
                .get("name")
                .and_then(Value::as_str)
                .and_then(|name| ids.get(name))
                .cloned();
            if let (Some(example), Some(id)) = (object.get_mut("example"), parameter) {
                *example = json!(id);
            }
            for (key, item) in object {
                match ids.get(key.as_str()) {
                    Some(id) if in_example && item.is_string() => *item = json!(id),
                    Some(id) if in_example && item.is_u64() => *item = json!(id.parse::<u64>().unwrap_or_default()),
                    // The items of a cart, whose keys are ids.
                    _ if in_example && key == "items" && item.is_object() => fill_config_id(item, ids),
                    // What the documentation prints stays as it is.
                    _ if key == "x-enkash" => {}
                    _ => fill_examples(item, ids, in_example || key == "examples"),
                }
            }
        }
        _ => {}
    }
}

fn fill_config_id(items: &mut Value, ids: &BTreeMap<&str, String>) {
    if let (Some(id), Some(items)) = (ids.get("productConfigId"), items.as_object_mut())
        && items.len() == 1
        && let Some(first) = items.keys().next().cloned()
        && let Some(item) = items.remove(&first)
    {
        items.insert(id.clone(), item);
    }
}

/// The document with the paths that are served, and without the hosts that were seen for single operations: here there is one.
pub(super) fn served(document: &Value) -> Value {
    let mut served = document.clone();
    if let Some(paths) = served.get_mut("paths").and_then(Value::as_object_mut) {
        for (operation, path) in ASSIGNED_PATHS {
            let Some(mut item) = paths.remove(&format!("{UNKNOWN_PREFIX}{operation}")) else {
                continue;
            };
            // The document cannot know the parameters of a path that it does not know.
            if let Some((name, _)) = path.split_once('{').and_then(|(_, rest)| rest.split_once('}')) {
                let schema = json!({ "type": "string" });
                item["parameters"] = json!([{ "name": name, "in": "path", "required": true, "schema": schema }]);
            }
            paths.insert(path.to_owned(), item);
        }
        for item in paths.values_mut().filter_map(Value::as_object_mut) {
            item.remove("servers");
            for operation in item.values_mut().filter_map(Value::as_object_mut) {
                operation.remove("servers");
            }
        }
    }
    served
}

/// The path that is served for the document's path.
pub(super) fn assigned_path(path: &str) -> String {
    let Some(id) = path.strip_prefix(UNKNOWN_PREFIX) else {
        return path.to_owned();
    };
    let stated = ASSIGNED_PATHS.iter().find(|(operation, _)| operation.id() == id);
    stated.map_or_else(|| format!("/api/v0/sandbox/{id}"), |(_, path)| (*path).to_owned())
}
