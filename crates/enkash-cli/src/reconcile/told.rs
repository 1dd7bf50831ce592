//! What was told of a row, in the words of reports.

use enkash_ledger::Amount;

/// The outcome that a row was told with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Done,
    Refused,
    NotSent,
    Pending,
    Unknown,
}

impl Told {
    const ALL: [Self; 5] = [Self::Done, Self::Refused, Self::NotSent, Self::Pending, Self::Unknown];

    /// The word of reports.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::NotSent => "not sent",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|told| told.as_str() == word)
    }
}

/// A row as it was told.
#[derive(Clone, Debug)]
pub(super) struct ToldRow {
    pub(super) line: Option<u64>,
    pub(super) reference: String,
    pub(super) amount: Amount,
    pub(super) told: Told,
}
