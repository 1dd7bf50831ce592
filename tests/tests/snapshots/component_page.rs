//! The page of one component: its properties as the spec has them beside the fields of the Rust
//! type, and for an enum its words beside the variants.

use std::collections::{BTreeMap, BTreeSet};

use enkash_tests::{
    generated_source::{GeneratedType, TypeForm},
    spec_view::{component_name, components, is_payload, operations, properties, schema_words},
};
use serde_json::Value;

use crate::{columns::aligned, generated, rust_text::short_type_text};

/// The page.
pub(crate) fn text(name: &str, schema: &'static Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        return enum_text(name, words);
    }
    match generated().types.iter().find(|found| found.name == name) {
        Some(GeneratedType {
            form: TypeForm::Fields(_),
            ..
        }) => {
            format!("{name}  {}\n\n{}", object_words(schema), fields_text(name, schema))
        }
        Some(GeneratedType {
            form: TypeForm::Wraps(inner),
            ..
        }) => {
            format!(
                "{name}  {}\nin Rust  {name}({})\n",
                schema_words(schema),
                short_type_text(inner)
            )
        }
        None => {
            let kind = if is_payload(schema) { "payload: " } else { "" };
            format!(
                "{name}  {kind}{}\nin Rust  {}\n",
                schema_words(schema),
                types_that_stand_for(name).join(", ")
            )
        }
    }
}

fn object_words(schema: &Value) -> String {
    let parts = schema["allOf"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(component_name);
    let parts: Vec<_> = parts.collect();
    if parts.is_empty() {
        "object".to_owned()
    } else {
        format!("object, with all of {}", parts.join(", "))
    }
}

fn enum_text(name: &str, words: &[Value]) -> String {
    let list = generated().enums.iter().find(|list| list.name == name);
    let list = list.unwrap_or_else(|| panic!("open_enums_list.rs has no {name}"));
    let mut variants: BTreeMap<_, _> = list
        .variants
        .iter()
        .map(|(variant, word)| (word.as_str(), variant.clone()))
        .collect();
    let words = words.iter().filter_map(Value::as_str);
    let mut rows: Vec<_> = words
        .map(|word| [word.to_owned(), variants.remove(word).unwrap_or_default()])
        .collect();
    rows.extend(variants.into_values().map(|variant| [String::new(), variant]));
    let head = ["word".to_owned(), "Rust variant".to_owned()];
    format!("{name}  open enum\n\n{}", aligned(0, std::iter::once(head).chain(rows)))
}

/// One row for each name on the wire, whichever side knows it.
fn fields_text(name: &str, schema: &'static Value) -> String {
    let described = properties(schema);
    let fields: BTreeMap<_, _> = fields_of(name).collect();
    let names: BTreeSet<_> = described.keys().copied().chain(fields.keys().copied()).collect();
    let rows = names.into_iter().map(|name| {
        let property = described.get(name);
        let words = property
            .map(|property| schema_words(property.schema))
            .unwrap_or_default();
        let required = property.is_some_and(|property| property.required);
        let (field, ty) = fields.get(name).cloned().unwrap_or_default();
        [
            name.to_owned(),
            words,
            if required { "required" } else { "" }.to_owned(),
            field,
            ty,
        ]
    });
    let head = ["wire name", "described as", "", "Rust field", "Rust type"].map(str::to_owned);
    aligned(0, std::iter::once(head).chain(rows))
}

/// The fields of a generated struct by their names on the wire: name and type in Rust.
fn fields_of(name: &str) -> impl Iterator<Item = (&'static str, (String, String))> {
    let fields = generated()
        .types
        .iter()
        .filter(move |found| found.name == name)
        .flat_map(|found| match &found.form {
            TypeForm::Fields(fields) => fields.as_slice(),
            TypeForm::Wraps(_) => &[],
        });
    fields.map(|field| {
        (
            field.wire_name.as_str(),
            (field.name.clone(), short_type_text(&field.ty)),
        )
    })
}

/// What stands in Rust wherever the spec names a component that has no struct of its own.
fn types_that_stand_for(component: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    for (owner, schema) in components() {
        let fields: BTreeMap<_, _> = fields_of(owner).collect();
        for (wire_name, property) in properties(schema) {
            if component_name(property.schema) == Some(component)
                && let Some((_, ty)) = fields.get(wire_name)
            {
                let inner = ty.strip_prefix("Option<").and_then(|ty| ty.strip_suffix('>'));
                found.insert(inner.unwrap_or(ty).to_owned());
            }
        }
    }
    for operation in operations() {
        let Some(call) = generated()
            .operations
            .iter()
            .find(|call| call.method == operation.facts.rust_name)
        else {
            continue;
        };
        let names_it = |schema: &Value| component_name(schema) == Some(component);
        if operation.request_body().is_some_and(|body| names_it(body.schema)) {
            let body = call.setters.iter().find(|setter| setter.name == "body");
            found.extend(body.map(|body| short_type_text(&body.takes)));
        }
        if names_it(operation.success().schema) {
            let returns = short_type_text(&call.returns);
            let answer = returns
                .split("ResponseValue<")
                .nth(1)
                .and_then(|rest| rest.split('>').next());
            found.extend(answer.map(str::to_owned));
        }
    }
    found.into_iter().collect()
}
