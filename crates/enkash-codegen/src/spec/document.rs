//! A file of spec/ as a value that remembers where each part of it was written.
//!
//! The loader reads the OpenAPI document, the policy and every overlay through this type. Overlays graft parts of one
//! document into another; the places go with them, so a diagnostic names the overlay's line where the overlay is at fault.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::diagnostic::{Diagnostic, sorted};
use super::pointer::Pointer;
use super::positions::{self, Positions};
use super::source::Source;
use super::yaml::{self, YamlError};

/// Where something was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file, as diagnostics name it.
    pub(crate) file: Arc<str>,
    /// The line of its key.
    pub(crate) line: usize,
}

/// A YAML file as JSON, with the place of everything in it.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// The file, as diagnostics name it.
    pub(crate) file: Arc<str>,
    /// What it says.
    pub(crate) value: Value,
    places: BTreeMap<Pointer, Place>,
    /// What overlays took away, and where they say so, in the order of the removals.
    removals: Vec<(Pointer, Place)>,
}

impl Document {
    /// Reads a file.
    pub(crate) fn read(source: &Source) -> Result<Self, Vec<Diagnostic>> {
        let only = |line, message| {
            vec![Diagnostic {
                file: source.name().to_owned(),
                line,
                message,
            }]
        };
        let bytes = source
            .bytes()
            .map_err(|error| only(1, format!("cannot be read: {error}")))?;
        let text = std::str::from_utf8(&bytes).map_err(|error| {
            let line = 1 + bytes[..error.valid_up_to()]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count();
            only(line, "this line is not UTF-8: save the file as UTF-8".to_owned())
        })?;
        Self::parse(source.name(), text)
    }

    /// Reads a text, stage by stage: positions, syntax, what only the text shows (duplicates), values.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let found = positions::scan(text);
        let at = |line, message| Diagnostic {
            file: file.to_owned(),
            line,
            message,
        };

        if let Some(error) = &found.syntax_error {
            let (line, message) = syntax_diagnostic(text, error, yaml::to_json(text).err());
            let mut diagnostics = vec![at(line, message)];
            diagnostics.extend(found.diagnostics.iter().map(|p| at(p.line, p.message.clone())));
            return Err(sorted(diagnostics));
        }
        if !found.diagnostics.is_empty() {
            return Err(sorted(
                found.diagnostics.into_iter().map(|p| at(p.line, p.message)).collect(),
            ));
        }
        let value = yaml::to_json(text).map_err(|error| {
            vec![at(
                error.line.unwrap_or(1),
                format!("not YAML: {}", reason(&error.message)),
            )]
        })?;
        if value.is_null() {
            return Err(vec![at(1, "the file is empty".to_owned())]);
        }
        let file: Arc<str> = file.into();
        let places = places(&file, &found);
        Ok(Self {
            file,
            value,
            places,
            removals: Vec::new(),
        })
    }

    /// The value at a place.
    pub(crate) fn get(&self, pointer: &Pointer) -> Option<&Value> {
        self.value.pointer(pointer.as_str())
    }

    /// Where a value was written. What came through an alias or a merge key has the place of what holds it.
    pub(crate) fn place(&self, pointer: &Pointer) -> Place {
        let mut next = Some(pointer.clone());
        while let Some(pointer) = next {
            if let Some(place) = self.places.get(&pointer) {
                return place.clone();
            }
            next = pointer.parent();
        }
        Place {
            file: self.file.clone(),
            line: 1,
        }
    }

    /// A diagnostic about a value.
    pub(crate) fn diagnostic(&self, pointer: &Pointer, message: impl Into<String>) -> Diagnostic {
        let place = self.place(pointer);
        Diagnostic {
            file: place.file.to_string(),
            line: place.line,
            message: message.into(),
        }
    }

    /// Where an overlay changed a value: where it wrote the value or a part of it, or else where it took it away.
    pub(crate) fn place_of_change(&self, pointer: &Pointer) -> Place {
        let own = self.place(pointer);
        if own.file != self.file {
            return own;
        }
        let mut parts = self.places.iter().filter(|(part, _)| part.is_within(pointer));
        if let Some((_, place)) = parts.find(|(_, place)| place.file != self.file) {
            return place.clone();
        }
        let mut removals = self.removals.iter().rev();
        removals
            .find(|(gone, _)| gone.is_within(pointer) || pointer.is_within(gone))
            .map_or(own, |(_, place)| place.clone())
    }

    /// Remembers where it was said that a value shall go.
    pub(crate) fn note_removal(&mut self, gone: Pointer, by: Place) {
        self.removals.push((gone, by));
    }

    /// Takes over the places of `source` below `from` for what now stands at `to`.
    pub(crate) fn graft_places(&mut self, to: &Pointer, source: &Self, from: &Pointer) {
        self.forget_places(to);
        let place = source.place(from);
        self.places.insert(to.clone(), place);
        let grafted = source
            .places
            .iter()
            .filter_map(|(pointer, place)| Some((pointer.moved(from, to)?, place.clone())));
        self.places.extend(grafted);
    }

    /// Forgets the places of a value that is gone.
    pub(crate) fn forget_places(&mut self, gone: &Pointer) {
        self.places.retain(|pointer, _| !pointer.is_within(gone));
    }

    /// Renames the places of everything at `from` and below it.
    pub(crate) fn move_places(&mut self, from: &Pointer, to: &Pointer) {
        let (moving, staying) = std::mem::take(&mut self.places)
            .into_iter()
            .partition(|(pointer, _)| pointer.is_within(from));
        self.places = staying;
        let moving: BTreeMap<Pointer, Place> = moving;
        self.places.extend(
            moving
                .into_iter()
                .filter_map(|(pointer, place)| Some((pointer.moved(from, to)?, place))),
        );
    }
}

