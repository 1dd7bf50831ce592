//! The files of `enkash allocate --file` and `enkash bulk`: reads them, checks every row, and says where each mistake is.
//! Nothing is sent before a whole file is right. The checks of a single value serve the flags of a single call as well. A file
//! that is too large for memory is read in batches, by [`AllocationFile`].

mod reader;
mod row;

use std::{
    io::{self, Read as _},
    path::Path,
};

use enkash::Money;
use rust_decimal::Decimal;
use tempfile::NamedTempFile;

use self::reader::ReadError;
pub(crate) use self::reader::{AllocationFile, Limits};
pub(crate) use self::reader::{Next, PIECE, Record, Records, Source};
pub(crate) use self::row::{AllocationRow, BulkFileRow, Column, FileRow, validate};
use crate::{
    diagnostic::Diagnostic,
    exit::CliError,
    input_file::{self, CappedList, MAX_PIPE, MAX_RUN},
    output::Output,
};

/// Where the columns stand by which the ledger knows a payment, from 1.
#[derive(Clone, Copy)]
pub(crate) struct Columns {
    pub(crate) reference: Option<usize>,
    pub(crate) mobile: Option<usize>,
}

impl Columns {
    pub(crate) fn of<R: FileRow>(file: &AllocationFile<R>) -> Self {
        Self {
            reference: file.column(Column::Reference),
            mobile: file.column(Column::Mobile),
        }
    }
}

/// The rows of a file with where their columns stand, or its mistakes on standard error.
pub(crate) fn read<R: FileRow>(path: &Path, output: &mut Output) -> Result<(Vec<R>, Columns), CliError> {
    let file = AllocationFile::open(path, Limits::WHOLE).map_err(|error| unreadable(path, &error))?;
    let columns = Columns::of(&file);
    let rows = file.into_rows().map_err(|error| match error {
        ReadError::Unreadable(error) => unreadable(path, &error),
        ReadError::Wrong(mistakes) => wrong(path, &mistakes, output),
    })?;
    Ok((rows, columns))
}

/// The failure of a file that could not be read.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> CliError {
    CliError::bad_input(format!("{} cannot be read: {error}", path.display()))
}

/// The failure of a file with mistakes, which go to standard error.
pub(crate) fn wrong(path: &Path, mistakes: &CappedList<Diagnostic>, output: &mut Output) -> CliError {
    for mistake in &mistakes.items {
        output.warn(&mistake.in_file(path));
    }
    if let Some(more) = mistakes.more() {
        output.warn(&more);
    }
    let count = match mistakes.count() {
        1 => "1 mistake".to_owned(),
        count => format!("{count} mistakes"),
    };
    CliError::bad_input(format!("{count} in {}: nothing was sent", path.display()))
}

/// The SHA-256 of a file's bytes, as hex: whether it is the file of a run.
pub(crate) fn hash_file(path: &Path) -> io::Result<String> {
    Source::new(input_file::open(path)?, MAX_RUN, PIECE).finish()
}

/// A copy of what the shell hands over as a pipe, which can be read only once; `None` for a file.
pub(crate) fn spool(path: &Path) -> io::Result<Option<NamedTempFile>> {
    if path.metadata().is_ok_and(|found| found.is_file()) {
        return Ok(None);
    }
    let mut source = input_file::open(path)?.take(MAX_PIPE + 1);
    let mut copy = NamedTempFile::new()?;
    if io::copy(&mut source, &mut copy)? > MAX_PIPE {
        let text = format!(
            "a pipe brings at most {} MiB: write it into a file first",
            MAX_PIPE >> 20
        );
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
    }
    Ok(Some(copy))
}

/// What amounts add up to.
pub(crate) fn sum(amounts: impl Iterator<Item = Money>) -> Decimal {
    amounts
        .filter_map(|amount| amount.exact())
        .fold(Decimal::ZERO, Decimal::saturating_add)
}
