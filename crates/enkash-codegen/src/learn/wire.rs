//! Where the description says what an operation sends and receives: its parameters, and the schemas of its bodies. The learning
//! of an exchange looks a call up here.

use serde_json::Value;

use crate::spec::Operation;
use crate::spec::pointer::Pointer;
use crate::spec::references::target;

/// The schema of every error.
pub(super) const ERROR_BODY: &str = "/components/schemas/ErrorBody";

/// A parameter of an operation.
pub(super) struct Parameter<'a> {
    pub(super) name: &'a str,
    pub(super) place: &'a str,
    pub(super) is_required: bool,
    pub(super) schema: Pointer,
}

/// A body: its content type and its schema.
pub(super) struct Content<'a> {
    pub(super) media_type: &'a str,
    pub(super) schema: Pointer,
}

/// The place of an operation in the document.
pub(super) fn place(operation: &Operation) -> Pointer {
    let path = Pointer::root().child("paths").child(&operation.path);
    path.child(&operation.method.to_ascii_lowercase())
}

/// The parameters of an operation, and of its path.
pub(super) fn parameters<'a>(document: &'a Value, operation: &Operation) -> Vec<Parameter<'a>> {
    let place = place(operation);
    let of_path = place.parent().unwrap_or_default();
    let mut found = Vec::new();
    for list in [place.child("parameters"), of_path.child("parameters")] {
        let count = document
            .pointer(list.as_str())
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        for index in 0..count {
            let Some((at, map)) = resolve(document, list.index(index)) else {
                continue;
            };
            let text = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default();
            found.push(Parameter {
                name: text("name"),
                place: text("in"),
                is_required: map.get("required") == Some(&Value::Bool(true)),
                schema: at.child("schema"),
            });
        }
    }
    found
}

/// The body that an operation sends.
pub(super) fn request_body<'a>(document: &'a Value, operation: &Operation) -> Option<Content<'a>> {
    let (at, _) = resolve(document, place(operation).child("requestBody"))?;
    content(document, &at)
}

/// The body that an operation answers with on success.
pub(super) fn success<'a>(document: &'a Value, operation: &Operation) -> Option<Content<'a>> {
    let responses = place(operation).child("responses");
    let statuses = document.pointer(responses.as_str())?.as_object()?;
    let status = statuses.keys().find(|status| status.starts_with('2'))?;
    let (at, _) = resolve(document, responses.child(status))?;
    content(document, &at)
}

/// The response that is documented for a status, with its body where it has one.
pub(super) fn response<'a>(document: &'a Value, operation: &Operation, status: u16) -> Option<Option<Content<'a>>> {
    let responses = place(operation).child("responses");
    let class = format!("{}XX", status / 100);
    let names = [status.to_string(), class];
    let found = names.iter().find_map(|name| resolve(document, responses.child(name)))?;
    Some(content(document, &found.0))
}

fn content<'a>(document: &'a Value, body: &Pointer) -> Option<Content<'a>> {
    let at = body.child("content");
    let media_type = document.pointer(at.as_str())?.as_object()?.keys().next()?;
    Some(Content {
        media_type,
        schema: at.child(media_type).child("schema"),
    })
}

fn resolve(document: &Value, mut at: Pointer) -> Option<(Pointer, &serde_json::Map<String, Value>)> {
    // A chain longer than this is a circle.
    for _ in 0..32 {
        let map = document.pointer(at.as_str())?.as_object()?;
        match map.get("$ref").and_then(Value::as_str) {
            Some(reference) => at = target(reference),
            None => return Some((at, map)),
        }
    }
    None
}
