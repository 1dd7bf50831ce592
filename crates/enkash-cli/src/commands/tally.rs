//! Counts what became of the rows of a run, and puts it in words. Runs over files and bulk requests count with it.

use enkash::{ClientReference, Money};
use rust_decimal::Decimal;

use crate::{
    exit::Exit,
    output::{Report, Verdict},
};

/// A row, by what is told of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowName<'a> {
    pub(super) line: u64,
    pub(super) reference: &'a ClientReference,
    pub(super) amount: Money,
}

/// What became of the rows so far.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) done: usize,
    pub(super) refused: usize,
    /// Tried, and certainly not sent.
    pub(super) not_sent: usize,
    /// Not finished counts as unknown: both have to be looked up.
    pub(super) unknown: usize,
    /// The sum of the rows that are done.
    pub(super) allocated: Decimal,
    unknown_references: Vec<String>,
    exits: Vec<Exit>,
}

impl Tally {
    pub(super) fn count<F>(&mut self, row: RowName<'_>, report: &Report<F>) {
        match report.verdict {
            Verdict::Done => {
                self.done += 1;
                let amount = row.amount.exact().unwrap_or_default();
                self.allocated = self.allocated.saturating_add(amount);
            }
            Verdict::Refused => self.refused += 1,
            Verdict::NotSent => self.not_sent += 1,
            Verdict::Pending | Verdict::Unknown => {
                self.unknown += 1;
                self.unknown_references
                    .push(format!("{} (line {})", row.reference, row.line));
            }
        }
        self.exits.push(report.exit);
    }

    pub(super) fn tried(&self) -> usize {
        self.exits.len()
    }

    pub(super) fn exit(&self) -> Exit {
        Exit::worst_of(self.exits.iter().copied())
    }

    /// `24 rows: 24 done; 10123.50 allocated`, from which row on nothing was sent, and what to look up and how.
    pub(super) fn in_words(&self, rows: usize, first_untried: Option<RowName<'_>>, settle: &str) -> String {
        let mut parts = vec![format!("{} done", self.done)];
        let untried = rows - self.tried();
        for (count, word) in [
            (self.refused, "refused"),
            (self.not_sent + untried, "not sent"),
            (self.unknown, "unknown"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        let mut words = format!("{rows} rows: {}; {:.2} allocated", parts.join(", "), self.allocated);
        if let Some(first) = first_untried {
            words.push_str(&format!(
                "\nfrom line {} on (reference {}) nothing was sent",
                first.line, first.reference
            ));
        }
        if self.unknown > 0 {
            words.push_str(&format!(
                "\nunknown: {}\nPoints may have moved or not in these. Do not send them again, and never with a new \
                 reference: that could pay twice. Look them up first: {settle}",
                self.unknown_references.join(", ")
            ));
        }
        words
    }
}
