//! The files of `enkash allocate --file` and `enkash bulk`: reads them, checks every row, and says where each mistake is.
//! Nothing is sent before a whole file is right. The checks of a single value serve the flags of a single call as well.

mod reader;
mod row;

use std::path::Path;

use enkash::Money;
use rust_decimal::Decimal;

use self::reader::ReadError;
pub(crate) use self::row::{AllocationRow, BulkFileRow, Column, FileRow, validate};
use crate::{exit::CliError, output::Output};

/// The rows of a file, or its mistakes on standard error.
pub(crate) fn read<R: FileRow>(path: &Path, output: &mut Output) -> Result<Vec<R>, CliError> {
    reader::read(path).map_err(|error| match error {
        ReadError::Unreadable(error) => CliError::bad_input(format!("{} cannot be read: {error}", path.display())),
        ReadError::Wrong(diagnostics) => {
            for diagnostic in &diagnostics.items {
                output.warn(&diagnostic.in_file(path));
            }
            if let Some(more) = diagnostics.more() {
                output.warn(&more);
            }
            let count = match diagnostics.count() {
                1 => "1 mistake".to_owned(),
                count => format!("{count} mistakes"),
            };
            CliError::bad_input(format!("{count} in {}: nothing was sent", path.display()))
        }
    })
}

/// What amounts add up to.
pub(crate) fn sum(amounts: impl Iterator<Item = Money>) -> Decimal {
    amounts
        .filter_map(|amount| amount.exact())
        .fold(Decimal::ZERO, Decimal::saturating_add)
}
