//! The shape of a response: which fields it has and of which types, without their values. Two responses of one shape look the
//! same to a client; the comparison of recording and sandbox is one of shapes.

use std::collections::{BTreeMap, BTreeSet};

use enkash_recording::is_field_name;
use serde_json::Value;

use crate::report::FieldDifference;

/// Deeper fields are not compared.
const MAX_DEPTH: usize = 16;

/// More fields than this are not compared.
const MAX_FIELDS: usize = 2_000;

/// What stands for a key that may be data.
const HIDDEN_KEY: &str = "*";

/// The types of one field.
type Types = BTreeSet<&'static str>;

/// The fields of a body, each with the types that it has there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    fields: BTreeMap<String, Types>,
    /// Whether a list that says how many there are shows all of them.
    counts: BTreeMap<String, Types>,
    /// Lists without an entry: nothing is known of what they hold.
    empty_lists: BTreeSet<String>,
}

impl Shape {
    /// The shape of a body in JSON.
    pub(crate) fn new(body: &Value) -> Self {
        let mut shape = Self::default();
        shape.add("", body, 0);
        shape
    }

    /// The shape of a body that is no JSON.
    pub(crate) fn of_other(kind: &'static str) -> Self {
        let mut shape = Self::default();
        shape.fields.entry(String::new()).or_default().insert(kind);
        shape
    }

    fn add(&mut self, field: &str, value: &Value, depth: usize) {
        if depth > MAX_DEPTH || self.fields.len() > MAX_FIELDS {
            return;
        }
        self.fields
            .entry(field.to_owned())
            .or_default()
            .insert(kind(field, value));
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let key = if is_field_name(key) { key } else { HIDDEN_KEY };
                    let child = if field.is_empty() {
                        key.to_owned()
                    } else {
                        format!("{field}.{key}")
                    };
                    self.add(&child, value, depth + 1);
                }
                self.add_relation(field, map);
            }
            Value::Array(values) if values.is_empty() => {
                self.empty_lists.insert(field.to_owned());
            }
            Value::Array(values) => {
                let child = format!("{field}[]");
                values.iter().for_each(|value| self.add(&child, value, depth + 1));
            }
            _ => {}
        }
    }

    fn add_relation(&mut self, field: &str, map: &serde_json::Map<String, Value>) {
        let count = map.get("recordsCount").and_then(Value::as_u64);
        let rows = map.values().find_map(Value::as_array).map(Vec::len);
        if let (Some(count), Some(rows)) = (count, rows) {
            let is_cut = if count > rows as u64 {
                "more than are shown"
            } else {
                "as many as are shown"
            };
            let at = format!("{field}.recordsCount");
            self.counts
                .entry(at.trim_start_matches('.').to_owned())
                .or_default()
                .insert(is_cut);
        }
    }

    /// What differs, field by field. A field below another that differs is not named again. `has_counts` says whether the
    /// numbers of the recording are those that were sent.
    pub(crate) fn differences(&self, sandbox: &Shape, has_counts: bool) -> Vec<FieldDifference> {
        let names: BTreeSet<&String> = self.fields.keys().chain(sandbox.fields.keys()).collect();
        let mut differences: Vec<FieldDifference> = Vec::new();
        for field in names {
            let is_unknown = [self, sandbox].iter().any(|shape| shape.is_below_empty_list(field));
            let is_named = differences.iter().any(|known| is_below(field, &known.field));
            let (recorded, answered) = (self.fields.get(field), sandbox.fields.get(field));
            if !is_unknown && !is_named && recorded != answered {
                differences.push(difference(field, recorded, answered));
            }
        }
        for (field, recorded) in self.counts.iter().filter(|_| has_counts) {
            let answered = sandbox.counts.get(field);
            if answered.is_some_and(|answered| answered != recorded) {
                differences.push(difference(field, Some(recorded), answered));
            }
        }
        differences
    }

    fn is_below_empty_list(&self, field: &str) -> bool {
        self.empty_lists.iter().any(|list| is_below(field, list))
    }
}

fn difference(field: &str, recorded: Option<&Types>, sandbox: Option<&Types>) -> FieldDifference {
    let words = |types: Option<&Types>| match types {
        None => "absent".to_owned(),
        Some(types) => types.iter().copied().collect::<Vec<_>>().join(" or "),
    };
    FieldDifference {
        field: field.to_owned(),
        recorded: words(recorded),
        sandbox: words(sandbox),
    }
}

/// Whether a field is inside of another.
fn is_below(field: &str, other: &str) -> bool {
    let rest = field.strip_prefix(other);
    rest.is_some_and(|rest| !rest.is_empty() && (other.is_empty() || rest.starts_with(['.', '['])))
}

/// The type of a value. Whether an amount has decimals is chance; what the lifetime of a token says is none.
fn kind(field: &str, value: &Value) -> &'static str {
    let is_lifetime = matches!(field.rsplit('.').next(), Some("expires_in" | "expiresIn"));
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if is_lifetime => lifetime(number.as_f64().unwrap_or_default()),
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

fn lifetime(seconds: f64) -> &'static str {
    match seconds {
        ..=0.0 => "number, 0",
        ..=3_600.0 => "number, up to an hour",
        ..=1e9 => "number, above an hour",
        _ => "number, an instant in milliseconds",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Shape;

    fn differences(recorded: &serde_json::Value, sandbox: &serde_json::Value) -> Vec<String> {
        let differences = Shape::new(recorded).differences(&Shape::new(sandbox), true);
        differences
            .into_iter()
            .map(|found| format!("{}: {} / {}", found.field, found.recorded, found.sandbox))
            .collect()
    }

    #[test]
    fn values_do_not_differ_and_fields_and_types_do() {
        let recorded = json!({"code": 0, "payload": {"id": "A", "amount": 1.5, "rows": [{"x": 1}]}});
        let same = json!({"code": 7, "payload": {"id": "B", "amount": 2, "rows": [{"x": 2}, {"x": 3}]}});
        assert!(differences(&recorded, &same).is_empty());
        let other = json!({"code": "0", "payload": {"id": "B", "rows": [{"y": {"z": 1}}]}});
        assert_eq!(
            differences(&recorded, &other),
            [
                "code: number / string",
                "payload.amount: number / absent",
                "payload.rows[].x: number / absent",
                "payload.rows[].y: absent / object",
            ]
        );
    }

    #[test]
    fn an_empty_list_says_nothing_of_its_rows() {
        assert!(differences(&json!({"rows": []}), &json!({"rows": [{"x": 1}]})).is_empty());
    }

    #[test]
    fn a_lifetime_is_told_apart_by_its_size_and_a_count_by_its_rows() {
        for (one, other) in [(299, 86_399), (0, 299), (86_399, 1_800_000_000_000_u64)] {
            assert_eq!(
                differences(&json!({"expires_in": one}), &json!({"expires_in": other})).len(),
                1,
                "{one} {other}"
            );
        }
        assert!(differences(&json!({"expires_in": 299}), &json!({"expires_in": 120})).is_empty());
        let list = |count: u64| json!({"payload": {"recordsCount": count, "data": [1, 2]}});
        assert_eq!(differences(&list(2), &list(9)).len(), 1);
    }

    #[test]
    fn a_key_that_may_be_data_is_a_star() {
        let shape = Shape::new(&json!({"9123456789": 1, "asha@mail.example": 2}));
        assert!(!format!("{shape:?}").contains("9123456789") && !format!("{shape:?}").contains("asha"));
    }
}
