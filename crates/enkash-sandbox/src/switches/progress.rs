//! The switches of what becomes of a transaction or an order after its call was answered. The pages show one good state of
//! each and no other, so every other value is the sandbox's own.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::word_switch::word_switch;
use crate::entry_state::{DueChange, EntryChange, EntryCourse, EntryState};

word_switch! {
    /// What becomes of an allocation, or of points taken back. The pages show the state `CREATED` alone.
    TransactionProgress as "transaction_progress" {
        /// It is `CREATED` at once, and stays so.
        AtOnce = "at-once",
        /// It is `PENDING` for so many seconds on the sandbox's clock, and then `CREATED`. Its points wait with it.
        Pending(by: Duration) = "pending:SECONDS",
        /// It is `PENDING` for so many seconds, and then `FAILED`. Its points go back.
        Failing(by: Duration) = "failing:SECONDS",
        /// It is `CREATED`, and after so many seconds `REVERSED`, if the points are still there. They go back.
        Reversed(by: Duration) = "reversed:SECONDS",
        /// It is `CREATED` and stays so. After so many seconds a second one of the same reference and of type `REVERSAL` takes
        /// the points back, if they are still there.
        Reversal(by: Duration) = "reversal:SECONDS",
    }
}

word_switch! {
    /// What becomes of an order. The pages show the states `SUCCESS` and `SUCCESS` alone.
    OrderProgress as "order_progress" {
        /// It is done at once, and stays so.
        AtOnce = "at-once",
        /// It is paid and `PENDING` for so many seconds on the sandbox's clock, and then done. It shows no vouchers until then.
        Pending(by: Duration) = "pending:SECONDS",
        /// It is paid and `PENDING` for so many seconds, and then `FAILED` and `REFUNDED`.
        Failing(by: Duration) = "failing:SECONDS",
        /// It is done, and after so many seconds `REVERSED` and `REFUNDED`. It shows no vouchers from then on.
        Reversed(by: Duration) = "reversed:SECONDS",
    }
}

impl TransactionProgress {
    /// The course of a transaction that begins now.
    pub(crate) fn course(self, now: Timestamp) -> EntryCourse {
        match self {
            TransactionProgress::AtOnce => EntryCourse::default(),
            TransactionProgress::Pending(by) => course(EntryState::Pending, EntryChange::Finish, by, now),
            TransactionProgress::Failing(by) => course(EntryState::Pending, EntryChange::Fail, by, now),
            TransactionProgress::Reversed(by) => course(EntryState::Done, EntryChange::Reverse, by, now),
            TransactionProgress::Reversal(by) => course(EntryState::Done, EntryChange::AddReversal, by, now),
        }
    }
}

impl OrderProgress {
    /// The course of an order that begins now.
    pub(crate) fn course(self, now: Timestamp) -> EntryCourse {
        match self {
            OrderProgress::AtOnce => EntryCourse::default(),
            OrderProgress::Pending(by) => course(EntryState::Pending, EntryChange::Finish, by, now),
            OrderProgress::Failing(by) => course(EntryState::Pending, EntryChange::Fail, by, now),
            OrderProgress::Reversed(by) => course(EntryState::Done, EntryChange::Reverse, by, now),
        }
    }
}

fn course(state: EntryState, change: EntryChange, by: Duration, now: Timestamp) -> EntryCourse {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    let at = now.checked_add(by).unwrap_or(Timestamp::MAX);
    let due = Some(DueChange { at, change });
    EntryCourse { state, due }
}
