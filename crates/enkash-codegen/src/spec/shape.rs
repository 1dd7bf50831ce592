//! What a document may say, as tables, and the one function that holds a document against them.
//!
//! serde stops at the first mistake, does not know lines, and the OpenAPI library drops mistyped keys in silence.
//! The loader therefore checks every file against a table first ([`super::openapi_shape`] and the tables beside the
//! types of evidence, policy and overlays) and reports all mistakes at once, with what would be right.

use serde_json::{Map, Value};

use super::diagnostic::Diagnostic;
use super::document::Document;
use super::pointer::Pointer;
use super::suggestion::{did_you_mean, nearest};

/// What a value may be.
pub(crate) enum Shape {
    /// Any JSON.
    Anything,
    /// A string.
    Text,
    /// `true` or `false`.
    Boolean,
    /// Zero or a positive whole number.
    Count,
    /// A number.
    Number,
    /// One of these strings.
    Word(&'static [&'static str]),
    /// `null` or that.
    NullOr(&'static Shape),
    /// `true`, `false` or that.
    BooleanOr(&'static Shape),
    /// A list of that.
    List(&'static Shape),
    /// A mapping from names of the writer's choice to that.
    MapOf(&'static Shape),
    /// A mapping with known keys.
    Object(&'static Object),
    /// Such a mapping, or a `$ref` to one.
    ObjectOrReference(&'static Object),
}

/// A mapping with known keys.
pub(crate) struct Object {
    /// The section of `components` that holds such objects, for those that a `$ref` may name.
    pub(crate) section: Option<&'static str>,
    /// The known keys.
    pub(crate) fields: &'static [Field],
    /// What else may be a key.
    pub(crate) others: Others,
}

/// One known key of a mapping.
pub(crate) struct Field {
    pub(crate) key: &'static str,
    pub(crate) required: bool,
    pub(crate) shape: Shape,
}

/// Which keys a mapping may have besides the known ones.
pub(crate) enum Others {
    /// None.
    Refused,
    /// Those that begin with `x-`.
    Extensions,
    /// Those that begin with `x-`, and those that `accepts` likes.
    Named {
        accepts: fn(&str) -> bool,
        remedy: fn(&str) -> String,
        shape: Shape,
    },
}

/// A key that must be there.
pub(crate) const fn required(key: &'static str, shape: Shape) -> Field {
    Field {
        key,
        required: true,
        shape,
    }
}

/// A key that may be there.
pub(crate) const fn optional(key: &'static str, shape: Shape) -> Field {
    Field {
        key,
        required: false,
        shape,
    }
}

/// A mapping that was found where the tables expect one.
#[derive(Clone)]
pub(crate) struct Node<'a> {
    pub(crate) at: Pointer,
    pub(crate) object: &'static Object,
    pub(crate) map: &'a Map<String, Value>,
}

/// A `$ref` that was found where the tables allow one.
#[derive(Clone)]
pub(crate) struct Reference<'a> {
    /// The mapping that holds the `$ref`.
    pub(crate) at: Pointer,
    /// The section of `components` that it has to point into.
    pub(crate) section: &'static str,
    pub(crate) target: &'a str,
}

/// What [`check`] found.
#[derive(Default)]
pub(crate) struct Checked<'a> {
    /// Every mapping with known keys.
    pub(crate) nodes: Vec<Node<'a>>,
    /// Every reference.
    pub(crate) references: Vec<Reference<'a>>,
    /// Every mistake.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Holds a document against a shape.
pub(crate) fn check<'a>(document: &'a Document, shape: &'static Shape) -> Checked<'a> {
    let mut checker = Checker {
        document,
        checked: Checked::default(),
    };
    checker.value(&Pointer::root(), &document.value, shape);
    checker.checked
}

struct Checker<'a> {
    document: &'a Document,
    checked: Checked<'a>,
}

impl<'a> Checker<'a> {
    fn value(&mut self, at: &Pointer, value: &'a Value, shape: &'static Shape) {
        match (shape, value) {
            (Shape::Anything, _)
            | (Shape::Text, Value::String(_))
            | (Shape::Boolean | Shape::BooleanOr(_), Value::Bool(_))
            | (Shape::Number, Value::Number(_))
            | (Shape::NullOr(_), Value::Null) => {}
            (Shape::Count, Value::Number(number)) if number.is_u64() => {}
            (Shape::Word(words), Value::String(word)) => self.word(at, word, words),
            (Shape::NullOr(inner) | Shape::BooleanOr(inner), _) => self.value(at, value, inner),
            (Shape::List(inner), Value::Array(values)) => {
                for (index, value) in values.iter().enumerate() {
                    self.value(&at.index(index), value, inner);
                }
            }
            (Shape::MapOf(inner), Value::Object(map)) => {
                for (key, value) in map {
                    self.value(&at.child(key), value, inner);
                }
            }
            (Shape::Object(object), Value::Object(map)) => self.object(at, map, object),
            (Shape::ObjectOrReference(object), Value::Object(map)) => match map.get("$ref") {
                Some(target) => self.reference(at, map, target, object),
                None => self.object(at, map, object),
            },
            _ => self.wrong_kind(at, value, shape),
        }
    }

    fn object(&mut self, at: &Pointer, map: &'a Map<String, Value>, object: &'static Object) {
        let mut meant = Vec::new();
        for (key, value) in map {
            if let Some(field) = object.fields.iter().find(|field| field.key == key) {
                self.value(&at.child(key), value, &field.shape);
                continue;
            }
            // A slip in `x-enkash` must not pass as somebody's own extension.
            let slip = nearest(key, object.fields.iter().map(|field| field.key));
            match &object.others {
                Others::Named { accepts, shape, .. } if accepts(key) => self.value(&at.child(key), value, shape),
                Others::Extensions | Others::Named { .. }
                    if key.starts_with("x-") && key != "x-enkash" && slip.is_none() => {}
                _ => {
                    meant.extend(slip);
                    self.unknown_key(at, key, object);
                }
            }
        }
        for field in object.fields {
            // The message about the mistyped key says it already.
            if field.required && !map.contains_key(field.key) && !meant.contains(&field.key) {
                self.report(at, format!("{}: missing in {at}", field.key));
            }
        }
        self.checked.nodes.push(Node {
            at: at.clone(),
            object,
            map,
        });
    }

    fn unknown_key(&mut self, at: &Pointer, key: &str, object: &Object) {
        let place = at.child(key);
        if key == "x-enkash" {
            return self.report(&place, format!("x-enkash: belongs into an operation, not into {at}"));
        }
        if let Others::Named { remedy, .. } = &object.others {
            return self.report(&place, format!("{key}: {}", remedy(key)));
        }
        let known = object.fields.iter().map(|field| field.key);
        let reference = object.section.map(|_| "$ref");
        let mut hint = did_you_mean(key, known.clone().chain(reference));
        if hint.is_empty() && object.fields.len() <= 12 {
            hint = format!("; the keys known here are {}", known.collect::<Vec<_>>().join(", "));
        }
        self.report(&place, format!("{key}: unknown key in {at}{hint}"));
    }

    fn reference(&mut self, at: &Pointer, map: &'a Map<String, Value>, target: &'a Value, object: &'static Object) {
        let remedy = match object.section {
            Some("schemas") => "put the $ref into allOf: [{$ref: …}]",
            _ => "remove it",
        };
        for key in map.keys().filter(|key| *key != "$ref") {
            let message = format!("{key}: has no effect beside the $ref of {at}, {remedy}");
            self.report(&at.child(key), message);
        }
        match (target, object.section) {
            (Value::String(target), Some(section)) => {
                self.checked.references.push(Reference {
                    at: at.clone(),
                    section,
                    target,
                });
            }
            (_, None) => self.report(
                &at.child("$ref"),
                format!("$ref: not possible in {at}, write the thing itself"),
            ),
            (target, _) => self.wrong_kind(&at.child("$ref"), target, &Shape::Text),
        }
    }

    fn word(&mut self, at: &Pointer, word: &str, words: &'static [&'static str]) {
        if words.contains(&word) {
            return;
        }
        let hint = did_you_mean(word, words.iter().copied());
        let (key, owner) = (at.last_step(), owner(at));
        self.report(
            at,
            format!("{key}: '{word}' in {owner} is none of {}{hint}", words.join(", ")),
        );
    }

    fn wrong_kind(&mut self, at: &Pointer, value: &Value, shape: &Shape) {
        let (expected, found) = (expected(shape), kind(value));
        let message = match at.parent() {
            None => format!("the document is {found} where {expected} is expected"),
            Some(_) => format!(
                "{}: {expected} is expected in {}, not {found}",
                at.last_step(),
                owner(at)
            ),
        };
        self.report(at, message);
    }

    fn report(&mut self, at: &Pointer, message: String) {
        self.checked.diagnostics.push(self.document.diagnostic(at, message));
    }
}

fn owner(at: &Pointer) -> Pointer {
    at.parent().unwrap_or_default()
}

fn expected(shape: &Shape) -> String {
    match shape {
        Shape::Anything => "any JSON".to_owned(),
        Shape::Text => "a text".to_owned(),
        Shape::Boolean => "true or false".to_owned(),
        Shape::Count => "a whole number of 0 or more".to_owned(),
        Shape::Number => "a number".to_owned(),
        Shape::Word(words) => format!("one of {}", words.join(", ")),
        Shape::NullOr(inner) => format!("null or {}", expected(inner)),
        Shape::BooleanOr(inner) => format!("true, false or {}", expected(inner)),
        Shape::List(_) => "a list".to_owned(),
        Shape::MapOf(_) | Shape::Object(_) | Shape::ObjectOrReference(_) => "a mapping".to_owned(),
    }
}

/// What a value is, in the words of a message.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}
