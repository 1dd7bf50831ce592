//! A schema as one value is held against it: after `$ref`, with everything that `allOf` and `oneOf` combine in one place, and
//! with the places in the document that a mend changes. The comparison and the coverage walk over it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::spec::pointer::Pointer;
use crate::spec::references::target;

/// The component of what nobody saw.
pub(super) const UNSEEN_BODY: &str = "/components/schemas/UnseenBody";

/// A longer chain of parts is a circle.
const MAX_PARTS: usize = 64;

/// What a value may be at one place.
#[derive(Default)]
pub(super) struct SchemaView<'a> {
    /// Any JSON, because nobody saw what stands there.
    pub(super) is_free: bool,
    /// `null` is allowed.
    pub(super) is_nullable: bool,
    /// It is an amount: the client reads a number in a text as well.
    pub(super) is_money: bool,
    /// The types of JSON, as OpenAPI names them. Empty means any.
    pub(super) types: BTreeSet<&'a str>,
    /// The properties, each with its place.
    pub(super) properties: BTreeMap<&'a str, Pointer>,
    /// The mapping that a further property is added to.
    pub(super) owner: Option<Pointer>,
    /// What a list holds.
    pub(super) items: Option<Pointer>,
    /// What a property of another name holds, where the schema says it.
    pub(super) others: Option<Pointer>,
    /// The properties that are required, each with the list that says so.
    pub(super) required: Vec<(&'a str, Pointer)>,
    /// The words of an enumeration, and their list.
    pub(super) words: Option<(Vec<&'a str>, Pointer)>,
}

impl<'a> SchemaView<'a> {
    /// Reads the schema at a place of the document.
    pub(super) fn new(document: &'a Value, at: &Pointer) -> Self {
        let mut view = Self::default();
        let mut next = vec![at.clone()];
        let mut seen = BTreeSet::new();
        while let Some(at) = next.pop() {
            if seen.len() > MAX_PARTS || !seen.insert(at.clone()) {
                continue;
            }
            let Some(map) = document.pointer(at.as_str()).and_then(Value::as_object) else {
                continue;
            };
            if at.as_str() == UNSEEN_BODY {
                view.is_free = true;
            } else if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                next.push(target(reference));
            } else {
                view.add(&at, map);
                // The last part is looked at last, so that it is the one that gets further properties.
                for key in ["oneOf", "allOf"] {
                    let parts = map.get(key).and_then(Value::as_array).map_or(0, Vec::len);
                    next.extend((0..parts).rev().map(|index| at.child(key).index(index)));
                }
            }
        }
        view
    }

    fn add(&mut self, at: &Pointer, map: &'a Map<String, Value>) {
        let text = |key: &str| map.get(key).and_then(Value::as_str);
        self.types.extend(text("type"));
        self.is_money |= text("format") == Some("money");
        self.is_nullable |= map.get("nullable") == Some(&Value::Bool(true));
        if let Some(properties) = map.get("properties").and_then(Value::as_object) {
            let places = properties
                .keys()
                .map(|name| (name.as_str(), at.child("properties").child(name)));
            self.properties.extend(places);
        }
        if map.contains_key("properties") || (text("type") == Some("object") && self.owner.is_none()) {
            self.owner = Some(at.clone());
        }
        if map.contains_key("items") {
            self.items = Some(at.child("items"));
        }
        if map.get("additionalProperties").is_some_and(Value::is_object) {
            self.others = Some(at.child("additionalProperties"));
        }
        let list = at.child("required");
        let required = map.get("required").and_then(Value::as_array).into_iter().flatten();
        self.required
            .extend(required.filter_map(Value::as_str).map(|name| (name, list.clone())));
        if let Some(words) = map.get("enum").and_then(Value::as_array) {
            self.words = Some((words.iter().filter_map(Value::as_str).collect(), at.child("enum")));
        }
    }

    /// Whether a value of this type of JSON may stand here.
    pub(super) fn accepts(&self, json_type: &str) -> bool {
        self.types.is_empty()
            || self.types.contains(json_type)
            || (json_type == "integer" && self.types.contains("number"))
    }

    /// Whether an object or a list may stand here.
    pub(super) fn is_container(&self) -> bool {
        self.types.is_empty() || self.types.contains("object") || self.types.contains("array")
    }
}

/// The type of a value, as OpenAPI names it.
pub(super) fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
