//! OpenAPI 3.0 schemas as JSON Schema. The document's reader calls this once for each body and parameter, and gets a
//! validator that names the place of an error without repeating the value that stands there.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, Keyword, Validator};
use serde_json::{Map, Value, json};

/// Keywords of an OpenAPI schema that JSON Schema has not, or has with another meaning. Formats are dropped with them:
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

/// The components of the document, converted and ready to be referred to.
pub(super) struct Schemas {
    definitions: Value,
}

impl Schemas {
    pub(super) fn new(document: &Value) -> Self {
        let components = document.pointer("/components/schemas").and_then(Value::as_object);
        let definitions = components
            .into_iter()
            .flatten()
            .map(|(name, schema)| (name.clone(), convert(schema)))
            .collect::<Map<_, _>>();
        Schemas {
            definitions: Value::Object(definitions),
        }
    }

    /// A validator of one schema.
    pub(super) fn validator(&self, schema: &Value) -> Result<Validator, String> {
        let root = json!({ "allOf": [convert(schema)], "definitions": self.definitions });
        jsonschema::options()
            .with_draft(Draft::Draft7)
            .with_keyword(INT64, |_, _, _| Ok(Box::new(Int64)))
            .build(&root)
            .map_err(|error| error.to_string())
    }
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

/// Follows a `$ref` to another part of the document.
pub(crate) fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let reference = value.get("$ref").and_then(Value::as_str);
    let pointer = reference.and_then(|text| text.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

/// One error in an instance, in a text that holds no value of the instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ValidationError {
    /// Where, as a path such as `[2].loadAmount`; empty for the whole.
    pub(crate) place: String,
    /// What is wrong there.
    pub(crate) what: String,
    /// A required part is not there.
    pub(crate) missing: bool,
}

impl ValidationError {
    fn new(error: &jsonschema::ValidationError<'_>) -> Self {
        let mut place = place(error.instance_path().as_str());
        if let ValidationErrorKind::Required { property } = error.kind() {
            let name = property.as_str().unwrap_or_default();
            if !place.is_empty() {
                place.push('.');
            }
            place.push_str(name);
            return ValidationError {
                place,
                what: "is required".to_owned(),
                missing: true,
            };
        }
        ValidationError {
            place,
            what: error.masked().to_string(),
            missing: false,
        }
    }
}

impl std::fmt::Display for ValidationError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.place.is_empty() {
            formatter.write_str(&self.what)
        } else {
            write!(formatter, "{}: {}", self.place, self.what)
        }
    }
}

/// A JSON pointer as people write places: `/0/loadAmount` becomes `[0].loadAmount`.
fn place(pointer: &str) -> String {
    let mut place = String::new();
    for segment in pointer.split('/').skip(1) {
        if segment.bytes().all(|byte| byte.is_ascii_digit()) {
            place.push('[');
            place.push_str(segment);
            place.push(']');
        } else {
            if !place.is_empty() {
                place.push('.');
            }
            place.push_str(&segment.replace("~1", "/").replace("~0", "~"));
        }
    }
    place
}

/// The errors of an instance, at most five.
pub(super) fn validate(validator: &Validator, instance: &Value) -> Vec<ValidationError> {
    if validator.is_valid(instance) {
        return Vec::new();
    }
    validator
        .iter_errors(instance)
        .take(5)
        .map(|error| ValidationError::new(&error))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schema: &Value, instance: &Value) -> Vec<String> {
        let schemas = Schemas::new(&json!({ "components": { "schemas": {
            "Word": { "type": "string", "enum": ["a", "b"], "nullable": true },
            "Person": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": { "type": "string", "format": "personal" },
                    "amount": { "type": "number", "format": "money" },
                    "count": { "type": "integer", "format": "int64" },
                    "word": { "$ref": "#/components/schemas/Word" },
                    "nullable": { "type": "boolean" }
                }
            }
        } } }));
        let validator = schemas.validator(schema).unwrap();
        validate(&validator, instance).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nullable_and_references_work_and_our_formats_restrict_nothing() {
        let person = json!({ "$ref": "#/components/schemas/Person" });
        let right = json!({ "name": "x", "amount": 0.1, "word": null, "nullable": true });
        assert!(check(&person, &right).is_empty());
        assert!(!check(&person, &json!({ "name": "x", "word": "c" })).is_empty());
        assert!(!check(&person, &json!({ "name": null })).is_empty());
    }

    #[test]
    fn a_whole_number_of_64_bits_is_what_the_client_reads_as_one() {
        let person = json!({ "$ref": "#/components/schemas/Person" });
        for number in [
            "-9223372036854775809",
            "-9223372036854775808",
            "-9223372036854775807",
            "-1",
            "0",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "1e300",
            "0.5",
        ] {
            let instance = serde_json::from_str(&format!(r#"{{ "name": "x", "count": {number} }}"#)).unwrap();
            let found = check(&person, &instance);
            assert_eq!(
                found.is_empty(),
                serde_json::from_str::<i64>(number).is_ok(),
                "{number}: {found:?}"
            );
            assert!(!found.iter().any(|error| error.contains(number)), "{found:?}");
        }
    }

    #[test]
    fn a_mistake_names_its_place_and_repeats_no_value() {
        let people = json!({ "type": "array", "items": { "$ref": "#/components/schemas/Person" } });
        let found = check(&people, &json!([{ "name": "x" }, { "amount": "s3cret" }]));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.contains(&"[1].name: is required".to_owned()), "{found:?}");
        let amount = found.iter().find(|error| error.starts_with("[1].amount: ")).unwrap();
        assert!(!amount.contains("s3cret"), "{amount}");
    }
}
