//! Reads a file into rows of one kind, or into everything that is wrong with it. The csv crate splits fields; lines
//! are counted here, from byte positions, so that they are right after blank lines, CRLF and quoted line breaks.

use std::{
    cell::Cell,
    collections::HashMap,
    io::{self, Read},
    path::Path,
    rc::Rc,
};

use csv::ByteRecord;

use super::row::{Column, FileRow, validate};
use crate::{
    diagnostic::Diagnostic,
    input_file::{CappedList, MAX_ALLOCATIONS, read_bytes},
    output::unescape_formula,
};

/// A file with more rows must be split: a person watches each run.
const MAX_ROWS: usize = 100_000;
/// A header with more columns is not one of ours.
const MAX_COLUMNS: usize = 64;
/// A longer row comes from a quote that was left open, or from another kind of file.
const MAX_ROW_BYTES: usize = 16 * 1024;
/// No name, address or reference is longer.
const MAX_FIELD_BYTES: usize = 1024;

/// Why a file gives no rows.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// It cannot be read at all.
    Unreadable(io::Error),
    /// What is wrong in it, from top to bottom.
    Wrong(CappedList<Diagnostic>),
}

/// Reads and checks a whole file.
pub(crate) fn read<R: FileRow>(path: &Path) -> Result<Vec<R>, ReadError> {
    let bytes = read_bytes(path, MAX_ALLOCATIONS).map_err(ReadError::Unreadable)?;
    rows(&bytes, MAX_ROWS).map_err(ReadError::Wrong)
}

/// The rows of a file, or what is wrong with it.
fn rows<R: FileRow>(bytes: &[u8], max_rows: usize) -> Result<Vec<R>, CappedList<Diagnostic>> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(only(1, "the file is UTF-16: save it as CSV in UTF-8"));
    }
    let mut records = Records::new(bytes);
    let mut record = ByteRecord::new();
    let line = match records.read(&mut record) {
        Ok(Some(line)) => line,
        Ok(None) => return Err(only(1, "the file is empty")),
        Err(diagnostic) => return Err(CappedList::from_iter([diagnostic])),
    };
    let mut parser = RowParser::<R>::parse_header(&record, line)?;
    let mut count = 0;
    loop {
        match records.read(&mut record) {
            Ok(Some(_)) if count == max_rows => {
                let text = format!("there are more than {max_rows} rows: split the file");
                parser.diagnostics.push(Diagnostic::in_column(records.line(), 1, text));
                break;
            }
            Ok(Some(line)) => parser.row(&record, line),
            Ok(None) if count == 0 => {
                let text = "there is no row below the header";
                parser.diagnostics.push(Diagnostic::in_column(line + 1, 1, text));
                break;
            }
            Ok(None) => break,
            // Where the next row begins is unknown.
            Err(diagnostic) => {
                parser.diagnostics.push(diagnostic);
                break;
            }
        }
        count += 1;
    }
    if parser.diagnostics.count() == 0 {
        Ok(parser.rows)
    } else {
        Err(parser.diagnostics)
    }
}

fn only(line: u64, text: impl Into<String>) -> CappedList<Diagnostic> {
    CappedList::from_iter([Diagnostic::in_column(line, 1, text)])
}

/// The records of a file, each with the line that it begins on.
struct Records<'a> {
    reader: csv::Reader<BoundedReader<'a>>,
    lines: Lines<'a>,
    /// What may still be read for one record.
    budget: Rc<Cell<usize>>,
}

/// A reader with a budget of bytes for each record: the csv crate reads on until a record ends, wherever that is.
struct BoundedReader<'a> {
    bytes: &'a [u8],
    budget: Rc<Cell<usize>>,
}

impl Read for BoundedReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let budget = self.budget.get();
        if budget == 0 && !self.bytes.is_empty() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let end = buffer.len().min(budget);
        let length = self.bytes.read(&mut buffer[..end])?;
        // Blank lines belong to no record, so many are let through: not without an end, for an open quote may stand before them.
        let line_ends = buffer[..length].iter().filter(|byte| matches!(byte, b'\n' | b'\r'));
        let line_ends = line_ends.count();
        self.budget.set(budget - (length - line_ends) - line_ends.div_ceil(64));
        Ok(length)
    }
}

impl<'a> Records<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let budget = Rc::new(Cell::new(0));
        // A byte-order mark at the start is skipped by the reader.
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(BoundedReader {
                bytes,
                budget: Rc::clone(&budget),
            });
        Self {
            reader,
            lines: Lines::new(bytes),
            budget,
        }
    }

    /// The line of the next record; `None` at the end.
    fn read(&mut self, record: &mut ByteRecord) -> Result<Option<u64>, Diagnostic> {
        // Each byte may be a quote that stands for half of one.
        self.budget.set(2 * MAX_ROW_BYTES);
        let begins = self.reader.position().byte();
        let read = self.reader.read_byte_record(record);
        let begins = match &read {
            Ok(true) => record.position().map_or(0, csv::Position::byte),
            Ok(false) => return Ok(None),
            Err(_) => begins,
        };
        let line = self.lines.line_at(usize::try_from(begins).unwrap_or(usize::MAX));
        let text = match read {
            // With the commas between the fields.
            Ok(_) if record.as_slice().len() + record.len() <= MAX_ROW_BYTES => return Ok(Some(line)),
            Err(error) if !error.is_io_error() => format!("the file cannot be read: {error}"),
            _ => {
                let most = MAX_ROW_BYTES / 1024;
                format!("the row that begins here is longer than {most} KiB: most likely a quote is left open")
            }
        };
        Err(Diagnostic::in_column(line, 1, text))
    }

    /// Where the last record began.
    fn line(&self) -> u64 {
        self.lines.line
    }
}

