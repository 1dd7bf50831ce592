//! What may differ from one call of a client to the next: its times, and how often a read is sent. The client keeps one set for
//! each of its clones, and a call's state carries it.

use std::time::Duration;

/// Settings of some calls that differ from their client's: see [`Enkash::with_options`](crate::Enkash::with_options).
///
/// ```
/// use std::time::Duration;
///
/// let quick = enkash::config::CallOptions::new()
///     .operation_timeout(Duration::from_secs(8))
///     .attempts(1);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct CallOptions {
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) operation_timeout: Option<Duration>,
    pub(crate) attempts: Option<u32>,
    /// How many rows the request of the call has; 0 where it has none.
    pub(crate) rows: usize,
}

impl CallOptions {
    /// Changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long one request may take, with its response.
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
