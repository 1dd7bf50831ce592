//! The self-check: whether an answer of the sandbox is one that the bundled document allows, by a JSON Schema validator. It is
//! behind a feature, since that library takes long to build; tests keep it on. The server calls it for each answer.

use std::collections::BTreeMap;

use jsonschema::{Draft, Keyword, Validator};
use serde_json::{Map, Value, json};

use super::schema;

/// The keywords of an OpenAPI schema that JSON Schema has not, or has with another meaning. Formats are dropped with them:
/// the document's own (money, password, personal) restrict nothing, and what int32 and int64 restrict is added.
const DROPPED: [&str; 7] = [
    "example",
    "format",
    "discriminator",
    "xml",
    "externalDocs",
    "readOnly",
    "writeOnly",
];

/// What the document allows as responses of one operation, by status. None where it restricts no body.
pub(super) struct ResponseSpecs(BTreeMap<u16, Option<Validator>>);

impl ResponseSpecs {
    pub(super) fn read(document: &Value, operation: &Value) -> Result<Self, String> {
        let documented = operation
            .get("responses")
            .and_then(Value::as_object)
            .ok_or("no responses")?;
        let mut responses = BTreeMap::new();
        for (status, response) in documented {
            let status = status.parse().map_err(|_| format!("{status} is no status"))?;
            let schema = schema::resolve(document, response).pointer("/content/application~1json/schema");
            responses.insert(status, schema.map(|schema| validator(document, schema)).transpose()?);
        }
        Ok(ResponseSpecs(responses))
    }

    /// What in a response the document does not allow, at most five errors.
    pub(super) fn validate(&self, status: u16, body: &[u8]) -> Vec<String> {
        let validator = match self.0.get(&status) {
            None => return vec![format!("status {status} is not documented")],
            Some(None) => return Vec::new(),
            Some(Some(validator)) => validator,
        };
        let value = match serde_json::from_slice(body) {
            Err(error) => return vec![format!("the body is not JSON: {error}")],
            Ok(value) => value,
        };
        if validator.is_valid(&value) {
            return Vec::new();
        }
        let errors = validator.iter_errors(&value).take(5);
        errors
            .map(|error| format!("{}: {}", error.instance_path(), error.masked()))
            .collect()
    }
}

fn validator(document: &Value, schema: &Value) -> Result<Validator, String> {
    let components = document.pointer("/components/schemas").and_then(Value::as_object);
    let definitions: Map<_, _> = components
        .into_iter()
        .flatten()
        .map(|(name, schema)| (name.clone(), convert(schema)))
        .collect();
    let root = json!({ "allOf": [convert(schema)], "definitions": definitions });
    jsonschema::options()
        .with_draft(Draft::Draft7)
        .with_keyword(INT64, |_, _, _| Ok(Box::new(Int64)))
        .build(&root)
        .map_err(|error| error.to_string())
}

fn convert(schema: &Value) -> Value {
    match schema {
        Value::Object(object) => convert_object(object),
        Value::Array(items) => items.iter().map(convert).collect(),
        other => other.clone(),
    }
}

fn convert_object(object: &Map<String, Value>) -> Value {
    if let Some(Value::String(reference)) = object.get("$ref") {
        return json!({ "$ref": reference.replace("#/components/schemas/", "#/definitions/") });
    }
    let mut converted = Map::new();
    for (key, value) in object {
        match key.as_str() {
            key if key.starts_with("x-") || DROPPED.contains(&key) || key == "nullable" => {}
            // Names of properties are no keywords, and a default or an enum holds plain values.
            "properties" => {
                let properties = value.as_object().into_iter().flatten();
                let properties = properties.map(|(name, schema)| (name.clone(), convert(schema)));
                converted.insert(key.clone(), Value::Object(properties.collect()));
            }
            "enum" | "default" | "required" => {
                converted.insert(key.clone(), value.clone());
            }
            _ => {
                converted.insert(key.clone(), convert(value));
            }
        }
    }
    match object.get("format").and_then(Value::as_str) {
        Some("int64") => {
            converted.insert(INT64.to_owned(), Value::Bool(true));
        }
        Some("int32") => {
            converted.entry("minimum").or_insert_with(|| json!(i32::MIN));
            converted.entry("maximum").or_insert_with(|| json!(i32::MAX));
        }
        _ => {}
    }
    if object.get("nullable") == Some(&Value::Bool(true)) {
        return json!({ "anyOf": [converted, { "type": "null" }] });
    }
    Value::Object(converted)
}