/// What was read so far.
struct RowParser<R> {
    /// Where each column stands; `None` where the header lacks it.
    places: [Option<usize>; Column::COUNT],
    /// Fields of the header.
    width: usize,
    /// The line on which each reference stood first.
    references: HashMap<String, u64>,
    rows: Vec<R>,
    diagnostics: CappedList<Diagnostic>,
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
    fn parse_header(header: &ByteRecord, line: u64) -> Result<Self, CappedList<Diagnostic>> {
        let documented = expected_header::<R>();
        if header.len() > MAX_COLUMNS {
            let text = format!("the header has {} columns: it is {documented}", header.len());
            return Err(only(line, text));
        }
        let mut places = [None; Column::COUNT];
        let mut diagnostics = CappedList::new();
        for (at, field) in header.iter().enumerate() {
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
            diagnostics.push(Diagnostic::in_column(line, at + 1, text));
        }
        if places.iter().all(Option::is_none) {
            let text = match header.get(0) {
                Some(field) if header.len() == 1 && field.contains(&b';') => {
                    format!("fields are separated by semicolons: use commas, and the header {documented}")
                }
                _ => format!("the first line is not the header {documented}"),
            };
            return Err(only(line, text));
        }
        for column in R::REQUIRED {
            if places[*column as usize].is_none() {
                diagnostics.push(Diagnostic::in_column(
                    line,
                    header.len() + 1,
                    format!("column {} is missing", column.name()),
                ));
            }
        }
        Ok(Self {
            places,
            width: header.len(),
            references: HashMap::new(),
            rows: Vec::new(),
            diagnostics,
        })
    }

    fn row(&mut self, record: &ByteRecord, line: u64) {
        if record.len() != self.width {
            let column = record.len().min(self.width) + 1;
            let open = if record.iter().any(|field| field.contains(&b'\n')) {
                " (a quote that is left open takes in the lines after it)"
            } else {
                ""
            };
            let text = format!(
                "the row has {} columns, the header has {}{open}",
                record.len(),
                self.width
            );
            self.diagnostics.push(Diagnostic::in_column(line, column, text));
            return;
        }
        if record.iter().all(|field| field.trim_ascii().is_empty()) {
            self.diagnostics
                .push(Diagnostic::in_column(line, 1, "the row is empty: take the line out"));
            return;
        }
        let before = self.diagnostics.count();
        let mut values = [""; Column::COUNT];
        let mut found = Vec::new();
        for column in columns::<R>() {
            let Some(place) = self.places[column as usize] else {
                continue;
            };
            let field = record.get(place).unwrap_or_default();
            let problem = match std::str::from_utf8(field) {
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
        // As they stand in the file, whatever the order of its columns.
        found.sort_by_key(|diagnostic| diagnostic.column);
        found
            .into_iter()
            .for_each(|diagnostic| self.diagnostics.push(diagnostic));
        let is_whole = R::REQUIRED.iter().all(|column| self.places[*column as usize].is_some());
        if self.diagnostics.count() == before && is_whole {
            match R::from_values(line, &|column| values[column as usize]) {
                Ok(row) => self.rows.push(row),
                Err((column, text)) => {
                    let place = self.places[column as usize].unwrap_or_default();
                    self.diagnostics.push(Diagnostic::in_column(line, place + 1, text));
                }
            }
        }
    }

    /// Two payments with one reference cannot be told apart in a look-up.
    fn duplicate_reference(&mut self, column: Column, text: &str, line: u64) -> Option<String> {
        if column != Column::Reference {
            return None;
        }
        if let Some(first) = self.references.get(text) {
            return Some(format!("reference {text:?} stands on line {first} already"));
        }
        self.references.insert(text.to_owned(), line);
        None
    }
}

/// Counts lines up to a byte. `\n`, `\r\n` and a lone `\r` each end one.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, line: 1 }
    }

    /// The line of the record that begins at this byte, or after line ends and blank lines that follow it.
    fn line_at(&mut self, begins: usize) -> u64 {
        while let Some(&byte) = self.bytes.get(self.at)
            && (self.at < begins || matches!(byte, b'\r' | b'\n'))
        {
            let next_is_newline = self.bytes.get(self.at + 1) == Some(&b'\n');
            self.line += u64::from(byte == b'\n' || (byte == b'\r' && !next_is_newline));
            self.at += 1;
        }
        self.line
    }
}

#[cfg(test)]
mod tests;
