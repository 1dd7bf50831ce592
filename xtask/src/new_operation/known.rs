//! What the spec already says about a name: the types and formats of all fields that are called so.
//!
//! The same name is the same thing until a person says otherwise. Where the spec itself has two forms, the one that shows less is
//! taken, and the person asked.

use std::collections::{BTreeMap, BTreeSet};

use enkash_codegen::lint;
use serde_json::Value;

/// A form of a field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// A text, with its format.
    Text(Option<String>),
    /// A whole number.
    Integer,
    /// An amount.
    Money,
    /// `true` or `false`.
    Boolean,
    /// One of the words of this component.
    Words(String),
    /// Anything else.
    Other,
}

/// All names of the spec.
#[derive(Debug, Default)]
pub struct KnownFields {
    forms: BTreeMap<String, BTreeSet<Form>>,
    words: BTreeMap<String, Vec<String>>,
}

impl KnownFields {
    /// Those of a document.
    #[must_use]
    pub fn of(document: &Value) -> Self {
        let mut known = Self::default();
        let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
        for (name, schema) in schemas.into_iter().flatten() {
            if let Some(words) = schema.get("enum").and_then(Value::as_array) {
                let words = words.iter().filter_map(Value::as_str).map(str::to_owned);
                known.words.insert(name.clone(), words.collect());
            }
        }
        for schema in schemas.into_iter().flatten().map(|(_, schema)| schema) {
            known.collect(schema);
        }
        known
    }

    fn collect(&mut self, schema: &Value) {
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let form = self.form(property);
            self.forms.entry(name.clone()).or_default().insert(form);
        }
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.collect(part);
        }
    }

    fn form(&self, property: &Value) -> Form {
        let text = |key: &str| property.get(key).and_then(Value::as_str);
        match (text("type"), text("format")) {
            (Some("string"), format) => Form::Text(format.map(str::to_owned)),
            (Some("integer"), _) => Form::Integer,
            (Some("number"), _) => Form::Money,
            (Some("boolean"), _) => Form::Boolean,
            _ => {
                let part = property.pointer("/allOf/0").unwrap_or(property);
                let name = part
                    .get("$ref")
                    .and_then(Value::as_str)
                    .and_then(|to| to.rsplit('/').next());
                name.filter(|name| self.words.contains_key(*name))
                    .map_or(Form::Other, |name| Form::Words(name.to_owned()))
            }
        }
    }

    /// Whether the spec has a field of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.forms.contains_key(name)
    }

    /// Whether the spec has more than one form for the name.
    #[must_use]
    pub fn differs(&self, name: &str) -> bool {
        self.forms.get(name).is_some_and(|forms| forms.len() > 1)
    }

    /// Whether the name is an amount somewhere.
    #[must_use]
    pub fn is_money(&self, name: &str) -> bool {
        self.forms.get(name).is_some_and(|forms| forms.contains(&Form::Money))
    }

    /// Whether a field of this name is a text anywhere.
    #[must_use]
    pub fn is_text(&self, name: &str) -> bool {
        let forms = self.forms.get(name);
        forms.is_some_and(|forms| forms.iter().any(|form| matches!(form, Form::Text(_) | Form::Words(_))))
    }

    /// The component of words that every field of this name points at, and that has this word.
    #[must_use]
    pub fn words(&self, name: &str, word: Option<&str>) -> Option<&str> {
        let forms = self.forms.get(name)?;
        let [Form::Words(component)] = forms.iter().collect::<Vec<_>>()[..] else {
            return None;
        };
        let known = self.words.get(component)?;
        word.is_none_or(|word| known.iter().any(|known| known == word))
            .then_some(component.as_str())
    }

    /// The format of a text of this name: the one that shows least of those that the spec has, else what the name itself asks for.
    #[must_use]
    pub fn text_format(&self, name: &str) -> Option<&'static str> {
        let has = |format: &str| {
            let forms = self.forms.get(name);
            forms.is_some_and(|forms| forms.contains(&Form::Text(Some(format.to_owned()))))
        };
        let strict = ["password", "personal"].into_iter().find(|format| has(format));
        strict.or_else(|| lint::wanted_format(name))
    }
}
