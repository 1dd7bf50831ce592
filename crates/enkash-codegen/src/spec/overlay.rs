//! OpenAPI Overlay 1.0: changes to a document that are written in a file of their own.
//!
//! The loader applies the files of `--overlay` in order, and `spec/sandbox.overlay.yaml` on top for the sandbox; those of
//! `--policy-overlay` change the policy file in the same way. A
//! change keeps the place where it was written, and a change that changes nothing is an error: an overlay that
//! silently stopped fitting is worse than none.

use serde_json::Value;
use serde_json_path::JsonPath;

use super::diagnostic::Diagnostic;
use super::document::{Document, Place};
use super::pointer::Pointer;
use super::shape::Shape::{Anything, Boolean, List, Object as Is, Text};
use super::shape::{self, Object, Others, Shape, kind, optional, required};

static OVERLAY: Shape = Is(&FILE);

static FILE: Object = Object {
    section: None,
    fields: &[
        required("overlay", Text),
        required("info", Is(&INFO)),
        optional("extends", Text),
        required("actions", List(&Is(&ACTION))),
    ],
    others: Others::Extensions,
};

static INFO: Object = Object {
    section: None,
    fields: &[required("title", Text), required("version", Text)],
    others: Others::Extensions,
};

static ACTION: Object = Object {
    section: None,
    fields: &[
        required("target", Text),
        optional("description", Text),
        optional("update", Anything),
        optional("remove", Boolean),
    ],
    others: Others::Extensions,
};

/// Applies an overlay to a document.
///
/// An action that matches nothing is forgiven if it matches something in `pristine`: then another overlay has
/// removed its target on purpose.
pub(crate) fn apply(
    mut document: Document,
    overlay: &Document,
    pristine: Option<&Value>,
) -> Result<Document, Vec<Diagnostic>> {
    let mut diagnostics = shape::check(overlay, &OVERLAY).diagnostics;
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    diagnostics.extend(version_finding(overlay));
    let at = Pointer::root().child("actions");
    let actions = overlay.get(&at).and_then(Value::as_array).map_or(0, Vec::len);
    if actions == 0 {
        diagnostics.push(overlay.diagnostic(&at, "actions: an overlay needs at least one action"));
    }
    for index in 0..actions {
        let action = Action {
            overlay,
            at: at.index(index),
        };
        diagnostics.extend(action.apply(&mut document, pristine));
    }
    if diagnostics.is_empty() {
        Ok(document)
    } else {
        Err(diagnostics)
    }
}

fn version_finding(overlay: &Document) -> Option<Diagnostic> {
    let at = Pointer::root().child("overlay");
    let version = overlay.get(&at)?.as_str()?;
    (!version.starts_with("1.0."))
        .then(|| overlay.diagnostic(&at, format!("overlay: version {version} is not supported, write 1.0.0")))
}

struct Action<'a> {
    overlay: &'a Document,
    at: Pointer,
}

impl Action<'_> {
    fn apply(&self, document: &mut Document, pristine: Option<&Value>) -> Vec<Diagnostic> {
        let target = self.field("target").and_then(Value::as_str).unwrap_or_default();
        let path = match JsonPath::parse(target) {
            Ok(path) => path,
            Err(error) => {
                let (column, reason) = (error.position() + 1, error.message());
                return self.overlay_error(
                    "target",
                    format!("'{target}' is not a JSONPath: {reason} at character {column}"),
                );
            }
        };
        let remove = self.field("remove").and_then(Value::as_bool).unwrap_or(false);
        if remove && self.field("update").is_some() {
            return self.overlay_error("update", "has no effect beside remove: true".to_owned());
        }
        if !remove && self.field("update").is_none() {
            return self.overlay_error(
                "target",
                format!("nothing to do with '{target}': write update or remove: true"),
            );
        }
        let matched = pointers(&path, &document.value);
        if matched.is_empty() {
            let removed_on_purpose = pristine.is_some_and(|pristine| !pointers(&path, pristine).is_empty());
            if removed_on_purpose {
                return Vec::new();
            }
            return self.overlay_error("target", format!("'{target}' matches nothing"));
        }
        for pointer in &matched {
            if let Some(value) = document
                .get(pointer)
                .filter(|value| !value.is_object() && !value.is_array())
            {
                let message = format!(
                    "'{target}' selects {pointer}, which is {}: select the mapping that holds it",
                    kind(value)
                );
                return self.overlay_error("target", message);
            }
        }
        if remove {
            self.remove(document, matched)
        } else {
            self.update(document, &matched)
        }
    }

    fn update(&self, document: &mut Document, matched: &[Pointer]) -> Vec<Diagnostic> {
        let from = self.at.child("update");
        let Some(update) = self.overlay.get(&from) else {
            return Vec::new();
        };
        let mut diagnostics = Vec::new();
        for target in matched {
            if document.get(target).is_some_and(Value::is_array) {
                append(document, target, self.overlay, &from, update);
            } else {
                diagnostics.extend(merge(document, target, self.overlay, &from, update));
            }
        }
        diagnostics
    }

    fn remove(&self, document: &mut Document, mut matched: Vec<Pointer>) -> Vec<Diagnostic> {
        if matched.iter().any(|pointer| pointer.parent().is_none()) {
            return self.overlay_error(
                "target",
                "'$' is the whole document, which cannot be removed".to_owned(),
            );
        }
        // From the end, so that the entries of a list that still have to go keep their index.
        matched.sort_by_key(|pointer| std::cmp::Reverse(sort_key(pointer)));
        let place = self.overlay.place(&self.at.child("target"));
        for pointer in &matched {
            remove(document, pointer, &place);
        }
        Vec::new()
    }

    fn field(&self, key: &str) -> Option<&Value> {
        self.overlay.get(&self.at.child(key))
    }

    fn overlay_error(&self, key: &str, message: String) -> Vec<Diagnostic> {
        vec![
            self.overlay
                .diagnostic(&self.at.child(key), format!("{key}: {message}")),
        ]
    }
}

