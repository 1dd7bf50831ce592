//! Changes of types and of their fields.

use enkash_codegen::diff::{Category, Severity};
use serde_json::{Value, json};

use super::{Did, did, keys, remove, set};
use crate::pairs::Side;
use crate::random::Random;

/// A component with fields of its own, and the pointer to them.
pub(super) fn object(side: &Side, random: &mut Random) -> Option<(String, String)> {
    let mut found = Vec::new();
    for name in keys(&side.document["components"]["schemas"]) {
        let schema = &side.document["components"]["schemas"][&name];
        if schema.get("properties").is_some() {
            found.push((name.clone(), format!("/components/schemas/{name}")));
        }
        for (index, part) in schema["allOf"].as_array().into_iter().flatten().enumerate() {
            if part.get("properties").is_some() {
                found.push((name.clone(), format!("/components/schemas/{name}/allOf/{index}")));
            }
        }
    }
    random.pick(&found).cloned()
}

/// A field of it that fulfils a condition: the subject, its pointer, its name, the pointer of the object.
pub(super) fn field(side: &Side, random: &mut Random, is_fit: fn(&Value) -> bool) -> Option<[String; 4]> {
    let (name, at) = object(side, random)?;
    let properties = side.document.pointer(&format!("{at}/properties"))?;
    let fit: Vec<_> = keys(properties)
        .into_iter()
        .filter(|key| is_fit(&properties[key]))
        .collect();
    let key = random.pick(&fit)?.clone();
    Some([format!("{name}.{key}"), format!("{at}/properties/{key}"), key, at])
}

/// Removes a field, also from the names that are required.
pub(super) fn take(side: &mut Side, object: &str, key: &str) -> Option<Value> {
    if let Some(required) = side.document.pointer_mut(&format!("{object}/required")) {
        required.as_array_mut()?.retain(|name| name != key);
    }
    remove(side, &format!("{object}/properties"), key)
}

pub(super) fn field_removed(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [subject, _, key, object] = field(side, random, |_| true)?;
    take(side, &object, &key)?;
    did(
        "removed",
        &["field-removed"],
        &subject,
        Category::Rust,
        Severity::CompileTime,
    )
}

pub(super) fn field_added(side: &mut Side, random: &mut Random) -> Option<Did> {
    let (name, at) = object(side, random)?;
    set(
        side,
        &format!("{at}/properties"),
        "brandNew",
        json!({"type": "boolean"}),
    )?;
    did(
        "added",
        &["field-added"],
        &format!("{name}.brandNew"),
        Category::Rust,
        Severity::Compatible,
    )
}

pub(super) fn field_renamed(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [subject, _, key, object] = field(side, random, |field| field.get("description").is_some())?;
    let field = take(side, &object, &key)?;
    set(side, &format!("{object}/properties"), &format!("{key}Anew"), field)?;
    did(
        "renamed",
        &["field-renamed"],
        &subject,
        Category::Rust,
        Severity::CompileTime,
    )
}

pub(super) fn field_of_another_type(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [subject, at, ..] = field(side, random, |field| {
        field["type"] != "boolean" && field["type"] != "integer"
    })?;
    *side.document.pointer_mut(&at)? = json!({"type": "boolean"});
    let rules = &["type-changed", "type-narrowed"];
    did(
        "made a truth value of",
        rules,
        &subject,
        Category::Rust,
        Severity::CompileTime,
    )
}

pub(super) fn field_without_format(side: &mut Side, random: &mut Random) -> Option<Did> {
    let ours = |field: &Value| {
        ["money", "personal", "password"]
            .iter()
            .any(|format| field["format"] == *format)
    };
    let [subject, at, ..] = field(side, random, ours)?;
    remove(side, &at, "format")?;
    did(
        "took the format of",
        &["format-changed"],
        &subject,
        Category::Rust,
        Severity::CompileTime,
    )
}

