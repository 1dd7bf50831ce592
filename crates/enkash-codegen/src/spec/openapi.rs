//! The document as the OpenAPI library reads it, held against what the document says.
//!
//! The library names neither the place of an error nor the keys that it drops. So where it fails, each path and each
//! component is read on its own, from the inside out, until the culprit is found; and what it kept is compared with what
//! was written, so that nothing is dropped in silence.

use openapiv3::OpenAPI;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::diagnostic::Diagnostic;
use super::document::Document;
use super::openapi_shape::{
    MEDIA_TYPE, OPERATION, PARAMETER, PATH_ITEM, REQUEST_BODY, RESPONSE, SCHEMA, SECURITY_SCHEME,
};
use super::pointer::Pointer;
use super::shape::{Node, Object};

/// Reads a document that has the shape of OpenAPI and no dangling references.
pub(crate) fn read(document: &Document, nodes: &[Node<'_>]) -> Result<OpenAPI, Vec<Diagnostic>> {
    let api = serde_json::from_value::<OpenAPI>(document.value.clone()).map_err(|error| {
        let invalid_parts = invalid_parts(document, nodes);
        if invalid_parts.is_empty() {
            vec![document.diagnostic(&Pointer::root(), format!("not OpenAPI: {error}"))]
        } else {
            invalid_parts
        }
    })?;
    let kept = serde_json::to_value(&api)
        .map_err(|error| vec![document.diagnostic(&Pointer::root(), format!("not OpenAPI: {error}"))])?;
    let mut diagnostics = Vec::new();
    dropped_keys(document, &Pointer::root(), &document.value, &kept, &mut diagnostics);
    if diagnostics.is_empty() {
        Ok(api)
    } else {
        Err(diagnostics)
    }
}

/// The innermost parts that the library cannot read.
fn invalid_parts(document: &Document, nodes: &[Node<'_>]) -> Vec<Diagnostic> {
    let mut blamed: Vec<Pointer> = Vec::new();
    let mut diagnostics = Vec::new();
    // `shape::check` lists what is inside before what holds it.
    for node in nodes {
        let Some(read) = reader(node.object) else {
            continue;
        };
        let Err(reason) = read(node.map) else {
            continue;
        };
        if !blamed.iter().any(|inner| inner.is_within(&node.at)) {
            diagnostics.push(document.diagnostic(&node.at, format!("{}: {reason}", node.at)));
            blamed.push(node.at.clone());
        }
    }
    diagnostics
}

type Reader = fn(&Map<String, Value>) -> Result<(), String>;

fn reader(object: &'static Object) -> Option<Reader> {
    fn parse<T: DeserializeOwned>(map: &Map<String, Value>) -> Result<(), String> {
        T::deserialize(map).map(drop).map_err(|error| error.to_string())
    }
    let readers: [(&'static Object, Reader); 8] = [
        (&SCHEMA, parse::<openapiv3::Schema>),
        (&PARAMETER, parse::<openapiv3::Parameter>),
        (&MEDIA_TYPE, parse::<openapiv3::MediaType>),
        (&REQUEST_BODY, parse::<openapiv3::RequestBody>),
        (&RESPONSE, parse::<openapiv3::Response>),
        (&OPERATION, parse::<openapiv3::Operation>),
        (&PATH_ITEM, parse::<openapiv3::PathItem>),
        (&SECURITY_SCHEME, parse::<openapiv3::SecurityScheme>),
    ];
    readers
        .into_iter()
        .find(|(known, _)| std::ptr::eq(*known, object))
        .map(|(_, read)| read)
}

/// Reports what was written and is not in what was kept.
fn dropped_keys(document: &Document, at: &Pointer, written: &Value, kept: &Value, diagnostics: &mut Vec<Diagnostic>) {
    match (written, kept) {
        (Value::Object(written), Value::Object(kept)) => {
            for (key, value) in written {
                let place = at.child(key);
                match kept.get(key) {
                    Some(kept) => dropped_keys(document, &place, value, kept, diagnostics),
                    None if is_default(value) => {}
                    None => diagnostics.push(document.diagnostic(&place, format!("{key}: was not understood in {at}"))),
                }
            }
        }
        (Value::Array(written), Value::Array(kept)) if written.len() == kept.len() => {
            for (index, (written, kept)) in written.iter().zip(kept).enumerate() {
                dropped_keys(document, &at.index(index), written, kept, diagnostics);
            }
        }
        (written, kept) if written == kept => {}
        // 1 and 1.0 are one number.
        (Value::Number(written), Value::Number(kept)) if written.as_f64() == kept.as_f64() => {}
        (written, kept) => {
            diagnostics.push(document.diagnostic(at, format!("{at}: {written} was understood as {kept}")));
        }
    }
}

/// What the library leaves out when it writes, because it means the same.
fn is_default(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Array(values) => values.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}
