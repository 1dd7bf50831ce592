//! `spec/surface.yaml`: where each operation can be reached beside the low level, which has all of them.
//!
//! The coverage page prints it, lint holds it against the operations, and whoever generates a client without some
//! operation learns from it who called that one.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::diagnostic::Diagnostic;
use super::document::Document;
use super::pointer::Pointer;
use super::shape::Shape::{MapOf, Object as Is, Text};
use super::shape::{self, Object, Others, Shape, optional, required};
use super::source::Source;
use super::suggestion::did_you_mean;

static FILE: Shape = Is(&SURFACE);

static SURFACE: Object = Object {
    section: None,
    fields: &[required("operations", MapOf(&Is(&REACH)))],
    others: Others::Refused,
};

static REACH: Object = Object {
    section: None,
    fields: &[
        required("high-level", Is(&REACHABLE)),
        required("cli", Is(&REACHABLE)),
        required("sandbox", Is(&REACHABLE)),
    ],
    others: Others::Refused,
};

static REACHABLE: Object = Object {
    section: None,
    fields: &[optional("is", Text), optional("not", Text)],
    others: Others::Refused,
};

/// Where operations can be reached, by operationId.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surface {
    /// One entry for each operation; one that an overlay added has none.
    pub operations: BTreeMap<String, Reach>,
}

/// Where one operation can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Reach {
    /// Methods of the crate `enkash`.
    pub high_level: Reachable,
    /// Commands of `enkash`.
    pub cli: Reachable,
    /// Whether the sandbox serves it.
    pub sandbox: Reachable,
}

/// What can be used, or the reason why there is nothing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Reachable {
    /// Names, with commas between them.
    Is(String),
    /// Why there is none.
    Not(String),
}

/// Reads the file, and keeps the document for its lines.
pub(crate) fn read(source: &Source) -> Result<(Surface, Document), Vec<Diagnostic>> {
    let document = Document::read(source)?;
    let checked = shape::check(&document, &FILE);
    let mut diagnostics = checked.diagnostics;
    let reachable = checked
        .nodes
        .iter()
        .filter(|node| std::ptr::eq(node.object, &raw const REACHABLE));
    for node in reachable.filter(|node| node.map.contains_key("is") == node.map.contains_key("not")) {
        let key = node.at.last_step();
        let message = format!("{key}: is either `{{is: NAME}}` or `{{not: REASON}}`");
        diagnostics.push(document.diagnostic(&node.at, message));
    }
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    match serde_json::from_value(document.value.clone()) {
        Ok(surface) => Ok((surface, document)),
        Err(error) => Err(vec![document.diagnostic(&Pointer::root(), error.to_string())]),
    }
}

/// Finds entries of operations that do not exist.
pub(crate) fn unknown_operations(document: &Document, surface: &Surface, known: &[&str]) -> Vec<Diagnostic> {
    let operations = Pointer::root().child("operations");
    let strays = surface.operations.keys().filter(|id| !known.contains(&id.as_str()));
    strays
        .map(|id| {
            let hint = did_you_mean(id, known.iter().copied());
            let at = operations.child(id);
            document.diagnostic(&at, format!("{at}: there is no operation {id}{hint}"))
        })
        .collect()
}
