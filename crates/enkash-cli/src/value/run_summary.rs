//! Counts the outcomes of the rows of a run, and describes them. Runs over files and bulk requests count with it.

use enkash::{ClientReference, Money};
use rust_decimal::Decimal;
use serde::Serialize;

use super::call_report::{CallReport, OutcomeKind};
use crate::{doubt, exit::ExitStatus};

/// The line, the reference and the amount of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowRef<'a> {
    pub(crate) line: u64,
    pub(crate) reference: &'a ClientReference,
    pub(crate) amount: Money,
}

/// The outcomes of the rows so far.
#[derive(Default)]
pub(crate) struct RunSummary {
    pub(crate) done: usize,
    pub(crate) refused: usize,
    /// Attempted, and certainly not sent.
    pub(crate) not_sent: usize,
    /// Not finished counts as unknown: both have to be looked up.
    pub(crate) unknown: usize,
    /// The sum of the rows that are done.
    pub(crate) allocated: Decimal,
    unknown_references: Vec<String>,
    exits: Vec<ExitStatus>,
}

/// The counts as JSON.
#[derive(Serialize)]
pub(crate) struct SummaryJson {
    rows: usize,
    done: usize,
    refused: usize,
    not_sent: usize,
    unknown: usize,
    /// The sum of what is done.
    allocated: String,
}

impl RunSummary {
    /// The counts of a run over so many rows. What was not attempted was not sent.
    pub(crate) fn as_json(&self, rows: usize) -> SummaryJson {
        SummaryJson {
            rows,
            done: self.done,
            refused: self.refused,
            not_sent: self.not_sent + rows - self.attempted(),
            unknown: self.unknown,
            allocated: format!("{:.2}", self.allocated),
        }
    }

    pub(crate) fn count<F>(&mut self, row: RowRef<'_>, report: &CallReport<F>) {
        match report.outcome_kind {
            OutcomeKind::Done => {
                self.done += 1;
                let amount = row.amount.exact().unwrap_or_default();
                self.allocated = self.allocated.saturating_add(amount);
            }
            OutcomeKind::Refused => self.refused += 1,
            OutcomeKind::NotSent => self.not_sent += 1,
            OutcomeKind::Pending | OutcomeKind::Unknown => {
                self.unknown += 1;
                self.unknown_references
                    .push(format!("{} (line {})", row.reference, row.line));
            }
        }
        self.exits.push(report.exit);
    }

    pub(crate) fn attempted(&self) -> usize {
        self.exits.len()
    }

    pub(crate) fn exit(&self) -> ExitStatus {
        ExitStatus::worst_of(self.exits.iter().copied())
    }

    /// `24 rows: 24 done; 10123.50 allocated`, from which row on nothing was sent, and what to look up and how.
    pub(crate) fn describe(&self, rows: usize, first_unsent: Option<RowRef<'_>>) -> String {
        let mut parts = vec![format!("{} done", self.done)];
        let unsent = rows - self.attempted();
        for (count, word) in [
            (self.refused, "refused"),
            (self.not_sent + unsent, "not sent"),
            (self.unknown, "unknown"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        let mut words = format!("{rows} rows: {}; {:.2} allocated", parts.join(", "), self.allocated);
        if let Some(first) = first_unsent {
            words.push_str(&format!(
                "\nfrom line {} on (reference {}) nothing was sent",
                first.line, first.reference
            ));
        }
        if self.unknown > 0 {
            words.push_str(&format!(
                "\nunknown: {}\n{}",
                self.unknown_references.join(", "),
                doubt::advice_for_rows()
            ));
        }
        words
    }
}
