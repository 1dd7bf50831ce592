//! Why there is no token, and what that means for the account. Waiters of one log-in share one error.

use std::{sync::Arc, time::Duration};

use http::StatusCode;

use super::strikes::Verdict;

/// Why a log-in gave no token. Cheap to clone: every waiter gets the same one.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{kind}")]
pub(crate) struct LogInError {
    pub(crate) kind: Arc<LogInErrorKind>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum LogInErrorKind {
    #[error(
        "the portal rejected the credentials ({answer}); no further log-in is sent with them, because three failures \
         in a row lock the account"
    )]
    Rejected { answer: String },
    #[error("no log-in is sent: {strikes} failed ones may have been counted, and the third in a row locks the account")]
    HeldBack { strikes: u32 },
    #[error("the log-in failed with HTTP {status}; the next one is sent in {} s at the earliest", retry_in.as_secs())]
    Status { status: StatusCode, retry_in: Duration },
    #[error("the log-in got an answer that is not a token")]
    Unreadable,
    #[error("the log-in was sent and its answer was lost")]
    Lost { timeout: bool },
    #[error("the token host could not be reached")]
    Unreachable,
    #[error("the log-in was not sent: {reason}")]
    NotSent { reason: String },
    #[error("no log-in is sent, because it could not be counted: {reason}")]
    Ledger { reason: String },
    #[error("the log-in ended with the runtime that ran it")]
    Interrupted,
    #[error("a log-in needs a tokio runtime")]
    NoRuntime,
}

impl From<LogInErrorKind> for LogInError {
    fn from(kind: LogInErrorKind) -> Self {
        Self { kind: Arc::new(kind) }
    }
}

impl LogInError {
    /// Whether a log-in was sent of which nobody knows whether the portal counted it as failed.
    pub(crate) fn is_in_doubt(&self) -> bool {
        matches!(Verdict::of(self), Verdict::Doubtful | Verdict::Lost)
    }

    /// What to do, in the words of this library. The text of an error says why; programs with words of their own, such as
    /// a command line, leave this away.
    pub(crate) fn advice(&self) -> Option<&'static str> {
        Some(match &*self.kind {
            LogInErrorKind::Rejected { .. } => {
                "correct the credentials and build a new client; if you know that they are right, call \
                 `TokenSource::reset_latch`"
            }
            LogInErrorKind::HeldBack { .. } => {
                "check the credentials by other means, then call `TokenSource::reset_latch`"
            }
            LogInErrorKind::Status { .. }
            | LogInErrorKind::Unreadable
            | LogInErrorKind::Lost { .. }
            | LogInErrorKind::Interrupted => {
                "call again later: log-ins pause after a failure, and stop before one that could lock the account"
            }
            LogInErrorKind::Unreachable => "check the token host, the network and the proxy",
            LogInErrorKind::Ledger { .. } => "repair the strike ledger, or give another to the builder",
            LogInErrorKind::NoRuntime => "call from within a tokio runtime",
            // The reason says it.
            LogInErrorKind::NotSent { .. } => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_kind() -> [LogInErrorKind; 10] {
        [
            LogInErrorKind::Rejected {
                answer: "HTTP 401".to_owned(),
            },
            LogInErrorKind::HeldBack { strikes: 2 },
            LogInErrorKind::Status {
                status: StatusCode::BAD_GATEWAY,
                retry_in: Duration::from_secs(30),
            },
            LogInErrorKind::Unreadable,
            LogInErrorKind::Lost { timeout: false },
            LogInErrorKind::Interrupted,
            LogInErrorKind::Unreachable,
            LogInErrorKind::NotSent {
                reason: "why".to_owned(),
            },
            LogInErrorKind::Ledger {
                reason: "why".to_owned(),
            },
            LogInErrorKind::NoRuntime,
        ]
    }

    #[test]
    fn the_text_says_why_and_leaves_the_advice_to_its_accessor() {
        for kind in every_kind() {
            let error = crate::Error::log_in(kind.into());
            let text = error.to_string();
            for word in ["reset", "latch", "TokenSource", "call ", "check", "correct"] {
                assert!(!text.contains(word), "{text}");
            }
            assert!(error.advice().is_none_or(|advice| !text.contains(advice)), "{text}");
        }
        let advice = |kind: LogInErrorKind| crate::Error::log_in(kind.into()).advice().unwrap_or_default();
        assert!(advice(LogInErrorKind::HeldBack { strikes: 2 }).contains("reset_latch"));
        assert!(advice(LogInErrorKind::Lost { timeout: true }).contains("later"));
        assert_eq!(crate::Error::settings("no").advice(), None);
    }

    #[test]
    fn a_log_in_is_in_doubt_where_it_was_sent_and_nobody_said_yes_or_no() {
        let in_doubt: Vec<_> = every_kind()
            .into_iter()
            .map(LogInError::from)
            .filter(LogInError::is_in_doubt)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(
            in_doubt,
            [
                "the log-in failed with HTTP 502 Bad Gateway; the next one is sent in 30 s at the earliest",
                "the log-in got an answer that is not a token",
                "the log-in was sent and its answer was lost",
                "the log-in ended with the runtime that ran it",
            ]
        );
    }
}
