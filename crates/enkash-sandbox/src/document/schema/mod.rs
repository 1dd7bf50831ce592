//! The schemas of requests. The document's reader reads each once, and the check of requests asks it where a value is wrong. Only
//! the keywords that the bundled document uses are read: another one is an error of the document, so that none is overlooked. An
//! error names the place and repeats nothing of the value that stands there.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

/// No schema of the document is as deep, its references followed: a circle of references would be.
const MAX_DEPTH: usize = 32;
/// More errors than these are not told of one value.
const MAX_ERRORS: usize = 5;
/// Keywords that restrict nothing.
const ANNOTATIONS: [&str; 9] = [
    "title",
    "description",
    "default",
    "example",
    "deprecated",
    "readOnly",
    "writeOnly",
    "externalDocs",
    "xml",
];

/// What a value of a request may be.
#[derive(Default)]
pub(crate) struct Schema {
    kind: Option<Kind>,
    integer_width: Option<IntegerWidth>,
    nullable: bool,
    words: Option<Vec<Value>>,
    required: Vec<String>,
    properties: BTreeMap<String, Schema>,
    other_properties: OtherProperties,
    items: Option<Box<Schema>>,
    all_of: Vec<Schema>,
}

/// A `type` of JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    Array,
    String,
    Number,
    Integer,
    Boolean,
}

/// A `format` that restricts integers. Those of texts and of money restrict nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IntegerWidth {
    Bits32,
    Bits64,
}

/// What may stand beside the `properties`.
#[derive(Default)]
enum OtherProperties {
    #[default]
    Any,
    None,
    Of(Box<Schema>),
}

impl Schema {
    /// Reads a schema of the document, with everything that it refers to.
    pub(super) fn read(document: &Value, schema: &Value) -> Result<Self, String> {
        Reader { document }.schema(schema, 0)
    }

    /// What is wrong with a value, at most five errors.
    pub(crate) fn validate(&self, value: &Value) -> Vec<ValidationError> {
        let mut errors = Vec::new();
        self.find_errors(value, "", &mut errors);
        errors.truncate(MAX_ERRORS);
        errors
    }

    fn find_errors(&self, value: &Value, place: &str, errors: &mut Vec<ValidationError>) {
        if errors.len() >= MAX_ERRORS || (self.nullable && value.is_null()) {
            return;
        }
        if let Some(kind) = self.kind
            && !kind.fits(value)
        {
            errors.push(ValidationError::new(place, format!("value is not of type \"{kind}\"")));
            return;
        }
        if self.integer_width.is_some_and(|width| !width.fits(value)) {
            errors.push(ValidationError::new(place, "value has more bits than an integer here"));
        }
        if let Some(words) = &self.words
            && !words.contains(value)
        {
            let words: Vec<_> = words.iter().map(Value::to_string).collect();
            let text = format!("value is not one of {}", words.join(", "));
            errors.push(ValidationError::new(place, text));
        }
        match value {
            Value::Object(object) => self.find_errors_of_object(object, place, errors),
            Value::Array(items) => {
                if let Some(schema) = &self.items {
                    for (index, item) in items.iter().enumerate() {
                        schema.find_errors(item, &format!("{place}[{index}]"), errors);
                    }
                }
            }
            _ => {}
        }
        for schema in &self.all_of {
            schema.find_errors(value, place, errors);
        }
    }

    fn find_errors_of_object(&self, object: &Map<String, Value>, place: &str, errors: &mut Vec<ValidationError>) {
        for name in self.required.iter().filter(|name| !object.contains_key(*name)) {
            errors.push(ValidationError {
                missing: true,
                ..ValidationError::new(&field(place, name), "is required")
            });
        }
        for (name, value) in object {
            let schema = match (self.properties.get(name), &self.other_properties) {
                (Some(schema), _) => schema,
                (None, OtherProperties::Of(schema)) => schema,
                (None, OtherProperties::Any) => continue,
                (None, OtherProperties::None) => {
                    errors.push(ValidationError::new(&field(place, name), "is not a field here"));
                    continue;
                }
            };
            schema.find_errors(value, &field(place, name), errors);
        }
    }
}

fn field(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}.{name}")
    }
}

impl Kind {
    fn fits(self, value: &Value) -> bool {
        match self {
            Kind::Object => value.is_object(),
            Kind::Array => value.is_array(),
            Kind::String => value.is_string(),
            Kind::Number => value.is_number(),
            // 1.0 is one.
            Kind::Integer => {
                value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|float| float.fract() == 0.0)
            }
            Kind::Boolean => value.is_boolean(),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Kind::Object => "object",
            Kind::Array => "array",
            Kind::String => "string",
            Kind::Number => "number",
            Kind::Integer => "integer",
            Kind::Boolean => "boolean",
        })
    }
}

