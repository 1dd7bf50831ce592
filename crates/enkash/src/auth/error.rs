//! Why there is no token, and what that means for the account. Waiters of one login share one error.

use std::{fmt, sync::Arc, time::SystemTime};

use http::StatusCode;
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

/// Why a login gave no token. Cheap to clone: every waiter gets the same one.
#[derive(Clone, Debug)]
pub(crate) struct LoginError {
    pub(crate) kind: Arc<LoginErrorKind>,
    /// When the next login may be sent, where time is all that is missing.
    pub(crate) retry_at: Option<SystemTime>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum LoginErrorKind {
    #[error(
        "the API rejected the credentials ({answer}); no further login is sent with them, because three failures \
         in a row lock the account"
    )]
    Rejected { answer: String },
    #[error("no login is sent: {strikes} failed ones may have been counted, and the third in a row locks the account")]
    Withheld { strikes: u32 },
    #[error("no login is sent for a while, because the last one gave no token: {reason}")]
    Paused { reason: String },
    #[error("no login is sent, because another one for this account is in flight and does not end")]
    Busy,
    #[error("the login failed with HTTP {status}")]
    Status { status: StatusCode },
    #[error("the login got an answer that is not a token")]
    Unreadable,
    #[error("the login was sent and its answer was lost")]
    Lost { timeout: bool },
    #[error("the token host could not be reached")]
    Unreachable,
    #[error("the login was not sent: {reason}")]
    NotSent { reason: String },
    #[error("no login is sent, because it could not be counted: {reason}")]
    Ledger { reason: String },
    #[error("the login ended before its answer came")]
    Interrupted,
    #[error("a login needs a tokio runtime")]
    NoRuntime,
}

impl From<LoginErrorKind> for LoginError {
    fn from(kind: LoginErrorKind) -> Self {
        Self {
            kind: Arc::new(kind),
            retry_at: None,
        }
    }
}

impl std::error::Error for LoginError {}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        match self.retry_at.and_then(whole_second) {
            Some(time) => write!(f, "; the next one is sent at {time} at the earliest"),
            None => Ok(()),
        }
    }
}

/// The first whole second that is not before this time.
fn whole_second(time: SystemTime) -> Option<Timestamp> {
    let up = TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Ceil);
    Timestamp::try_from(time).ok()?.round(up).ok()
}

impl LoginError {
    /// The same error, with the time at which the next login may be sent.
    pub(crate) fn until(self, retry_at: Option<SystemTime>) -> Self {
        Self { retry_at, ..self }
    }

    /// What to do, in the words of this library. The text of an error says why; programs with words of their own, such as
    /// a command line, leave this away.
    pub(crate) fn advice(&self) -> Option<&'static str> {
        Some(match &*self.kind {
            LoginErrorKind::Rejected { .. } => {
                "correct the credentials and build a new client; if you know that they are right, call \
                 `TokenSource::reset_latch`"
            }
            LoginErrorKind::Withheld { .. } => {
                "check the credentials by other means, then call `TokenSource::reset_latch`"
            }
            LoginErrorKind::Busy => "call again later",
            LoginErrorKind::Paused { .. }
            | LoginErrorKind::Status { .. }
            | LoginErrorKind::Unreadable
            | LoginErrorKind::Lost { .. }
            | LoginErrorKind::Interrupted => {
                "call again later: logins pause after a failure, and stop before one that could lock the account"
            }
            LoginErrorKind::Unreachable => "check the token host, the network and the proxy",
            LoginErrorKind::Ledger { .. } => "repair the strike ledger, or give another to the builder",
            LoginErrorKind::NoRuntime => "call from within a tokio runtime",
            // The reason says it.
            LoginErrorKind::NotSent { .. } => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn every_kind() -> [LoginErrorKind; 12] {
        [
            LoginErrorKind::Rejected {
                answer: "HTTP 401".to_owned(),
            },
            LoginErrorKind::Withheld { strikes: 2 },
            LoginErrorKind::Paused {
                reason: "why".to_owned(),
            },
            LoginErrorKind::Busy,
            LoginErrorKind::Status {
                status: StatusCode::BAD_GATEWAY,
            },
            LoginErrorKind::Unreadable,
            LoginErrorKind::Lost { timeout: false },
            LoginErrorKind::Interrupted,
            LoginErrorKind::Unreachable,
            LoginErrorKind::NotSent {
                reason: "why".to_owned(),
            },
            LoginErrorKind::Ledger {
                reason: "why".to_owned(),
            },
            LoginErrorKind::NoRuntime,
        ]
    }

    #[test]
    fn the_text_says_why_and_leaves_the_advice_to_its_accessor() {
        for kind in every_kind() {
            let error = crate::error::Error::login(kind.into());
            let text = error.to_string();
            for word in ["reset", "latch", "TokenSource", "call ", "check", "correct"] {
                assert!(!text.contains(word), "{text}");
            }
            assert!(error.advice().is_none_or(|advice| !text.contains(advice)), "{text}");
        }
        let advice = |kind: LoginErrorKind| crate::error::Error::login(kind.into()).advice().unwrap_or_default();
        assert!(advice(LoginErrorKind::Withheld { strikes: 2 }).contains("reset_latch"));
        assert!(advice(LoginErrorKind::Lost { timeout: true }).contains("later"));
        assert_eq!(crate::error::Error::settings("no").advice(), None);
    }

    #[test]
    fn a_log_in_is_in_doubt_where_it_was_sent_and_nobody_said_yes_or_no() {
        let in_doubt: Vec<_> = every_kind()
            .into_iter()
            .map(LoginError::from)
            .filter(LoginError::is_in_doubt)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(
            in_doubt,
            [
                "no login is sent for a while, because the last one gave no token: why",
                "the login failed with HTTP 502 Bad Gateway",
                "the login got an answer that is not a token",
                "the login was sent and its answer was lost",
                "the login ended before its answer came",
            ]
        );
    }

    #[test]
    fn the_text_names_the_time_of_the_next_log_in() {
        let later = UNIX_EPOCH + Duration::from_millis(4_102_444_800_001);
        let error = LoginError::from(LoginErrorKind::Busy).until(Some(later)).to_string();
        assert!(
            error.ends_with("; the next one is sent at 2100-01-01T00:00:01Z at the earliest"),
            "{error}"
        );
    }
}
