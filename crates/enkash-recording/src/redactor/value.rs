//! Redacts one value by what the document says of its place. The order of the rules is the order of strictness: a secret is a
//! secret whatever else its place is.

use serde_json::Number;

use super::words::{are_words, is_count, is_message_field, is_short_number, is_word_field, redact_message};
use super::{Rule, Work};
use crate::document::SchemaView;
use crate::json::Json;

/// What stands for a secret. Two secrets are not told apart.
pub(super) const SECRET: &str = "[secret]";

/// The formats that this crate knows. A field of any other one is taken for a secret, until somebody decides.
const FORMATS: [&str; 5] = ["int32", "int64", "money", "password", "personal"];

/// The fields whose number says whether a call was done.
const CODE_FIELDS: [&str; 2] = ["code", "response_code"];

impl Work<'_> {
    /// A text. Query values come here as well, whatever their documented type: they are written as texts.
    pub(super) fn text(&mut self, view: &SchemaView<'_>, name: &str, text: &str) -> String {
        if view.has_format("password") || view.has_other_format(&FORMATS) {
            self.count(Rule::Secret);
            return SECRET.to_owned();
        }
        if text.is_empty() {
            return String::new();
        }
        if view.has_format("personal") {
            self.count(Rule::Personal);
            return self.redactor.placeholders.text(text);
        }
        let is_known_word = is_word_field(name) && self.redactor.document.has_word(text);
        if let Some(rule) = kept_text(view, name, text).or(is_known_word.then_some(Rule::KeptWord)) {
            self.count(rule);
            return text.to_owned();
        }
        let is_documented = view.has_type(&["string", "integer", "number", "boolean"]);
        if is_message_field(name) && view.is_documented() {
            let (message, replaced) = redact_message(text);
            self.count(if replaced == 0 {
                Rule::KeptMessage
            } else {
                Rule::MessageWords
            });
            return message;
        }
        self.count(if is_documented {
            Rule::Reference
        } else {
            Rule::UndocumentedValue
        });
        self.redactor.placeholders.text(text)
    }

    /// A number.
    pub(super) fn number(&mut self, view: &SchemaView<'_>, name: &str, number: &Number) -> Json {
        let text = number.to_string();
        if view.has_format("password") || view.has_other_format(&FORMATS) {
            self.count(Rule::Secret);
            return Json::Text(SECRET.to_owned());
        }
        let is_whole = view.has_type(&["integer"]);
        if is_whole && CODE_FIELDS.contains(&name) && is_short_number(&text) {
            self.count(Rule::KeptCode);
            return Json::Number(number.clone());
        }
        if is_whole && is_count(name, &text) {
            self.count(Rule::KeptCount);
            return Json::Number(number.clone());
        }
        let is_documented = view.has_type(&["integer", "number"]);
        self.count(if view.has_format("personal") {
            Rule::Personal
        } else if is_documented {
            Rule::Amount
        } else {
            Rule::UndocumentedValue
        });
        Json::Number(self.redactor.placeholders.number(number))
    }

    /// A yes or no.
    pub(super) fn flag(&mut self, view: &SchemaView<'_>, flag: bool) -> Json {
        if view.has_type(&["boolean"]) {
            self.count(Rule::KeptFlag);
            return Json::Bool(flag);
        }
        self.count(Rule::UndocumentedValue);
        Json::Bool(false)
    }
}

/// Why a text is kept as it is, if it is.
fn kept_text(view: &SchemaView<'_>, name: &str, text: &str) -> Option<Rule> {
    if view.words().any(|word| word == text) {
        return Some(Rule::KeptWord);
    }
    let is_enumerated = view.words().next().is_some();
    if (is_enumerated || (is_word_field(name) && view.has_type(&["string"]))) && are_words(text) {
        return Some(Rule::KeptWord);
    }
    if CODE_FIELDS.contains(&name) && view.has_type(&["string"]) && is_short_number(text) {
        return Some(Rule::KeptCode);
    }
    if view.has_type(&["string", "integer"]) && is_count(name, text) {
        return Some(Rule::KeptCount);
    }
    if view.has_type(&["boolean"]) && matches!(text, "true" | "false") {
        return Some(Rule::KeptFlag);
    }
    None
}
