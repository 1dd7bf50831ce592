//! Takes the file of a run into the ledger: checks every row, names everything that is wrong with it, and shows what the run
//! would do. Nothing of a file with a mistake stays.

use std::{io, path::Path};

use enkash_ledger::{Amount, CheckedImport, ImportedRun, Ledger, NewRow, NewRun, RepeatedPayment};

use super::{ImportOptions, request::RowRequest};
use crate::{
    allocations_file::{self, AllocationFile, AllocationRow, Limits},
    exit::CliError,
    ledger,
    output::Output,
};

/// How many rows are handed to the ledger at a time.
const BATCH: usize = 2000;

/// A file that is read and checked, and not committed.
pub(super) struct CheckedFile {
    pub(super) import: CheckedImport,
    pub(super) hash: String,
    /// For a dry run.
    pub(super) first: Option<AllocationRow>,
}

/// Reads a file into an import that is not committed yet.
pub(super) async fn import(
    ledger: &Ledger,
    path: &Path,
    run: NewRun,
    output: &mut Output,
) -> Result<CheckedFile, CliError> {
    let mut import = ledger.import_run(run).await.map_err(ledger::unusable)?;
    let unreadable = |error: io::Error| allocations_file::unreadable(path, &error);
    let mut file = AllocationFile::<AllocationRow>::open(path, Limits::RUN).map_err(unreadable)?;
    let mut first = None;
    while let Some(batch) = file.next_batch(BATCH).map_err(unreadable)? {
        first = first.or_else(|| batch.first().cloned());
        let rows = batch.iter().map(new_row).collect::<Result<Vec<_>, _>>()?;
        import.push(rows).await.map_err(ledger::unusable)?;
    }
    let summary = file.finish().map_err(unreadable)?;
    if summary.mistakes.count() > 0 {
        return Err(allocations_file::wrong(path, &summary.mistakes, output));
    }
    let import = import.finish(&summary.sha256).await.map_err(ledger::unusable)?;
    if summary.rows != import.found().rows {
        return Err(CliError::runtime(format!(
            "{} has {} rows, and the ledger took {}: nothing was sent, please report it",
            path.display(),
            summary.rows,
            import.found().rows
        )));
    }
    Ok(CheckedFile {
        import,
        hash: summary.sha256,
        first,
    })
}

fn new_row(row: &AllocationRow) -> Result<NewRow, CliError> {
    let request = RowRequest::from(&row.person)
        .to_json()
        .map_err(|error| CliError::runtime(format!("the row of line {} cannot be kept: {error}", row.line)))?;
    Ok(NewRow {
        line: row.line,
        reference: row.reference.to_string(),
        recipient: row.person.mobile.expose().to_owned(),
        request,
        amount: Amount::try_from(row.amount)
            .map_err(|error| CliError::bad_input(format!("line {}: {error}; nothing was sent", row.line)))?,
    })
}

/// Everything in the file that the ledger speaks against, by line.
pub(super) fn check(
    path: &Path,
    found: &ImportedRun,
    options: ImportOptions,
    output: &mut Output,
) -> Result<(), CliError> {
    let file = path.display();
    let mut lines: Vec<(u64, String)> = Vec::new();
    for (line, first) in &found.repeated_references {
        lines.push((*line, format!("the reference stands on line {first} already")));
    }
    for (line, row) in &found.used_references {
        lines.push((
            *line,
            format!("the reference {} was used before: {}", row.reference, row.describe()),
        ));
    }
    let mut problems = found.reference_problems;
    if !options.allow_duplicates {
        problems += found.repeated_payment_count;
        for (line, other) in &found.repeated_payments {
            lines.push((*line, describe_repetition(other)));
        }
    }
    if problems == 0 {
        return Ok(());
    }
    lines.sort();
    for (line, text) in &lines {
        output.warn(&format!("{file}:{line}: {text}"));
    }
    if let Some(more) = problems.checked_sub(lines.len() as u64).filter(|more| *more > 0) {
        output.warn(&format!("and {more} more"));
    }
    let count = match problems {
        1 => "1 row".to_owned(),
        count => format!("{count} rows"),
    };
    let remedy = match (found.reference_problems, options.allow_duplicates) {
        (0, _) => " Where each is a payment of its own, add --allow-duplicates.",
        (_, _) => " A new payment needs a new reference; what was used and is not done is shown by enkash history.",
    };
    Err(CliError::bad_input(format!(
        "{count} of {file} would pay again: nothing was sent.{remedy}"
    )))
}

fn describe_repetition(other: &RepeatedPayment) -> String {
    match other {
        RepeatedPayment::InFile(line) => format!("the same mobile number and amount stand on line {line}"),
        RepeatedPayment::Earlier(row) => format!(
            "the same mobile number and amount were in the last seven days: reference {}, {}",
            row.reference,
            row.describe()
        ),
        _ => "the same mobile number and amount were there before".to_owned(),
    }
}

/// What the run would do, for the question.
pub(super) fn describe(path: &Path, found: &ImportedRun) -> Vec<String> {
    let mut lines = vec![format!(
        "allocate {} in {} calls, one for each row of {}",
        found.total,
        found.rows,
        path.display()
    )];
    if let Some((line, amount)) = found.largest {
        lines.push(format!("the largest row is {amount} (line {line})"));
    }
    let new = found.rows.saturating_sub(found.known_recipients);
    lines.push(format!(
        "{new} rows are for people without an earlier payment in this ledger, {} for others",
        found.known_recipients
    ));
    lines
}
