//! Writes JSON as YAML in block form, with every text in quotes that YAML readers could take for something else. An overlay is
//! written with it, because a person reads the overlay before it is used.

use serde_json::Value;

/// The value as lines, indented by so many spaces.
pub(super) fn block(value: &Value, indent: usize) -> String {
    let mut text = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                text.push_str(&format!(
                    "{}{}:{}",
                    " ".repeat(indent),
                    scalar_text(key),
                    after_key(value, indent + 2)
                ));
            }
        }
        Value::Array(values) if !values.is_empty() => {
            for value in values {
                let inner = block(value, indent + 2);
                let first = inner.trim_start();
                text.push_str(&format!("{}- {first}", " ".repeat(indent)));
            }
        }
        scalar => text.push_str(&format!("{}{}\n", " ".repeat(indent), flow(scalar))),
    }
    text
}

fn after_key(value: &Value, indent: usize) -> String {
    match value {
        Value::Object(map) if !map.is_empty() => format!("\n{}", block(value, indent)),
        Value::Array(values) if !values.is_empty() => format!("\n{}", block(value, indent)),
        scalar => format!(" {}\n", flow(scalar)),
    }
}

fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar_text(text),
        other => other.to_string(),
    }
}

/// A text, in quotes unless it is plain letters that mean nothing to YAML.
pub(super) fn scalar_text(text: &str) -> String {
    const MEANINGFUL: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        && !MEANINGFUL.contains(&text.to_ascii_lowercase().as_str());
    if is_plain {
        text.to_owned()
    } else {
        Value::from(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::block;

    #[test]
    fn what_is_written_reads_back() {
        let value = json!({
            "200": {"a": [], "b": {}, "c": null, "no": "off", "text": "a: b # c\n\"d\" 'é'"},
            "list": [{"x": 1, "y": [1, "010", true]}, "2026-11-28", [["z"]]],
        });
        let text = block(&value, 2);
        let read: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        assert_eq!(read, value, "{text}");
    }
}
