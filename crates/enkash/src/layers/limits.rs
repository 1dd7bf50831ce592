//! The client's own limits: how many calls are in flight at once, and how many requests go out in a time.
//! Off unless set. A call that waits here was not sent, whatever becomes of it.

use std::{num::NonZeroU32, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use tokio::{
    sync::{Mutex, Semaphore, SemaphorePermit},
    time::Instant,
};

use crate::model::invalid::InvalidInput;

/// Limits that a client keeps to by itself, over all its clones. Logins pass them by: a call that waits for a token
/// must not be what the login waits for.
///
/// ```
/// use std::time::Duration;
///
/// let limits = enkash::config::Limits::none().concurrency(16).rate(20, Duration::from_secs(1));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Limits {
    concurrency: Option<u32>,
    rate: Option<(u32, Duration)>,
}

impl Limits {
    /// No limits, which is the default.
    pub fn none() -> Self {
        Self::default()
    }

    /// At most so many calls at once. A call counts from its start to its end, with its retries and the waits between
    /// them.
    pub fn concurrency(mut self, calls: u32) -> Self {
        self.concurrency = Some(calls);
        self
    }

    /// A burst of at most so many requests, and then one in each equal share of the time: `rate(20, one second)` lets 20
    /// go at once and one every 50 ms after that. Every request counts, retries too.
    pub fn rate(mut self, requests: u32, per: Duration) -> Self {
        self.rate = Some((requests, per));
        self
    }
}

const MAX_PERIOD: Duration = Duration::from_secs(24 * 3600);

/// The limits at work.
pub(crate) struct Limiter {
    calls: Option<Semaphore>,
    rate: Option<Rate>,
}

struct Rate {
    limiter: RateLimiter<NotKeyed, InMemoryState, RuntimeClock, NoOpMiddleware<Duration>>,
    /// First come, first served: who waits holds it.
    queue: Mutex<()>,
}

/// The runtime's clock, so that tests move it.
#[derive(Clone)]
struct RuntimeClock {
    start: Instant,
}

impl Clock for RuntimeClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

impl Limiter {
    pub(crate) fn new(limits: Limits) -> Result<Self, InvalidInput> {
        let rate = match limits.rate {
            None => None,
            Some((requests, per)) => {
                let cannot_be =
                    || InvalidInput::setting("a rate needs at least one request, and a time of at most a day");
                let requests = NonZeroU32::new(requests).ok_or_else(cannot_be)?;
                if per > MAX_PERIOD {
                    return Err(cannot_be());
                }
                let quota = Quota::with_period(per / requests.get()).ok_or_else(cannot_be)?;
                let clock = RuntimeClock { start: Instant::now() };
                Some(Rate {
                    limiter: RateLimiter::direct_with_clock(quota.allow_burst(requests), clock),
                    queue: Mutex::new(()),
                })
            }
        };
        if limits.concurrency == Some(0) {
            return Err(InvalidInput::setting("a client needs at least one call at once"));
        }
        let calls = limits
            .concurrency
            .map(|calls| Semaphore::new(usize::try_from(calls).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS)));
        Ok(Self { calls, rate })
    }

    /// Whether there are no limits to wait for.
    pub(super) fn is_unlimited(&self) -> bool {
        self.calls.is_none() && self.rate.is_none()
    }

    /// Lets a call in. It counts until the permit is dropped.
    pub(super) async fn acquire(&self) -> Option<SemaphorePermit<'_>> {
        let permit = match &self.calls {
            // Never closed, so never refused.
            Some(calls) => calls.acquire().await.ok(),
            None => None,
        };
        // After the permit: the share of the rate must not be spent by a call that then waits for its turn.
        self.wait_for_rate().await;
        permit
    }

    /// Waits until one more request may go out.
    pub(super) async fn wait_for_rate(&self) {
        let Some(rate) = &self.rate else { return };
        let _turn = rate.queue.lock().await;
        while let Err(early) = rate.limiter.check() {
            tokio::time::sleep(early.wait_time_from(rate.limiter.clock().now())).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::pin,
        task::{Context, Waker},
    };

    use super::*;

    fn is_ready(future: std::pin::Pin<&mut impl Future>) -> bool {
        future.poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_later_does_not_overtake_who_waits() {
        let limiter = Limiter::new(Limits::none().rate(1, Duration::from_secs(1))).unwrap();
        limiter.wait_for_rate().await;
        let mut first = pin!(limiter.wait_for_rate());
        assert!(!is_ready(first.as_mut()));
        tokio::time::advance(Duration::from_secs(2)).await;
        let mut second = pin!(limiter.wait_for_rate());
        assert!(
            !is_ready(second.as_mut()),
            "the request that is due belongs to the first"
        );
        assert!(is_ready(first.as_mut()));
    }
}
