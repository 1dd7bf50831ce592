//! The spec as the tests need it: operations with their parameters, bodies and answers, and
//! schemas with references followed. Everything is read from spec/ by the loader that codegen uses.

use std::{collections::BTreeMap, sync::LazyLock};

use enkash_codegen::lint;
use enkash_codegen::spec::{self, Changes, Sources, Spec};
use heck::ToSnakeCase;
use serde_json::{Value, json};

use crate::repository;

/// The spec, read once.
pub fn spec() -> &'static Spec {
    static SPEC: LazyLock<Spec> = LazyLock::new(|| {
        lint::load(&Sources::in_repository(repository()), &Changes::default()).unwrap_or_else(|findings| {
            panic!(
                "spec/ cannot be read:\n{}",
                findings.iter().map(|f| format!("{f}\n")).collect::<String>()
            )
        })
    });
    &SPEC
}

/// Every operation, in the order of the spec.
pub fn operations() -> impl Iterator<Item = Operation> {
    spec().operations.iter().map(|facts| {
        let wire = &spec().document["paths"][&facts.path][facts.method.to_lowercase()];
        Operation { facts, wire }
    })
}

/// The operation of this id.
pub fn operation(id: &str) -> Operation {
    operations()
        .find(|operation| operation.facts.id == id)
        .unwrap_or_else(|| panic!("spec/ has no operation {id}"))
}

/// One operation.
#[derive(Clone, Copy)]
pub struct Operation {
    /// What the loader made of it.
    pub facts: &'static spec::Operation,
    wire: &'static Value,
}

/// A parameter of an operation.
pub struct Parameter {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its setter in Rust.
    pub rust_name: String,
    /// `path`, `query` or `header`.
    pub place: &'static str,
    /// Whether it has to be sent.
    pub required: bool,
    /// Its schema.
    pub schema: &'static Value,
    /// Its example, as it stands in a URL or a header.
    pub example: String,
}

/// A body that is sent or received.
pub struct Body {
    /// The media type.
    pub media_type: &'static str,
    /// Whether it has to be there.
    pub required: bool,
    /// Its schema.
    pub schema: &'static Value,
    /// The examples that we send, by name. None on answers.
    pub examples: BTreeMap<&'static str, &'static Value>,
}

impl Operation {
    /// The parameters, in the order of the spec.
    pub fn parameters(&self) -> Vec<Parameter> {
        items(&self.wire["parameters"])
            .map(|parameter| {
                let parameter = resolved(parameter);
                let name = text(&parameter["name"]);
                Parameter {
                    name,
                    rust_name: name.to_snake_case(),
                    place: text(&parameter["in"]),
                    required: parameter["required"] == true,
                    schema: &parameter["schema"],
                    example: plain_text(&parameter["example"])
                        .unwrap_or_else(|| panic!("{}: the parameter {name} has no example", self.facts.id)),
                }
            })
            .collect()
    }

    /// What is sent, where something is.
    pub fn request_body(&self) -> Option<Body> {
        body(resolved(&self.wire["requestBody"]))
    }

    /// Every documented response by status, the success first.
    pub fn answers(&self) -> BTreeMap<&'static str, Body> {
        entries(&self.wire["responses"])
            .map(|(status, answer)| {
                let body = body(resolved(answer));
                (
                    status,
                    body.unwrap_or_else(|| panic!("{} {status} has no body", self.facts.id)),
                )
            })
            .collect()
    }

    /// The one success.
    pub fn success(&self) -> Body {
        let mut answers = self.answers();
        let status = answers.keys().find(|status| status.starts_with('2')).copied();
        let success = status.and_then(|status| answers.remove(status));
        success.unwrap_or_else(|| panic!("{} has no success", self.facts.id))
    }

    /// The security scheme that it needs.
    pub fn security(&self) -> &'static str {
        let own = self.wire.get("security").unwrap_or(&spec().document["security"]);
        let schemes: Vec<_> = items(own)
            .flat_map(|needed| entries(needed).map(|(name, _)| name))
            .collect();
        match schemes.as_slice() {
            [scheme] => scheme,
            _ => panic!("{}: one security scheme was expected, not {schemes:?}", self.facts.id),
        }
    }

    /// The hosts that are named for this operation alone.
    pub fn own_servers(&self) -> Vec<&'static str> {
        items(&self.wire["servers"])
            .map(|server| text(&server["url"]))
            .collect()
    }

    /// What the documentation's pages print of requests or of responses.
    pub fn seen(&self, kind: spec::PrintedExampleKind) -> impl Iterator<Item = &'static spec::PrintedExample> {
        self.facts.seen.iter().filter(move |seen| seen.kind == kind)
    }
}

