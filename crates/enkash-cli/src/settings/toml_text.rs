//! A text in a profile, checked. Profiles and their tables read with it.

use toml::{Spanned, de::DeValue};

pub(super) fn parse_text(name: &str, value: &Spanned<DeValue<'_>>) -> Result<String, String> {
    match value.get_ref() {
        DeValue::String(text) if text.trim().is_empty() => Err(format!("{name} is empty")),
        DeValue::String(text) if text.contains(char::is_control) => {
            Err(format!("{name} has a line break or another control character"))
        }
        DeValue::String(text) => Ok(text.to_string()),
        _ => Err(format!("{name} must be a text, in quotes")),
    }
}
