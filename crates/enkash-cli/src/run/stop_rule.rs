//! When a run pauses by itself: what the next rows would probably share, and a person should look at first.

use std::collections::VecDeque;

use crate::{exit::ExitStatus, value::OutcomeKind};

/// Over how many rows the rate of unknown outcomes is measured.
const WINDOW: usize = 100;
/// So many unknown rows of the last hundred are too many.
const MAX_UNKNOWN: usize = 10;
/// So many refused rows in a row mean that the next ones are refused as well. Refused is final.
const MAX_REFUSED_IN_A_ROW: usize = 20;
/// So many rows in a row that could not be sent mean that the API is out of reach.
const MAX_NOT_SENT_IN_A_ROW: usize = 10;

/// Why a run stopped before its last row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopReason {
    Interrupted,
    /// Too many rows are unknown, or the first is.
    Unknown,
    /// A row could not log in, or the account is at risk.
    Credentials,
    /// The account does not hold the next row's amount.
    Balance,
    Refused,
    NotSent,
    /// A ticket could not be written into its file.
    Tickets,
    /// Somebody paused, canceled or took back the run while a worker sent it.
    Withdrawn,
    /// The ledger could not be written.
    Ledger,
    /// Standard output took no more results.
    Output,
}

impl StopReason {
    /// The word in JSON and in the ledger.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Interrupted => "interrupted",
            Self::Unknown => "unknown",
            Self::Credentials => "credentials",
            Self::Balance => "balance",
            Self::Refused => "refused",
            Self::NotSent => "not_sent",
            Self::Tickets => "tickets",
            Self::Withdrawn => "withdrawn",
            Self::Ledger => "ledger",
            Self::Output => "output",
        }
    }

    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Interrupted => "it was interrupted",
            Self::Unknown => "too many rows are unknown (--keep-going would go on)",
            Self::Credentials => "the credentials were not accepted, or the account is at risk",
            Self::Balance => "the account does not hold the next amount",
            Self::Refused => "the API refused one row after the other",
            Self::NotSent => "rows could not be sent: the API is out of reach, or something here keeps them back",
            Self::Tickets => "a ticket could not be written",
            Self::Withdrawn => "somebody paused it, canceled it, or sends it alone",
            Self::Ledger => "the ledger could not be written",
            Self::Output => "standard output could not be written",
        }
    }
}

/// The outcomes so far, as far as they can end a run.
#[derive(Debug)]
pub(super) struct StopRule {
    keep_going: bool,
    told: usize,
    last: VecDeque<OutcomeKind>,
    refused_in_a_row: usize,
    not_sent_in_a_row: usize,
}

impl StopRule {
    /// `keep_going` lifts the rule of the unknown rate, and no other.
    pub(super) fn new(keep_going: bool) -> Self {
        Self {
            keep_going,
            told: 0,
            last: VecDeque::with_capacity(WINDOW),
            refused_in_a_row: 0,
            not_sent_in_a_row: 0,
        }
    }

    /// Whether the run stops after this outcome.
    pub(super) fn after(&mut self, outcome: OutcomeKind, exit: ExitStatus) -> Option<StopReason> {
        let is_first = self.told == 0;
        self.told += 1;
        if self.last.len() == WINDOW {
            self.last.pop_front();
        }
        self.last.push_back(outcome);
        let count = |is: bool, before: usize| if is { before + 1 } else { 0 };
        self.refused_in_a_row = count(outcome == OutcomeKind::Refused, self.refused_in_a_row);
        self.not_sent_in_a_row = count(outcome == OutcomeKind::NotSent, self.not_sent_in_a_row);
        if exit == ExitStatus::Credentials {
            return Some(StopReason::Credentials);
        }
        if self.refused_in_a_row >= MAX_REFUSED_IN_A_ROW {
            return Some(StopReason::Refused);
        }
        if self.not_sent_in_a_row >= MAX_NOT_SENT_IN_A_ROW {
            return Some(StopReason::NotSent);
        }
        let is_unknown = |outcome: &&OutcomeKind| matches!(outcome, OutcomeKind::Unknown | OutcomeKind::Pending);
        let unknown = self.last.iter().filter(is_unknown).count();
        let is_too_much = unknown >= MAX_UNKNOWN || (is_first && unknown > 0);
        (is_too_much && !self.keep_going).then_some(StopReason::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stops_after(keep_going: bool, outcomes: impl IntoIterator<Item = OutcomeKind>) -> Option<(usize, StopReason)> {
        let mut rule = StopRule::new(keep_going);
        let exit = ExitStatus::Done;
        let stops = outcomes
            .into_iter()
            .map(|outcome| rule.after(outcome, exit))
            .enumerate();
        stops
            .filter_map(|(row, stop)| stop.map(|reason| (row + 1, reason)))
            .next()
    }

    #[test]
    fn the_first_row_must_be_known() {
        assert_eq!(
            stops_after(false, [OutcomeKind::Unknown]),
            Some((1, StopReason::Unknown))
        );
        assert_eq!(stops_after(false, [OutcomeKind::Done, OutcomeKind::Unknown]), None);
    }

    #[test]
    fn ten_unknown_of_the_last_hundred_stop_a_run_unless_it_is_to_keep_going() {
        let every = |step: usize| {
            (0..1000).map(move |row| match row % step {
                0 if row > 0 => OutcomeKind::Unknown,
                _ => OutcomeKind::Done,
            })
        };
        assert_eq!(stops_after(false, every(10)), Some((101, StopReason::Unknown)));
        assert_eq!(stops_after(false, every(12)), None);
        assert_eq!(stops_after(true, every(10)), None);
    }

    #[test]
    fn keep_going_lifts_no_other_rule() {
        let refused = std::iter::repeat_n(OutcomeKind::Refused, 30);
        assert_eq!(stops_after(true, refused), Some((20, StopReason::Refused)));
        let not_sent = std::iter::repeat_n(OutcomeKind::NotSent, 30);
        assert_eq!(stops_after(true, not_sent), Some((10, StopReason::NotSent)));
        let mut rule = StopRule::new(true);
        let stop = rule.after(OutcomeKind::NotSent, ExitStatus::Credentials);
        assert_eq!(stop, Some(StopReason::Credentials));
    }

    #[test]
    fn the_readme_names_every_reason() {
        use StopReason::*;
        let readme = include_str!("../../README.md");
        let row = readme
            .lines()
            .find(|line| line.starts_with("| `allocate --file`"))
            .unwrap();
        let (_, named) = row.split_once("`stopped` (").unwrap();
        let named: Vec<_> = named.split('`').skip(1).step_by(2).collect();
        let reasons = [
            Interrupted,
            Unknown,
            Credentials,
            Balance,
            Refused,
            NotSent,
            Tickets,
            Withdrawn,
            Ledger,
            Output,
        ];
        let words = reasons.map(StopReason::as_str);
        assert_eq!(named, [&words[..], &["null"]].concat());
    }
}
