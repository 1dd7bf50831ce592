//! Holds one body against its schema, field by field, and notes what the schema does not say. It walks over the resolved
//! document, so each sighting has the path of its field and the place that a mend would change. The learning of an exchange
//! calls it for the request and for the response.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::spec::naming::field_name;
use crate::spec::pointer::Pointer;
use crate::spec::{Observation, ObservedSide};

use super::coverage::Coverage;
use super::names;
use super::schema::{SchemaView, json_type};
use super::sighting::{Key, Sight, Sightings, Subject};

/// Deeper values are not looked into.
const MAX_DEPTH: usize = 24;

/// More words of one field than this are no enumeration.
const MAX_WORDS: usize = 12;

/// What earlier recordings showed of one side of an operation: it is known.
#[derive(Default)]
pub(super) struct Known {
    pub(super) types: BTreeMap<String, BTreeSet<String>>,
    pub(super) words: BTreeMap<String, BTreeSet<String>>,
    pub(super) absent: BTreeSet<String>,
    pub(super) statuses: BTreeSet<u16>,
    pub(super) media_types: BTreeSet<String>,
}

/// What is known of an operation from earlier recordings, side by side.
pub(super) struct KnownSides {
    pub(super) request: Known,
    pub(super) response: Known,
    pub(super) errors: Known,
}

impl Known {
    pub(super) fn new(observed: &[Observation], side: ObservedSide) -> Self {
        let mut known = Self::default();
        for seen in observed.iter().filter(|seen| seen.side == side) {
            let field = seen.field.clone().unwrap_or_default();
            if seen.absent {
                known.absent.insert(field.clone());
            }
            known.statuses.extend(seen.status);
            known.media_types.extend(seen.media_type.clone());
            known
                .types
                .entry(field.clone())
                .or_default()
                .extend(seen.types.iter().cloned());
            known.words.entry(field).or_default().extend(seen.words.iter().cloned());
        }
        known
    }

    fn has_type(&self, field: &str, json_type: &str) -> bool {
        self.types.get(field).is_some_and(|types| types.contains(json_type))
    }
}

/// The comparison of one body.
pub(super) struct Comparison<'a, 'b> {
    pub(super) document: &'a Value,
    pub(super) subject: &'b Subject,
    pub(super) side: ObservedSide,
    /// Whether what is required must be there: a response promises nothing, and a refused request need not be right.
    pub(super) holds_required: bool,
    /// Whether the values are those of a form, in which everything is a text.
    pub(super) is_form: bool,
    pub(super) known: &'b Known,
    pub(super) sightings: &'b mut Sightings,
    pub(super) coverage: &'b mut Coverage,
}

impl Comparison<'_, '_> {
    /// Compares a whole body.
    pub(super) fn body(&mut self, value: &Value, schema: &Pointer) {
        self.value("", value, schema, 0);
    }

    /// Compares the value of a parameter.
    pub(super) fn parameter(&mut self, field: &str, value: &Value, schema: &Pointer) {
        self.value(field, value, schema, 0);
    }

    /// Notes the fields of a body of which no schema is known.
    pub(super) fn free_body(&mut self, value: &Value) {
        self.free("", value, 0);
    }

    fn value(&mut self, field: &str, value: &Value, schema: &Pointer, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let view = SchemaView::new(self.document, schema);
        self.coverage.field(self.side, field);
        if view.is_free {
            return self.free(field, value, depth);
        }
        let json_type = json_type(value);
        if value.is_null() {
            if !view.is_nullable && !view.accepts("null") && !self.known.has_type(field, "null") {
                self.note(field, Sight::Null).types.insert("null");
            }
            return;
        }
        if !view.accepts(json_type) && !self.is_form_text(value, &view) {
            return self.other_type(field, value, schema, &view, depth);
        }
        self.coverage.typed_as_documented(schema);
        match value {
            Value::Object(_) => self.object(field, value, &view, depth),
            Value::Array(values) => {
                let Some(items) = &view.items else { return };
                let field = format!("{field}[]");
                values
                    .iter()
                    .for_each(|value| self.value(&field, value, items, depth + 1));
            }
            Value::String(text) => self.word(field, text, &view),
            _ => {}
        }
    }

