//! What the generator makes of a schema in Rust: the name of a type, of a field, of a setter. Written after the generator's
//! conversions, without running it: it refuses what a comparison must still read.

use heck::ToUpperCamelCase;

use super::shape::{Kind, Shape};
use super::tree::Tree;

pub(super) use crate::spec::naming::{field_name, function_name};

/// The name of the type that a component becomes; `None` for a payload, which has none of its own.
pub(super) fn type_of_component(tree: &Tree, name: &str) -> Option<String> {
    match name {
        "ResultCode" | "UnseenBody" => Some(replacement(name).to_owned()),
        _ if payload(tree, name).is_some() => None,
        _ => Some(format!("types::{}", name.to_upper_camel_case())),
    }
}

fn replacement(name: &str) -> &str {
    match name {
        "UnseenBody" => "UndocumentedJson",
        other => other,
    }
}

/// `Payload<…>` of a component of the form `oneOf: [value, text]`.
fn payload(tree: &Tree, name: &str) -> Option<String> {
    let shape = Shape::new(tree, &tree.component("schemas", name)?);
    let Kind::Variants { list, .. } = &shape.kind else {
        return None;
    };
    let [value, text] = list.as_slice() else { return None };
    let is_text = matches!(text.kind, Kind::Scalar { name: "string", .. });
    let value = match &value.kind {
        Kind::Reference(_) | Kind::List(_) | Kind::Scalar { name: "integer", .. } => rust_type(tree, value, name),
        _ => return None,
    };
    (is_text && name != "ResultCode").then(|| format!("Payload<{value}>"))
}

/// The Rust type of a schema. `hint` names the type of what has no name in the document.
pub(super) fn rust_type(tree: &Tree, shape: &Shape<'_>, hint: &str) -> String {
    let inner = match &shape.kind {
        Kind::Any => "serde_json::Value".to_owned(),
        Kind::Reference(name) => payload(tree, name)
            .or_else(|| type_of_component(tree, name))
            .unwrap_or_default(),
        Kind::Scalar { name, format } => scalar(name, *format, shape, hint),
        Kind::Words(_) | Kind::Object(_) | Kind::Variants { .. } => named(shape, hint),
        Kind::List(items) => {
            let items = rust_type(tree, items, &format!("{hint}Item"));
            format!("Vec<{items}>")
        }
        Kind::Map(values) => format!("BTreeMap<String, {}>", rust_type(tree, values, &format!("{hint}Value"))),
    };
    if shape.is_nullable {
        format!("Option<{inner}>")
    } else {
        inner
    }
}

fn named(shape: &Shape<'_>, hint: &str) -> String {
    format!("types::{}", shape.title.unwrap_or(hint).to_upper_camel_case())
}

fn scalar(name: &str, format: Option<&str>, shape: &Shape<'_>, hint: &str) -> String {
    let is_limited = ["minLength", "maxLength", "pattern"]
        .iter()
        .any(|bound| shape.bounds.contains_key(bound));
    let plain = match (name, format) {
        ("string", Some("password")) => "Secret",
        ("string", Some("personal")) => "PersonalData",
        ("string", Some(format)) => return format!("String as {format}"),
        ("string", None) if is_limited => return named(shape, hint),
        ("string", None) => "String",
        ("integer", Some("int32")) => "i32",
        ("integer", _) => "i64",
        ("number", Some("money")) => "Money",
        ("number", _) => "f64",
        ("boolean", _) => "bool",
        (other, _) => other,
    };
    plain.to_owned()
}

/// How a setter of the new type takes a value of the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Accepts {
    /// It compiles and goes well.
    Always,
    /// It compiles, and some values are refused when the call is made.
    Sometimes,
    /// It does not compile.
    Never,
}

/// The setters of builders take whatever `TryInto` turns into the type of the field.
pub(super) fn accepts(old: &str, new: &str, is_words: bool) -> Accepts {
    match (inner(old), inner(new)) {
        (old, new) if old == new => Accepts::Always,
        ("i32", "i64" | "Money") | ("String", "Secret" | "PersonalData") => Accepts::Always,
        ("String", _) if is_words => Accepts::Always,
        // The standard library takes 0 and 1 for truth values, and truth values for numbers.
        ("bool", "i32" | "i64") => Accepts::Always,
        ("i64", "i32") | ("i32" | "i64", "bool") => Accepts::Sometimes,
        _ => Accepts::Never,
    }
}

fn inner(name: &str) -> &str {
    let option = name.strip_prefix("Option<").and_then(|rest| rest.strip_suffix('>'));
    option.unwrap_or(name)
}

/// A type in the words of the document, for people.
pub(super) fn words(shape: &Shape<'_>) -> String {
    let text = match &shape.kind {
        Kind::Any => "any JSON".to_owned(),
        Kind::Reference(name) => (*name).to_owned(),
        Kind::Scalar { name, format: None } => (*name).to_owned(),
        Kind::Scalar {
            name,
            format: Some(format),
        } => format!("{name} ({format})"),
        Kind::Words(list) => format!("one of {}", list.join(", ")),
        Kind::List(items) => format!("list of {}", words(items)),
        Kind::Map(values) => format!("map to {}", words(values)),
        Kind::Object(_) => "object".to_owned(),
        Kind::Variants { list, .. } => list.iter().map(words).collect::<Vec<_>>().join(" or "),
    };
    if shape.is_nullable {
        format!("{text} or null")
    } else {
        text
    }
}
