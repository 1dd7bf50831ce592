//! The three times of a call: to make a connection, for one attempt, and for the whole operation. The
//! builder checks that they fit together, a clone of the client may change them for some calls, and the
//! pipeline cuts a call off when its operation's time ends.

use std::{future::Future, time::Duration};

use tokio::time::Instant;

use super::record::{CallRecord, Sent, Stage};
use crate::Error;

/// Settings of some calls that differ from their client's: see [`Enkash::with`](crate::Enkash::with).
///
/// ```
/// use std::time::Duration;
///
/// let quick = enkash::CallOptions::new()
///     .operation_timeout(Duration::from_secs(8))
///     .attempts(1);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct CallOptions {
    attempt_timeout: Option<Duration>,
    operation_timeout: Option<Duration>,
    pub(super) attempts: Option<u32>,
    /// How many rows the request of the call has; 0 where it has none.
    rows: usize,
}

impl CallOptions {
    /// Changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long one request may take, with its answer.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// How long the whole call may take: limits, back-off, waiting for a token and every attempt together. A longer
    /// attempt timeout of the client is shortened to it.
    pub fn operation_timeout(mut self, timeout: Duration) -> Self {
        self.operation_timeout = Some(timeout);
        self
    }

    /// How often a call that may be repeated is sent at most; 1 never repeats. It allows nothing that policy forbids: a
    /// call that moves value is sent once, whatever is set.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = Some(attempts);
        self
    }

    /// The call's request has so many rows, so its response may be longer.
    pub(crate) fn rows(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }

    pub(super) fn row_count(self) -> usize {
        self.rows
    }

    /// These, with whatever the later ones set on top.
    pub(crate) fn then(self, later: Self) -> Self {
        Self {
            attempt_timeout: later.attempt_timeout.or(self.attempt_timeout),
            operation_timeout: later.operation_timeout.or(self.operation_timeout),
            attempts: later.attempts.or(self.attempts),
            rows: later.rows.max(self.rows),
        }
    }
}

/// The times of a client, or of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timeouts {
    pub(crate) connect: Duration,
    pub(crate) attempt: Duration,
    pub(crate) operation: Duration,
}

impl Timeouts {
    /// The times of a call, where some of the client's are replaced.
    pub(super) fn with(self, options: CallOptions) -> Self {
        let operation = options.operation_timeout.unwrap_or(self.operation);
        Self {
            connect: self.connect,
            attempt: options.attempt_timeout.unwrap_or_else(|| self.attempt.min(operation)),
            operation,
        }
    }

    /// How long a whole call may take.
    pub(crate) fn operation_with(self, options: CallOptions) -> Duration {
        options.operation_timeout.unwrap_or(self.operation)
    }

    /// Refuses times that would make an outcome say less than is known.
    pub(crate) fn check(self) -> Result<Self, Error> {
        if self.connect >= self.attempt {
            return Err(Error::settings(
                "the connect timeout must be shorter than the attempt timeout: otherwise a request that was never \
                 sent looks like one whose answer was lost",
            ));
        }
        if self.attempt > self.operation {
            return Err(Error::settings(
                "the attempt timeout must not be longer than the operation timeout: no attempt could use it",
            ));
        }
        Ok(self)
    }

    /// As [`check`](Self::check), for the times of a call.
    pub(crate) fn check_with(self, options: CallOptions) -> Result<(), Error> {
        if options.attempts == Some(0) {
            return Err(Error::settings("a call needs at least one attempt"));
        }
        self.with(options).check().map(drop)
    }
}

/// When a call must have ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline(Instant);

impl Deadline {
    pub(super) fn since(start: Instant, time: Duration) -> Self {
        // A time that no clock can reach is as good as none.
        Self(start.checked_add(time).unwrap_or_else(|| start + FAR))
    }

    pub(super) fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Drops what is waited for when the time ends. What is dropped gives back its permits and its share of the retry budget, and
    /// the record keeps how far it got.
    pub(super) async fn cut_off<T>(self, record: &CallRecord, work: impl Future<Output = T>) -> Result<T, OutOfTime> {
        tokio::time::timeout_at(self.0, work)
            .await
            .map_err(|_| OutOfTime::of(record))
    }
}

/// Which time ended.
#[derive(Clone, Copy)]
pub(super) enum Late {
    Attempt,
    Call,
}

/// When an attempt ends: after its own time, and no later than its call. One timer for both: nearly every call is an attempt
/// and little else.
pub(super) fn end_of_attempt(call: Option<Deadline>, own: Deadline) -> (Instant, Late) {
    match call {
        Some(call) if call.0 <= own.0 => (call.0, Late::Call),
        _ => (own.0, Late::Attempt),
    }
}

const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// The time of the whole call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time for the whole call ended while it {}", self.doing())]
pub(crate) struct OutOfTime {
    stage: Stage,
    sent: bool,
}

impl OutOfTime {
    pub(super) fn of(record: &CallRecord) -> Self {
        Self {
            stage: record.stage(),
            sent: record.sent() == Sent::HandedOver,
        }
    }

    fn doing(self) -> &'static str {
        match (self.stage, self.sent) {
            (Stage::Limits, _) => "waited for the client's own limits",
            (Stage::Token, _) => "waited for a token",
            (Stage::Backoff, _) => "waited to be repeated",
            (Stage::Transport, true) => "waited for an answer",
            (Stage::Transport, false) => "was about to be sent",
        }
    }
}
