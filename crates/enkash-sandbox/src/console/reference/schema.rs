//! Schemas of the document as rows of fields. Whatever a schema is made of, references, alternatives, lists or maps, is laid
//! out as one indented list, because that is how people look fields up.

use maud::{Markup, html};
use serde_json::Value;

use super::prose;
use crate::console::table::{Kind, Row, grid};
use crate::document::schema::resolve;

/// Deeper than anything in the document; a guard against a schema that holds itself.
const MAX_DEPTH: usize = 6;

/// The document's named schemas.
#[derive(Clone, Copy)]
pub(super) struct Schemas<'a>(&'a Value);

/// A field.
struct Field<'a> {
    name: String,
    depth: usize,
    required: bool,
    kind: String,
    about: &'a str,
    allowed: Vec<&'a str>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(document: &'a Value) -> Self {
        Schemas(document)
    }

    /// Follows a `$ref` to another part of the document.
    pub(super) fn resolve(self, value: &'a Value) -> &'a Value {
        resolve(self.0, value)
    }

    /// The schema behind references and behind an `allOf` of one, which only adds a description.
    fn bare(self, schema: &'a Value) -> &'a Value {
        let schema = self.resolve(schema);
        match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
            Some([one]) if schema.get("properties").is_none() => self.bare(one),
            _ => schema,
        }
    }

    /// The type in words.
    pub(super) fn kind(self, schema: &'a Value) -> String {
        let schema = self.bare(schema);
        if let Some(any) = schema.get("oneOf").and_then(Value::as_array) {
            let mut kinds: Vec<String> = any.iter().map(|one| self.kind(one)).collect();
            kinds.dedup();
            return kinds.join(" or ");
        }
        let format = schema.get("format").and_then(Value::as_str);
        match schema.get("type").and_then(Value::as_str) {
            Some("array") => {
                let items = schema.get("items").map(|items| self.kind(items));
                format!("list of {}", items.as_deref().unwrap_or("anything"))
            }
            Some("object") => match schema.get("additionalProperties") {
                Some(values) if values.is_object() => format!("map to {}", self.kind(values)),
                _ => "object".to_owned(),
            },
            Some(kind) => match format {
                Some(format @ ("money" | "personal" | "password")) => format!("{kind}, {format}"),
                _ => kind.to_owned(),
            },
            None if schema.get("allOf").is_some() || schema.get("properties").is_some() => "object".to_owned(),
            None => "any JSON".to_owned(),
        }
    }

    /// The schema's own description, or that of what it refers to.
    fn about(self, schema: &'a Value) -> &'a str {
        let own = schema
            .get("description")
            .or_else(|| self.bare(schema).get("description"));
        own.and_then(Value::as_str).unwrap_or_default()
    }

    fn fields(self, schema: &'a Value, depth: usize, fields: &mut Vec<Field<'a>>) {
        if depth > MAX_DEPTH {
            return;
        }
        let schema = self.resolve(schema);
        for part in ["allOf", "oneOf"] {
            let parts = schema.get(part).and_then(Value::as_array).into_iter().flatten();
            parts.for_each(|part| self.fields(part, depth, fields));
        }
        if let Some(items) = schema.get("items") {
            self.fields(items, depth, fields);
        }
        if let Some(values) = schema.get("additionalProperties").filter(|values| values.is_object()) {
            fields.push(self.field("(each key)".to_owned(), values, depth, false));
            self.fields(values, depth + 1, fields);
        }
        let required = schema.get("required").and_then(Value::as_array);
        let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|required| required == name));
        let mut properties: Vec<_> = schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .collect();
        properties.sort_by_key(|(name, _)| !is_required(name));
        for (name, property) in properties {
            fields.push(self.field(name.clone(), property, depth, is_required(name)));
            self.fields(property, depth + 1, fields);
        }
    }

    fn field(self, name: String, schema: &'a Value, depth: usize, required: bool) -> Field<'a> {
        let allowed = self.bare(schema).get("enum").and_then(Value::as_array);
        Field {
            name,
            depth,
            required,
            kind: self.kind(schema),
            about: self.about(schema),
            allowed: allowed.into_iter().flatten().filter_map(Value::as_str).collect(),
        }
    }

    /// A schema's description and fields.
    pub(super) fn show(self, title: &str, schema: &'a Value) -> Markup {
        let mut fields = Vec::new();
        self.fields(schema, 0, &mut fields);
        let about = self.about(schema);
        let columns = ["Field", "Type", "Meaning"].map(|name| (name, Kind::Text));
        html! {
            p.hint {
                strong { (self.kind(schema)) }
                @if !about.is_empty() { ". " (prose::inline(about)) }
            }
            @if !fields.is_empty() {
                (grid(title, Some("fields"), columns, fields.iter().map(row)))
            }
        }
    }
}

fn row(field: &Field<'_>) -> Row<3> {
    let cells = [
        html! {
            code { (field.name) }
            @if field.required { " " span.required { "required" } }
        },
        html! { (field.kind) },
        html! {
            (prose::inline(field.about))
            @if !field.allowed.is_empty() {
                span.allowed { " One of " @for (at, word) in field.allowed.iter().enumerate() {
                    @if at > 0 { ", " } code { (word) }
                } "." }
            }
        },
    ];
    Row {
        id: None,
        class: Some(format!("depth-{}", field.depth)),
        cells,
    }
}
