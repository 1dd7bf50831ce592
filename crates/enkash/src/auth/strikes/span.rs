//! A span of time that processes agree on: a start by the wall clock, and a length. Wall clocks are set, so a span never
//! lasts longer than its length from the moment at which somebody sees that it lies ahead.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Span {
    /// In milliseconds since 1970.
    began: u64,
    /// In milliseconds.
    length: u64,
}

impl Span {
    pub(crate) fn new(began: SystemTime, length: Duration) -> Self {
        Self {
            began: millis_since_1970(began),
            length: millis(length),
        }
    }

    /// Begins now at the latest: where the clock was set back, what began in the future begins again.
    pub(crate) fn begin_by(&mut self, now: SystemTime) {
        self.began = self.began.min(millis_since_1970(now));
    }

    /// When it ended, if it has.
    pub(crate) fn ended(self, now: SystemTime) -> Option<SystemTime> {
        let end = self.began.saturating_add(self.length);
        (end <= millis_since_1970(now)).then(|| UNIX_EPOCH + Duration::from_millis(end))
    }

    pub(crate) fn left(self, now: SystemTime) -> Duration {
        let end = self.began.saturating_add(self.length);
        Duration::from_millis(end.saturating_sub(millis_since_1970(now)))
    }

    /// When it ends, as far as a clock can show.
    pub(crate) fn end(self, now: SystemTime) -> Option<SystemTime> {
        now.checked_add(self.left(now))
    }
}

fn millis_since_1970(time: SystemTime) -> u64 {
    millis(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
