//! Reads a file into rows of one kind, or into everything that is wrong with it. The csv crate splits fields; lines
//! are counted here, from byte positions, so that they are right after blank lines, CRLF and quoted line breaks.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read},
    path::Path,
};

use csv::ByteRecord;

use super::{Column, FileRow, Finding, problem_of};
use crate::output::unguarded;

/// More than this is not a list of people.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Why a file gives no rows.
#[derive(Debug)]
pub(crate) enum Unusable {
    /// It cannot be read at all.
    Unreadable(io::Error),
    /// Everything that is wrong in it, from top to bottom.
    Wrong(Vec<Finding>),
}

/// Reads and checks a whole file.
pub(crate) fn read<R: FileRow>(path: &Path) -> Result<Vec<R>, Unusable> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(Unusable::Unreadable)?;
    let size = file
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(Unusable::Unreadable)?;
    if size as u64 > LARGEST {
        let error = io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 64 MiB");
        return Err(Unusable::Unreadable(error));
    }
    rows(&bytes).map_err(Unusable::Wrong)
}

/// The rows of a file, or all that is wrong with it.
fn rows<R: FileRow>(bytes: &[u8]) -> Result<Vec<R>, Vec<Finding>> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(vec![Finding::new(1, 1, "the file is UTF-16: save it as CSV in UTF-8")]);
    }
    // A byte-order mark at the start is skipped by the reader.
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    let mut lines = Lines::new(bytes);
    let mut record = ByteRecord::new();
    let mut next = move |record: &mut ByteRecord| -> Result<Option<u64>, Vec<Finding>> {
        match reader.read_byte_record(record) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(error) => {
                return Err(vec![Finding::new(
                    lines.line,
                    1,
                    format!("the file cannot be read: {error}"),
                )]);
            }
        }
        let begins = record.position().map_or(0, csv::Position::byte);
        Ok(Some(lines.of_record_at(usize::try_from(begins).unwrap_or(usize::MAX))))
    };

    let Some(line) = next(&mut record)? else {
        return Err(vec![Finding::new(1, 1, "the file is empty")]);
    };
    let mut check = Check::<R>::of_header(&record, line)?;
    let mut count = 0_u64;
    while let Some(line) = next(&mut record)? {
        count += 1;
        check.row(&record, line);
    }
    if count == 0 {
        check
            .findings
            .push(Finding::new(line + 1, 1, "there is no row below the header"));
    }
    if check.findings.is_empty() {
        Ok(check.rows)
    } else {
        Err(check.findings)
    }
}

/// What was read so far.
struct Check<R> {
    /// Where each column stands; `None` where the header lacks it.
    places: [Option<usize>; Column::COUNT],
    /// Fields of the header.
    width: usize,
    /// The line on which each reference stood first.
    references: HashMap<String, u64>,
    rows: Vec<R>,
    findings: Vec<Finding>,
}

/// All columns that a file of this kind may have.
fn columns<R: FileRow>() -> impl Iterator<Item = Column> {
    R::REQUIRED.iter().chain(R::OPTIONAL).copied()
}

/// The header as it is documented; what may be left out stands in brackets.
fn documented<R: FileRow>() -> String {
    let required: Vec<_> = R::REQUIRED.iter().map(|column| column.name()).collect();
    let optional = R::OPTIONAL.iter().map(|column| format!("[,{}]", column.name()));
    required.join(",") + &optional.collect::<String>()
}

impl<R: FileRow> Check<R> {
    fn of_header(header: &ByteRecord, line: u64) -> Result<Self, Vec<Finding>> {
        let documented = documented::<R>();
        let mut places = [None; Column::COUNT];
        let mut findings = Vec::new();
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
            findings.push(Finding::new(line, at + 1, text));
        }
        if places.iter().all(Option::is_none) {
            let text = match header.get(0) {
                Some(field) if header.len() == 1 && field.contains(&b';') => {
                    format!("fields are separated by semicolons: use commas, and the header {documented}")
                }
                _ => format!("the first line is not the header {documented}"),
            };
            return Err(vec![Finding::new(line, 1, text)]);
        }
        for column in R::REQUIRED {
            if places[*column as usize].is_none() {
                findings.push(Finding::new(
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
            findings,
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
            self.findings.push(Finding::new(line, column, text));
            return;
        }
        if record.iter().all(|field| field.trim_ascii().is_empty()) {
            self.findings
                .push(Finding::new(line, 1, "the row is empty: take the line out"));
            return;
        }
        let before = self.findings.len();
        let mut values = [""; Column::COUNT];
        let mut found = Vec::new();
        for column in columns::<R>() {
            let Some(place) = self.places[column as usize] else {
                continue;
            };
            let field = record.get(place).unwrap_or_default();
            let problem = match std::str::from_utf8(field) {
                Err(_) => Some(format!("{} is not UTF-8", column.name())),
                Ok(text) if text.contains('\0') => Some(format!("{} has a NUL byte", column.name())),
                Ok(text) => {
                    // Our own lists guard what a spreadsheet would run.
                    let text = unguarded(text);
                    values[column as usize] = text;
                    problem_of(column, text).or_else(|| self.second_use(column, text, line))
                }
            };
            found.extend(problem.map(|text| Finding::new(line, place + 1, text)));
        }
        // As they stand in the file, whatever the order of its columns.
        found.sort_by_key(|finding| finding.column);
        self.findings.append(&mut found);
        let is_whole = R::REQUIRED.iter().all(|column| self.places[*column as usize].is_some());
        if self.findings.len() == before && is_whole {
            match R::of(line, &|column| values[column as usize]) {
                Ok(row) => self.rows.push(row),
                Err((column, text)) => {
                    let place = self.places[column as usize].unwrap_or_default();
                    self.findings.push(Finding::new(line, place + 1, text));
                }
            }
        }
    }

    /// One reference for two payments would make them one to whoever looks them up.
    fn second_use(&mut self, column: Column, text: &str, line: u64) -> Option<String> {
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
    fn of_record_at(&mut self, begins: usize) -> u64 {
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
