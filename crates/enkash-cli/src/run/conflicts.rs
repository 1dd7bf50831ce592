//! What the ledger speaks against in a file, or in a run that goes on: each row with what it would pay again, and what a person does
//! about all of them. What is in doubt comes first, because a payment in its place may be the second one.

use std::{collections::BTreeSet, mem, path::Path};

use enkash_ledger::{
    CallRow, ImportedRun, Ledger, NewRow, NewRun, PaidMeanwhile, RepeatedPayment, RowState, Run, RunId,
};

use super::{ImportOptions, job};
use crate::{
    allocations_file::Columns,
    command_line::called_as,
    diagnostic::Diagnostic,
    doubt,
    exit::{CliError, ExitStatus},
    ledger,
    output::Output,
};

/// Refuses rows that go out together and become no run where the ledger speaks against them, by the same rules and in the same words
/// as for a run. Nothing of them stays in the ledger.
pub(crate) async fn check_rows(
    ledger: &Ledger,
    (path, columns): (&Path, Columns),
    (would_be, rows): (NewRun, Vec<NewRow>),
    allow_duplicates: bool,
    output: &mut Output,
) -> Result<(), CliError> {
    let mut import = ledger.import_run(would_be).await.map_err(ledger::unusable)?;
    import.push(rows).await.map_err(ledger::unusable)?;
    // It never gets into the ledger, so nobody needs its hash.
    let import = import.finish("").await.map_err(ledger::unusable)?;
    let options = ImportOptions {
        allow_duplicates,
        new_run: true,
    };
    let conflicts = Conflicts::of(import.found(), options, columns);
    drop(import);
    conflicts.check(ledger, path, output).await
}

/// Everything in a file that the ledger speaks against. The counts are also of those that are not named.
pub(super) struct Conflicts {
    named: Vec<Diagnostic>,
    count: u64,
    /// Payments of their own, as whoever sends them says: they are told and sent.
    let_through: Vec<Diagnostic>,
    let_through_count: u64,
    /// Rows that repeat one whose value may have moved or not.
    in_doubt: u64,
    /// Rows that repeat one that a run is still to send.
    waiting: u64,
    /// Rows whose reference stands at one that was written out to be paid under another.
    exported: u64,
    /// Rows whose reference stands at one that is done after all, as far as they are named.
    after_all: u64,
    /// Rows whose reference stands in the file already, or at another one that has ended or was not sent.
    used: u64,
    /// The runs of what is in doubt or waits: of references the first hundred, and of payments.
    runs: BTreeSet<RunId>,
}

#[derive(Default)]
struct OpenRuns {
    confirmed: Option<RunId>,
    unconfirmed: Option<RunId>,
}

impl Conflicts {
    pub(super) fn of(found: &ImportedRun, options: ImportOptions, columns: Columns) -> Self {
        let mut named = Vec::new();
        let mut runs = found.reference_runs.clone();
        let mut name = |line: u64, column: Option<usize>, text: String| named.push(Diagnostic { line, column, text });
        for (line, first) in &found.repeated_references {
            let text = format!("the reference stands on line {first} already");
            name(*line, columns.reference, text);
        }
        for (line, row) in &found.used_references {
            name(*line, columns.reference, describe_use(row));
        }
        let references_open = found.references_in_doubt + found.references_waiting + found.references_exported;
        let is_after_all = |row: &CallRow| row.is_done_after_all() && row.exported_as.is_none();
        let after_all = found.used_references.iter().filter(|(_, row)| is_after_all(row));
        let after_all = after_all.count() as u64;
        let mut waiting = found.references_waiting;
        let mut let_through = Vec::new();
        // Nobody can say of what is in doubt that another payment is one of its own: its row may be the payment that is meant.
        let mut payments = found.payments_in_doubt;
        if !options.allow_duplicates {
            payments = found.repeated_payment_count;
            waiting += found.payments_waiting;
            runs.extend(&found.payment_runs);
        }
        for (line, other) in &found.repeated_payments {
            let text = describe_repetition(other);
            match run_in_doubt(other) {
                None if options.allow_duplicates => let_through.push(Diagnostic {
                    line: *line,
                    column: columns.mobile,
                    text,
                }),
                run => {
                    runs.extend(run.flatten());
                    name(*line, columns.mobile, text);
                }
            }
        }
        named.sort_by_key(|conflict| (conflict.line, conflict.column));
        Self {
            named,
            count: found.reference_problems + payments,
            let_through,
            let_through_count: found.repeated_payment_count.saturating_sub(payments),
            in_doubt: found.references_in_doubt + found.payments_in_doubt,
            waiting,
            exported: found.references_exported,
            after_all,
            used: found.reference_problems.saturating_sub(references_open + after_all),
            runs,
        }
    }

