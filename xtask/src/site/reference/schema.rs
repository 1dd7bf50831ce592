//! A schema of the spec in words: its type, with links to the page of types, and its fields.

use std::fmt::Write;

use serde_json::Value;

use super::{TYPES, cell, words};
use crate::site::markdown;

const COMPONENTS: &str = "#/components/schemas/";

/// The component that a schema names, itself or as its only `allOf`.
pub(super) fn component(schema: &Value) -> Option<&str> {
    let alone = schema["allOf"]
        .as_array()
        .filter(|all| all.len() == 1)
        .map(|all| &all[0]);
    let reference = schema["$ref"]
        .as_str()
        .or_else(|| alone.and_then(|one| one["$ref"].as_str()));
    reference?.strip_prefix(COMPONENTS)
}

/// The link to a component on the page of types.
pub(super) fn link(name: &str) -> String {
    format!("[{name}]({TYPES}#{})", markdown::anchor(name))
}

/// The type in a few words.
pub(super) fn type_words(schema: &Value) -> String {
    if let Some(name) = component(schema) {
        return link(name);
    }
    if let Some(all) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
        return all.iter().map(type_words).collect::<Vec<_>>().join(" or ");
    }
    if let Some(all) = schema["allOf"].as_array() {
        return all.iter().map(type_words).collect::<Vec<_>>().join(" and ");
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("array"), _) => format!("list of {}", type_words(&schema["items"])),
        (Some("object"), _) if schema["additionalProperties"].is_object() => {
            format!("object, each value {}", type_words(&schema["additionalProperties"]))
        }
        (Some("number"), Some("money")) => "amount (`number`, exact)".to_owned(),
        (Some("string"), Some("password")) => "secret (`string`)".to_owned(),
        (Some("string"), Some("personal")) => "personal data (`string`)".to_owned(),
        (Some(kind), Some(format)) => format!("`{kind}` ({format})"),
        (Some(kind), None) => format!("`{kind}`"),
        (None, _) => "any JSON".to_owned(),
    }
}

/// One field of an object.
struct Field<'a> {
    name: &'a str,
    schema: &'a Value,
    is_required: bool,
}

/// The schema that a reference names, or the schema itself.
pub(super) fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let reference = schema["$ref"]
        .as_str()
        .and_then(|reference| reference.strip_prefix('#'));
    reference
        .and_then(|pointer| document.pointer(pointer))
        .unwrap_or(schema)
}

/// A table of the fields, or what stands in its place: the words of an enum, or that nobody saw it.
pub(super) fn fields_text(document: &Value, schema: &Value) -> String {
    let schema = resolved(document, schema);
    if let Some(words_of_enum) = schema["enum"].as_array() {
        let values: Vec<_> = words_of_enum
            .iter()
            .filter_map(Value::as_str)
            .map(|word| format!("`{word}`"))
            .collect();
        return format!(
            "One of {}; a word that is not in this list is read as well.\n",
            values.join(", ")
        );
    }
    let mut fields = Vec::new();
    collect(document, schema, &mut fields, 0);
    if fields.is_empty() {
        return format!("{}\n", sentence(&type_words(schema)));
    }
    let mut text = String::from("| field | type | | what it is |\n|---|---|---|---|\n");
    for field in fields {
        let required = if field.is_required { "required" } else { "" };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| `{}` | {} | {required} | {} |",
            field.name,
            cell_of_type(field.schema),
            cell(&words(&field.schema["description"])),
        );
    }
    text
}

fn cell_of_type(schema: &Value) -> String {
    type_words(schema).replace('|', "\\|")
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// `allOf` in a spec that was checked is flat; the depth only keeps a circle from being followed for ever.
fn collect<'a>(document: &'a Value, schema: &'a Value, fields: &mut Vec<Field<'a>>, depth: usize) {
    const MAX_DEPTH: usize = 16;
    if depth == MAX_DEPTH {
        return;
    }
    let schema = resolved(document, schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        collect(document, part, fields, depth + 1);
    }
    let required = schema["required"].as_array();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        fields.push(Field {
            name,
            schema: property,
            is_required: required.is_some_and(|names| names.iter().any(|required| required == name)),
        });
    }
}
