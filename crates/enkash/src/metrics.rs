//! The hook for metrics: a trait that the user implements for a metrics library of their choice. It is told
//! what happened after it happened, and cannot change it: not even by a panic.

use std::{fmt, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use enkash_api::OperationId;

use crate::transport::{history::AttemptResult, span::millis};

/// Receives what a client did, for counters and histograms. Every method does nothing unless it is implemented.
///
/// Methods are called on the task of the call, so they must be quick. One that panics is ignored.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use enkash::metrics::{CallEvent, CallResult, Metrics};
///
/// #[derive(Default)]
/// struct Doubts(AtomicU64);
///
/// impl Metrics for Doubts {
///     fn call(&self, call: &CallEvent) {
///         if call.result == CallResult::Unknown {
///             self.0.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
/// ```
pub trait Metrics: Send + Sync + 'static {
    /// A call ended, or its caller dropped it.
    fn call(&self, call: &CallEvent) {
        let _ = call;
    }

    /// A call is about to wait, and then to be sent once more.
    fn retry(&self, retry: &RetryEvent) {
        let _ = retry;
    }

    /// A call would have been sent once more, and the retry budget of the client is used up.
    fn retry_budget_exhausted(&self, operation: OperationId) {
        let _ = operation;
    }

    /// A login ended, or was held back.
    fn login(&self, login: &LoginEvent) {
        let _ = login;
    }
}

/// A call that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallEvent {
    /// The operation.
    pub operation: OperationId,
    /// What became of it.
    pub result: CallResult,
    /// How often it was handed to the transport; 0 for a call that was never sent.
    pub attempts: u32,
    /// From its start to its end.
    pub elapsed: Duration,
}

/// What became of a call, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallResult {
    /// A read gave its response.
    Ok,
    /// It happened.
    Done,
    /// The API accepted it and has not finished.
    Pending,
    /// The API said no.
    Refused,
    /// It never reached the API.
    NotSent,
    /// It may or may not have happened.
    Unknown,
    /// A read gave no response.
    Failed,
    /// The caller dropped it before it ended. If it was handed over, it may have happened.
    Cancelled,
}

impl CallResult {
    /// The word for a label: `ok`, `done`, `pending`, `refused`, `not_sent`, `unknown`, `failed` or `cancelled`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Done => "done",
            Self::Pending => "pending",
            Self::Refused => "refused",
            Self::NotSent => "not_sent",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A call that is sent once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryEvent {
    /// The operation.
    pub operation: OperationId,
    /// The number of the attempt that failed.
    pub attempt: u32,
    /// How it ended.
    pub result: AttemptResult,
    /// How long the call waits before the next one.
    pub wait: Duration,
}

/// A login that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoginEvent {
    /// What became of it.
    pub result: LoginResult,
    /// From its start to its end.
    pub elapsed: Duration,
}

/// What became of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoginResult {
    /// It gave a token.
    Succeeded,
    /// The API rejected the credentials: no more are sent.
    Rejected,
    /// It gave no token, and may be tried again.
    Failed,
    /// It was not sent, because one more failure could lock the account.
    Withheld,
}

impl LoginResult {
    /// The word for a label: `succeeded`, `rejected`, `failed` or `held_back`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Withheld => "held_back",
        }
    }
}

/// The user's hook, or none.
#[derive(Clone, Default)]
pub(crate) struct MetricsHook(Option<Arc<dyn Metrics>>);

impl MetricsHook {
    pub(crate) fn new(metrics: impl Metrics) -> Self {
        Self(Some(Arc::new(metrics)))
    }

    /// Whether somebody listens.
    pub(crate) fn is_enabled(&self) -> bool {
        self.0.is_some()
    }

    fn notify(&self, event: impl FnOnce(&dyn Metrics)) {
        let Some(metrics) = &self.0 else { return };
        // A counter that fails must not take the outcome of a money call with it.
        if std::panic::catch_unwind(AssertUnwindSafe(|| event(&**metrics))).is_err() {
            tracing::error!(target: "enkash", "the metrics hook panicked; the call is not affected");
        }
    }

    pub(crate) fn call(&self, event: &CallEvent) {
        self.notify(|metrics| metrics.call(event));
    }

    pub(crate) fn retry(&self, event: &RetryEvent) {
        tracing::debug!(
            target: "enkash",
            { enkash.operation = event.operation.operation().name, enkash.attempt = event.attempt, error.type = event.result.label(), enkash.wait_ms = millis(event.wait) },
            "the call is sent once more"
        );
        self.notify(|metrics| metrics.retry(event));
    }

    pub(crate) fn retry_budget_exhausted(&self, operation: OperationId) {
        tracing::warn!(
            target: "enkash",
            { enkash.operation = operation.operation().name },
            "the call is not sent once more: the retry budget of the client is used up"
        );
        self.notify(|metrics| metrics.retry_budget_exhausted(operation));
    }

    pub(crate) fn login(&self, event: &LoginEvent) {
        self.notify(|metrics| metrics.login(event));
    }
}

impl fmt::Debug for MetricsHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Metrics" } else { "none" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken;

    impl Metrics for Broken {
        fn retry_budget_exhausted(&self, _: OperationId) {
            panic!("no more disk");
        }
    }

    #[test]
    fn a_hook_that_panics_changes_nothing() {
        MetricsHook::new(Broken).retry_budget_exhausted(OperationId::SearchCards);
    }
}
