//! The files of `enkash allocate --file` and `enkash bulk`: reads them, checks every row, and says where each mistake is.
//! Nothing is sent before a whole file is right. The checks of a single value serve the flags of a single call as well.

mod finding;
mod reader;
mod row;

use std::path::Path;

use enkash::Money;
use rust_decimal::Decimal;

use self::reader::ReadError;
pub(crate) use self::row::{BulkFileRow, Column, FileRow, Row, problem_of};
use crate::{exit::Failure, output::Output};

/// The rows of a file, or its mistakes on standard error.
pub(crate) fn read<R: FileRow>(path: &Path, output: &mut Output) -> Result<Vec<R>, Failure> {
    reader::read(path).map_err(|error| match error {
        ReadError::Unreadable(error) => Failure::bad_input(format!("{} cannot be read: {error}", path.display())),
        ReadError::Wrong(findings) => {
            for finding in &findings.items {
                output.say(&finding.in_file(path));
            }
            if let Some(more) = findings.more() {
                output.say(&more);
            }
            let count = match findings.count() {
                1 => "1 mistake".to_owned(),
                count => format!("{count} mistakes"),
            };
            Failure::bad_input(format!("{count} in {}: nothing was sent", path.display()))
        }
    })
}

/// What amounts add up to.
pub(crate) fn sum(amounts: impl Iterator<Item = Money>) -> Decimal {
    amounts
        .filter_map(|amount| amount.exact())
        .fold(Decimal::ZERO, Decimal::saturating_add)
}
