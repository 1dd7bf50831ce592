//! What the document says of one place in a body. A place can be described by several schemas at once (`allOf`, `oneOf`); a view
//! holds all of them, so that the strictest can decide.

use std::collections::BTreeSet;

use serde_json::Value;

/// How many schemas are looked at for one place. A document with circles ends here.
const MAX_NODES: usize = 200;

/// The schemas of one place.
#[derive(Clone)]
pub(crate) struct SchemaView<'a> {
    document: &'a Value,
    nodes: Vec<&'a Value>,
}

/// What a field is, once its name was looked up.
pub(crate) struct Field<'a> {
    pub(crate) view: SchemaView<'a>,
    /// The document says that names stand here that are data, as the ids in a map by id.
    pub(crate) name_is_data: bool,
}

impl<'a> SchemaView<'a> {
    pub(crate) fn new(document: &'a Value, roots: Vec<&'a Value>) -> Self {
        let mut waiting = roots;
        let mut nodes: Vec<&'a Value> = Vec::new();
        while let Some(schema) = waiting.pop() {
            let schema_is_known = nodes.iter().any(|known| std::ptr::eq(*known, schema));
            if schema_is_known || nodes.len() >= MAX_NODES {
                continue;
            }
            nodes.push(schema);
            if schema.get("$ref").is_some() {
                waiting.push(resolve(document, schema));
            }
            for kind in ["allOf", "oneOf", "anyOf"] {
                waiting.extend(schema.get(kind).and_then(Value::as_array).into_iter().flatten());
            }
        }
        SchemaView { document, nodes }
    }

    /// Whether the document says anything of this place.
    pub(crate) fn is_documented(&self) -> bool {
        !self.nodes.is_empty()
    }

    /// A field of the object that stands here.
    pub(crate) fn field(&self, name: &str) -> Field<'a> {
        let properties = self.nodes.iter().filter_map(|node| node.get("properties"));
        let named: Vec<_> = properties.filter_map(|properties| properties.get(name)).collect();
        if !named.is_empty() {
            return Field {
                view: SchemaView::new(self.document, named),
                name_is_data: false,
            };
        }
        let maps = self.nodes.iter().filter_map(|node| node.get("additionalProperties"));
        let maps: Vec<_> = maps.filter(|schema| schema.is_object()).collect();
        Field {
            name_is_data: !maps.is_empty(),
            view: SchemaView::new(self.document, maps),
        }
    }

    /// Whether the document names this field.
    pub(crate) fn has_field(&self, name: &str) -> bool {
        let mut properties = self.nodes.iter().filter_map(|node| node.get("properties"));
        properties.any(|properties| properties.get(name).is_some())
    }

    /// An item of the list that stands here.
    pub(crate) fn item(&self) -> SchemaView<'a> {
        let items = self.nodes.iter().filter_map(|node| node.get("items"));
        SchemaView::new(self.document, items.collect())
    }

    /// Whether the document says that a value of this type stands here.
    pub(crate) fn has_type(&self, names: &[&str]) -> bool {
        let mut types = self
            .nodes
            .iter()
            .filter_map(|node| node.get("type").and_then(Value::as_str));
        types.any(|documented| names.contains(&documented))
    }

    /// Whether any of the schemas has this format.
    pub(crate) fn has_format(&self, name: &str) -> bool {
        let mut formats = self.nodes.iter().filter_map(|node| node.get("format"));
        formats.any(|format| format == name)
    }

    /// Whether any of the schemas has a format that is none of these.
    pub(crate) fn has_other_format(&self, known: &[&str]) -> bool {
        let mut formats = self.nodes.iter().filter_map(|node| node.get("format"));
        formats.any(|format| format.as_str().is_none_or(|format| !known.contains(&format)))
    }

    /// The words that the document enumerates here.
    pub(crate) fn words(&self) -> impl Iterator<Item = &'a str> {
        let lists = self
            .nodes
            .iter()
            .filter_map(|node| node.get("enum").and_then(Value::as_array));
        lists.flatten().filter_map(Value::as_str)
    }
}

/// Follows a `$ref` to another part of the document.
pub(super) fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let reference = value.get("$ref").and_then(Value::as_str);
    let pointer = reference.and_then(|text| text.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

/// Every word that the document enumerates, or writes in capitals as code in a description.
pub(super) fn collect_words(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_words(item, words)),
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value) {
                    ("enum", Value::Array(listed)) => {
                        words.extend(listed.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    ("description", Value::String(text)) => {
                        let code = text.split('`').skip(1).step_by(2);
                        words.extend(code.filter(|code| is_capital_word(code)).map(str::to_owned));
                    }
                    _ => collect_words(value, words),
                }
            }
        }
        _ => {}
    }
}

fn is_capital_word(text: &str) -> bool {
    text.len() > 1 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}
