//! Reads a file into rows of one kind, and into everything that is wrong with it. A run takes the rows in batches, in the memory
//! of one batch; whoever needs all of them at once gets them, or the mistakes.

mod records;
mod row_parser;
mod source;

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read},
    path::Path,
};

use self::{records::MAX_ROW_BYTES, row_parser::RowParser};
pub(crate) use self::{
    records::{Next, QuoteMistake, Record, Records},
    source::{PIECE, Source},
};
use super::row::{AllocationRow, Column, FileRow};
use crate::{
    diagnostic::Diagnostic,
    input_file::{self, CappedList, MAX_ALLOCATIONS, MAX_RUN},
};

/// How many rows are taken over at once where all of them are kept.
const BATCH: usize = 1_000;

/// How much of a file is read, and what is in memory of it meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    max_bytes: u64,
    max_rows: u64,
    /// How many bytes are read at once.
    piece: usize,
    /// Whether a reference that stands twice is found. All of them are in memory for it.
    keeps_references: bool,
}

impl Limits {
    /// Of a file whose rows are in memory: one with more must be split, because a person watches it being sent.
    pub(crate) const WHOLE: Self = Self {
        max_bytes: MAX_ALLOCATIONS,
        max_rows: 100_000,
        piece: PIECE,
        keeps_references: true,
    };
    /// Of a run. Its ledger finds a reference that stands twice.
    pub(crate) const RUN: Self = Self {
        max_bytes: MAX_RUN,
        max_rows: 10_000_000,
        piece: PIECE,
        keeps_references: false,
    };
}

/// Why a file gives no rows.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// It cannot be read at all.
    Unreadable(io::Error),
    /// What is wrong in it, from top to bottom.
    Wrong(CappedList<Diagnostic>),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// What is known of a file that was read to its end.
#[derive(Debug)]
pub(crate) struct FileSummary {
    /// What is wrong in it, from top to bottom.
    pub(crate) mistakes: CappedList<Diagnostic>,
    /// The rows below the header, right or wrong.
    pub(crate) rows: u64,
    /// The SHA-256 of all its bytes, as hex.
    pub(crate) sha256: String,
}

/// A file that is read from its start to its end, once.
pub(crate) struct AllocationFile<R = AllocationRow, S = File> {
    records: Records<S>,
    /// `None` where no row follows.
    parser: Option<RowParser<R>>,
    header_line: u64,
    /// Where each column stands.
    places: [Option<usize>; Column::COUNT],
    max_rows: u64,
    rows: u64,
    mistakes: CappedList<Diagnostic>,
}

impl<R: FileRow> AllocationFile<R> {
    /// Opens a file and reads its header. What is wrong with that is a mistake like others.
    pub(crate) fn open(path: &Path, limits: Limits) -> io::Result<Self> {
        Self::new(input_file::open(path)?, limits)
    }
}

