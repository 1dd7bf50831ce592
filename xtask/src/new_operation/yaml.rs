//! Writes YAML as spec/ has it: block style, quotes only where a reader would take a text for something else.
//!
//! Whether it would is asked of the project's own reader, which knows `NO` and dates.

use enkash_codegen::spec::yaml_to_json;
use serde_json::Value;

use super::json::Json;

/// A text as a value behind a key.
#[must_use]
pub fn scalar(text: &str) -> String {
    quoted(text, |written| {
        let read = yaml_to_json(&format!("a: {written}")).ok()?;
        read.as_object().filter(|map| map.len() == 1)?.get("a").cloned()
    })
}

/// A text as an entry of a list in brackets, or as a value of a mapping in braces.
#[must_use]
pub fn inline_scalar(text: &str) -> String {
    quoted(text, |written| {
        let read = yaml_to_json(&format!("- {{a: {written}}}")).ok()?;
        read.get(0)?.as_object().filter(|map| map.len() == 1)?.get("a").cloned()
    })
}

/// A text as a key.
#[must_use]
pub fn key(text: &str) -> String {
    quoted(text, |written| {
        let read = yaml_to_json(&format!("{written}: 1")).ok()?;
        read.as_object()?.keys().next().cloned().map(Value::String)
    })
}

fn quoted(text: &str, read: impl Fn(&str) -> Option<Value>) -> String {
    let is_line = !text.is_empty() && text.trim() == text && !text.chars().any(char::is_control);
    if is_line && !text.starts_with(['"', '\'']) && read(text).is_some_and(|value| value == text) {
        return text.to_owned();
    }
    if text.chars().any(char::is_control) {
        return Value::from(text).to_string();
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// The lines of a key and its value.
#[must_use]
pub fn entry(indent: usize, name: &str, value: &Json) -> Vec<String> {
    let pad = " ".repeat(indent);
    let name = key(name);
    match value {
        Json::Object(members) if !members.is_empty() => {
            let lines = members.iter().flat_map(|(name, value)| entry(indent + 2, name, value));
            std::iter::once(format!("{pad}{name}:")).chain(lines).collect()
        }
        Json::List(items) if !items.is_empty() => {
            let lines = items.iter().flat_map(|value| item(indent + 2, value));
            std::iter::once(format!("{pad}{name}:")).chain(lines).collect()
        }
        flat => vec![format!("{pad}{name}: {}", flat_value(flat))],
    }
}

fn item(indent: usize, value: &Json) -> Vec<String> {
    let pad = " ".repeat(indent);
    let inner = match value {
        Json::Object(members) if !members.is_empty() => members
            .iter()
            .flat_map(|(name, value)| entry(indent + 2, name, value))
            .collect(),
        Json::List(items) if !items.is_empty() => items.iter().flat_map(|value| item(indent + 2, value)).collect(),
        flat => vec![format!("{pad}  {}", flat_value(flat))],
    };
    let mut lines: Vec<String> = inner;
    if let Some(first) = lines.first_mut() {
        first.replace_range(indent..=indent, "-");
    }
    lines
}

fn flat_value(value: &Json) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Number(number) => number.clone(),
        Json::Text(text) => scalar(text),
        Json::List(_) => "[]".to_owned(),
        Json::Object(_) => "{}".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{entry, inline_scalar, key, scalar};
    use crate::new_operation::json;
    use enkash_codegen::spec::yaml_to_json;

    #[test]
    fn a_text_stays_a_text() {
        assert_eq!(scalar("Success"), "Success");
        assert_eq!(inline_scalar("Get Cart"), "Get Cart");
        for odd in [
            "NO",
            "on",
            "010",
            "2025-01-02",
            "a: b",
            "a #b",
            "",
            " a",
            "it's",
            "'x'",
            "{a",
            "1.0",
            "null",
            "-",
            "~",
            "x:",
            "a\nb",
        ] {
            let read = yaml_to_json(&format!("a: {}", scalar(odd))).unwrap();
            assert_eq!(read["a"], odd, "{}", scalar(odd));
            let read = yaml_to_json(&format!("- {{a: {}}}", inline_scalar(odd))).unwrap();
            assert_eq!(read[0]["a"], odd, "{}", inline_scalar(odd));
            let read = yaml_to_json(&format!("{}: 1", key(odd))).unwrap();
            assert_eq!(read[odd], 1, "{}", key(odd));
        }
        assert_eq!(inline_scalar("a, b"), "'a, b'");
    }

    #[test]
    fn json_becomes_the_same_yaml() {
        let text = r#"{"a": {"b": [{"c": 1, "d": []}, [2, 3], "NO"], "e": {}}, "f": null, "g": 100.0}"#;
        let lines = entry(0, "value", &json::read(text, 1).value.unwrap());
        let read = yaml_to_json(&lines.join("\n")).unwrap();
        let expected: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(read["value"], expected, "{}", lines.join("\n"));
    }
}
