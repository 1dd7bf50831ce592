//! Where everything stands in a YAML text, by a parser that keeps positions.
//!
//! serde_yaml keeps no lines, lets a second `Card` replace the first one in silence in some places, and reads words
//! such as `NO` differently from other YAML readers. [`super::document`] therefore asks this module first; the values
//! themselves always come from [`super::yaml`].

use std::collections::{BTreeMap, HashMap};

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use super::pointer::Pointer;
use super::scalar;

/// A line and a column, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Position {
    fn start(span: Span) -> Self {
        Self {
            line: span.start.line(),
            column: span.start.col() + 1,
        }
    }
}

/// Where one entry of a mapping or of a list stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The key; for an entry of a list, and for the whole document, the value.
    pub(crate) key: Position,
    /// The value.
    pub(crate) value: Position,
}

/// Something that the text must not say, found while looking for positions.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LineDiagnostic {
    pub(crate) line: usize,
    pub(crate) message: String,
}

/// What one text holds.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    pub(crate) entries: BTreeMap<Pointer, Entry>,
    pub(crate) diagnostics: Vec<LineDiagnostic>,
    /// Where the text stops being YAML, by this parser.
    pub(crate) syntax_error: Option<LineDiagnostic>,
}

/// Finds the positions, and the diagnostics that only a look at the text can find.
pub(crate) fn scan(text: &str) -> Positions {
    let mut scanner = Scanner::default();
    let mut parser: Parser<'_, StrInput<'_>> = Parser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        match next {
            Ok((event, span)) => scanner.on_event(&event, span),
            Err(error) => {
                scanner.found.syntax_error = Some(syntax_error(&error));
                break;
            }
        }
    }
    scanner.found
}

fn syntax_error(error: &ScanError) -> LineDiagnostic {
    LineDiagnostic {
        line: error.marker().line(),
        message: error.info().to_owned(),
    }
}

/// An open mapping or list.
enum OpenNode {
    Mapping {
        at: Pointer,
        first_lines: HashMap<String, usize>,
        key: Option<(Pointer, Position)>,
    },
    List {
        at: Pointer,
        next: usize,
    },
    /// A mapping or list that stands where a key should: nothing inside of it has a pointer.
    KeyWithoutName,
}

#[derive(Default)]
struct Scanner {
    open: Vec<OpenNode>,
    documents: usize,
    found: Positions,
}

impl Scanner {
    fn on_event(&mut self, event: &Event<'_>, span: Span) {
        let at = Position::start(span);
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents == 2 {
                    self.problem(at, "a second document (`---`) in one file: only one is read".to_owned());
                }
            }
            Event::Scalar(text, style, _, tag) => {
                self.tag(tag.as_deref(), at);
                self.scalar(text, *style, tag.is_some(), at);
            }
            Event::Alias(_) => {
                self.place(at);
            }
            Event::SequenceStart(_, tag) => {
                self.tag(tag.as_deref(), at);
                let opened = self
                    .place(at)
                    .map_or(OpenNode::KeyWithoutName, |at| OpenNode::List { at, next: 0 });
                self.open.push(opened);
            }
            Event::MappingStart(_, tag) => {
                self.tag(tag.as_deref(), at);
                let opened = self.place(at).map_or(OpenNode::KeyWithoutName, |at| OpenNode::Mapping {
                    at,
                    first_lines: HashMap::new(),
                    key: None,
                });
                self.open.push(opened);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
    }

    fn tag(&mut self, tag: Option<&Tag>, at: Position) {
        if let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema()) {
            self.problem(at, format!("the tag {tag} has no meaning here: remove it"));
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tagged: bool, at: Position) {
        let plain = style == ScalarStyle::Plain && !tagged;
        if let Some(OpenNode::Mapping {
            at: mapping,
            first_lines,
            key: key @ None,
        }) = self.open.last_mut()
        {
            let pointer = mapping.child(text);
            let duplicate = first_lines
                .get(text)
                .map(|first| format!("{pointer} is defined twice (first at line {first})"));
            first_lines.entry(text.to_owned()).or_insert(at.line);
            *key = Some((pointer, at));
            if let Some(message) = duplicate {
                self.problem(at, message);
            }
            if let Some(message) = plain.then(|| scalar::key_problem(text)).flatten() {
                self.problem(at, message);
            }
            return;
        }
        self.place(at);
        if let Some(message) = plain.then(|| scalar::value_problem(text)).flatten() {
            self.problem(at, message);
        }
    }

    /// Notes a value that starts here, and returns its pointer unless it is (in) a key.
    fn place(&mut self, at: Position) -> Option<Pointer> {
        let (pointer, key) = match self.open.last_mut() {
            None => (Pointer::root(), at),
            Some(OpenNode::KeyWithoutName) => return None,
            Some(OpenNode::List { at: list, next }) => {
                *next += 1;
                (list.index(*next - 1), at)
            }
            Some(OpenNode::Mapping { at: mapping, key, .. }) => match key.take() {
                Some(known) => known,
                None => {
                    // The value that follows still needs a name.
                    *key = Some((mapping.child("?"), at));
                    self.problem(at, "a key must be a text, not a mapping, a list or an alias".to_owned());
                    return None;
                }
            },
        };
        // The first of two equal keys stays: the message about the second one names its line.
        self.found
            .entries
            .entry(pointer.clone())
            .or_insert(Entry { key, value: at });
        Some(pointer)
    }

    fn problem(&mut self, at: Position, message: String) {
        self.found.diagnostics.push(LineDiagnostic { line: at.line, message });
    }
}

#[cfg(test)]
mod tests;
