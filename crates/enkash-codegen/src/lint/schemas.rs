//! Rules about schemas: what the generator turns into something else than the spec means.

use std::collections::{BTreeSet, HashMap};

use heck::ToUpperCamelCase;
use serde_json::{Map, Value};

use super::context::LintContext;
use super::fields::property_names;
use super::formats;
use super::responses::names;
use crate::spec::Diagnostic;
use crate::spec::naming::field_name;
use crate::spec::openapi_shape::SCHEMA;
use crate::spec::pointer::Pointer;
use crate::spec::suggestion::did_you_mean;

/// The component that a schema is, by name.
fn component(at: &Pointer) -> Option<String> {
    match at.steps().as_slice() {
        [components, schemas, name] if components == "components" && schemas == "schemas" => Some(name.clone()),
        _ => None,
    }
}

/// Enums become open by their component's name, so an inline one would stay closed: one new word breaks a response.
pub(super) fn enums(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for node in context.nodes(&SCHEMA) {
        let Some(words) = node.map.get("enum").and_then(Value::as_array) else {
            continue;
        };
        let at = node.at.child("enum");
        let mut report = |message: String| diagnostics.push(context.diagnostic(&at, message));
        if component(&node.at).is_none() {
            report(format!(
                "enum: {} is inline, make it a component and point at it by $ref",
                node.at
            ));
            continue;
        }
        let texts: Vec<_> = words.iter().filter_map(Value::as_str).collect();
        if node.map.get("type").and_then(Value::as_str) != Some("string") || texts.len() != words.len() {
            report(format!("enum: {} is not of type: string with texts only", node.at));
            continue;
        }
        if texts.is_empty() {
            report(format!("enum: {} names no word", node.at));
        }
        let mut variants: HashMap<String, &str> = HashMap::new();
        for word in texts {
            let variant = word.to_upper_camel_case();
            if !variant.starts_with(|c: char| c.is_ascii_alphabetic()) || variant == "Unknown" {
                report(format!("enum: '{word}' of {} makes no name in Rust", node.at));
            }
            if let Some(other) = variants.insert(variant.clone(), word) {
                report(format!(
                    "enum: '{other}' and '{word}' of {} are both {variant} in Rust",
                    node.at
                ));
            }
        }
    }
    diagnostics
}

/// The two alternatives that have a type of their own; the generator's own answer to the others loses data.
pub(super) fn one_of(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for node in context.nodes(&SCHEMA) {
        for key in ["anyOf", "not", "discriminator"] {
            if node.map.contains_key(key) {
                let message = format!(
                    "{key}: in {} cannot be generated, use a form of spec/README.md",
                    node.at
                );
                diagnostics.push(context.diagnostic(&node.at.child(key), message));
            }
        }
        let Some(parts) = node.map.get("oneOf").and_then(Value::as_array) else {
            continue;
        };
        let name = component(&node.at);
        let is_known = match name.as_deref() {
            Some("ResultCode") => is_result_code(parts),
            Some(_) => is_payload(parts),
            None => false,
        };
        if !is_known {
            let message = format!(
                "oneOf: {} is neither ResultCode (a whole number or a string) nor a payload component \
                 ([a $ref or a list of $ref, {{type: string}}])",
                node.at
            );
            diagnostics.push(context.diagnostic(&node.at.child("oneOf"), message));
        }
    }
    diagnostics
}

fn is_type(schema: &Value, kind: &str) -> bool {
    schema.get("type").and_then(Value::as_str) == Some(kind)
}

fn is_result_code(parts: &[Value]) -> bool {
    matches!(parts, [number, text] if is_type(number, "integer") && is_type(text, "string"))
}

fn is_payload(parts: &[Value]) -> bool {
    let is_reference = |schema: &Value| schema.get("$ref").is_some();
    let is_list = |schema: &Value| is_type(schema, "array") && schema.get("items").is_some_and(is_reference);
    matches!(parts, [value, text] if (is_reference(value) || is_list(value)) && is_type(text, "string"))
}

