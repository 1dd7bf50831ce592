//! Reads the set of pairs: base, edits, verdicts.
//!
//! A key of `edit` is a place, a value what stands there afterwards; `<gone>` takes it away. `PLACE +` adds to a list, `PLACE -`
//! takes from it, `PLACE >` moves to the place in the value. `old` is an edit of the base that both sides have. A list of edits
//! is made one after another.

use std::sync::OnceLock;

use enkash_codegen::diff::Description;
use enkash_codegen::spec::yaml_to_json;
use serde_json::{Map, Value, json};

/// The files of one side, as values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Side {
    pub(crate) document: Value,
    pub(crate) policy: Value,
    pub(crate) surface: Value,
    pub(crate) sandbox: Value,
}

/// Two descriptions, and what is to be said about them.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) name: String,
    pub(crate) old: Side,
    pub(crate) new: Side,
    /// Lines such as `field-added Card.extra wire=ok rust=ok`.
    pub(crate) expected: Vec<String>,
}

/// A family of pairs: the file, and what stands in it.
pub(crate) const FAMILIES: [(&str, &str); 11] = [
    ("bodies", include_str!("pairs/bodies.yaml")),
    ("bounds", include_str!("pairs/bounds.yaml")),
    ("evidence", include_str!("pairs/evidence.yaml")),
    ("fields", include_str!("pairs/fields.yaml")),
    ("operations", include_str!("pairs/operations.yaml")),
    ("parameters", include_str!("pairs/parameters.yaml")),
    ("policies", include_str!("pairs/policies.yaml")),
    ("surfaces", include_str!("pairs/surfaces.yaml")),
    ("types", include_str!("pairs/types.yaml")),
    ("types_named", include_str!("pairs/types_named.yaml")),
    ("words", include_str!("pairs/words.yaml")),
];

pub(crate) const SIDES: [(&str, &str, &str); 4] = [
    ("request", "OrderRequest", "Speed"),
    ("response", "OrderInfo", "State"),
    ("both", "Address", "Unit"),
    ("unused", "Record", ""),
];

impl Side {
    pub(crate) fn base() -> Self {
        static BASE: OnceLock<Side> = OnceLock::new();
        let read = |text| yaml_to_json(text).expect("the base is YAML");
        let base = BASE.get_or_init(|| Self {
            document: read(include_str!("base/rewards.yaml")),
            policy: read(include_str!("base/policy.yaml")),
            surface: read(include_str!("base/surface.yaml")),
            sandbox: read(include_str!("base/sandbox.overlay.yaml")),
        });
        base.clone()
    }

    pub(crate) fn description(&self) -> Description {
        let files = [&self.document, &self.policy, &self.surface, &self.sandbox];
        Description::from_values(files.map(Value::clone))
    }

    fn edited(mut self, edits: Option<&Value>, names: (&str, &str)) -> Self {
        if let Some(Value::Array(steps)) = edits {
            return steps.iter().fold(self, |side, edits| side.edited(Some(edits), names));
        }
        for (key, value) in edits.and_then(Value::as_object).into_iter().flatten() {
            let value = named(value, names);
            let (place, action) = match key.rsplit_once(' ') {
                Some((place, action @ ("+" | "-" | ">"))) => (place, action),
                _ => (key.as_str(), ""),
            };
            self.edit(&named_text(place, names), action, value);
        }
        self
    }

    fn edit(&mut self, place: &str, action: &str, value: Value) {
        let (file, pointer) = self.locate(place);
        let missing = || panic!("{place} is not there");
        match (action, &value) {
            (">", Value::String(target)) => {
                let moved = remove(file, &pointer).unwrap_or_else(missing);
                let (file, pointer) = self.locate(target);
                set(file, &pointer, moved);
            }
            ("+", _) => match file.pointer_mut(&pointer).and_then(Value::as_array_mut) {
                Some(list) => list.push(value),
                None => set(file, &pointer, json!([value])),
            },
            ("-", _) => {
                let list = file.pointer_mut(&pointer).and_then(Value::as_array_mut);
                list.unwrap_or_else(|| panic!("{place} is no list"))
                    .retain(|item| *item != value);
            }
            (_, Value::String(text)) if text == "<gone>" => _ = remove(file, &pointer).unwrap_or_else(missing),
            _ => set(file, &pointer, value),
        }
    }