    /// Takes those that are named, to be said with what else is wrong.
    pub(super) fn take_named(&mut self) -> Vec<Diagnostic> {
        mem::take(&mut self.named)
    }

    /// The failure of a file that has mistakes as well. What is in doubt goes before them.
    pub(super) async fn with_mistakes(&self, ledger: &Ledger, mistakes: CliError) -> Result<CliError, CliError> {
        if self.in_doubt == 0 {
            return Ok(mistakes);
        }
        let remedy = self.remedy(&self.open_runs(ledger).await?);
        Ok(CliError {
            exit: self.exit(),
            message: format!("{}. {remedy}", mistakes.message),
        })
    }

    /// As for a single call whose reference was used: of what is in doubt, value may have moved. A single call without a reference
    /// of its own is only not sent.
    fn exit(&self) -> ExitStatus {
        match self.in_doubt {
            0 => ExitStatus::BadInput,
            _ => ExitStatus::Unknown,
        }
    }

    /// Refuses the file where there is one, and names what it lets through.
    pub(super) async fn check(&self, ledger: &Ledger, path: &Path, output: &mut Output) -> Result<(), CliError> {
        if self.count == 0 {
            warn_of(&self.let_through, self.let_through_count, path, output);
            return Ok(());
        }
        warn_of(&self.named, self.count, path, output);
        let (count, file) = (rows(self.count), path.display());
        let remedy = self.remedy(&self.open_runs(ledger).await?);
        Err(CliError {
            exit: self.exit(),
            message: format!("{count} of {file} would pay again: nothing was sent. {remedy}"),
        })
    }

    /// The runs that have rows left to send: the first that nobody confirmed, and the first of the others.
    async fn open_runs(&self, ledger: &Ledger) -> Result<OpenRuns, CliError> {
        let mut open = OpenRuns::default();
        for run in &self.runs {
            let found = ledger.run(*run).await.map_err(ledger::unusable)?;
            if found.state.is_open() {
                let first = match job::is_confirmed(&found) {
                    true => &mut open.confirmed,
                    false => &mut open.unconfirmed,
                };
                first.get_or_insert(*run);
            }
        }
        Ok(open)
    }

