//! The allocations as the sandbox saw them: what each one moved, whether a right response left for it, and whether it was
//! looked up afterwards. The API's routes write here when a call ends; tests and the console read it. What a client made of
//! a response is not known here.

mod history;
mod rows;
#[cfg(feature = "console")]
pub(crate) mod series;
#[cfg(test)]
mod tests;

pub(crate) use history::AllocationHistory;
#[cfg(test)]
use rows::Moved;
pub(crate) use rows::{AllocationRow, TransactionSearch};

use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;

/// What became of an allocation, as far as the sandbox can know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AllocationState {
    /// A right response said that it was done.
    Done,
    /// No right response left, and afterwards a transaction search showed it.
    Settled,
    /// It was carried out, and its response is held back by a fault.
    InFlight,
    /// No right response left: whoever sent it cannot know whether points moved.
    Unknown,
    /// A right response said no, and nothing moved.
    Refused,
}

impl AllocationState {
    /// Every state, in the order in which the console shows them.
    pub const ALL: [AllocationState; 5] = [
        AllocationState::Done,
        AllocationState::Settled,
        AllocationState::InFlight,
        AllocationState::Unknown,
        AllocationState::Refused,
    ];

    /// The state in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            AllocationState::Done => "done",
            AllocationState::Settled => "settled",
            AllocationState::InFlight => "in flight",
            AllocationState::Unknown => "unknown",
            AllocationState::Refused => "refused",
        }
    }
}

/// How the response to an allocation left the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// Whole and right, as far as the sandbox can see: that it arrived, nobody can know here.
    Whole,
    /// Another one in its place, a part of it, or one with something wrong in it.
    Spoilt,
    /// None: the connection was reset, or the client was gone.
    Lost,
}

/// A transaction search that asked for an allocation, or showed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lookup {
    /// Number of the search in the log.
    pub call: u64,
    /// When it came, on the sandbox's clock.
    pub at: Timestamp,
    /// Whether it showed the allocation's transaction.
    pub found: bool,
}

/// An allocation (or taking back) of points, or one row of a bulk request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AllocationEntry {
    /// Number of its call in the [log](crate::LogEntry::number).
    pub call: u64,
    /// When it was carried out or refused, on the sandbox's clock.
    pub at: Timestamp,
    /// The caller's reference; `None` where it could not be read. At most 100 characters where nothing moved.
    pub reference: Option<Arc<str>>,
    /// What moved (or is to, where its transaction is pending), negative where points were taken back; `None` where nothing
    /// did.
    pub amount: Option<Decimal>,
    /// The transaction, where points moved.
    pub transaction_id: Option<Arc<str>>,
    /// What became of it.
    pub state: AllocationState,
    /// How its response left.
    pub delivery: Delivery,
    /// The last transaction search for it after its response was lost or spoilt.
    pub lookup: Option<Lookup>,
    /// Number of its movement in the journal.
    pub(crate) movement: Option<u64>,
    /// The operation said no.
    pub(crate) refused: bool,
}
