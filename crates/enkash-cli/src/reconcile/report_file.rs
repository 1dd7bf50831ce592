//! Reads what `enkash run report --output csv` wrote. A row of it is checked value by value, and a mistake is named by its
//! place; the people in it are not kept.

use std::{
    io,
    path::{Path, PathBuf},
};

use enkash::Money;
use enkash_ledger::Amount;

use super::told::{Told, ToldRow};
use crate::{
    allocations_file::{Next, PIECE, Record, Records, Source},
    exit::CliError,
    input_file::{self, MAX_RUN},
    output::unescape_formula,
};

/// What a report's header may have.
const KNOWN: [&str; 11] = [
    "line",
    "reference",
    "person",
    "amount",
    "outcome",
    "card",
    "transaction",
    "balance",
    "reason",
    "next",
    "ticket",
];
/// What is compared.
const NEEDED: [&str; 4] = ["line", "reference", "amount", "outcome"];

/// A report in a file. It is read from its start each time, so it is a regular file.
pub(crate) struct ReportFile(PathBuf);

/// Where the values stand in a record.
struct Columns {
    count: usize,
    needed: [usize; 4],
}

impl ReportFile {
    pub(crate) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    pub(super) fn place(&self) -> String {
        self.0.display().to_string()
    }

    fn wrong(&self, line: u64, problem: &str) -> CliError {
        CliError::bad_input(format!("{}:{line}: {problem}. Nothing was compared.", self.place()))
    }

    fn unreadable(&self, error: &io::Error) -> CliError {
        CliError::bad_input(format!("{} cannot be read: {error}", self.place()))
    }

    pub(super) fn each(&self, take: &mut dyn FnMut(ToldRow) -> Result<(), CliError>) -> Result<(), CliError> {
        let file = input_file::open_regular(&self.0).map_err(|error| self.unreadable(&error))?;
        let source = Source::new(file, MAX_RUN, PIECE);
        let mut records = Records::new(source).map_err(|error| self.unreadable(&error))?;
        let mut columns = None;
        loop {
            let next = records.read().map_err(|error| self.unreadable(&error))?;
            let line = records.line();
            match (next, &columns) {
                (Next::TooLong, _) => return Err(self.wrong(line, "the row is longer than a report has")),
                (Next::BadQuote(_), _) => return Err(self.wrong(line, "the quotes of a value are not whole")),
                (Next::End, None) => return Err(self.wrong(1, "the file is empty")),
                (Next::End, Some(_)) => return Ok(()),
                (Next::Record, None) => columns = Some(self.columns(records.record(), line)?),
                (Next::Record, Some(columns)) => take(self.row(records.record(), columns, line)?)?,
            }
        }
    }

    fn columns(&self, header: &Record, line: u64) -> Result<Columns, CliError> {
        let names: Vec<_> = header.fields().map(String::from_utf8_lossy).collect();
        for (at, name) in names.iter().enumerate() {
            let problem = if !KNOWN.contains(&name.as_ref()) {
                "is none of a report of enkash run report --output csv"
            } else if names[..at].contains(name) {
                "stands there twice"
            } else {
                continue;
            };
            let name: String = name.chars().take(40).collect();
            return Err(self.wrong(line, &format!("column {}, {name:?}, {problem}", at + 1)));
        }
        let position = |wanted: &str| names.iter().position(|name| name == wanted);
        let mut needed = [0; 4];
        for (place, name) in needed.iter_mut().zip(NEEDED) {
            *place = position(name).ok_or_else(|| {
                self.wrong(
                    line,
                    &format!("the column {name:?} is missing; a report has {}", KNOWN.join(",")),
                )
            })?;
        }
        Ok(Columns {
            count: names.len(),
            needed,
        })
    }

    fn row(&self, record: &Record, columns: &Columns, line: u64) -> Result<ToldRow, CliError> {
        if record.width() != columns.count {
            let problem = format!("it has {} values, and the header has {}", record.width(), columns.count);
            return Err(self.wrong(line, &problem));
        }
        let value = |at: usize| -> Result<&str, CliError> {
            let text = std::str::from_utf8(record.field(columns.needed[at]));
            let text = text.map_err(|_| self.wrong(line, &format!("{} is not UTF-8", NEEDED[at])))?;
            Ok(unescape_formula(text))
        };
        let wrong = |at: usize, problem: &str| {
            let column = columns.needed[at] + 1;
            self.wrong(line, &format!("{} (column {column}) {problem}", NEEDED[at]))
        };
        let reference = value(1)?;
        if reference.is_empty() {
            return Err(wrong(1, "is empty"));
        }
        let amount = value(2)?
            .parse::<Money>()
            .ok()
            .and_then(|amount| Amount::try_from(amount).ok());
        Ok(ToldRow {
            line: Some(value(0)?.parse().map_err(|_| wrong(0, "is not a number"))?),
            reference: reference.to_owned(),
            amount: amount.ok_or_else(|| wrong(2, "is not an amount"))?,
            told: Told::parse(value(3)?)
                .ok_or_else(|| wrong(3, "is none of done, refused, not sent, pending, unknown"))?,
        })
    }
}