    /// What to do. New references are for what has ended, and are not spoken of while anything is in doubt or may be paid under
    /// another one.
    fn remedy(&self, open_runs: &OpenRuns) -> String {
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
        if self.exported > 0 {
            parts.push(format!(
                "{} written out under another reference: look first what became of that, with {enkash} history.",
                match self.exported {
                    1 => "1 row of these was".to_owned(),
                    count => format!("{count} rows of these were"),
                }
            ));
        }
        if self.after_all > 0 {
            parts.push(format!(
                "In {} of these value moved although it was told otherwise: pay nothing in its place.",
                rows(self.after_all)
            ));
        }
        if let Some(run) = open_runs.unconfirmed {
            parts.push(format!(
                "Nobody has confirmed run {run}: {}",
                job::advice_for_unconfirmed(run)
            ));
        }
        if let Some(run) = open_runs.confirmed {
            parts.push(format!(
                "{enkash} run resume {run} looks up what is unknown in run {run}, sends what is left of it and pays nobody twice."
            ));
        }
        if self.in_doubt == 0 && self.exported == 0 {
            match (self.used, self.waiting) {
                (0, 0) if self.after_all > 0 => {}
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

fn warn_of(named: &[Diagnostic], count: u64, path: &Path, output: &mut Output) {
    for conflict in named {
        output.warn(&conflict.in_file(path));
    }
    if let Some(more) = count.checked_sub(named.len() as u64).filter(|more| *more > 0) {
        output.warn(&format!("and {more} more"));
    }
}

/// Whether the other payment may have moved value or not, and its run.
fn run_in_doubt(other: &RepeatedPayment) -> Option<Option<RunId>> {
    match other {
        RepeatedPayment::Earlier(row) if row.state.is_in_doubt() => Some(row.run.map(|(run, _)| run)),
        _ => None,
    }
}

/// Names the rows of a run that would pay what was paid since they came, and refuses to continue it unless each is said to be a
/// payment of its own, which of what is in doubt nobody can say.
pub(super) fn check_meanwhile(
    run: &Run,
    meanwhile: &PaidMeanwhile,
    allow_duplicates: bool,
    output: &mut Output,
) -> Result<(), CliError> {
    if meanwhile.rows == 0 {
        return Ok(());
    }
    for (line, reference, other) in &meanwhile.named {
        let of_doubt = match other.state.is_in_doubt() {
            true => "; find out first what became of it",
            false => "",
        };
        output.warn(&format!(
            "{}:{line}: {reference} waits to be sent, and the same mobile number and amount were there since: reference {}, {}{of_doubt}",
            run.file_name,
            other.reference,
            other.describe()
        ));
    }
    if allow_duplicates && meanwhile.in_doubt == 0 {
        return Ok(());
    }
    let (enkash, id) = (called_as(), run.id);
    let (exit, remedy) = match meanwhile.in_doubt {
        0 => (
            ExitStatus::BadInput,
            format!(
                "Where each is a payment of its own, add --allow-duplicates. Else leave them out: {enkash} run export {id} --state \
                 pending,not-sent --to FILE writes what waits as a new file."
            ),
        ),
        in_doubt => (
            ExitStatus::Unknown,
            format!(
                "For {} of these value may have moved or not: find out first, with {}.",
                rows(in_doubt),
                doubt::settle()
            ),
        ),
    };
    Err(CliError {
        exit,
        message: format!(
            "{} of run {id} would pay again what was paid since the run began: nothing was sent. {remedy}",
            rows(meanwhile.rows)
        ),
    })
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
        _ if row.is_done_after_all() => text.push_str("; its value moved, so pay nothing in its place"),
        (RowState::Pending, Some((run, _))) => text.push_str(&format!(
            "; run {run} would send it: {} run cancel {run}, or continue that run",
            called_as()
        )),
        (state, _) if state.is_in_doubt() => text.push_str("; find out first what became of it"),
        _ if row.exported_as.is_some() => text.push_str("; look first what became of that"),
        _ => {}
    }
    text
}

fn describe_repetition(other: &RepeatedPayment) -> String {
    match other {
        RepeatedPayment::InFile(line) => format!("the same mobile number and amount stand on line {line}"),
        // However long ago.
        RepeatedPayment::Earlier(row) if row.state.is_in_doubt() => format!(
            "the same mobile number and amount were there before: reference {}, {}; find out first what became of it",
            row.reference,
            row.describe()
        ),
        RepeatedPayment::Earlier(row) if row.is_waiting() => format!(
            "the same mobile number and amount wait to be sent: reference {}, {}",
            row.reference,
            row.describe()
        ),
        RepeatedPayment::Earlier(row) => format!(
            "the same mobile number and amount were in the last seven days: reference {}, {}",
            row.reference,
            row.describe()
        ),
        _ => "the same mobile number and amount were there before".to_owned(),
    }
}
