//! The three times of a call: to make a connection, for one attempt, and for the whole operation. The
//! builder checks that they fit together, a clone of the client may change them for some calls, and the
//! pipeline cuts a call off when its operation's time ends.

use std::{future::Future, time::Duration};

use tokio::time::Instant;

use crate::{
    model::invalid::InvalidInput,
    transport::{
        call_state::{CallState, Stage},
        history::SendProgress,
        options::CallOptions,
    },
};

/// The times of a client, or of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timeouts {
    pub(crate) connect: Duration,
    pub(crate) attempt: Duration,
    pub(crate) operation: Duration,
}

impl Timeouts {
    /// The times of a call, where some of the client's are replaced.
    pub(crate) fn with(self, options: CallOptions) -> Self {
        let operation = options.operation_timeout.unwrap_or(self.operation);
        Self {
            connect: self.connect,
            attempt: options.attempt_timeout.unwrap_or_else(|| self.attempt.min(operation)),
            operation,
        }
    }

    /// Refuses times that would make an outcome say less than is known.
    pub(crate) fn check(self) -> Result<Self, InvalidInput> {
        if self.connect >= self.attempt {
            return Err(InvalidInput::setting(
                "the connect timeout must be shorter than the attempt timeout: otherwise a request that was never \
                 sent looks like one whose response was lost",
            ));
        }
        if self.attempt > self.operation {
            return Err(InvalidInput::setting(
                "the attempt timeout must not be longer than the operation timeout: no attempt could use it",
            ));
        }
        Ok(self)
    }

    /// As [`check`](Self::check), for the times of a call.
    pub(crate) fn check_with(self, options: CallOptions) -> Result<(), InvalidInput> {
        if options.attempts == Some(0) {
            return Err(InvalidInput::setting("a call needs at least one attempt"));
        }
        self.with(options).check().map(drop)
    }
}

/// When a call must have ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) fn since(start: Instant, time: Duration) -> Self {
        // A time that no clock can reach is as good as none.
        Self(start.checked_add(time).unwrap_or_else(|| start + FAR_FUTURE))
    }

    /// The earlier of this and an end that all calls of some options have.
    pub(crate) fn at_most(self, end: Option<Instant>) -> Self {
        Self(end.map_or(self.0, |end| end.min(self.0)))
    }

    pub(crate) fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Drops what is waited for when the time ends. What is dropped gives back its permits and its share of the retry budget, and
    /// the record keeps how far it got.
    pub(crate) async fn enforce<T>(
        self,
        record: &CallState,
        work: impl Future<Output = T>,
    ) -> Result<T, DeadlineExceeded> {
        tokio::time::timeout_at(self.0, work)
            .await
            .map_err(|_| DeadlineExceeded::new(record))
    }
}

/// Which time ended.
#[derive(Clone, Copy)]
pub(crate) enum ElapsedTimeout {
    Attempt,
    Call,
}

/// When an attempt ends: after its own time, and no later than its call. One timer for both: nearly every call is an attempt
/// and little else.
pub(crate) fn end_of_attempt(call: Option<Deadline>, own: Deadline) -> (Instant, ElapsedTimeout) {
    match call {
        Some(call) if call.0 <= own.0 => (call.0, ElapsedTimeout::Call),
        _ => (own.0, ElapsedTimeout::Attempt),
    }
}

const FAR_FUTURE: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// The time of the whole call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time for the whole call ended {}", self.when())]
pub(crate) struct DeadlineExceeded {
    stage: Stage,
    sent: bool,
}

impl DeadlineExceeded {
    pub(crate) fn new(record: &CallState) -> Self {
        Self {
            stage: record.stage(),
            sent: record.sent() == SendProgress::HandedOver,
        }
    }

    fn when(self) -> &'static str {
        match (self.stage, self.sent) {
            (Stage::Start, _) => "before it began",
            (Stage::Limits, _) => "while it waited for the client's own limits",
            (Stage::Token, _) => "while it waited for a token",
            (Stage::Backoff, _) => "while it waited to be repeated",
            (Stage::Transport, true) => "while it waited for a response",
            (Stage::Transport, false) => "while it was about to be sent",
        }
    }
}
