//! What the account held before and after a run, beside what the run told: the same figures for the terminal, for programs and
//! for the page.

use enkash::Timestamp;
use enkash_ledger::{Amount, Run, RunId};
use serde::Serialize;

use super::totals::RunTotals;
use crate::{command_line::called_as, ledger};

/// The account's balance around a run.
#[derive(Serialize)]
pub(crate) struct BalanceCheck {
    pub(crate) before: Option<Amount>,
    pub(crate) after: Option<Amount>,
    /// When that was asked for.
    after_at: Option<String>,
    /// By how much it went down.
    pub(crate) went_down_by: Option<Amount>,
    /// What the rows that are done add up to.
    pub(crate) done: Amount,
    /// What those of them add up to that came out later: each may have moved before or after.
    done_later: Amount,
    /// What the rows that are unknown add up to: that much more may have moved, or may still move.
    pub(crate) unknown: Amount,
    /// How much more went than the done rows add up to; below zero where it was less. Nothing where they cannot be compared.
    pub(crate) difference: Option<Amount>,
}

impl BalanceCheck {
    /// Of a balance that was asked for after these totals were read.
    pub(super) fn asked(before: Option<Amount>, after: Option<(Amount, Timestamp)>, totals: &RunTotals) -> Self {
        Self::new(before, after, Amount::ZERO, totals)
    }

    /// Of a run that was told before: rows of it may have come out since.
    pub(crate) fn of_run(run: &Run, totals: &RunTotals) -> Self {
        let after = run.balance_after.zip(run.balance_after_at);
        Self::new(
            run.balance_before,
            after,
            totals.counts.done_after_balance.amount,
            totals,
        )
    }

    fn new(before: Option<Amount>, after: Option<(Amount, Timestamp)>, done_later: Amount, totals: &RunTotals) -> Self {
        let done = totals.counts.done.amount;
        let (after, after_at) = after.unzip();
        let went_down_by = before
            .zip(after)
            .and_then(|(before, after)| before.checked_sub(after).ok());
        let difference = went_down_by.and_then(|gone| gone.checked_sub(done).ok());
        // Where all of it went by then, so did what came out later.
        let is_known = |difference: &Amount| *difference == Amount::ZERO || done_later == Amount::ZERO;
        Self {
            before,
            after,
            after_at: after_at.map(ledger::format_time),
            went_down_by,
            done,
            done_later,
            unknown: totals.counts.unknown.amount,
            difference: difference.filter(is_known),
        }
    }

    /// Whether it is as told, and no row can change that.
    pub(super) fn is_as_told(&self) -> bool {
        self.difference == Some(Amount::ZERO) && self.unknown == Amount::ZERO
    }

    /// In a sentence; `None` where a balance is not known.
    pub(crate) fn describe(&self) -> Option<String> {
        let (gone, at) = self.went_down_by.zip(self.after_at.as_ref())?;
        let begin = format!(
            "the balance went down by {gone} until {at}, the rows that are done add up to {}",
            self.done
        );
        let unknown = match self.unknown == Amount::ZERO {
            true => String::new(),
            false => format!(
                "; the unknown rows ({}) may have moved, before that or since, or may still move: this says nothing of them",
                self.unknown
            ),
        };
        Some(match self.difference {
            None => format!(
                "{begin}; {} of these came out later and may have moved later, so the two cannot be compared{unknown}",
                self.done_later
            ),
            Some(Amount::ZERO) => format!("{begin}: no difference{unknown}"),
            Some(difference) if unknown.is_empty() => format!(
                "{begin}, a difference of {difference} that no row explains: others may have used the account, or the API moved or \
                 counted otherwise than it told"
            ),
            Some(difference) => {
                format!("{begin}, a difference of {difference}, and others may use the account{unknown}")
            }
        })
    }
}

/// What a balance cannot say.
pub(crate) fn balance_limits(run: RunId) -> String {
    format!(
        "Others may use the account at the same time, so a balance is no proof of single rows: {} reconcile --run {run} compares \
         them with the account's transactions.",
        called_as()
    )
}
