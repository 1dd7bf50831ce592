//! What the ledger speaks against in a file: each row with what it would pay again, and what a person does about all of them. What
//! is in doubt comes first, because a payment in its place may be the second one.

use std::{collections::BTreeSet, path::Path};

use enkash_ledger::{CallRow, ImportedRun, Ledger, RepeatedPayment, RowState, RunId};

use super::ImportOptions;
use crate::{
    command_line::called_as,
    diagnostic::Diagnostic,
    doubt,
    exit::{CliError, ExitStatus},
    ledger,
    output::Output,
};

/// Where columns stand in the file.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    pub(super) reference: Option<usize>,
    pub(super) mobile: Option<usize>,
}

/// Everything in a file that the ledger speaks against. The counts are also of those that are not named.
pub(super) struct Conflicts {
    named: Vec<Diagnostic>,
    count: u64,
    /// Rows that repeat one whose value may have moved or not.
    in_doubt: u64,
    /// Rows whose reference stands at one that a run is still to send.
    waiting: u64,
    /// Rows whose reference stands in the file already, or at one that has ended or was not sent.
    used: u64,
    /// The runs of what is in doubt or waits.
    runs: BTreeSet<RunId>,
}

impl Conflicts {
    pub(super) fn of(found: &ImportedRun, options: ImportOptions, columns: Columns) -> Self {
        let mut named = Vec::new();
        let mut runs = BTreeSet::new();
        let mut name = |line: u64, column: Option<usize>, text: String| named.push(Diagnostic { line, column, text });
        let mut note_run = |row: &CallRow| {
            let is_open = row.state.is_in_doubt() || row.is_waiting();
            runs.extend(row.run.filter(|_| is_open).map(|(run, _)| run));
        };
        for (line, first) in &found.repeated_references {
            let text = format!("the reference stands on line {first} already");
            name(*line, columns.reference, text);
        }
        for (line, row) in &found.used_references {
            name(*line, columns.reference, describe_use(row));
            note_run(row);
        }
        let references_open = found.references_in_doubt + found.references_waiting;
        let (mut count, mut in_doubt) = (found.reference_problems, found.references_in_doubt);
        if !options.allow_duplicates {
            count += found.repeated_payment_count;
            in_doubt += found.payments_in_doubt;
            for (line, other) in &found.repeated_payments {
                name(*line, columns.mobile, describe_repetition(other));
                if let RepeatedPayment::Earlier(row) = other {
                    note_run(row);
                }
            }
        }
        named.sort_by_key(|conflict| (conflict.line, conflict.column));
        Self {
            named,
            count,
            in_doubt,
            waiting: found.references_waiting,
            used: found.reference_problems.saturating_sub(references_open),
            runs,
        }
    }

    /// Those that are named, to be said with what else is wrong.
    pub(super) fn into_named(self) -> Vec<Diagnostic> {
        self.named
    }

    /// Refuses the file where there is one.
    pub(super) async fn check(&self, ledger: &Ledger, path: &Path, output: &mut Output) -> Result<(), CliError> {
        if self.count == 0 {
            return Ok(());
        }
        for conflict in &self.named {
            output.warn(&conflict.in_file(path));
        }
        if let Some(more) = self.count.checked_sub(self.named.len() as u64).filter(|more| *more > 0) {
            output.warn(&format!("and {more} more"));
        }
        let (count, file) = (rows(self.count), path.display());
        let remedy = self.remedy(self.open_run(ledger).await?);
        Err(CliError {
            // As for a single call: value may have moved.
            exit: match self.in_doubt {
                0 => ExitStatus::BadInput,
                _ => ExitStatus::Unknown,
            },
            message: format!("{count} of {file} would pay again: nothing was sent. {remedy}"),
        })
    }

    /// The first of the runs that has rows left to send.
    async fn open_run(&self, ledger: &Ledger) -> Result<Option<RunId>, CliError> {
        for run in &self.runs {
            let found = ledger.run(*run).await.map_err(ledger::unusable)?;
            if found.state.is_open() {
                return Ok(Some(*run));
            }
        }
        Ok(None)
    }

    /// What to do. New references are for what has ended, and are not spoken of while anything is in doubt.
    fn remedy(&self, open_run: Option<RunId>) -> String {
        let enkash = called_as();
        let mut parts = Vec::new();
        if self.in_doubt > 0 {
            parts.push(format!(
                "In {} of these value may have moved or not: find out first, with {}, and pay none of them under another \
                 reference before.",
                rows(self.in_doubt),
                doubt::settle()
            ));
        }
        if self.waiting > 0 {
            parts.push(format!(
                "{} of these wait to be sent in an earlier run.",
                rows(self.waiting)
            ));
        }
        if let Some(run) = open_run {
            parts.push(format!(
                "{enkash} run resume {run} looks up what is unknown in run {run}, sends what is left of it and pays nobody twice."
            ));
        }
        if self.in_doubt == 0 {
            match (self.used, self.waiting) {
                (0, 0) => parts.push("Where each is a payment of its own, add --allow-duplicates.".to_owned()),
                (0, _) => {}
                (_, 0) => parts.push(format!(
                    "A new payment needs a new reference; what was used and is not done is shown by {enkash} history."
                )),
                (used, _) => parts.push(format!(
                    "For {} of these, which wait nowhere, a new payment needs a new reference.",
                    rows(used)
                )),
            }
        }
        parts.join(" ")
    }
}

fn rows(count: u64) -> String {
    match count {
        1 => "1 row".to_owned(),
        count => format!("{count} rows"),
    }
}

fn describe_use(row: &CallRow) -> String {
    let mut text = format!("the reference {} was used before: {}", row.reference, row.describe());
    match (row.state, row.run) {
        (RowState::Pending, Some((run, _))) => text.push_str(&format!(
            "; run {run} would send it: continue that run, or {} run cancel {run}",
            called_as()
        )),
        (state, _) if state.is_in_doubt() => text.push_str("; find out first what became of it"),
        _ => {}
    }
    text
}

fn describe_repetition(other: &RepeatedPayment) -> String {
    match other {
        RepeatedPayment::InFile(line) => format!("the same mobile number and amount stand on line {line}"),
        RepeatedPayment::Earlier(row) => {
            let doubt = match row.state.is_in_doubt() {
                true => "; find out first what became of it",
                false => "",
            };
            format!(
                "the same mobile number and amount were in the last seven days: reference {}, {}{doubt}",
                row.reference,
                row.describe()
            )
        }
        _ => "the same mobile number and amount were there before".to_owned(),
    }
}
