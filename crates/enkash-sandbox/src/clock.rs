//! Where the sandbox takes the time from. Token lifetimes, dates of transactions and delayed look-ups ask the clock of
//! their sandbox and never the system, so that a test can travel in time without waiting.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A source of time. Give your own to [`SandboxBuilder::clock`](crate::SandboxBuilder::clock).
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The system's clock, the default.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands still until it is moved. Clones show the same time.
///
/// ```
/// use enkash_sandbox::clock::{Clock, ManualClock};
/// use jiff::Timestamp;
/// use std::time::Duration;
///
/// let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
/// clock.advance(Duration::from_secs(5));
/// assert_eq!(clock.now(), Timestamp::UNIX_EPOCH + Duration::from_secs(5));
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<Timestamp>>);

impl ManualClock {
    /// A clock that shows this time.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        ManualClock(Arc::new(Mutex::new(time)))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.checked_add(by).unwrap_or(Timestamp::MAX);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The clock of one sandbox: a source, and how far the sandbox has been moved away from it.
pub(crate) struct AdjustableClock {
    source: Box<dyn Clock>,
    shift: Mutex<SignedDuration>,
}

impl AdjustableClock {
    pub(crate) fn new(source: Box<dyn Clock>) -> Self {
        AdjustableClock {
            source,
            shift: Mutex::new(SignedDuration::ZERO),
        }
    }

    /// The time in the sandbox.
    pub(crate) fn now(&self) -> Timestamp {
        let shift = *self.shift.lock().unwrap_or_else(PoisonError::into_inner);
        self.source.now().checked_add(shift).unwrap_or(Timestamp::MAX)
    }

    /// How far it is from its source.
    pub(crate) fn shift(&self) -> SignedDuration {
        *self.shift.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the sandbox so far away from its source.
    pub(crate) fn set_shift(&self, shift: SignedDuration) {
        *self.shift.lock().unwrap_or_else(PoisonError::into_inner) = shift;
    }

    /// Moves the sandbox on. An absurd distance ends at the last instant that can be written.
    pub(crate) fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        let mut shift = self.shift.lock().unwrap_or_else(PoisonError::into_inner);
        *shift = shift.saturating_add(by);
    }

    /// Moves the sandbox to an instant, forward or back; the time runs on from there.
    pub(crate) fn set(&self, to: Timestamp) {
        *self.shift.lock().unwrap_or_else(PoisonError::into_inner) = to.duration_since(self.source.now());
    }
}

impl fmt::Debug for AdjustableClock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "AdjustableClock({})", self.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_in_time_and_does_not_overflow() {
        let clock = AdjustableClock::new(Box::new(ManualClock::at(Timestamp::UNIX_EPOCH)));
        clock.advance(Duration::from_secs(60));
        assert_eq!(clock.now().as_second(), 60);
        clock.set(Timestamp::from_second(10).unwrap());
        assert_eq!(clock.now().as_second(), 10);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
    }
}
