//! JSON values side by side: what a test compares after a value went through a type. Numbers count by
//! value, because `500` and `500.00` are one amount.

use serde_json::Value;

use crate::spec_view::plain_text;

/// An object of scalars as an HTML form.
///
/// # Panics
///
/// It is no such object.
#[must_use]
pub fn to_form(value: &Value) -> String {
    let fields = value.as_object().expect("a form is an object").iter();
    let texts = fields.map(|(name, value)| (name, plain_text(value).expect("a form has scalars only")));
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(texts)
        .finish()
}

/// An HTML form as an object of texts. Names are unique in ours, and their order means nothing.
#[must_use]
pub fn from_form(form: &[u8]) -> Value {
    let fields = form_urlencoded::parse(form);
    fields
        .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
        .collect()
}

/// Where two values differ, as `pointer: left, right`; empty where they are the same.
#[must_use]
pub fn differences(left: &Value, right: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", left, right, &mut found);
    found
}

fn compare(at: &str, left: &Value, right: &Value, found: &mut Vec<String>) {
    match (left, right) {
        (Value::Object(a), Value::Object(b)) => {
            for (name, value) in a {
                match b.get(name) {
                    Some(other) => compare(&format!("{at}/{name}"), value, other, found),
                    None => found.push(format!("{at}/{name}: {value} is lost")),
                }
            }
            let added = b.iter().filter(|(name, _)| !a.contains_key(*name));
            found.extend(added.map(|(name, value)| format!("{at}/{name}: {value} is new")));
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (value, other)) in a.iter().zip(b).enumerate() {
                compare(&format!("{at}/{index}"), value, other, found);
            }
        }
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => {}
        _ if left == right => {}
        _ => found.push(format!("{at}: {left} became {right}")),
    }
}
