//! How long to wait before a retry: exponential with full jitter, so that clients which failed together
//! do not come back together.

use std::time::Duration;

pub(super) struct Backoff {
    first: Duration,
    longest: Duration,
    /// Between 0 and 1. Injected, so that tests know what comes.
    jitter: fn() -> f64,
}

impl Backoff {
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self {
            first,
            longest,
            jitter: fastrand::f64,
        }
    }

    #[cfg(test)]
    pub(super) fn without_jitter(self) -> Self {
        Self { jitter: || 1.0, ..self }
    }

    /// The wait before a retry; they count from 1.
    pub(super) fn before(&self, repetition: u32) -> Duration {
        let doublings = repetition.saturating_sub(1).min(31);
        let most = self.first.saturating_mul(1 << doublings).min(self.longest);
        most.mul_f64((self.jitter)().clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_millis(100);
    const MAX_LENGTH: Duration = Duration::from_millis(500);

    #[test]
    fn the_wait_doubles_up_to_the_longest() {
        let backoff = Backoff::new(FIRST, MAX_LENGTH).without_jitter();
        let waits: Vec<_> = (1..=5).map(|n| backoff.before(n).as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 500, 500]);
        assert_eq!(backoff.before(u32::MAX), MAX_LENGTH);
    }

    #[test]
    fn each_wait_is_drawn_from_the_whole_range() {
        let backoff = Backoff::new(FIRST, MAX_LENGTH);
        let waits: Vec<_> = (0..200).map(|_| backoff.before(3)).collect();
        let most = Duration::from_millis(400);
        assert!(waits.iter().all(|wait| *wait <= most));
        assert!(waits.iter().any(|wait| *wait < most / 4) && waits.iter().any(|wait| *wait > most * 3 / 4));
    }
}