fn body(body: &'static Value) -> Option<Body> {
    let mut media_types = entries(&body["content"]);
    let (media_type, content) = media_types.next()?;
    assert!(media_types.next().is_none(), "a body has two media types");
    let examples = entries(&content["examples"]).map(|(name, example)| (name, &example["value"]));
    let required = body["required"] == true;
    Some(Body {
        media_type,
        required,
        schema: &content["schema"],
        examples: examples.collect(),
    })
}

/// The components that are schemas, by name.
pub fn components() -> BTreeMap<&'static str, &'static Value> {
    entries(&spec().document["components"]["schemas"]).collect()
}

/// The component of this name.
///
/// # Panics
///
/// There is none.
pub fn component(name: &str) -> &'static Value {
    let found = spec().document["components"]["schemas"].get(name);
    found.unwrap_or_else(|| panic!("spec/ has no component {name}"))
}

/// A property of an object.
pub struct Property {
    /// Its schema.
    pub schema: &'static Value,
    /// Whether it has to be there.
    pub required: bool,
}

/// The properties of a schema, with those of every part of `allOf`.
pub fn properties(schema: &'static Value) -> BTreeMap<&'static str, Property> {
    let schema = resolved(schema);
    let mut found: BTreeMap<_, _> = items(&schema["allOf"]).flat_map(properties).collect();
    for (name, schema) in entries(&schema["properties"]) {
        found.insert(
            name,
            Property {
                schema,
                required: false,
            },
        );
    }
    for name in items(&schema["required"]).map(text) {
        let property = found
            .get_mut(name)
            .unwrap_or_else(|| panic!("{name} is required and is no property"));
        property.required = true;
    }
    found
}

/// The component that a schema names, alone or as the only part of `allOf`.
pub fn component_name(schema: &Value) -> Option<&str> {
    let reference = match schema["allOf"].as_array().map(Vec::as_slice) {
        Some([only]) if schema.get("properties").is_none() => &only["$ref"],
        _ => &schema["$ref"],
    };
    reference.as_str()?.strip_prefix("#/components/schemas/")
}

/// Whether a component is a payload: a value on success, a text on failure.
pub fn is_payload(schema: &Value) -> bool {
    matches!(schema["oneOf"].as_array().map(Vec::as_slice), Some([value, text])
        if text["type"] == "string" && (value.get("$ref").is_some() || value["type"] == "array"))
}

/// A schema in a few words: `string (personal)`, `list of Card`, `any JSON`.
pub fn schema_words(schema: &Value) -> String {
    if let Some(name) = component_name(schema) {
        return name.to_owned();
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        return choices.iter().map(schema_words).collect::<Vec<_>>().join(" or ");
    }
    let format = schema["format"].as_str();
    match schema["type"].as_str() {
        None => "any JSON".to_owned(),
        Some("array") => format!("list of {}", schema_words(&schema["items"])),
        Some("object") => match schema.get("additionalProperties") {
            Some(Value::Bool(true)) => "map of any JSON".to_owned(),
            Some(values) => format!("map of {}", schema_words(values)),
            None => "object".to_owned(),
        },
        Some(kind) => format.map_or_else(|| kind.to_owned(), |format| format!("{kind} ({format})")),
    }
}

/// The thing itself, where there is a `$ref` to it.
pub fn resolved(value: &'static Value) -> &'static Value {
    let Some(reference) = value["$ref"].as_str() else {
        return value;
    };
    let target = reference
        .strip_prefix('#')
        .and_then(|pointer| spec().document.pointer(pointer));
    resolved(target.unwrap_or_else(|| panic!("{reference} does not exist")))
}

/// Removes the fields that a schema does not know from a value, and returns where they stood. A type reads
/// past them.
pub fn remove_undocumented(schema: &'static Value, value: &mut Value) -> Vec<String> {
    let mut removed = Vec::new();
    walk(schema, value, "", &mut |schema, value, at| {
        let Some(fields) = value.as_object_mut().filter(|_| lists_fields(schema)) else {
            return;
        };
        let known = properties(schema);
        fields.retain(|name, _| {
            let keep = known.contains_key(name.as_str());
            if !keep {
                removed.push(format!("{at}/{name}"));
            }
            keep
        });
    });
    removed
}

/// Visits a value together with its schema, from the outside in. References and `allOf` are followed, and of
/// a payload the choice that fits.
pub fn walk(
    schema: &'static Value,
    value: &mut Value,
    at: &str,
    visit: &mut dyn FnMut(&'static Value, &mut Value, &str),
) {
    let schema = narrowed(schema, value);
    visit(schema, value, at);
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                walk(&schema["items"], item, &format!("{at}/{index}"), visit);
            }
        }
        Value::Object(fields) => {
            let known = properties(schema);
            for (name, field) in fields {
                let of_map = &schema["additionalProperties"];
                let schema = known.get(name.as_str()).map_or(of_map, |property| property.schema);
                walk(schema, field, &format!("{at}/{name}"), visit);
            }
        }
        _ => {}
    }
}