/// A keyword of our own for `format: int64`. Bounds cannot say it: a number just below `i64::MIN` is read as a float that
/// equals it.
const INT64: &str = "x-int64";

/// A whole number of 64 bits, as the client's types read it. What is no number is not its matter, and whether a float is whole
/// is that of `type: integer`.
struct Int64;

impl<'i> Keyword<'i> for Int64 {
    fn validate(&self, instance: &'i Value) -> Result<(), jsonschema::ValidationError<'i>> {
        if Keyword::is_valid(self, instance) {
            Ok(())
        } else {
            Err(jsonschema::ValidationError::custom(
                "value is no whole number of 64 bits",
            ))
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        let Value::Number(number) = instance else { return true };
        // The first float that is no i64, and its negative, which stands for numbers below i64::MIN too.
        const END: f64 = 9_223_372_036_854_775_808.0;
        number.is_i64() || (number.is_f64() && number.as_f64().is_some_and(|float| -END < float && float < END))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{BUNDLED, schema::Schema};

    /// A value, and what becomes of it when one of its places holds something else or nothing.
    fn mutations(value: &Value) -> Vec<Value> {
        let mut mutated: Vec<_> = [
            "null",
            "true",
            "\"\"",
            "\"CR\"",
            "0",
            "-1.0",
            "0.5",
            "1e300",
            "9223372036854775807",
            "9223372036854775808",
            "[]",
            "[null]",
            "{}",
            "{\"other\":{\"quantity\":\"1\"}}",
        ]
        .iter()
        .map(|text| serde_json::from_str(text).unwrap())
        .collect();
        match value {
            Value::Object(object) => {
                for (name, inner) in object {
                    let mut without = object.clone();
                    without.remove(name);
                    mutated.push(Value::Object(without));
                    for inner in mutations(inner) {
                        let mut with = object.clone();
                        with.insert(name.clone(), inner);
                        mutated.push(Value::Object(with));
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    for item in mutations(item) {
                        let mut with = items.clone();
                        with[index] = item;
                        mutated.push(Value::Array(with));
                    }
                }
            }
            _ => {}
        }
        mutated
    }

    /// A value with every property that a schema names, so that each is mutated.
    fn filled(document: &Value, schema: &Value) -> Value {
        let schema = schema::resolve(document, schema);
        let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        let mut value = parts
            .map(|part| filled(document, part))
            .next_back()
            .unwrap_or(Value::Null);
        match schema.get("type").and_then(Value::as_str) {
            Some("object") => {
                let properties = schema.get("properties").and_then(Value::as_object);
                let fields = properties.into_iter().flatten();
                let mut object: Map<_, _> = fields
                    .map(|(name, schema)| (name.clone(), filled(document, schema)))
                    .collect();
                if let Some(others @ Value::Object(_)) = schema.get("additionalProperties") {
                    object.insert("another".to_owned(), filled(document, others));
                }
                value = Value::Object(object);
            }
            Some("array") => value = json!([filled(document, &schema["items"])]),
            Some("string") => value = schema.pointer("/enum/0").cloned().unwrap_or_else(|| json!("text")),
            Some("boolean") => value = json!(true),
            Some(_) => value = json!(7),
            None => {}
        }
        value
    }

    #[test]
    fn the_check_of_requests_allows_what_the_validator_allows() {
        let document: Value = serde_json::from_str(BUNDLED).unwrap();
        let operations = document["paths"].as_object().unwrap().values();
        let operations = operations.flat_map(|item| item.as_object().unwrap().values());
        let contents = operations.filter_map(|operation| operation.pointer("/requestBody/content"));
        let (mut schemas, mut values, mut refused) = (0, 0, 0);
        for media in contents.flat_map(|content| content.as_object().unwrap().values()) {
            let schema = &media["schema"];
            let (ours, theirs) = (
                Schema::read(&document, schema).unwrap(),
                validator(&document, schema).unwrap(),
            );
            schemas += 1;
            let start = filled(&document, schema);
            assert!(theirs.is_valid(&start), "{start}");
            for value in std::iter::once(start.clone()).chain(mutations(&start)) {
                let errors = ours.validate(&value);
                assert_eq!(
                    errors.is_empty(),
                    theirs.is_valid(&value),
                    "{schema}\n{value}\n{errors:?}"
                );
                values += 1;
                refused += usize::from(!errors.is_empty());
            }
        }
        // Enough of both, so that the comparison says something.
        assert!(
            schemas >= 15 && values > 1_000 && refused > 500,
            "{schemas} {values} {refused}"
        );
    }
}
