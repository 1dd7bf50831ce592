//! Splits the bytes of a file into records, for the rows above. The csv-core crate splits fields; lines are counted here, so that
//! they are right after blank lines, CRLF and quoted line breaks. csv-core takes whatever quotes there are, and these decide where a
//! value ends, so they are held to the rules here. It holds one record and one piece of the file.

mod quotes;

use std::io::{self, Read};

use csv_core::ReadRecordResult;

pub(crate) use self::quotes::QuoteMistake;
use self::quotes::Quotes;
use super::source::Source;

/// A longer row comes from a quote that was left open, or from another kind of file.
pub(super) const MAX_ROW_BYTES: usize = 16 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The fields of one row.
pub(crate) struct Record {
    bytes: Vec<u8>,
    /// Where each field ends.
    ends: Vec<usize>,
    /// How many fields there are.
    width: usize,
}

impl Record {
    fn new() -> Self {
        Self {
            bytes: vec![0; MAX_ROW_BYTES],
            ends: vec![0; MAX_ROW_BYTES],
            width: 0,
        }
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn field(&self, at: usize) -> &[u8] {
        let begins = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[begins..self.ends[at]]
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.width).map(|at| self.field(at))
    }
}

/// What comes next in a file.
pub(crate) enum Next {
    /// A record.
    Record,
    /// A record whose values may be others than they were meant to be.
    BadQuote(QuoteMistake),
    /// A record that is too long. Where the next one begins is unknown.
    TooLong,
    End,
}

/// The records of a file, one after the other.
pub(crate) struct Records<S> {
    source: Source<S>,
    core: csv_core::Reader,
    record: Record,
    lines: Lines,
    quotes: Quotes,
    begins: u64,
}

impl<S: Read> Records<S> {
    pub(crate) fn new(mut source: Source<S>) -> io::Result<Self> {
        let mut core = csv_core::Reader::new();
        // The core takes a mark off what it reads first, which is this blank line: of two marks one is part of the header.
        core.read_record(b"\n", &mut [0], &mut [0]);
        if source.fill()?.starts_with(BYTE_ORDER_MARK) {
            source.consume(BYTE_ORDER_MARK.len());
        }
        Ok(Self {
            source,
            core,
            record: Record::new(),
            lines: Lines::new(),
            quotes: Quotes::new(),
            begins: 1,
        })
    }

    /// Reads the next record, over blank lines.
    pub(crate) fn read(&mut self) -> io::Result<Next> {
        self.skip_line_ends()?;
        self.begins = self.lines.line;
        self.quotes.begin_record();
        let (mut length, mut width) = (0, 0);
        loop {
            let input = self.source.fill()?;
            let (bytes, ends) = (&mut self.record.bytes[length..], &mut self.record.ends[width..]);
            let (result, consumed, written, ended) = self.core.read_record(input, bytes, ends);
            self.lines.pass(&input[..consumed]);
            self.quotes.pass(&input[..consumed]);
            let mistake = self.quotes.mistake(input.is_empty());
            self.source.consume(consumed);
            length += written;
            width += ended;
            self.record.width = width;
            return Ok(match result {
                ReadRecordResult::InputEmpty => continue,
                // With the commas between the fields.
                ReadRecordResult::Record if length + width <= MAX_ROW_BYTES => {
                    mistake.map_or(Next::Record, Next::BadQuote)
                }
                ReadRecordResult::End => Next::End,
                _ => Next::TooLong,
            });
        }
    }

    fn skip_line_ends(&mut self) -> io::Result<()> {
        loop {
            let input = self.source.fill()?;
            let ends = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            if ends == 0 {
                return Ok(());
            }
            self.lines.pass(&input[..ends]);
            self.source.consume(ends);
        }
    }

    /// What was read last.
    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    /// The line on which that began.
    pub(crate) fn line(&self) -> u64 {
        self.begins
    }

    /// What remains of the file.
    pub(super) fn into_source(self) -> Source<S> {
        self.source
    }
}

/// Counts lines. `\n`, `\r\n` and a lone `\r` each end one.
struct Lines {
    /// The line of the next byte.
    line: u64,
    is_after_return: bool,
}

impl Lines {
    fn new() -> Self {
        Self {
            line: 1,
            is_after_return: false,
        }
    }

    fn pass(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.line += u64::from(*byte == b'\r' || (*byte == b'\n' && !self.is_after_return));
            self.is_after_return = *byte == b'\r';
        }
    }
}

#[cfg(test)]
mod tests;
