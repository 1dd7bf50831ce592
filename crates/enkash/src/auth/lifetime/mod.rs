//! How long a token lives, and when it is replaced. The API's prose says five minutes while its
//! example says a day: the shorter one counts. Windows are fractions of the lifetime, because a fixed
//! window of minutes would be longer than the life of such a token.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::auth::clock::ClockReading;

/// How far a server's clock is believed to be off. Beyond it, one of the clocks is plainly wrong.
const MAX_CLOCK_SKEW: Duration = Duration::from_secs(24 * 3600);

/// The prose of the page Authentication: both tokens are valid for five minutes.
pub(crate) const DOCUMENTED_LIFETIME: Duration = Duration::from_secs(300);
/// Below this the windows would be shorter than a login.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(5);
/// The last tenth, give or take a fifth of it: the token is served and another one is fetched behind.
const ADVISORY_SHARE: f64 = 0.10;
/// The last thirtieth, give or take a fifth of it: callers wait for another one.
const MANDATORY_SHARE: f64 = 0.033;
const JITTER: f64 = 0.2;

/// When a token ends and when it is replaced, counted from its birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RefreshWindows {
    pub(crate) lifetime: Duration,
    /// With less than this left, refresh behind.
    pub(crate) advisory: Duration,
    /// With less than this left, wait for another one.
    pub(crate) mandatory: Duration,
}

impl RefreshWindows {
    /// `jitter` is between 0 and 1: it spreads the logins of processes that started together.
    pub(crate) fn new(lifetime: Duration, jitter: f64) -> Self {
        let spread = 1.0 + JITTER * (2.0 * jitter - 1.0);
        Self {
            lifetime,
            advisory: lifetime.mul_f64(ADVISORY_SHARE * spread),
            mandatory: lifetime.mul_f64(MANDATORY_SHARE * spread),
        }
    }
}

/// What a token may still be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Serve it.
    Fresh,
    /// Serve it, and refresh it behind.
    Advisory,
    /// Wait for another one, if that can be had.
    Mandatory,
    /// It is over.
    Ended,
}

impl RefreshWindows {
    /// What a token with so much left may be used for.
    pub(crate) fn phase(&self, left: Duration) -> Phase {
        if left.is_zero() {
            Phase::Ended
        } else if left <= self.mandatory {
            Phase::Mandatory
        } else if left <= self.advisory {
            Phase::Advisory
        } else {
            Phase::Fresh
        }
    }
}

/// What `expires_in` and its kin may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportedLifetime {
    Seconds(i64),
    /// An absolute instant in milliseconds since 1970, as a sibling product documents.
    UntilMillis(i64),
    Absent,
}

impl ReportedLifetime {
    /// Above this a number of seconds is no lifetime but an instant in milliseconds: more than 300 years.
    const INSTANT_FROM: i64 = 10_000_000_000;

    pub(crate) fn of_number(number: i64) -> Self {
        if number >= Self::INSTANT_FROM {
            Self::UntilMillis(number)
        } else {
            Self::Seconds(number)
        }
    }

    /// The lifetime to count on: never more than `cap`, and never so little that every call would log in.
    ///
    /// An instant is by the server's clock, which its `Date` header shows: `server_now`, if it came.
    pub(crate) fn clamped(self, cap: Duration, now: ClockReading, server_now: Option<SystemTime>) -> Duration {
        let stated = match self {
            Self::Absent => return cap,
            Self::Seconds(seconds) => u64::try_from(seconds).map(Duration::from_secs).unwrap_or_default(),
            Self::UntilMillis(millis) => {
                let until = u64::try_from(millis).map(Duration::from_millis).unwrap_or_default();
                let there = server_now
                    .filter(|there| skew(*there, now.wall) <= MAX_CLOCK_SKEW)
                    .unwrap_or(now.wall);
                until.saturating_sub(there.duration_since(UNIX_EPOCH).unwrap_or_default())
            }
        };
        // Zero and negative values are nonsense beside a token that was just issued.
        if stated.is_zero() {
            return cap;
        }
        stated.clamp(SHORTEST_LIFETIME.min(cap), cap)
    }
}

fn skew(one: SystemTime, other: SystemTime) -> Duration {
    one.duration_since(other).unwrap_or_else(|earlier| earlier.duration())
}

#[cfg(test)]
mod tests;
