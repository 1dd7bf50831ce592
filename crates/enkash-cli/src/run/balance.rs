//! What the account held before and after a run, beside what the run told: the same figures for the terminal, for programs and
//! for the page.

use enkash_ledger::{Amount, Run};
use serde::Serialize;

use super::totals::RunTotals;
use crate::command_line::called_as;

/// The account's balance around a run.
#[derive(Serialize)]
pub(crate) struct BalanceCheck {
    pub(crate) before: Option<Amount>,
    pub(crate) after: Option<Amount>,
    /// By how much it went down.
    pub(crate) went_down_by: Option<Amount>,
    /// What the rows that are done add up to.
    pub(crate) done: Amount,
    /// What the rows that are unknown add up to: that much more may have moved.
    pub(crate) unknown: Amount,
    /// How much more went than the done rows add up to; below zero where it was less.
    pub(crate) difference: Option<Amount>,
}

impl BalanceCheck {
    pub(crate) fn new(before: Option<Amount>, after: Option<Amount>, totals: &RunTotals) -> Self {
        let done = totals.counts.done.amount;
        let went_down_by = before
            .zip(after)
            .and_then(|(before, after)| before.checked_sub(after).ok());
        Self {
            before,
            after,
            went_down_by,
            done,
            unknown: totals.counts.unknown.amount,
            difference: went_down_by.and_then(|gone| gone.checked_sub(done).ok()),
        }
    }

    pub(crate) fn of_run(run: &Run, totals: &RunTotals) -> Self {
        Self::new(run.balance_before, run.balance_after, totals)
    }

    /// In a sentence; `None` where a balance is not known.
    pub(crate) fn describe(&self) -> Option<String> {
        let (gone, difference) = (self.went_down_by?, self.difference?);
        let begin = format!(
            "the balance went down by {gone}, the rows that are done add up to {}",
            self.done
        );
        Some(match (difference == Amount::ZERO, self.unknown == Amount::ZERO) {
            (true, true) => format!("{begin}: no difference"),
            (true, false) => format!(
                "{begin}: no difference; the unknown rows ({}) have not moved anything by this, unless others put as much in",
                self.unknown
            ),
            (false, true) => format!(
                "{begin}, a difference of {difference}: something else moved value meanwhile, or the API counts otherwise"
            ),
            (false, false) => format!(
                "{begin}, a difference of {difference}: the unknown rows ({}) may have moved, and others may use the account",
                self.unknown
            ),
        })
    }
}

/// What a balance cannot say.
pub(crate) fn balance_limits() -> String {
    format!(
        "Others may use the account at the same time, so a balance is no proof of single rows: {} reconcile compares them with \
         the account's transactions.",
        called_as()
    )
}
