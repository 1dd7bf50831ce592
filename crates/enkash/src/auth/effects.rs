//! What each end of a login means for the account: one table, read by the strike rules. Three failed logins in a row lock
//! the account and no page shows an error, so every response that gives no token may have been counted.

use std::time::Duration;

use http::StatusCode;

use crate::auth::error::{LoginError, LoginErrorKind};

/// How a login ended that gave no token. A row of the table each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoginFailure {
    Rejected,
    OtherAnswer,
    RateLimited,
    ServerError,
    NoAnswer,
    Interrupted,
    NotSent,
}

/// What follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Effect {
    /// No login is sent with these credentials any more.
    pub(crate) latches: bool,
    /// It is one of the three failures that lock the account, or may be one.
    pub(crate) counts: bool,
    /// No login is sent for this account for a while.
    pub(crate) pauses: bool,
}

#[cfg_attr(not(test), allow(dead_code, reason = "the names of a row are for tests"))]
struct Row {
    failure: LoginFailure,
    /// In words, as in docs/reliability.md.
    text: &'static str,
    /// For credentials that never succeeded, or that others have succeeded after.
    unproven: Effect,
    /// For credentials that succeeded last.
    proven: Effect,
}

const LATCH: Effect = Effect {
    latches: true,
    counts: true,
    pauses: false,
};
const STRIKE: Effect = Effect {
    latches: false,
    counts: true,
    pauses: true,
};
const PAUSE: Effect = Effect {
    latches: false,
    counts: false,
    pauses: true,
};
const NOTHING: Effect = Effect {
    latches: false,
    counts: false,
    pauses: false,
};

/// In the order of [`LoginFailure`].
const EFFECTS: [Row; 7] = [
    Row {
        failure: LoginFailure::Rejected,
        text: "a grant error of OAuth 2.0 about the credentials, code 1 in a 2xx, or 400 or 401 with a JSON body",
        unproven: LATCH,
        proven: LATCH,
    },
    Row {
        failure: LoginFailure::OtherAnswer,
        text: "any other response without a usable token: 2xx, 3xx, 4xx",
        unproven: STRIKE,
        proven: STRIKE,
    },
    Row {
        failure: LoginFailure::RateLimited,
        text: "429",
        unproven: STRIKE,
        proven: PAUSE,
    },
    Row {
        failure: LoginFailure::ServerError,
        text: "5xx",
        unproven: STRIKE,
        proven: PAUSE,
    },
    Row {
        failure: LoginFailure::NoAnswer,
        text: "sent, and no response came",
        unproven: STRIKE,
        proven: PAUSE,
    },
    Row {
        failure: LoginFailure::Interrupted,
        text: "the program ended, or dropped it, while it was in flight",
        unproven: STRIKE,
        proven: PAUSE,
    },
    Row {
        failure: LoginFailure::NotSent,
        text: "never sent: no connection, or stopped before",
        unproven: NOTHING,
        proven: NOTHING,
    },
];

impl LoginError {
    /// Whether a login was sent of which nobody knows whether the API counted it as failed; be it the last one, because of
    /// which none is sent now.
    pub(crate) fn is_in_doubt(&self) -> bool {
        match LoginFailure::from_error(self) {
            LoginFailure::Rejected => false,
            LoginFailure::NotSent => matches!(*self.kind, LoginErrorKind::Paused { .. }),
            LoginFailure::OtherAnswer
            | LoginFailure::RateLimited
            | LoginFailure::ServerError
            | LoginFailure::NoAnswer
            | LoginFailure::Interrupted => true,
        }
    }
}

impl LoginFailure {
    /// What a response of this status means that gave no token and was no rejection.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            429 => Self::RateLimited,
            500..=599 => Self::ServerError,
            _ => Self::OtherAnswer,
        }
    }

    pub(crate) fn from_error(error: &LoginError) -> Self {
        match &*error.kind {
            LoginErrorKind::Rejected { .. } => Self::Rejected,
            LoginErrorKind::Status { status, .. } => Self::of_status(*status),
            LoginErrorKind::Unreadable => Self::OtherAnswer,
            LoginErrorKind::Lost { .. } => Self::NoAnswer,
            LoginErrorKind::Interrupted => Self::Interrupted,
            LoginErrorKind::Withheld { .. }
            | LoginErrorKind::Paused { .. }
            | LoginErrorKind::Busy
            | LoginErrorKind::Unreachable(_)
            | LoginErrorKind::NotSent { .. }
            | LoginErrorKind::Ledger { .. }
            | LoginErrorKind::NoRuntime => Self::NotSent,
        }
    }

    /// `is_proven`: these credentials succeeded, and no others since.
    pub(crate) fn effect(self, is_proven: bool) -> Effect {
        let row = &EFFECTS[self as usize];
        if is_proven { row.proven } else { row.unproven }
    }
}

const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);

/// How long no login is sent after so many pauses since the last success, this one included.
pub(crate) fn pause_after(pauses: u32) -> Duration {
    let doublings = pauses.saturating_sub(1).min(16);
    (FIRST_PAUSE * (1 << doublings)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_stands_in_the_documentation() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reliability.md");
        let documentation = std::fs::read_to_string(path).unwrap();
        let words = |effect: Effect| match effect {
            LATCH => "a strike, and latches",
            STRIKE => "a possible strike, and a pause",
            PAUSE => "a pause",
            NOTHING => "nothing",
            other => panic!("{other:?} has no words"),
        };
        for (number, row) in EFFECTS.iter().enumerate() {
            assert_eq!(row.failure as usize, number);
            let line = format!("| {} | {} | {} |", row.text, words(row.unproven), words(row.proven));
            assert!(documentation.contains(&line), "docs/reliability.md lacks\n{line}");
        }
    }

    #[test]
    fn a_pause_doubles_from_half_a_minute_to_a_quarter_of_an_hour() {
        let pauses: Vec<_> = (1..=7).map(|pauses| pause_after(pauses).as_secs()).collect();
        assert_eq!(pauses, [30, 60, 120, 240, 480, 900, 900]);
        assert_eq!(pause_after(u32::MAX), LONGEST_PAUSE);
    }
}
