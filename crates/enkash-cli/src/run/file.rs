//! Takes the file of a run into the ledger: checks every row, names everything that is wrong with it, and shows what the run
//! would do. Nothing of a file with a mistake stays.

use std::{io, path::Path};

use enkash_ledger::{Amount, CheckedImport, ImportedRun, Ledger, NewRow, NewRun};

use super::{ImportOptions, conflicts::Conflicts, request::RowRequest};
use crate::{
    allocations_file::{self, AllocationFile, AllocationRow, Columns, Limits},
    exit::CliError,
    ledger,
    output::Output,
};

/// How many rows are handed to the ledger at a time.
const BATCH: usize = 2000;

/// A file that is read and checked, and not committed.
pub(super) struct CheckedFile {
    pub(super) import: CheckedImport,
    pub(super) conflicts: Conflicts,
    /// For a dry run.
    pub(super) first: Option<AllocationRow>,
}

/// Reads a file into an import that is not committed yet. `path` is its name for people, `source` where it is read. Where it has
/// mistakes, what the ledger speaks against is said with them.
pub(super) async fn import(
    ledger: &Ledger,
    (path, source): (&Path, &Path),
    run: NewRun,
    options: ImportOptions,
    output: &mut Output,
) -> Result<CheckedFile, CliError> {
    let mut import = ledger.import_run(run).await.map_err(ledger::unusable)?;
    let unreadable = |error: io::Error| allocations_file::unreadable(path, &error);
    let mut file = AllocationFile::<AllocationRow>::open(source, Limits::RUN).map_err(unreadable)?;
    let mut first = None;
    while let Some(batch) = file.next_batch(BATCH).map_err(unreadable)? {
        first = first.or_else(|| batch.first().cloned());
        let rows = batch.iter().map(new_row).collect::<Result<Vec<_>, _>>()?;
        import.push(rows).await.map_err(ledger::unusable)?;
    }
    let columns = Columns::of(&file);
    if let Some(mistakes) = file.take_mistakes() {
        // It never gets into the ledger, so nobody needs its hash.
        let import = import.finish("").await.map_err(ledger::unusable)?;
        let mut conflicts = Conflicts::of(import.found(), options, columns);
        let all = mistakes.merge(conflicts.take_named(), |mistake| (mistake.line, mistake.column));
        let wrong = allocations_file::wrong(path, &all, output);
        return Err(conflicts.with_mistakes(ledger, wrong).await?);
    }
    let summary = file.finish().map_err(unreadable)?;
    let import = import.finish(&summary.sha256).await.map_err(ledger::unusable)?;
    let conflicts = Conflicts::of(import.found(), options, columns);
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
        conflicts,
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

/// What the run would do, for the question.
pub(super) fn describe(path: &Path, found: &ImportedRun) -> Vec<String> {
    let mut lines = vec![format!(
        "allocate {} in {}, one for each row of {}",
        found.total,
        match found.rows {
            1 => "1 call".to_owned(),
            rows => format!("{rows} calls"),
        },
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
