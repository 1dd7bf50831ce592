//! What a run adds up to, from the ledger: the counts of its rows, in words and as JSON, and the exit code that says the worst.

use enkash_ledger::{CallRow, Counts, HistoryFilter, Ledger, RowState, RunId};
use serde::Serialize;

use crate::{
    command_line::called_as,
    doubt,
    exit::{CliError, ExitStatus},
    ledger,
};

/// How many unknown rows are named.
const NAMED: u32 = 20;

/// The rows of a run by outcome, and the first that need a person's eye.
pub(crate) struct RunTotals {
    pub(crate) run: RunId,
    pub(crate) counts: Counts,
    unknown: Vec<CallRow>,
}

/// The counts as JSON.
#[derive(Serialize)]
pub(crate) struct TotalsJson {
    rows: u64,
    done: u64,
    refused: u64,
    pending: u64,
    not_sent: u64,
    unknown: u64,
    /// The sum of what is done.
    allocated: String,
    /// The first of those that are unknown.
    unknown_rows: Vec<UnknownRow>,
    /// What to do about them.
    next: Option<String>,
}

/// A row that a person must look at.
#[derive(Serialize)]
struct UnknownRow {
    reference: String,
    line: Option<u64>,
}

impl RunTotals {
    pub(crate) async fn read(ledger: &Ledger, run: RunId) -> Result<Self, CliError> {
        let counts = ledger.counts(run).await.map_err(ledger::unusable)?;
        let mut filter = HistoryFilter::default();
        filter.run = Some(run);
        filter.states = vec![RowState::Unknown, RowState::Sending];
        let unknown = match counts.unknown.rows {
            0 => Vec::new(),
            _ => ledger.history(&filter, None, NAMED).await.map_err(ledger::unusable)?,
        };
        Ok(Self { run, counts, unknown })
    }

    pub(crate) fn json(&self) -> TotalsJson {
        let counts = &self.counts;
        TotalsJson {
            rows: counts.rows(),
            done: counts.done.rows,
            refused: counts.refused.rows,
            pending: counts.pending.rows,
            not_sent: counts.not_sent.rows,
            unknown: counts.unknown.rows,
            allocated: counts.done.amount.to_string(),
            unknown_rows: self.unknown.iter().map(UnknownRow::from).collect(),
            next: (counts.unknown.rows > 0).then(doubt::advice_for_rows),
        }
    }

    /// Whether rows are left that may be sent.
    pub(crate) fn is_open(&self) -> bool {
        self.counts.left.rows > 0
    }

    /// The worst of all rows.
    pub(crate) fn exit(&self) -> ExitStatus {
        let pending = (self.counts.pending.rows > 0).then_some(ExitStatus::NotSent);
        ExitStatus::worst_of([self.exit_of_attempted()].into_iter().chain(pending))
    }

    /// The worst of the rows that were attempted, where something else says why the others were not.
    pub(crate) fn exit_of_attempted(&self) -> ExitStatus {
        let counts = &self.counts;
        let worst = [
            (counts.unknown.rows, ExitStatus::Unknown),
            (counts.refused.rows, ExitStatus::Refused),
            (counts.not_sent.rows, ExitStatus::NotSent),
        ];
        ExitStatus::worst_of(worst.into_iter().filter(|(rows, _)| *rows > 0).map(|(_, exit)| exit))
    }

    /// `24 rows: 24 done; 10123.50 allocated`, and what to do about those that are unknown.
    pub(crate) fn describe(&self) -> String {
        let counts = &self.counts;
        let mut parts = vec![format!("{} done", counts.done.rows)];
        for (tally, word) in [
            (counts.refused, "refused"),
            (counts.not_sent, "not sent"),
            (counts.unknown, "unknown"),
            (counts.pending, "pending"),
        ] {
            if tally.rows > 0 {
                parts.push(format!("{} {word}", tally.rows));
            }
        }
        let mut words = format!(
            "{}: {}; {} allocated",
            match counts.rows() {
                1 => "1 row".to_owned(),
                rows => format!("{rows} rows"),
            },
            parts.join(", "),
            counts.done.amount
        );
        if counts.unknown.rows > 0 {
            let named: Vec<_> = self.unknown.iter().map(name).collect();
            let more = match counts.unknown.rows.saturating_sub(named.len() as u64) {
                0 => String::new(),
                more => format!(
                    " and {more} more: {} history --run {} --state unknown",
                    called_as(),
                    self.run
                ),
            };
            let advice = doubt::advice_for_rows();
            words.push_str(&format!("\nunknown: {}{more}\n{advice}", named.join(", ")));
        }
        words
    }
}

impl From<&CallRow> for UnknownRow {
    fn from(row: &CallRow) -> Self {
        Self {
            reference: row.reference.clone(),
            line: row.line,
        }
    }
}

fn name(row: &CallRow) -> String {
    match row.line {
        Some(line) => format!("{} (line {line})", row.reference),
        None => row.reference.clone(),
    }
}
