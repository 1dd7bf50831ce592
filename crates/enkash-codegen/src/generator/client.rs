//! The client and its types, by progenitor. What progenitor cannot express is settled before it runs,
//! in the document, or by replacing a type with one of the hand-written ones; what is kept of its output, `progenitor_output` says.

use anyhow::{Context, Result, anyhow, ensure};
use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator, InterfaceStyle, TypeImpl, TypePatch};
use serde_json::{Value, json};

use super::{GeneratedFile, open_enums, progenitor_output, rust_source::header};
use crate::spec::Spec;

const RESULT_CODE: &str = "ResultCode";
const JSON_SCHEMA: &str = r#"#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]"#;

pub(super) fn generate(spec: &Spec) -> Result<[GeneratedFile; 2]> {
    let document = prepare(&spec.document)?;
    let api: OpenAPI = serde_json::from_value(document.clone())?;
    let mut settings = settings(&document)?;

    // progenitor names the types only after it ran: the first pass is for their names.
    let mut naming = Generator::new(&settings);
    tokens(&mut naming, &api)?;
    let patch = TypePatch::default().with_attr(JSON_SCHEMA).clone();
    for generated in naming.get_type_space().iter_types() {
        let name = generated.name();
        if !name.contains("::") {
            settings.with_patch(name, &patch);
        }
    }

    let source = tokens(&mut Generator::new(&settings), &api)?;
    let output = syn::parse2(source).context("the generated code does not parse")?;
    let enums = open_enums::in_document(&document)
        .into_iter()
        .map(|list| list.name)
        .collect::<Vec<_>>();
    let parts = progenitor_output::split(output, &enums)?;
    let types = prettyplease::unparse(&parts.types);
    ensure!(
        !types.contains("f64") && !types.contains("f32"),
        "an amount escaped the money conversion: a `type: number` lacks `format: money`, or has another key beside it"
    );
    Ok([
        GeneratedFile {
            path: "crates/enkash-api/src/generated.rs".to_owned(),
            content: header("spec/rewards.yaml") + &types,
        },
        GeneratedFile {
            path: "crates/enkash-api/src/client/generated.rs".to_owned(),
            content: header("spec/rewards.yaml") + &prettyplease::unparse(&parts.calls),
        },
    ])
}

pub(super) fn generate_bare(spec: &Spec) -> Result<String> {
    let mut settings = GenerationSettings::new();
    settings.with_interface(InterfaceStyle::Builder);
    let source = tokens(&mut Generator::new(&settings), &spec.api)?;
    Ok(prettyplease::unparse(&syn::parse2(source)?))
}

/// progenitor panics on some documents. Lint finds those that are known; this names the rest.
fn tokens(generator: &mut Generator, api: &OpenAPI) -> Result<proc_macro2::TokenStream> {
    let run = std::panic::AssertUnwindSafe(|| generator.generate_tokens(api));
    match std::panic::catch_unwind(run) {
        Ok(result) => Ok(result?),
        Err(panic) => {
            let message = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("without a message");
            Err(anyhow!(
                "progenitor cannot generate from spec/rewards.yaml; it panicked: {message}"
            ))
        }
    }
}

fn settings(document: &Value) -> Result<GenerationSettings> {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_map_type("::std::collections::BTreeMap");

    let text = [TypeImpl::Display, TypeImpl::FromStr];
    for (kind, format, replacement) in [
        ("number", "money", "crate::Money"),
        ("string", "path-segment", "crate::PathSegment"),
        ("string", "password", "crate::Secret"),
        ("string", "personal", "crate::PersonalData"),
    ] {
        let schema = serde_json::from_value(json!({"type": kind, "format": format}))?;
        settings.with_conversion(schema, replacement, text.into_iter());
    }
    settings.with_replacement(RESULT_CODE, "crate::ResultCode", text.into_iter());
    settings.with_replacement("UnseenBody", "crate::UndocumentedJson", std::iter::empty());
    for list in open_enums::in_document(document) {
        settings.with_replacement(
            &list.name,
            format!("crate::open_enums::{}", list.name),
            text.into_iter(),
        );
    }
    for (name, rust_type) in payloads(document) {
        settings.with_replacement(name, format!("crate::Payload<{rust_type}>"), std::iter::empty());
    }
    Ok(settings)
}

/// The components of the form `oneOf: [value, string]`, with the Rust type of the value.
fn payloads(document: &Value) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let Some([value, text]) = schema["oneOf"].as_array().map(Vec::as_slice) else {
            continue;
        };
        if text["type"] != "string" || name == RESULT_CODE {
            continue;
        }
        if let Some(rust_type) = rust_type(value) {
            found.push((name.as_str(), rust_type));
        }
    }
    found
}

fn rust_type(schema: &Value) -> Option<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next()?;
        return Some(format!("crate::types::{name}"));
    }
    match schema["type"].as_str()? {
        "array" => Some(format!("::std::vec::Vec<{}>", rust_type(&schema["items"])?)),
        "integer" => Some("i64".to_owned()),
        _ => None,
    }
}

/// The document as progenitor needs it: absent collections may be null, and path parameters stay in their segment.
fn prepare(document: &Value) -> Result<Value> {
    let mut document = document.clone();
    let schemas = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut);
    for (_, schema) in schemas.into_iter().flatten() {
        allow_null_collections(schema);
    }
    let shared = document
        .pointer_mut("/components/parameters")
        .and_then(Value::as_object_mut);
    for (_, parameter) in shared.into_iter().flatten() {
        keep_in_segment(parameter);
    }
    let paths = document["paths"].as_object_mut().context("the document has no paths")?;
    for (_, item) in paths.iter_mut() {
        parameters_of(item).for_each(keep_in_segment);
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            parameters_of(operation).for_each(keep_in_segment);
        }
    }
    Ok(document)
}

fn parameters_of(item: &mut Value) -> impl Iterator<Item = &mut Value> {
    item.get_mut("parameters")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
}

fn keep_in_segment(parameter: &mut Value) {
    if parameter["in"] == "path" && parameter["schema"]["type"] == "string" {
        parameter["schema"] = json!({"type": "string", "format": "path-segment"});
    }
}

/// Marks every optional array and map as nullable: without it, null there fails the whole response.
fn allow_null_collections(schema: &mut Value) {
    let required = schema["required"].clone();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for (name, property) in properties {
            let is_required = required.as_array().is_some_and(|names| names.iter().any(|n| n == name));
            let is_map = property["type"] == "object" && property.get("additionalProperties").is_some();
            if !is_required && (property["type"] == "array" || is_map) {
                property["nullable"] = true.into();
            }
            allow_null_collections(property);
        }
    }
    for part in schema
        .get_mut("allOf")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        allow_null_collections(part);
    }
}
