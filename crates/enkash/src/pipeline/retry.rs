//! Repeats what may be repeated: operations whose policy says so, after failures that pass by themselves,
//! with a wait that grows and is drawn at random, and from one budget that all calls of a client share. What
//! moves value never gets here twice: the policy table decides that, not the method and not the status.

mod backoff;
mod budget;
pub(super) mod retry_after;

use std::time::Duration;

use enkash_api::BoxError;
use reqwest::Response;

use self::{backoff::Backoff, budget::Budget};
use super::{
    Way,
    attempt::AttemptResult,
    authorize,
    record::{CallRecord, Stage},
    wire::Wire,
};
use crate::{
    Error,
    observe::RetryEvent,
    policy::{OperationPolicy, Repeat},
    token::TokenCache,
};

/// Whether and how reads are repeated. Three attempts unless set; `off` for none.
///
/// Only operations that change nothing are repeated, and only after a failed connection, a broken one, a timeout, or HTTP
/// 429, 502, 503 or 504.
///
/// ```
/// use std::time::Duration;
///
/// let retries = enkash::Retries::default()
///     .attempts(4)
///     .backoff(Duration::from_millis(200), Duration::from_secs(5));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Retries {
    attempts: u32,
    first_backoff: Duration,
    longest_backoff: Duration,
    longest_retry_after: Duration,
    budget: u32,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            attempts: 3,
            first_backoff: Duration::from_millis(100),
            longest_backoff: Duration::from_secs(5),
            longest_retry_after: Duration::from_secs(20),
            budget: 20,
        }
    }
}

impl Retries {
    /// Nothing is repeated.
    pub fn off() -> Self {
        Self::default().attempts(1)
    }

    /// How often a call is sent at most, the first time included; 3 unless set.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The wait before the first repetition and the longest wait: 100 ms and 5 s unless set. The wait doubles from one
    /// repetition to the next, and each is drawn at random between zero and that.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.first_backoff = first;
        self.longest_backoff = longest;
        self
    }

    /// The longest `Retry-After` that is waited for; 20 s unless set. Where the portal asks for more, the call ends at
    /// once and [`Error::retry_after`](crate::Error::retry_after) says how long: coming back early is what it asked not
    /// to do.
    pub fn longest_retry_after(mut self, longest: Duration) -> Self {
        self.longest_retry_after = longest;
        self
    }

    /// How many repetitions all calls of the client have together; 20 unless set. Each takes one; one that succeeds gives
    /// it back, ten calls that succeed at once give one back, and a minute fills the budget from empty.
    pub fn budget(mut self, repetitions: u32) -> Self {
        self.budget = repetitions;
        self
    }
}

/// The retries at work.
pub(crate) struct Retrying {
    settings: Retries,
    backoff: Backoff,
    budget: Budget,
}

impl Retrying {
    pub(crate) fn new(settings: Retries) -> Result<Self, Error> {
        if settings.attempts == 0 {
            return Err(Error::settings("a call needs at least one attempt"));
        }
        Ok(Self::of(settings))
    }

    /// For log-ins.
    pub(super) fn off() -> Self {
        Self::of(Retries::off())
    }

    fn of(settings: Retries) -> Self {
        Self {
            backoff: Backoff::new(settings.first_backoff, settings.longest_backoff),
            budget: Budget::new(settings.budget),
            settings,
        }
    }

    /// The longest wait there can be, instead of a random one.
    #[cfg(test)]
    pub(super) fn without_chance(mut self) -> Self {
        self.backoff = self.backoff.without_chance();
        self
    }

    fn attempts(&self, policy: &OperationPolicy, record: &CallRecord) -> u32 {
        match policy.repeat {
            Repeat::Safe => record.options.attempts.unwrap_or(self.settings.attempts),
            Repeat::Never => 1,
        }
    }
}

/// After which results a call is worth another attempt: the one table of it.
fn passes_by_itself(result: AttemptResult) -> bool {
    match result {
        AttemptResult::NotConnected | AttemptResult::Broken | AttemptResult::TimedOut => true,
        AttemptResult::Answered(status) => matches!(status.as_u16(), 429 | 502 | 503 | 504),
        AttemptResult::TooLarge | AttemptResult::CutOff => false,
    }
}

/// Sends a request, and again where that is allowed and may help.
pub(super) async fn send<W: Wire>(way: &Way<'_, W>, tokens: &TokenCache) -> Result<Response, BoxError> {
    let (retrying, observer, record) = (&way.pipeline.retrying, &way.pipeline.observer, way.record);
    let attempts = retrying.attempts(way.policy, record);
    let mut repetition = 0;
    let mut payment = None;
    let mut passes = 0;
    loop {
        let answer = authorize::send(way, tokens, passes > 0).await;
        let (progress, last_result) = record.progress();
        if last_result == Some(AttemptResult::CutOff) {
            // Its time ended: that says nothing of the portal, and there is none left for another.
            return answer;
        }
        let was_repeated = payment.take().is_some();
        // Where no attempt was made, a layer below refused: nothing that passes by itself.
        let Some(result) = last_result.filter(|_| progress > passes) else {
            return answer;
        };
        passes = progress;
        if !passes_by_itself(result) {
            retrying.budget.succeeded(was_repeated);
            return answer;
        }
        repetition += 1;
        if repetition >= attempts || !record.original().is_there() {
            return answer;
        }
        let asked = record.asked_to_wait();
        if asked.is_some_and(|asked| asked > retrying.settings.longest_retry_after) {
            return answer;
        }
        let wait = asked
            .unwrap_or_default()
            .saturating_add(retrying.backoff.before(repetition));
        if way.deadline.is_some_and(|deadline| wait >= deadline.left()) {
            // The call would end while it waits: this answer says more than that.
            return answer;
        }
        payment = retrying.budget.pay(record);
        if payment.is_none() {
            observer.retry_budget_exhausted(way.operation);
            return answer;
        }
        observer.retry(&RetryEvent {
            operation: way.operation,
            attempt: u32::try_from(passes).unwrap_or(u32::MAX),
            result,
            wait,
        });
        drop(answer);
        record.enter(Stage::Backoff);
        tokio::time::sleep(wait).await;
        record.forget_answer();
    }
}

#[cfg(test)]
mod tests {
    use enkash_api::OperationId;

    use super::*;
    use crate::{CallOptions, policy::Policies};

    /// Two lines of defence stand behind this one: the request is given away, and the send guard is shut.
    #[tokio::test]
    async fn what_may_not_be_repeated_has_one_attempt_whatever_is_set() {
        let retrying = Retrying::new(Retries::default().attempts(9)).unwrap();
        let record = CallRecord::new(CallOptions::new().attempts(7));
        let attempts = |operation| retrying.attempts(Policies::shipped().of(operation), &record);
        assert_eq!(attempts(OperationId::CreateAllocatePoints), 1);
        assert_eq!(attempts(OperationId::CreateSsoToken), 1);
        assert_eq!(attempts(OperationId::GetRewardAccount), 7);
    }
}
