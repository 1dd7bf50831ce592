//! Why there is no token, and what that means for the account. Waiters of one log-in share one error.

use std::{sync::Arc, time::Duration};

use http::StatusCode;

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
         in a row lock the account: correct them, or reset the latch when you know that they are right"
    )]
    Rejected { answer: String },
    #[error(
        "{strikes} failed log-ins may have been counted and a third one locks the account: check the credentials by \
         other means, then reset the latch"
    )]
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