fn pointers(path: &JsonPath, value: &Value) -> Vec<Pointer> {
    path.query_located(value)
        .locations()
        .map(|location| Pointer::from_valid(location.to_json_pointer()))
        .collect()
}

/// Texts compare as texts and indexes as numbers.
fn sort_key(pointer: &Pointer) -> Vec<(usize, String)> {
    pointer
        .steps()
        .into_iter()
        .map(|step| (step.parse().unwrap_or(0), step))
        .collect()
}

/// Merges `update` into the mapping at `target`: mappings one into the other, lists one behind the other, and
/// everything else replaced.
fn merge(
    document: &mut Document,
    target: &Pointer,
    overlay: &Document,
    from: &Pointer,
    update: &Value,
) -> Vec<Diagnostic> {
    let existing = document.get(target);
    match (existing, update) {
        (Some(Value::Object(_)), Value::Object(entries)) => entries
            .iter()
            .flat_map(|(key, value)| merge(document, &target.child(key), overlay, &from.child(key), value))
            .collect(),
        (Some(Value::Array(_)), Value::Array(values)) => {
            for (index, value) in values.iter().enumerate() {
                append(document, target, overlay, &from.index(index), value);
            }
            Vec::new()
        }
        (Some(old @ (Value::Object(_) | Value::Array(_))), new) => {
            vec![mismatch(overlay, from, target, old, new)]
        }
        (Some(old), new @ (Value::Object(_) | Value::Array(_))) => {
            vec![mismatch(overlay, from, target, old, new)]
        }
        _ => {
            put(document, target, update.clone());
            document.graft_places(target, overlay, from);
            Vec::new()
        }
    }
}

fn mismatch(overlay: &Document, from: &Pointer, target: &Pointer, old: &Value, new: &Value) -> Diagnostic {
    let (old, new) = (kind(old), kind(new));
    overlay.diagnostic(
        from,
        format!("update: {target} is {old}, which cannot be merged with {new}"),
    )
}

fn append(document: &mut Document, list: &Pointer, overlay: &Document, from: &Pointer, value: &Value) {
    if let Some(Value::Array(values)) = document.value.pointer_mut(list.as_str()) {
        let place = list.index(values.len());
        values.push(value.clone());
        document.graft_places(&place, overlay, from);
    }
}

fn put(document: &mut Document, target: &Pointer, value: Value) {
    let Some(parent) = target.parent() else {
        return;
    };
    if let Some(Value::Object(map)) = document.value.pointer_mut(parent.as_str()) {
        map.insert(target.last_step(), value);
    }
}

fn remove(document: &mut Document, target: &Pointer, by: &Place) {
    let Some(parent) = target.parent() else {
        return;
    };
    match document.value.pointer_mut(parent.as_str()) {
        Some(Value::Object(map)) => {
            map.remove(&target.last_step());
            document.forget_places(target);
            document.note_removal(target.clone(), by.clone());
        }
        Some(Value::Array(values)) => {
            let Ok(index) = target.last_step().parse::<usize>() else {
                return;
            };
            if index >= values.len() {
                return;
            }
            values.remove(index);
            let left = values.len();
            document.forget_places(target);
            // The entries that are left move up, so it is the list that lost something.
            document.note_removal(parent.clone(), by.clone());
            for moved in index..left {
                document.move_places(&parent.index(moved + 1), &parent.index(moved));
            }
        }
        _ => {}
    }
}
