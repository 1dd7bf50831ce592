//! Counts what became of the rows of a run, and puts it in words.

use rust_decimal::Decimal;

use crate::{
    allocations_file::Row,
    exit::Exit,
    output::{Report, Verdict},
};

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
    pub(super) fn count(&mut self, row: &Row, report: &Report) {
        match report.verdict {
            Verdict::Done => {
                self.done += 1;
                self.allocated += row.amount.exact().unwrap_or_default();
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

    /// `24 rows: 24 done, 10123.50 allocated`, and what to look up.
    pub(super) fn in_words(&self, rows: &[Row]) -> String {
        let mut parts = vec![format!("{} done", self.done)];
        let untried = rows.len() - self.tried();
        for (count, word) in [
            (self.refused, "refused"),
            (self.not_sent + untried, "not sent"),
            (self.unknown, "unknown"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        let mut words = format!(
            "{} rows: {}; {:.2} allocated",
            rows.len(),
            parts.join(", "),
            self.allocated
        );
        if let Some(first) = rows.get(self.tried()) {
            words.push_str(&format!(
                "\nfrom line {} on (reference {}) nothing was sent",
                first.line, first.reference
            ));
        }
        if self.unknown > 0 {
            words.push_str(&format!(
                "\nunknown: {}\nPoints may have moved or not in these. Do not send them again, and never with a new \
                 reference: that could pay twice. Look them up first.",
                self.unknown_references.join(", ")
            ));
        }
        words
    }
}