    /// The file of a place, and the JSON pointer in it.
    fn locate(&mut self, place: &str) -> (&mut Value, String) {
        if place.starts_with('/') {
            return (&mut self.document, place.to_owned());
        }
        let (head, rest) = place.split_once('/').unwrap_or((place, ""));
        let rest = if rest.is_empty() {
            String::new()
        } else {
            format!("/{rest}")
        };
        match head {
            "schemas" | "parameters" | "responses" => (&mut self.document, format!("/components/{head}{rest}")),
            "policy" => (&mut self.policy, format!("/operations{rest}")),
            "policy-file" => (&mut self.policy, rest),
            "surface" => (&mut self.surface, format!("/operations{rest}")),
            "sandbox" => (&mut self.sandbox, rest),
            "createOrder" => (&mut self.document, format!("/paths/~1orders/post{rest}")),
            "getOrder" => (&mut self.document, format!("/paths/~1orders~1{{orderId}}/get{rest}")),
            "searchStock" => (&mut self.document, format!("/paths/~1stock/post{rest}")),
            other => panic!("{other} names no place"),
        }
    }
}

/// `$S` and `$E` stand for the type and the words of a side.
fn named_text(text: &str, (schema, words): (&str, &str)) -> String {
    let place = text.starts_with("$S/") || text.starts_with("$E/");
    let text = text.replace("$S", schema).replace("$E", words);
    if place { format!("schemas/{text}") } else { text }
}

fn named(value: &Value, names: (&str, &str)) -> Value {
    match value {
        Value::String(text) => Value::String(named_text(text, names)),
        Value::Array(values) => values.iter().map(|value| named(value, names)).collect(),
        // The name of a property such as `$ref` is no place.
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, value)| (key.clone(), named(value, names)))
                .collect(),
        ),
        other => other.clone(),
    }
}

fn remove(file: &mut Value, pointer: &str) -> Option<Value> {
    let (parent, key) = pointer.rsplit_once('/')?;
    let key = key.replace("~1", "/").replace("~0", "~");
    match file.pointer_mut(parent)? {
        Value::Object(map) => map.remove(&key),
        Value::Array(list) => Some(list.remove(key.parse().ok()?)),
        _ => None,
    }
}

fn set(file: &mut Value, pointer: &str, value: Value) {
    let mut place = file;
    for key in pointer.split('/').skip(1) {
        let key = key.replace("~1", "/").replace("~0", "~");
        place = match place {
            Value::Array(list) => {
                let index: usize = key.parse().expect("an index");
                &mut list[index]
            }
            other => {
                if !other.is_object() {
                    *other = Value::Object(Map::new());
                }
                &mut other[key]
            }
        };
    }
    *place = value;
}

/// Every entry of a family.
pub(crate) fn entries(text: &str) -> Vec<Value> {
    let value = yaml_to_json(text).expect("the family is YAML");
    value.as_array().expect("a family is a list").clone()
}

/// Every pair of every family.
pub(crate) fn all() -> Vec<Pair> {
    let mut found = Vec::new();
    for (family, text) in FAMILIES {
        for entry in entries(text) {
            let name = format!("{family}: {}", entry["pair"].as_str().expect("a pair has a name"));
            if entry.get("there").is_some() {
                both_ways(&mut found, &name, &entry, &entry, ("", ""));
            }
            for (side, schema, words) in SIDES {
                if let Some(verdicts) = entry.get(side) {
                    both_ways(
                        &mut found,
                        &format!("{name}, {side}"),
                        &entry,
                        verdicts,
                        (schema, words),
                    );
                }
            }
        }
    }
    found
}

fn both_ways(found: &mut Vec<Pair>, name: &str, entry: &Value, verdicts: &Value, names: (&str, &str)) {
    let old = Side::base().edited(entry.get("old"), names);
    let new = old.clone().edited(entry.get("edit"), names);
    assert_ne!(old, new, "{name}: the edit changes nothing");
    let expected = |key: &str| -> Vec<String> {
        let lines = verdicts[key]
            .as_array()
            .unwrap_or_else(|| panic!("{name}: no verdict `{key}`"));
        let lines = lines
            .iter()
            .map(|line| line.as_str().unwrap_or_else(|| panic!("{name}: {line} is no text")));
        lines.map(|line| named_text(line, names)).collect()
    };
    found.push(Pair {
        name: name.to_owned(),
        old: old.clone(),
        new: new.clone(),
        expected: expected("there"),
    });
    found.push(Pair {
        name: format!("{name}, back"),
        old: new,
        new: old,
        expected: expected("back"),
    });
}
