//! The switches of the look-ups: what a search finds, which filters work, and how much of a list is shown.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::{SwitchError, SwitchInfo};

/// When a transaction can be found by a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TransactionLookup {
    /// At once.
    #[default]
    Immediate,
    /// After this time on the sandbox's clock.
    Delayed(Duration),
    /// Never.
    Absent,
}

impl TransactionLookup {
    pub(super) const INFO: SwitchInfo = SwitchInfo {
        name: "transaction_lookup",
        about: "When a transaction can be found by a search.",
        values: &[
            ("immediate", "At once."),
            (
                "delayed:SECONDS",
                "After so many seconds on the sandbox's clock, for instance delayed:30.",
            ),
            ("absent", "Never."),
        ],
    };
}

impl fmt::Display for TransactionLookup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TransactionLookup::Immediate => formatter.write_str("immediate"),
            TransactionLookup::Delayed(by) => write!(formatter, "delayed:{}", by.as_secs()),
            TransactionLookup::Absent => formatter.write_str("absent"),
        }
    }
}

impl FromStr for TransactionLookup {
    type Err = SwitchError;

    fn from_str(text: &str) -> Result<Self, SwitchError> {
        let delay = text.strip_prefix("delayed:").map(str::parse);
        match (text, delay) {
            ("immediate", _) => Ok(TransactionLookup::Immediate),
            ("absent", _) => Ok(TransactionLookup::Absent),
            (_, Some(Ok(seconds))) => Ok(TransactionLookup::Delayed(Duration::from_secs(seconds))),
            _ => Err(SwitchError::unknown_value(&Self::INFO, text)),
        }
    }
}

impl Serialize for TransactionLookup {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

word_switch! {
    /// Which filters of a transaction search work. The page marks four as required: company, account, card and one reference.
    TransactionFilters as "transaction_filters" {
        /// All that the page's example has, such as `pgReferenceNumbers`, `txnDateFrom` and `txnDateTo`.
        Applied = "applied",
        /// Only the four required ones; lists and ranges change nothing.
        Required = "required",
        /// All, and references are compared without regard to case and surrounding white space.
        Loose = "loose",
        /// Company and account only: every transaction of the account is shown.
        Ignored = "ignored",
    }
}

word_switch! {
    /// What a transaction search without a card gives. The page marks the card as required.
    TransactionWithoutCard as "transaction_without_card" {
        /// The transactions of all cards.
        Works = "works",
        /// 400: the card is missing.
        Refused = "refused",
        /// An empty list.
        Empty = "empty",
    }
}

/// Whether the lists of cards and transactions are shown whole. No page shows paging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ListCut {
    /// Whole; of transactions the newest 1,000, and `recordsCount` counts all.
    #[default]
    Whole,
    /// So many rows at most, and `recordsCount` counts all.
    Counted(usize),
    /// So many rows at most. `recordsCount` counts those, and `totalPages`, `pageNumber` and `last` say that there are more.
    Paged(usize),
}

impl ListCut {
    pub(super) const INFO: SwitchInfo = SwitchInfo {
        name: "list_cut",
        about: "Whether the lists of cards and transactions are shown whole. No page shows paging.",
        values: &[
            (
                "whole",
                "Whole; of transactions the newest 1,000, and `recordsCount` counts all.",
            ),
            (
                "counted:ROWS",
                "So many rows at most, the newest first, and `recordsCount` counts all; for instance counted:2.",
            ),
            (
                "paged:ROWS",
                "So many rows at most; `recordsCount` counts those, and `totalPages`, `pageNumber` and `last` tell of more.",
            ),
        ],
    };
}

impl fmt::Display for ListCut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ListCut::Whole => formatter.write_str("whole"),
            ListCut::Counted(rows) => write!(formatter, "counted:{rows}"),
            ListCut::Paged(rows) => write!(formatter, "paged:{rows}"),
        }
    }
}

impl FromStr for ListCut {
    type Err = SwitchError;

    fn from_str(text: &str) -> Result<Self, SwitchError> {
        let unknown = || SwitchError::unknown_value(&Self::INFO, text);
        let rows = |rows: &str| rows.parse().ok().filter(|rows| *rows > 0).ok_or_else(unknown);
        match text.split_once(':') {
            None if text == "whole" => Ok(ListCut::Whole),
            Some(("counted", number)) => rows(number).map(ListCut::Counted),
            Some(("paged", number)) => rows(number).map(ListCut::Paged),
            _ => Err(unknown()),
        }
    }
}

impl Serialize for ListCut {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