impl IntegerWidth {
    /// As the client's types read it. What is no number is not its matter.
    fn fits(self, value: &Value) -> bool {
        let Value::Number(number) = value else { return true };
        // The first float that is too great, and its negative, which stands for numbers below the least one too.
        let end = match self {
            IntegerWidth::Bits32 => {
                return number
                    .as_f64()
                    .is_none_or(|float| f64::from(i32::MIN) <= float && float <= f64::from(i32::MAX));
            }
            IntegerWidth::Bits64 => 9_223_372_036_854_775_808.0,
        };
        number.is_i64() || (number.is_f64() && number.as_f64().is_some_and(|float| -end < float && float < end))
    }
}

/// Reads schemas of one document.
struct Reader<'a> {
    document: &'a Value,
}

impl Reader<'_> {
    fn schema(&self, schema: &Value, depth: usize) -> Result<Schema, String> {
        if depth > MAX_DEPTH {
            return Err(format!(
                "a schema is deeper than {MAX_DEPTH}, or its references go in a circle"
            ));
        }
        if schema.get("$ref").is_some() {
            let referred = resolve(self.document, schema);
            if std::ptr::eq(referred, schema) {
                return Err(format!("{schema} refers to nothing"));
            }
            return self.schema(referred, depth + 1);
        }
        let mut read = Schema::default();
        for (keyword, value) in schema.as_object().ok_or("a schema is no object")? {
            self.keyword(&mut read, keyword, value, depth)
                .map_err(|error| format!("{keyword}: {error}"))?;
        }
        Ok(read)
    }

    fn keyword(&self, read: &mut Schema, keyword: &str, value: &Value, depth: usize) -> Result<(), String> {
        match keyword {
            "type" => read.kind = Some(kind(value)?),
            "format" => read.integer_width = integer_width(value),
            "nullable" => read.nullable = value == &Value::Bool(true),
            "enum" => read.words = Some(value.as_array().ok_or("is no list")?.clone()),
            "required" => {
                let names = value.as_array().ok_or("is no list")?.iter();
                read.required = names.filter_map(Value::as_str).map(str::to_owned).collect();
            }
            "properties" => {
                for (name, schema) in value.as_object().ok_or("is no object")? {
                    let schema = self
                        .schema(schema, depth + 1)
                        .map_err(|error| format!("{name}: {error}"))?;
                    read.properties.insert(name.clone(), schema);
                }
            }
            "additionalProperties" => {
                read.other_properties = match value {
                    Value::Bool(true) => OtherProperties::Any,
                    Value::Bool(false) => OtherProperties::None,
                    schema => OtherProperties::Of(Box::new(self.schema(schema, depth + 1)?)),
                };
            }
            "items" => read.items = Some(Box::new(self.schema(value, depth + 1)?)),
            "allOf" => {
                let schemas = value.as_array().ok_or("is no list")?.iter();
                read.all_of = schemas
                    .map(|schema| self.schema(schema, depth + 1))
                    .collect::<Result<_, _>>()?;
            }
            annotation if annotation.starts_with("x-") || ANNOTATIONS.contains(&annotation) => {}
            _ => {
                return Err(
                    "the sandbox does not check requests by this keyword: src/document/schema/mod.rs lists those it knows"
                        .to_owned(),
                );
            }
        }
        Ok(())
    }
}

fn kind(value: &Value) -> Result<Kind, String> {
    Ok(match value.as_str() {
        Some("object") => Kind::Object,
        Some("array") => Kind::Array,
        Some("string") => Kind::String,
        Some("number") => Kind::Number,
        Some("integer") => Kind::Integer,
        Some("boolean") => Kind::Boolean,
        _ => return Err(format!("{value} is no type")),
    })
}

fn integer_width(format: &Value) -> Option<IntegerWidth> {
    match format.as_str() {
        Some("int32") => Some(IntegerWidth::Bits32),
        Some("int64") => Some(IntegerWidth::Bits64),
        _ => None,
    }
}

/// Follows a `$ref` to another part of the document.
pub(crate) fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let reference = value.get("$ref").and_then(Value::as_str);
    let pointer = reference.and_then(|text| text.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

/// One error in a value, in a text that holds no value of it.
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
    fn new(place: &str, what: impl Into<String>) -> Self {
        ValidationError {
            place: place.to_owned(),
            what: what.into(),
            missing: false,
        }
    }
}

impl fmt::Display for ValidationError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            formatter.write_str(&self.what)
        } else {
            write!(formatter, "{}: {}", self.place, self.what)
        }
    }
}

#[cfg(test)]
mod tests;
