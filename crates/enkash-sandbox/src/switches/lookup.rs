//! The switches of the look-ups: what a search finds, which filters work, and how much of a list is shown.

use std::time::Duration;

use super::word_switch::word_switch;

word_switch! {
    /// When a transaction can be found by a search.
    TransactionLookup as "transaction_lookup" {
        /// At once.
        Immediate = "immediate",
        /// After so many seconds on the sandbox's clock, for instance delayed:30.
        Delayed(by: Duration) = "delayed:SECONDS",
        /// Never.
        Absent = "absent",
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

word_switch! {
    /// Whether the lists of cards and transactions are shown whole. No page shows paging.
    ListCut as "list_cut" {
        /// Whole; of transactions the newest 1,000, and `recordsCount` counts all.
        Whole = "whole",
        /// So many rows at most, the newest first, and `recordsCount` counts all; for instance counted:2.
        Counted(rows: usize) = "counted:ROWS",
        /// So many rows at most; `recordsCount` counts those, and `totalPages`, `pageNumber` and `last` say that there are
        /// more.
        Paged(rows: usize) = "paged:ROWS",
    }
}

word_switch! {
    /// Which of the two documented forms a card search answers with.
    CardSearch as "card_search" {
        /// One card as a bare object where the request names none and just one is found; otherwise a count and a list.
        ByRequest = "by-request",
        /// Always a count and a list.
        List = "list",
        /// Always one card: the one asked for, or the first.
        Single = "single",
    }
}
