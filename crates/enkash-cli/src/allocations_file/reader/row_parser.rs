//! Makes rows of one kind out of records: finds the columns in the header, checks each value, and says what is wrong
//! where. The reader hands it record after record.

use std::{collections::HashMap, marker::PhantomData};

use super::records::Record;
use crate::{
    allocations_file::row::{Column, FileRow, validate},
    diagnostic::Diagnostic,
    input_file::CappedList,
    output::unescape_formula,
};

/// A header with more columns is not one of ours.
const MAX_COLUMNS: usize = 64;
/// No name, address or reference is longer.
const MAX_FIELD_BYTES: usize = 1024;

/// What the header says of the rows below it.
pub(super) struct RowParser<R> {
    /// Where each column stands; `None` where the header lacks it.
    places: [Option<usize>; Column::COUNT],
    /// Fields of the header.
    width: usize,
    /// The line on which each reference stood first; `None` where they are not kept.
    references: Option<HashMap<String, u64>>,
    row: PhantomData<R>,
}

/// All columns that a file of this kind may have.
fn columns<R: FileRow>() -> impl Iterator<Item = Column> {
    R::REQUIRED.iter().chain(R::OPTIONAL).copied()
}

/// The header as it is documented; what may be left out stands in brackets.
fn expected_header<R: FileRow>() -> String {
    let required: Vec<_> = R::REQUIRED.iter().map(|column| column.name()).collect();
    let optional = R::OPTIONAL.iter().map(|column| format!("[,{}]", column.name()));
    required.join(",") + &optional.collect::<String>()
}

impl<R: FileRow> RowParser<R> {
    /// `None` where nothing can be said of what stands below; `references` begins empty, where they are kept.
    pub(super) fn parse_header(
        header: &Record,
        line: u64,
        references: Option<HashMap<String, u64>>,
        mistakes: &mut CappedList<Diagnostic>,
    ) -> Option<Self> {
        let documented = expected_header::<R>();
        if header.width() > MAX_COLUMNS {
            let text = format!("the header has {} columns: it is {documented}", header.width());
            mistakes.push(Diagnostic::in_column(line, 1, text));
            return None;
        }
        let mut places = [None; Column::COUNT];
        let mut found = Vec::new();
        for (at, field) in header.fields().enumerate() {
            let known = columns::<R>().find(|column| column.name().as_bytes() == field);
            // A name that is not known is not repeated: where the header was left out, it is a person's data.
            let text = match known.map(|column| (column, places[column as usize])) {
                Some((column, None)) => {
                    places[column as usize] = Some(at);
                    continue;
                }
                Some((column, Some(first))) => {
                    format!("column {} stands twice, first at {}", column.name(), first + 1)
                }
                None => format!("this column is none of {documented}"),
            };
            found.push(Diagnostic::in_column(line, at + 1, text));
        }
        if places.iter().all(Option::is_none) {
            let text = if header.width() == 1 && header.field(0).contains(&b';') {
                format!("fields are separated by semicolons: use commas, and the header {documented}")
            } else {
                format!("the first line is not the header {documented}")
            };
            mistakes.push(Diagnostic::in_column(line, 1, text));
            return None;
        }
        let missing = R::REQUIRED.iter().filter(|column| places[**column as usize].is_none());
        found.extend(missing.map(|column| {
            let text = format!("column {} is missing", column.name());
            Diagnostic::in_column(line, header.width() + 1, text)
        }));
        mistakes.extend(found);
        Some(Self {
            places,
            width: header.width(),
            references,
            row: PhantomData,
        })
    }

    pub(super) fn places(&self) -> [Option<usize>; Column::COUNT] {
        self.places
    }

    /// The row of a record that begins on this line, or `None` and what is wrong with it.
    pub(super) fn row(&mut self, record: &Record, line: u64, mistakes: &mut CappedList<Diagnostic>) -> Option<R> {
        if let Err(mistake) = self.check_width(record, line) {
            mistakes.push(mistake);
            return None;
        }
        let mut values = [""; Column::COUNT];
        let mut found = Vec::new();
        for column in columns::<R>() {
            let Some(place) = self.places[column as usize] else {
                continue;
            };
            let problem = match std::str::from_utf8(record.field(place)) {
                Err(_) => Some(format!("{} is not UTF-8", column.name())),
                Ok(text) if text.len() > MAX_FIELD_BYTES => {
                    Some(format!("{} is longer than {MAX_FIELD_BYTES} bytes", column.name()))
                }
                Ok(text) if text.contains('\0') => Some(format!("{} has a NUL byte", column.name())),
                Ok(text) => {
                    // Our own lists guard what a spreadsheet would run.
                    let text = unescape_formula(text);
                    values[column as usize] = text;
                    validate(column, text).or_else(|| self.duplicate_reference(column, text, line))
                }
            };
            found.extend(problem.map(|text| Diagnostic::in_column(line, place + 1, text)));
        }
        let is_whole = R::REQUIRED.iter().all(|column| self.places[*column as usize].is_some());
        if found.is_empty() && is_whole {
            match R::from_values(line, &|column| values[column as usize]) {
                Ok(row) => return Some(row),
                Err((column, text)) => {
                    let place = self.places[column as usize].unwrap_or_default();
                    found.push(Diagnostic::in_column(line, place + 1, text));
                }
            }
        }
        // As they stand in the file, whatever the order of its columns.
        found.sort_by_key(|mistake| mistake.column);
        mistakes.extend(found);
        None
    }

    /// Whether the record has the fields of the header, and something in them.
    fn check_width(&self, record: &Record, line: u64) -> Result<(), Diagnostic> {
        if record.width() != self.width {
            let column = record.width().min(self.width) + 1;
            let open = if record.fields().any(|field| field.contains(&b'\n')) {
                " (a quote that is left open takes in the lines after it)"
            } else {
                ""
            };
            let text = format!(
                "the row has {} columns, the header has {}{open}",
                record.width(),
                self.width
            );
            return Err(Diagnostic::in_column(line, column, text));
        }
        if record.fields().all(|field| field.trim_ascii().is_empty()) {
            return Err(Diagnostic::in_column(line, 1, "the row is empty: take the line out"));
        }
        Ok(())
    }

    /// Two payments with one reference cannot be told apart in a look-up.
    fn duplicate_reference(&mut self, column: Column, text: &str, line: u64) -> Option<String> {
        let references = self.references.as_mut().filter(|_| column == Column::Reference)?;
        if let Some(first) = references.get(text) {
            return Some(format!("reference {text:?} stands on line {first} already"));
        }
        references.insert(text.to_owned(), line);
        None
    }
}
