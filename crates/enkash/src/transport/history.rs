//! The history of a call: one entry for each time its request was handed to the transport. The record of a
//! call collects it, and every response, error and unknown outcome shows it to the user.

use std::{fmt, time::Duration};

use http::StatusCode;
use serde::{Serialize, Serializer};
use smallvec::SmallVec;

/// One sending of a request. A call that was never sent has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Attempt {
    /// Counts from 1.
    pub number: u32,
    /// How long the call waited before it: since its start, or since the attempt before ended. Limits, back-off and
    /// waiting for a token are in it.
    pub waited: Duration,
    /// The generation of the token that it carried, as in [`TokenState::generation`](crate::token::TokenState::generation).
    pub token_generation: Option<u64>,
    /// How it ended.
    pub result: AttemptResult,
    /// How long it took, from being handed over to the last byte of the response.
    pub elapsed: Duration,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttemptResult {
    /// A whole response came, with this status.
    Answered(StatusCode),
    /// No connection was made: nothing was sent.
    NotConnected,
    /// No response came in the attempt's time.
    TimedOut,
    /// The connection broke before the whole response was there.
    ConnectionLost,
    /// The response is longer than its limit, and was not read to its end: see [`ResponseLimits`](crate::config::ResponseLimits).
    TooLarge,
    /// The time of the whole call ended, or the caller gave up, while the attempt was in flight.
    Aborted,
}

impl AttemptResult {
    /// One word for a log or a metric: the status, or what went wrong.
    pub(crate) fn label(self) -> String {
        match self {
            Self::Answered(status) => status.as_u16().to_string(),
            Self::NotConnected => "not_connected".to_owned(),
            Self::TimedOut => "timed_out".to_owned(),
            Self::ConnectionLost => "broken".to_owned(),
            Self::TooLarge => "too_large".to_owned(),
            Self::Aborted => "cut_off".to_owned(),
        }
    }
}

impl Serialize for AttemptResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.label())
    }
}

impl fmt::Display for AttemptResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(status) => write!(f, "HTTP {}", status.as_u16()),
            Self::NotConnected => f.write_str("no connection was made"),
            Self::TimedOut => f.write_str("no response came in time"),
            Self::ConnectionLost => f.write_str("the connection broke"),
            Self::TooLarge => f.write_str("the response was too large"),
            Self::Aborted => f.write_str("the call ended first"),
        }
    }
}

/// How far a call got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SendProgress {
    /// It never passed the send guard.
    #[default]
    Never,
    /// It passed, and no connection was ever made.
    ConnectFailed,
    /// It was handed to a connection: from here on the API may have acted on it.
    HandedOver,
}

impl SendProgress {
    /// Only attempts that never connected prove that nothing was sent.
    pub(crate) fn by(attempts: &[Attempt]) -> Self {
        if attempts.is_empty() {
            Self::Never
        } else if attempts
            .iter()
            .all(|attempt| attempt.result == AttemptResult::NotConnected)
        {
            Self::ConnectFailed
        } else {
            Self::HandedOver
        }
    }
}

/// Attempts in order; one, most often.
pub(crate) type Attempts = SmallVec<[Attempt; 1]>;

/// All attempts of one call, and what its last response said of coming back.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) attempts: Attempts,
    pub(crate) retry_after: Option<Duration>,
}

impl History {
    /// How far the call got.
    pub(crate) fn sent(&self) -> SendProgress {
        SendProgress::by(&self.attempts)
    }
}
