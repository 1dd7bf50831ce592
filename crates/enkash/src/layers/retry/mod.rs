//! Repeats what may be repeated: operations whose policy says so, after failures that pass by themselves,
//! with a wait that grows and is drawn at random, and from one budget that all calls of a client share. What
//! moves value never gets here twice: the policy table decides that, not the method and not the status.

mod backoff;
mod budget;

use std::time::Duration;

use enkash_policy::{OperationPolicy, Repeat};

use crate::{
    layers::retry::{
        backoff::Backoff,
        budget::{RetryBudget, RetryPermit},
    },
    metrics::{MetricsHook, RetryEvent},
    model::invalid::InvalidInput,
    transport::{attempt::CallContext, call_state::CallState, history::AttemptResult, replay::ReplayableRequest},
};

/// Whether and how reads are repeated. Three attempts unless set; `off` for none.
///
/// Only operations that change nothing are repeated, and only after a failed connection, a broken one, a timeout, or HTTP
/// 429, 502, 503 or 504.
///
/// ```
/// use std::time::Duration;
///
/// let retries = enkash::config::RetryPolicy::default()
///     .attempts(4)
///     .backoff(Duration::from_millis(200), Duration::from_secs(5));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    attempts: u32,
    first_backoff: Duration,
    max_backoff: Duration,
    max_retry_after: Duration,
    budget: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 3,
            first_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(5),
            max_retry_after: Duration::from_secs(20),
            budget: 20,
        }
    }
}

impl RetryPolicy {
    /// Nothing is repeated.
    pub fn off() -> Self {
        Self::default().attempts(1)
    }

    /// How often a call is sent at most, the first time included; 3 unless set.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The wait before the first retry and the longest wait: 100 ms and 5 s unless set. The wait doubles from one
    /// retry to the next, and each is drawn at random between zero and that.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.first_backoff = first;
        self.max_backoff = longest;
        self
    }

    /// The longest `Retry-After` that is waited for; 20 s unless set. Where the API asks for more, the call ends at
    /// once and [`Error::retry_after`](crate::Error::retry_after) says how long: coming back early is what it asked not
    /// to do.
    pub fn max_retry_after(mut self, longest: Duration) -> Self {
        self.max_retry_after = longest;
        self
    }

    /// How many retries all calls of the client have together; 20 unless set. Each takes one; one that succeeds gives
    /// it back, ten calls that succeed at once give one back, and a minute fills the budget from empty.
    pub fn budget(mut self, repetitions: u32) -> Self {
        self.budget = repetitions;
        self
    }
}

/// The retries at work.
pub(crate) struct Retrier {
    settings: RetryPolicy,
    backoff: Backoff,
    budget: RetryBudget,
}

impl Retrier {
    pub(crate) fn new(settings: RetryPolicy) -> Result<Self, InvalidInput> {
        if settings.attempts == 0 {
            return Err(InvalidInput::setting("a call needs at least one attempt"));
        }
        Ok(Self {
            backoff: Backoff::new(settings.first_backoff, settings.max_backoff),
            budget: RetryBudget::new(settings.budget),
            settings,
        })
    }

    /// The longest wait there can be, instead of a random one.
    #[cfg(test)]
    pub(crate) fn without_jitter(mut self) -> Self {
        self.backoff = self.backoff.without_jitter();
        self
    }

    /// How long to wait before the call is sent once more; `None` where it ends with the response it has.
    pub(super) fn next<'a>(
        &'a self,
        retries: &mut CallRetries<'a>,
        call: &CallContext<'a>,
        request: &ReplayableRequest,
        observer: &MetricsHook,
    ) -> Option<Duration> {
        let record = call.state;
        let (progress, last_result) = record.progress();
        // Its time ended: that says nothing of the API, and there is none left for another.
        let result = last_result.filter(|result| *result != AttemptResult::Aborted)?;
        let was_repeated = retries.permit.take().is_some();
        if progress == retries.attempt_count {
            // No attempt was made: a layer below refused, and that does not pass by itself.
            return None;
        }
        retries.attempt_count = progress;
        if !is_transient(result) {
            self.budget.succeeded(was_repeated);
            return None;
        }
        retries.count += 1;
        if retries.count >= self.attempts(call.policy, record) || !request.is_there() {
            return None;
        }
        let asked = record.retry_after();
        if asked.is_some_and(|asked| asked > self.settings.max_retry_after) {
            return None;
        }
        let wait = asked
            .unwrap_or_default()
            .saturating_add(self.backoff.before(retries.count));
        if call.deadline.is_some_and(|deadline| wait >= deadline.left()) {
            // The call would end while it waits: the response it has says more than that.
            return None;
        }
        retries.permit = self.budget.acquire(record);
        if retries.permit.is_none() {
            observer.retry_budget_exhausted(call.operation);
            return None;
        }
        observer.retry(&RetryEvent {
            operation: call.operation,
            attempt: u32::try_from(progress).unwrap_or(u32::MAX),
            result,
            wait,
        });
        Some(wait)
    }

    fn attempts(&self, policy: &OperationPolicy, record: &CallState) -> u32 {
        match policy.repeat {
            Repeat::Safe => record.options.attempts.unwrap_or(self.settings.attempts),
            Repeat::Never => 1,
        }
    }
}

/// The retries of one call so far.
#[derive(Default)]
pub(super) struct CallRetries<'a> {
    count: u32,
    /// How many attempts the call had when it was last looked at.
    attempt_count: usize,
    permit: Option<RetryPermit<'a>>,
}

/// After which results a call is worth another attempt: the one table of it.
fn is_transient(result: AttemptResult) -> bool {
    match result {
        AttemptResult::NotConnected | AttemptResult::ConnectionLost | AttemptResult::TimedOut => true,
        AttemptResult::Answered(status) => matches!(status.as_u16(), 429 | 502 | 503 | 504),
        AttemptResult::TooLarge | AttemptResult::Aborted => false,
    }
}

#[cfg(test)]
mod tests {
    use enkash_api::OperationId;

    use super::*;
    use crate::policy::Policies;
    use crate::transport::options::CallOptions;

    /// Two lines of defence stand behind this one: the request is given away, and the send guard is shut.
    #[tokio::test]
    async fn what_may_not_be_repeated_has_one_attempt_whatever_is_set() {
        let retrier = Retrier::new(RetryPolicy::default().attempts(9)).unwrap();
        let record = CallState::new(CallOptions::new().attempts(7));
        let attempts = |operation| retrier.attempts(Policies::shipped().of(operation), &record);
        assert_eq!(attempts(OperationId::CreateAllocatePoints), 1);
        assert_eq!(attempts(OperationId::CreateSsoToken), 1);
        assert_eq!(attempts(OperationId::GetRewardAccount), 7);
    }
}