/// The schema behind references; of several choices the one that the value takes.
fn narrowed(schema: &'static Value, value: &Value) -> &'static Value {
    if let Some(name) = component_name(schema) {
        return narrowed(component(name), value);
    }
    let mut choices = items(&schema["oneOf"]).map(|choice| narrowed(choice, value));
    choices
        .find(|choice| (choice["type"] == "string") == value.is_string())
        .unwrap_or(schema)
}

/// A value with every field that a schema documents, one item in each list and one entry in each map.
pub fn filled(schema: &'static Value) -> Value {
    if let Some(name) = component_name(schema) {
        return filled(component(name));
    }
    if let Some(first) = items(&schema["oneOf"]).next() {
        return filled(first);
    }
    if let Some(word) = items(&schema["enum"]).next() {
        return word.clone();
    }
    if lists_fields(schema) {
        let fields = properties(schema).into_iter();
        return fields
            .map(|(name, property)| (name.to_owned(), filled(property.schema)))
            .collect();
    }
    match schema["type"].as_str() {
        Some("array") => json!([filled(&schema["items"])]),
        Some("object") => json!({"key": schema.get("additionalProperties").map(filled)}),
        Some("integer") => json!(7),
        Some("number") => json!(1.5),
        Some("boolean") => json!(true),
        Some(_) => json!("text"),
        None => json!({"any": "JSON"}),
    }
}

/// Whether a schema says nothing of its values. A place that no schema speaks of is `null`, and is not meant.
pub fn is_any_json(schema: &Value) -> bool {
    !schema.is_null()
        && ["type", "allOf", "oneOf", "properties", "$ref"]
            .iter()
            .all(|key| schema.get(key).is_none())
}

/// Whether a schema lists the fields of its values.
fn lists_fields(schema: &'static Value) -> bool {
    schema.get("properties").is_some() || schema.get("allOf").is_some()
}

/// A scalar as it stands in a URL or a header.
pub fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

fn text(value: &'static Value) -> &'static str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

fn items(list: &'static Value) -> impl Iterator<Item = &'static Value> {
    list.as_array().into_iter().flatten()
}

fn entries(map: &'static Value) -> impl Iterator<Item = (&'static str, &'static Value)> {
    map.as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
}
