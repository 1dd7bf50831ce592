//! Reads values of a row whose form nobody saw, by the names of fields of the same family. What has another form is missing.

use enkash::Money;
use serde::Deserialize;
use serde_json::Value;

/// A text, or a number as it stands.
pub(super) fn text(row: &Value, name: &str) -> Option<String> {
    match row.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

pub(super) fn amount(row: &Value, name: &str) -> Option<Money> {
    Money::deserialize(row.get(name)?).ok()
}