/// A default is always sent, so a PATCH changes what its caller left alone; and null there fails.
pub(super) fn no_default(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let patches: Vec<_> = context
        .operations
        .iter()
        .filter(|site| site.method == "patch")
        .collect();
    let mut diagnostics = Vec::new();
    for node in context.body_schemas().filter(|node| node.map.contains_key("default")) {
        let patch = patches.iter().find(|site| {
            context
                .reach(&site.at.child("requestBody"))
                .iter()
                .any(|reached| node.at.is_within(reached))
        });
        let consequence = match patch {
            Some(site) => format!("the PATCH {} would change what its caller left alone", site.name()),
            None => "in a PATCH it would change what the caller left alone".to_owned(),
        };
        let message = format!(
            "default: in {} is always sent, {consequence}; say it in the description",
            node.at
        );
        diagnostics.push(context.diagnostic(&node.at.child("default"), message));
    }
    diagnostics
}

/// The generator enforces these on answers too, where one odd value then fails the whole response.
pub(super) fn no_constraints(context: &LintContext<'_>) -> Vec<Diagnostic> {
    const CONSTRAINTS: [&str; 12] = [
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "pattern",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
    ];
    let mut diagnostics = Vec::new();
    for node in context.body_schemas() {
        // The rules about formats say it better.
        let has_own_format = formats::is_our_own(node.map);
        for key in CONSTRAINTS
            .iter()
            .filter(|key| !has_own_format && node.map.contains_key(**key))
        {
            let message = format!("{key}: in {} fails a whole answer, say it in the description", node.at);
            diagnostics.push(context.diagnostic(&node.at.child(key), message));
        }
        if node.map.get("additionalProperties") == Some(&Value::Bool(false)) {
            let message = format!(
                "additionalProperties: false in {} fails on any new field, remove it",
                node.at
            );
            diagnostics.push(context.diagnostic(&node.at.child("additionalProperties"), message));
        }
    }
    diagnostics
}

/// Without `items` the generator makes a list of anything.
pub(super) fn array_items(context: &LintContext<'_>) -> Vec<Diagnostic> {
    context
        .nodes(&SCHEMA)
        .filter(|node| node.map.get("type").and_then(Value::as_str) == Some("array") && !node.map.contains_key("items"))
        .map(|node| {
            context.diagnostic(
                &node.at,
                format!("items: missing in {}, a list says what it holds", node.at),
            )
        })
        .collect()
}

/// The generator makes a field of free JSON of a required name that has no property.
pub(super) fn required_exists(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for node in context.nodes(&SCHEMA) {
        let required = names(node.map.get("required"));
        if required.is_empty() {
            continue;
        }
        let known = property_names(context.document(), &node.at);
        for name in required.into_iter().filter(|name| !known.contains(*name)) {
            let hint = did_you_mean(name, known.iter().map(String::as_str));
            let message = format!("required: {name} is not a property of {}{hint}", node.at);
            diagnostics.push(context.diagnostic(&node.at.child("required"), message));
        }
    }
    diagnostics
}

/// One field that the documentation leaves out fails a whole response, so none is required.
pub(super) fn optional_answers(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let answers: BTreeSet<Pointer> = context
        .operations
        .iter()
        .flat_map(|site| context.reach(&site.at.child("responses")))
        .collect();
    context
        .body_schemas()
        .filter(|node| !names(node.map.get("required")).is_empty())
        .filter(|node| answers.iter().any(|reached| node.at.is_within(reached)))
        .map(|node| {
            let message = format!(
                "required: in {}, which is part of an answer, where every property is optional",
                node.at
            );
            context.diagnostic(&node.at.child("required"), message)
        })
        .collect()
}

/// Replaced types are found by the component's name, so it has to be the name of the type.
pub(super) fn component_names(context: &LintContext<'_>) -> Vec<Diagnostic> {
    context
        .nodes(&SCHEMA)
        .filter_map(|node| {
            let name = component(&node.at)?;
            let wanted = name.to_upper_camel_case();
            (name != wanted).then(|| context.diagnostic(&node.at, format!("{name}: is not PascalCase, write {wanted}")))
        })
        .collect()
}

/// Two fields of one name do not compile.
pub(super) fn field_names(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for node in context.nodes(&SCHEMA) {
        let properties = node.map.get("properties").and_then(Value::as_object);
        let mut first: HashMap<String, &str> = HashMap::new();
        for name in properties.into_iter().flat_map(Map::keys) {
            let field = field_name(name);
            if let Some(other) = first.insert(field.clone(), name) {
                let message = format!("{name}: is {field} in Rust like {other}, in {}", node.at);
                diagnostics.push(context.diagnostic(&node.at.child("properties").child(name), message));
            }
        }
    }
    diagnostics
}
