//! What became of a transaction or an order, and what may become of it later. The journal and the orders keep it, the store
//! moves the money that goes with it, and the searches show it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How far a transaction or an order is. The pages show the good end alone: every other state, and its word in a response, is
/// the sandbox's own choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EntryState {
    /// It happened: `CREATED`, or `SUCCESS` of an order.
    #[default]
    Done,
    /// It waits, and its points with it: `PENDING`.
    Pending,
    /// It did not happen, and its points are back: `FAILED`.
    Failed,
    /// It happened, and was undone: `REVERSED`.
    Reversed,
}

/// What becomes of a transaction or an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EntryChange {
    /// A pending one is done.
    Finish,
    /// A pending one fails. Its points go back.
    Fail,
    /// A done one is reversed. Its points go back, and nothing but its state says so.
    Reverse,
    /// A done transaction is undone by a second one of the same reference, of type `REVERSAL`; it stays as it is, and is undone no
    /// second time.
    AddReversal,
}

/// A transaction or an order was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// There is none of this reference in the announced account.
    #[error("there is none of this reference; the newest ones alone are kept")]
    NotFound,
    /// None of this reference is in a state from which it can change so.
    #[error("none of this reference can change so: a pending one can finish or fail, a done one can be reversed")]
    WrongState,
    /// The points are not there any more.
    #[error("the points are spent, so they cannot go back")]
    Spent,
}

impl EntryState {
    /// The state after a change; `None` where it cannot change so.
    pub(crate) const fn after(self, change: EntryChange) -> Option<EntryState> {
        match (self, change) {
            (EntryState::Pending, EntryChange::Finish) => Some(EntryState::Done),
            (EntryState::Pending, EntryChange::Fail) => Some(EntryState::Failed),
            (EntryState::Done, EntryChange::Reverse) => Some(EntryState::Reversed),
            (EntryState::Done, EntryChange::AddReversal) => Some(EntryState::Done),
            _ => None,
        }
    }

    /// Its word as the status of a transaction. `CREATED` is the only one on the pages.
    pub(crate) const fn transaction_word(self) -> &'static str {
        match self {
            EntryState::Done => "CREATED",
            EntryState::Pending => "PENDING",
            EntryState::Failed => "FAILED",
            EntryState::Reversed => "REVERSED",
        }
    }

    /// Its words as the status of an order and of its payment. `SUCCESS` is the only one on the pages.
    pub(crate) const fn order_words(self) -> (&'static str, &'static str) {
        match self {
            EntryState::Done => ("SUCCESS", "SUCCESS"),
            EntryState::Pending => ("PENDING", "SUCCESS"),
            EntryState::Failed => ("FAILED", "REFUNDED"),
            EntryState::Reversed => ("REVERSED", "REFUNDED"),
        }
    }
}

impl fmt::Display for EntryState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            EntryState::Done => "done",
            EntryState::Pending => "pending",
            EntryState::Failed => "failed",
            EntryState::Reversed => "reversed",
        })
    }
}

/// What becomes of an entry by itself, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DueChange {
    pub(crate) at: Timestamp,
    pub(crate) change: EntryChange,
}

/// How an entry begins, and what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct EntryCourse {
    pub(crate) state: EntryState,
    pub(crate) due: Option<DueChange>,
}
