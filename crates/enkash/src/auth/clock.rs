//! Time, as the token cache sees it. Everything about time asks a [`Clock`], so that tests move it by
//! hand and never wait.

use std::{
    future::Future,
    pin::Pin,
    sync::LazyLock,
    time::{Duration, Instant, SystemTime},
};

use jiff::Timestamp;

/// A point in time on both clocks. The monotonic one stands still while a machine sleeps, the wall clock
/// can be set: a lifetime ends when either of them says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClockReading {
    /// Since some fixed start.
    pub(crate) monotonic: Duration,
    pub(crate) wall: SystemTime,
}

impl ClockReading {
    /// How long ago another moment was, on the clock that says more.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        let monotonic = self.monotonic.saturating_sub(earlier.monotonic);
        let wall = self.wall.duration_since(earlier.wall).unwrap_or_default();
        monotonic.max(wall)
    }

    /// The moment at which the wall clock showed this: as much earlier on both clocks.
    pub(crate) fn rewound_to(self, wall: SystemTime) -> Self {
        let ago = self.wall.duration_since(wall).unwrap_or_default();
        Self {
            monotonic: self.monotonic.saturating_sub(ago),
            wall,
        }
    }
}

pub(crate) trait Clock: Send + Sync + 'static {
    fn now(&self) -> ClockReading;

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(time))
    }
}

/// A time of the wall clock for users.
pub(crate) fn timestamp(wall: SystemTime) -> Timestamp {
    Timestamp::try_from(wall).unwrap_or(Timestamp::MAX)
}

/// A user's time for the wall clock.
pub(crate) fn wall(time: Timestamp) -> SystemTime {
    time.try_into().unwrap_or(SystemTime::UNIX_EPOCH)
}

/// The machine's clocks.
pub(crate) struct SystemClock;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock for SystemClock {
    fn now(&self) -> ClockReading {
        ClockReading {
            monotonic: START.elapsed(),
            wall: SystemTime::now(),
        }
    }
}