fn places(file: &Arc<str>, found: &Positions) -> BTreeMap<Pointer, Place> {
    let place = |line| Place {
        file: file.clone(),
        line,
    };
    found
        .entries
        .iter()
        .map(|(pointer, entry)| (pointer.clone(), place(entry.key.line)))
        .collect()
}

/// Chooses between what the two parsers say about a text that is not YAML.
///
/// serde_yaml's words are the better ones, but for an open quote it names the end of the file, where the other
/// parser names the line of the quote.
fn syntax_diagnostic(text: &str, error: &positions::LineDiagnostic, other: Option<YamlError>) -> (usize, String) {
    let line_text = text.lines().nth(error.line.saturating_sub(1)).unwrap_or_default();
    let indentation = line_text.split(|c: char| !c.is_whitespace()).next().unwrap_or_default();
    if indentation.contains('\t') {
        return (
            error.line,
            "a tab in the indentation: YAML indents with spaces".to_owned(),
        );
    }
    let (line, message) = match other {
        Some(YamlError {
            line: Some(line),
            message,
        }) if !message.contains("end of stream") => (line, message),
        _ => (error.line, error.message.clone()),
    };
    let reason = reason(&message);
    if reason.contains("anchor") {
        return (line, format!("not YAML: {reason}"));
    }
    let remedy = "check the indentation and the quotes of this line and of the one above it";
    (line, format!("not YAML: {reason}: {remedy}"))
}

/// The message without its line and column, which the diagnostic carries already.
fn reason(message: &str) -> &str {
    message.split(" at line ").next().unwrap_or(message)
}

#[cfg(test)]
mod tests {
    use super::{Document, Pointer};

    #[test]
    fn what_came_through_an_alias_has_the_place_of_what_holds_it() {
        let text = "base: &base {a: 1}\nuser:\n  <<: *base\n  b: 2\n";
        let document = Document::parse("x.yaml", text).unwrap();
        assert_eq!(document.value["user"]["a"], 1);
        assert_eq!(document.place(&Pointer::from_valid("/user/a")).line, 2);
        assert_eq!(document.place(&Pointer::from_valid("/user/b")).line, 4);
    }

    #[test]
    fn a_byte_order_mark_and_crlf_change_nothing() {
        let unix = Document::parse("x.yaml", "a: 1\nb:\n  - c: |\n      d\n").unwrap();
        let windows = Document::parse("x.yaml", "\u{feff}a: 1\r\nb:\r\n  - c: |\r\n      d\r\n").unwrap();
        assert_eq!(unix.value, windows.value);
        assert_eq!(windows.place(&Pointer::from_valid("/b/0/c")).line, 3);
    }
}
