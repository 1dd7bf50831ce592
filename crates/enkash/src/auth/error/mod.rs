//! Why there is no token, and what that means for the account. Waiters of one login share one error.

use std::{fmt, sync::Arc, time::SystemTime};

use http::StatusCode;
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use crate::transport::unreached::Unreached;

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
    #[error("the login at {at} failed with HTTP {status}")]
    Status { status: StatusCode, at: String },
    #[error("the login got a response that is not a token")]
    Unreadable,
    #[error("the login was sent and its response was lost")]
    Lost { timeout: bool },
    #[error("the token host{0}")]
    Unreachable(Unreached),
    #[error("the login was not sent: {reason}")]
    NotSent { reason: String },
    #[error("no login is sent, because it could not be counted: {reason}")]
    Ledger { reason: String },
    #[error("the login ended before its response came")]
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
            LoginErrorKind::Unreachable(_) => "check the token host, the network and the proxy",
            LoginErrorKind::Ledger { .. } => "repair the strike ledger, or give another to the builder",
            LoginErrorKind::NoRuntime => "call from within a tokio runtime",
            // The reason says it.
            LoginErrorKind::NotSent { .. } => return None,
        })
    }
}

#[cfg(test)]
mod tests;