impl<R: FileRow, S: Read> AllocationFile<R, S> {
    fn new(bytes: S, limits: Limits) -> io::Result<Self> {
        let mut source = Source::new(bytes, limits.max_bytes, limits.piece);
        let start = source.fill()?;
        let is_utf_16 = start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]);
        let mut file = Self {
            records: Records::new(source)?,
            parser: None,
            header_line: 1,
            places: [None; Column::COUNT],
            max_rows: limits.max_rows,
            rows: 0,
            mistakes: CappedList::new(),
        };
        if is_utf_16 {
            file.note(1, "the file is UTF-16: save it as CSV in UTF-8");
        } else {
            file.read_header(limits.keeps_references.then(HashMap::new))?;
        }
        Ok(file)
    }

    fn read_header(&mut self, references: Option<HashMap<String, u64>>) -> io::Result<()> {
        match self.records.read()? {
            Next::Record => {
                self.header_line = self.records.line();
                let header = self.records.record();
                self.parser = RowParser::parse_header(header, self.header_line, references, &mut self.mistakes);
                self.places = self.parser.as_ref().map_or(self.places, RowParser::places);
            }
            Next::BadQuote(mistake) => self.note_bad_quote(mistake),
            Next::TooLong => self.note_too_long(),
            Next::End => self.note(1, "the file is empty"),
        }
        Ok(())
    }

    /// The next rows that are right, at most so many, in the order of the file; `None` at the end. Mistakes are kept for
    /// [`Self::finish`], and after one it goes on: what was read before the end may not be sent yet.
    pub(crate) fn next_batch(&mut self, max: usize) -> io::Result<Option<Vec<R>>> {
        let mut rows = Vec::new();
        while let Some(row) = self.next_row()? {
            rows.push(row);
            if rows.len() >= max {
                break;
            }
        }
        Ok((!rows.is_empty()).then_some(rows))
    }

    fn next_row(&mut self) -> io::Result<Option<R>> {
        while let Some(parser) = &mut self.parser {
            let next = self.records.read()?;
            let line = self.records.line();
            match next {
                Next::Record if self.rows < self.max_rows => {
                    self.rows += 1;
                    let row = parser.row(self.records.record(), line, &mut self.mistakes);
                    if row.is_some() {
                        return Ok(row);
                    }
                    continue;
                }
                Next::Record => {
                    let text = format!("there are more than {} rows: split the file", self.max_rows);
                    self.note(line, text);
                }
                Next::BadQuote(mistake) => {
                    self.rows += 1;
                    self.note_bad_quote(mistake);
                    continue;
                }
                Next::TooLong => self.note_too_long(),
                Next::End if self.rows == 0 => self.note(self.header_line + 1, "there is no row below the header"),
                Next::End => {}
            }
            self.parser = None;
        }
        Ok(None)
    }

    /// The number of a column's field in each row, from 1; `None` where the header lacks it.
    pub(crate) fn column(&self, column: Column) -> Option<usize> {
        self.places[column as usize].map(|place| place + 1)
    }

    /// What is wrong so far, where something is. Nothing of such a file is used, so what remains of it need not be read.
    pub(crate) fn take_mistakes(&mut self) -> Option<CappedList<Diagnostic>> {
        (self.mistakes.count() > 0).then(|| std::mem::replace(&mut self.mistakes, CappedList::new()))
    }

    /// Reads what remains, also below a mistake after which there are no rows, and says what is known of the whole file.
    pub(crate) fn finish(mut self) -> io::Result<FileSummary> {
        while self.next_row()?.is_some() {}
        Ok(FileSummary {
            mistakes: self.mistakes,
            rows: self.rows,
            sha256: self.records.into_source().finish()?,
        })
    }

    /// All rows, if all are right.
    pub(crate) fn into_rows(mut self) -> Result<Vec<R>, ReadError> {
        let mut rows = Vec::new();
        while self.mistakes.count() == 0
            && let Some(batch) = self.next_batch(BATCH)?
        {
            rows.extend(batch);
        }
        let summary = self.finish()?;
        if summary.mistakes.count() > 0 {
            return Err(ReadError::Wrong(summary.mistakes));
        }
        Ok(rows)
    }

    fn note(&mut self, line: u64, text: impl Into<String>) {
        self.mistakes.push(Diagnostic::in_column(line, 1, text));
    }

    fn note_bad_quote(&mut self, mistake: QuoteMistake) {
        let (value, text) = match mistake {
            QuoteMistake::AfterEnd(value) => (
                value,
                "something stands behind the quote that ends the value: write a quote that belongs to it twice",
            ),
            QuoteMistake::LeftOpen(value) => (
                value,
                "the file ends within a value in quotes: it was cut, or a quote that is left open takes in the lines after it",
            ),
        };
        self.mistakes
            .push(Diagnostic::in_column(self.records.line(), value, text));
    }

    fn note_too_long(&mut self) {
        let most = MAX_ROW_BYTES / 1024;
        let text = format!("the row that begins here is longer than {most} KiB: most likely a quote is left open");
        self.note(self.records.line(), text);
    }
}

#[cfg(test)]
mod stream_tests;
#[cfg(test)]
mod tests;
