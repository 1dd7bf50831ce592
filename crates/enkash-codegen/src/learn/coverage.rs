//! How much of the description a recording touched: which operations, which of their fields, and which words of their
//! enumerations. The comparison notes what it meets; the report sets it against what the description has.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::spec::ObservedSide;
use crate::spec::pointer::Pointer;

use super::schema::SchemaView;

/// Deeper fields of the description are not listed.
const MAX_DEPTH: usize = 12;

/// What the exchanges of one operation touched.
#[derive(Default)]
pub(super) struct Coverage {
    pub(super) exchanges: u64,
    pub(super) accepted: u64,
    pub(super) statuses: BTreeMap<u16, u64>,
    fields: BTreeMap<ObservedSide, BTreeSet<String>>,
    words: BTreeMap<(ObservedSide, String), BTreeSet<String>>,
    typed: BTreeSet<Pointer>,
}

impl Coverage {
    pub(super) fn field(&mut self, side: ObservedSide, field: &str) {
        let fields = self.fields.entry(side).or_default();
        if !fields.contains(field) {
            fields.insert(field.to_owned());
        }
    }

    pub(super) fn word(&mut self, side: ObservedSide, field: &str, word: &str) {
        self.words
            .entry((side, field.to_owned()))
            .or_default()
            .insert(word.to_owned());
    }

    /// A value of the documented type stood at this schema.
    pub(super) fn typed_as_documented(&mut self, schema: &Pointer) {
        if !self.typed.contains(schema) {
            self.typed.insert(schema.clone());
        }
    }

    pub(super) fn has_documented_type(&self, schema: &Pointer) -> bool {
        self.typed.contains(schema)
    }

    /// What was seen of what one side documents.
    pub(super) fn of_side(&self, side: ObservedSide, documented: &Documented) -> SideCoverage {
        let none = BTreeSet::new();
        let seen = self.fields.get(&side).unwrap_or(&none);
        let (found, missing) = documented
            .fields
            .iter()
            .cloned()
            .partition(|field| seen.contains(field));
        let mut words = Vec::new();
        let mut unseen_words = Vec::new();
        for (field, word) in &documented.words {
            let is_seen = self
                .words
                .get(&(side, field.clone()))
                .is_some_and(|seen| seen.contains(word));
            if is_seen { &mut words } else { &mut unseen_words }.push(format!("{field}={word}"));
        }
        SideCoverage {
            seen: found,
            unseen: missing,
            seen_words: words,
            unseen_words,
        }
    }
}

/// What was seen of one operation.
#[derive(Clone, Debug, Serialize)]
pub struct OperationCoverage {
    /// The operationId.
    pub operation: String,
    /// The exchanges of it.
    pub exchanges: u64,
    /// Those that were accepted: a 2xx whose body reports no failure.
    pub accepted: u64,
    /// How many exchanges had which status.
    pub statuses: BTreeMap<u16, u64>,
    /// What was seen of the request.
    pub request: SideCoverage,
    /// What was seen of the response.
    pub response: SideCoverage,
}

/// What was seen of one side of an operation.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SideCoverage {
    /// The documented fields that were seen.
    pub seen: Vec<String>,
    /// The others.
    pub unseen: Vec<String>,
    /// The documented words that were seen, as `field=WORD`.
    pub seen_words: Vec<String>,
    /// The others.
    pub unseen_words: Vec<String>,
}

/// What the description says of one side.
#[derive(Default)]
pub(super) struct Documented {
    fields: Vec<String>,
    words: Vec<(String, String)>,
}

impl Documented {
    /// Lists the fields and words below a schema.
    pub(super) fn new(document: &Value, schema: Option<&Pointer>) -> Self {
        let mut documented = Self::default();
        if let Some(schema) = schema {
            documented.add(document, "", schema, 0);
        }
        documented
    }

    fn add(&mut self, document: &Value, field: &str, schema: &Pointer, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        if !field.is_empty() {
            self.fields.push(field.to_owned());
        }
        let view = SchemaView::new(document, schema);
        for (words, _) in view.words.iter() {
            self.words
                .extend(words.iter().map(|word| (field.to_owned(), (*word).to_owned())));
        }
        for (name, property) in &view.properties {
            let child = if field.is_empty() {
                (*name).to_owned()
            } else {
                format!("{field}.{name}")
            };
            self.add(document, &child, property, depth + 1);
        }
        if let Some(items) = &view.items {
            self.add(document, &format!("{field}[]"), items, depth + 1);
        }
    }
}
