//! The JSON Schema of every generated type says what the spec says: the same properties, the same
//! required ones, the same types, formats and words.

use std::collections::{BTreeMap, BTreeSet};

use enkash_api::{ResultCode, UndocumentedJson};
use enkash_tests::{
    spec_view::{component, component_name, components, is_payload, properties},
    type_schemas::{TYPES, schema_of},
};
use serde_json::Value;

/// The components that a hand-written type stands for, with the schema of that type.
fn hand_written() -> BTreeMap<&'static str, Value> {
    BTreeMap::from([
        ("ResultCode", schema_of::<ResultCode>()),
        ("UnseenBody", schema_of::<UndocumentedJson>()),
    ])
}

#[test]
fn every_component_has_a_type_and_every_type_a_component() {
    let payloads = components()
        .into_iter()
        .filter(|(_, schema)| is_payload(schema))
        .map(|(name, _)| name);
    let types = TYPES
        .iter()
        .map(|found| found.name)
        .chain(hand_written().into_keys())
        .chain(payloads);
    let types: Vec<_> = types.collect();
    let unique: BTreeSet<_> = types.iter().copied().collect();
    assert_eq!(unique, components().into_keys().collect());
    assert_eq!(unique.len(), types.len(), "a name stands twice: {types:?}");
}

#[test]
fn every_schema_says_what_the_description_says() {
    let generated = TYPES.iter().map(|found| (found.name, (found.schema)()));
    for (name, schema) in generated.chain(hand_written()) {
        let expected = Shape::described(component(name));
        let derived = Shape::derived(&schema);
        assert_eq!(
            derived, expected,
            "{name}: left is the type's schema, right the description\n{schema:#}"
        );
    }
}

/// What both sides say of a value, in one form. `null` is left out: a type may take it where nothing is said.
#[derive(Debug, PartialEq, Eq)]
enum Shape {
    Any,
    Scalar { kind: String, format: Option<String> },
    Words(Vec<String>),
    List(Box<Shape>),
    Map(Box<Shape>),
    Object(BTreeMap<String, Field>),
    OneOf(Vec<Shape>),
    Named(String),
}

#[derive(Debug, PartialEq, Eq)]
struct Field {
    required: bool,
    shape: Shape,
}

impl Shape {
    /// A schema of the spec. References to payloads are followed, because Rust has no name for them.
    fn described(schema: &'static Value) -> Self {
        match component_name(schema) {
            Some("UnseenBody") => Self::Any,
            Some(name) if is_payload(component(name)) => Self::described(component(name)),
            Some(name) => Self::Named(name.to_owned()),
            None if schema.get("properties").is_some() || schema.get("allOf").is_some() => {
                let fields = properties(schema).into_iter().map(|(name, property)| {
                    let shape = Self::described(property.schema);
                    (
                        name.to_owned(),
                        Field {
                            required: property.required,
                            shape,
                        },
                    )
                });
                Self::Object(fields.collect())
            }
            None => Self::plain(schema, Self::described),
        }
    }

    /// A schema that schemars derived.
    fn derived(schema: &Value) -> Self {
        if let Some(name) = schema["$ref"].as_str() {
            return Self::Named(name.trim_start_matches("#/$defs/").to_owned());
        }
        // An optional field of a named type: that type or null.
        if let Some([value, null]) = schema["anyOf"].as_array().map(Vec::as_slice)
            && null["type"] == "null"
        {
            return Self::derived(value);
        }
        let Some(named) = schema["properties"].as_object() else {
            return Self::plain(schema, Self::derived);
        };
        let required = schema["required"].as_array();
        let fields = named.iter().map(|(name, property)| {
            let required = required.is_some_and(|required| required.iter().any(|word| word == name));
            (
                name.clone(),
                Field {
                    required,
                    shape: Self::derived(property),
                },
            )
        });
        Self::Object(fields.collect())
    }

    /// What OpenAPI and JSON Schema write alike.
    fn plain<'a>(schema: &'a Value, inner: fn(&'a Value) -> Self) -> Self {
        if let Some(choices) = schema["oneOf"].as_array() {
            return Self::OneOf(choices.iter().map(inner).collect());
        }
        if let Some(words) = schema["enum"].as_array() {
            return Self::Words(words.iter().filter_map(Value::as_str).map(str::to_owned).collect());
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null").and_then(Value::as_str),
            kind => kind.as_str(),
        };
        match kind {
            None => Self::Any,
            Some("array") => Self::List(Box::new(inner(&schema["items"]))),
            Some("object") => match schema.get("additionalProperties") {
                Some(values) => Self::Map(Box::new(inner(values))),
                None => Self::Object(BTreeMap::new()),
            },
            Some(kind) => Self::Scalar {
                kind: kind.to_owned(),
                format: schema["format"].as_str().map(str::to_owned),
            },
        }
    }
}