    fn other_type(&mut self, field: &str, value: &Value, schema: &Pointer, view: &SchemaView<'_>, depth: usize) {
        let json_type = json_type(value);
        if self.known.has_type(field, json_type) {
            return self.free(field, value, depth);
        }
        let is_read_anyway = view.is_container() || (view.is_money && value.is_string());
        let schema = schema.clone();
        let tally = self.note(field, Sight::OtherType { schema, is_read_anyway });
        tally.types.insert(json_type);
        self.free(field, value, depth);
    }

    /// A form has texts only: one that reads as the type that is wanted is of that type.
    fn is_form_text(&self, value: &Value, view: &SchemaView<'_>) -> bool {
        let Some(text) = value.as_str().filter(|_| self.is_form) else {
            return false;
        };
        serde_json::from_str::<Value>(text).is_ok_and(|value| view.accepts(json_type(&value)))
    }

    fn object(&mut self, field: &str, value: &Value, view: &SchemaView<'_>, depth: usize) {
        let fields = value.as_object().into_iter().flatten();
        for (key, value) in fields {
            if let Some(schema) = view.properties.get(key.as_str()) {
                self.value(&child(field, key), value, schema, depth + 1);
                continue;
            }
            let at = child(field, names::field_step(key));
            if let Some(others) = &view.others {
                self.value(&at, value, others, depth + 1);
                continue;
            }
            if !self.known.has_type(&at, json_type(value)) {
                let name = names::field_step(key).to_owned();
                let is_free = view
                    .properties
                    .keys()
                    .all(|known| field_name(known) != field_name(&name));
                let owner = view.owner.clone().filter(|_| name != names::HIDDEN_KEY && is_free);
                let tally = self.note(&at, Sight::UndocumentedField { owner, name });
                tally.types.insert(json_type(value));
            }
            self.free(&at, value, depth + 1);
        }
        if self.holds_required {
            let missing = view.required.iter().filter(|(name, _)| value.get(*name).is_none());
            for (name, list) in missing {
                let at = child(field, name);
                if !self.known.absent.contains(&at) {
                    let (required, name) = (Some(list.clone()), (*name).to_owned());
                    self.note(&at, Sight::Missing { required, name });
                }
            }
        }
    }

    fn word(&mut self, field: &str, text: &str, view: &SchemaView<'_>) {
        let Some((words, list)) = &view.words else { return };
        if words.contains(&text) {
            return self.coverage.word(self.side, field, text);
        }
        let is_known = self.known.has_type(field, "string")
            || self.known.words.get(field).is_some_and(|known| known.contains(text));
        if is_known {
            return;
        }
        let tally = self.note(field, Sight::OtherWord { list: list.clone() });
        if names::is_enumeration_word(text, words) && tally.words.len() < MAX_WORDS {
            tally.words.insert(text.to_owned());
        } else {
            tally.has_hidden_words = true;
        }
    }

    /// Notes each field below a place of which nothing is known but that it is JSON.
    fn free(&mut self, field: &str, value: &Value, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    let name = names::field_step(key).to_owned();
                    let at = child(field, &name);
                    self.free_field(&at, name, value);
                    self.free(&at, value, depth + 1);
                }
            }
            Value::Array(values) => {
                let at = format!("{field}[]");
                for value in values {
                    if !value.is_object() && !value.is_array() {
                        self.free_field(&at, "[]".to_owned(), value);
                    }
                    self.free(&at, value, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn free_field(&mut self, at: &str, name: String, value: &Value) {
        self.coverage.field(self.side, at);
        if !self.known.has_type(at, json_type(value)) {
            let tally = self.note(at, Sight::UndocumentedField { owner: None, name });
            tally.types.insert(json_type(value));
        }
    }

    fn note(&mut self, field: &str, sight: Sight) -> &mut super::sighting::Tally {
        self.sightings.note(Key {
            subject: self.subject.clone(),
            side: self.side,
            field: field.to_owned(),
            sight,
        })
    }
}

fn child(field: &str, key: &str) -> String {
    if field.is_empty() {
        key.to_owned()
    } else {
        format!("{field}.{key}")
    }
}