pub(super) fn field_required(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [subject, _, key, object] = field(side, random, |_| true)?;
    let object = side.document.pointer_mut(&object)?;
    let mut required = object
        .get("required")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let was = required.iter().any(|name| *name == key);
    required.retain(|name| *name != key);
    if !was {
        required.push(key.into());
    }
    object["required"] = required.into();
    let rules: &[&str] = if was { &["field-optional"] } else { &["field-required"] };
    did(
        "turned whether it is required:",
        rules,
        &subject,
        Category::Rust,
        Severity::Compatible,
    )
}

pub(super) fn field_refers(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [subject, at, ..] = field(side, random, |field| field.get("type").is_some())?;
    *side.document.pointer_mut(&at)? = json!({"$ref": "#/components/schemas/VoucherDetails"});
    did(
        "made a voucher of",
        &["type-changed"],
        &subject,
        Category::Rust,
        Severity::CompileTime,
    )
}

pub(super) fn field_deprecated(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [subject, at, ..] = field(side, random, |field| field.get("type").is_some())?;
    set(side, &at, "deprecated", true.into())?;
    let is_used = !subject.starts_with("TransactionRecord.") && !subject.starts_with("TransactionDetails.");
    let category = if is_used { Category::Wire } else { Category::Rust };
    did("deprecated", &["deprecated"], &subject, category, Severity::Compatible)
}

pub(super) fn field_with_unknown_key(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [subject, at, ..] = field(side, random, |field| field.get("$ref").is_none())?;
    set(side, &at, "x-unit", "cm".into())?;
    did(
        "wrote an unknown key into",
        &["unclassified"],
        &subject,
        Category::Wire,
        Severity::Unclassified,
    )
}

pub(super) fn items_of_another_type(side: &mut Side, random: &mut Random) -> Option<Did> {
    let [subject, at, ..] = field(side, random, |field| field["type"] == "array")?;
    set(side, &at, "items", json!({"type": "boolean"}))?;
    let subject = format!("{subject}[]");
    did(
        "made truth values of",
        &["type-changed", "type-narrowed"],
        &subject,
        Category::Rust,
        Severity::CompileTime,
    )
}

pub(super) fn words(side: &Side, random: &mut Random) -> Option<String> {
    let schemas = &side.document["components"]["schemas"];
    let found: Vec<_> = keys(schemas)
        .into_iter()
        .filter(|name| schemas[name].get("enum").is_some())
        .collect();
    random.pick(&found).cloned()
}

pub(super) fn word_added(side: &mut Side, random: &mut Random) -> Option<Did> {
    let name = words(side, random)?;
    side.document["components"]["schemas"][&name]["enum"]
        .as_array_mut()?
        .push("BRAND_NEW".into());
    did(
        "added",
        &["word-added"],
        &format!("{name}.BRAND_NEW"),
        Category::Rust,
        Severity::Compatible,
    )
}

pub(super) fn word_removed(side: &mut Side, random: &mut Random) -> Option<Did> {
    let name = words(side, random)?;
    let words = side.document["components"]["schemas"][&name]["enum"].as_array_mut()?;
    let gone = random.pick(words)?.clone();
    words.retain(|word| *word != gone);
    let subject = format!("{name}.{}", gone.as_str()?);
    did(
        "removed",
        &["word-removed"],
        &subject,
        Category::Rust,
        Severity::CompileTime,
    )
}

pub(super) fn type_removed(side: &mut Side, random: &mut Random) -> Option<Did> {
    // Payloads have no type of their own.
    let schemas = &side.document["components"]["schemas"];
    let found: Vec<_> = keys(schemas)
        .into_iter()
        .filter(|name| schemas[name].get("oneOf").is_none())
        .collect();
    let name = random.pick(&found)?.clone();
    remove(side, "/components/schemas", &name)?;
    did(
        "removed",
        &["type-removed"],
        &name,
        Category::Rust,
        Severity::CompileTime,
    )
}

pub(super) fn type_added(side: &mut Side, _: &mut Random) -> Option<Did> {
    let schema = json!({"type": "object", "properties": {"size": {"type": "boolean"}}});
    set(side, "/components/schemas", "BrandNew", schema)?;
    did(
        "added",
        &["type-added"],
        "BrandNew",
        Category::Rust,
        Severity::Compatible,
    )
}
