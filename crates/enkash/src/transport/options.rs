//! What may differ from one call of a client to the next: its times, and how often a read is sent. The client keeps one set for
//! each of its clones, and a call's state carries it.

use std::time::Duration;

use tokio::time::Instant;

/// Settings of some calls that differ from their client's: see [`Enkash::with_options`](crate::Enkash::with_options), which
/// every handle has, too.
///
/// ```
/// use std::time::Duration;
///
/// let quick = enkash::config::CallOptions::new()
///     .operation_timeout(Duration::from_secs(8))
///     .attempts(1);
///
/// // Several calls that must be over together.
/// let batch = enkash::config::CallOptions::new().deadline(std::time::Instant::now() + Duration::from_secs(60));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct CallOptions {
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) operation_timeout: Option<Duration>,
    pub(crate) deadline: Option<Instant>,
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

    /// When all calls with these options must be over, whatever other times they have: the earlier end counts, and a later
    /// deadline never moves an earlier one. A call after it sends nothing. A call that moves value is not sent either where what
    /// is left is less than a connection may take, because it could only end in doubt.
    ///
    /// Settlements and [`all_transactions`](crate::rewards::Rewards::all_transactions) keep to it over all their requests. So does
    /// [`Unknown::settle`](crate::Unknown::settle), which has the options of its call: to look longer, give the ticket to
    /// [`Enkash::settle`](crate::Enkash::settle) of a client without this deadline.
    pub fn deadline(mut self, deadline: std::time::Instant) -> Self {
        self.deadline = earlier(self.deadline, Some(deadline.into()));
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
            deadline: earlier(self.deadline, later.deadline),
            attempts: later.attempts.or(self.attempts),
            rows: later.rows.max(self.rows),
        }
    }
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}
