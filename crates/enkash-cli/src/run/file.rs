//! Takes the file of a run into the ledger: checks every row, names everything that is wrong with it, and shows what the run
//! would do. Nothing of a file with a mistake stays.

use std::{io, path::Path};

use enkash_ledger::{Amount, CheckedImport, ImportedRun, Ledger, NewRow, NewRun, RepeatedPayment, RowState};

use super::{ImportOptions, request::RowRequest};
use crate::{
    allocations_file::{self, AllocationFile, AllocationRow, Column, Limits},
    diagnostic::Diagnostic,
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

/// Reads a file into an import that is not committed yet. `path` is its name for people, `source` where it is read. Where it has mistakes, what the ledger speaks against is said with
/// them.
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
    let columns = Columns {
        reference: file.column(Column::Reference),
        mobile: file.column(Column::Mobile),
    };
    if let Some(mistakes) = file.take_mistakes() {
        // It never gets into the ledger, so nobody needs its hash.
        let import = import.finish("").await.map_err(ledger::unusable)?;
        let conflicts = Conflicts::of(import.found(), options, columns);
        let all = mistakes.merge(conflicts.named, |mistake| (mistake.line, mistake.column));
        return Err(allocations_file::wrong(path, &all, output));
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

/// Where columns stand in the file.
#[derive(Clone, Copy)]
struct Columns {
    reference: Option<usize>,
    mobile: Option<usize>,
}

/// Everything in a file that the ledger speaks against.
pub(super) struct Conflicts {
    named: Vec<Diagnostic>,
    /// Also those that are not named.
    count: u64,
    has_used_references: bool,
}

impl Conflicts {
    fn of(found: &ImportedRun, options: ImportOptions, columns: Columns) -> Self {
        let mut named = Vec::new();
        let mut name = |line: u64, column: Option<usize>, text: String| named.push(Diagnostic { line, column, text });
        for (line, first) in &found.repeated_references {
            let text = format!("the reference stands on line {first} already");
            name(*line, columns.reference, text);
        }
        for (line, row) in &found.used_references {
            let mut text = format!("the reference {} was used before: {}", row.reference, row.describe());
            if let (RowState::Pending, Some((run, _))) = (row.state, row.run) {
                text.push_str(&format!(
                    "; run {run} would send it: continue that run, or enkash run cancel {run}"
                ));
            }
            name(*line, columns.reference, text);
        }
        let mut count = found.reference_problems;
        if !options.allow_duplicates {
            count += found.repeated_payment_count;
            for (line, other) in &found.repeated_payments {
                name(*line, columns.mobile, describe_repetition(other));
            }
        }
        named.sort_by_key(|conflict| (conflict.line, conflict.column));
        Self {
            named,
            count,
            has_used_references: found.reference_problems > 0,
        }
    }

    /// Refuses the file where there is one.
    pub(super) fn check(&self, path: &Path, output: &mut Output) -> Result<(), CliError> {
        if self.count == 0 {
            return Ok(());
        }
        for conflict in &self.named {
            output.warn(&conflict.in_file(path));
        }
        if let Some(more) = self.count.checked_sub(self.named.len() as u64).filter(|more| *more > 0) {
            output.warn(&format!("and {more} more"));
        }
        let count = match self.count {
            1 => "1 row".to_owned(),
            count => format!("{count} rows"),
        };
        let remedy = match self.has_used_references {
            true => " A new payment needs a new reference; what was used and is not done is shown by enkash history.",
            false => " Where each is a payment of its own, add --allow-duplicates.",
        };
        let file = path.display();
        Err(CliError::bad_input(format!(
            "{count} of {file} would pay again: nothing was sent.{remedy}"
        )))
    }
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
