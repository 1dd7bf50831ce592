//! How long a token lives, and when it is replaced. The portal's prose says five minutes while its
//! example says a day: the shorter one counts. Windows are fractions of the lifetime, because a fixed
//! window of minutes would be longer than the life of such a token.

use std::time::Duration;

use super::Token;
use crate::clock::Moment;

/// The prose of the page Authentication: both tokens are valid for five minutes.
pub(super) const DOCUMENTED_LIFETIME: Duration = Duration::from_secs(300);
/// Below this the windows would be shorter than a log-in.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(5);
/// The last tenth: the token is served and another one is fetched behind.
const ADVISORY_SHARE: u32 = 10;
/// The last thirtieth: callers wait for another one.
const MANDATORY_SHARE: u32 = 30;

/// What a token may still be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Serve it.
    Fresh,
    /// Serve it, and refresh it behind.
    Advisory,
    /// Wait for another one, if that can be had.
    Mandatory,
    /// It is over.
    Ended,
}

impl Token {
    pub(super) fn phase(&self, now: Moment) -> Phase {
        let left = self.left(now);
        if left.is_zero() {
            Phase::Ended
        } else if left <= self.lifetime / MANDATORY_SHARE {
            Phase::Mandatory
        } else if left <= self.lifetime / ADVISORY_SHARE {
            Phase::Advisory
        } else {
            Phase::Fresh
        }
    }

    pub(super) fn left(&self, now: Moment) -> Duration {
        self.lifetime.saturating_sub(now.since(self.born))
    }
}

/// What `expires_in` and its kin may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StatedLifetime {
    Seconds(i64),
    /// An absolute instant in milliseconds since 1970, as a sibling product documents.
    UntilMillis(i64),
    Absent,
}

impl StatedLifetime {
    /// Above this a number of seconds is no lifetime but an instant in milliseconds: more than 300 years.
    const INSTANT_FROM: i64 = 10_000_000_000;

    pub(super) fn of_number(number: i64) -> Self {
        if number >= Self::INSTANT_FROM {
            Self::UntilMillis(number)
        } else {
            Self::Seconds(number)
        }
    }

    /// The lifetime to count on: never more than `cap`, and never so little that every call would log in.
    pub(super) fn clamped(self, cap: Duration, now: Moment) -> Duration {
        let stated = match self {
            Self::Absent => return cap,
            Self::Seconds(seconds) => u64::try_from(seconds).map(Duration::from_secs).unwrap_or_default(),
            Self::UntilMillis(millis) => {
                let until = u64::try_from(millis).map(Duration::from_millis).unwrap_or_default();
                let now = now.wall.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
                until.saturating_sub(now)
            }
        };
        // Zero and negative values are nonsense beside a token that was just issued.
        if stated.is_zero() {
            return cap;
        }
        stated.clamp(SHORTEST_LIFETIME.min(cap), cap)
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment {
            monotonic: Duration::from_secs(seconds),
            wall: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds),
        }
    }

    #[test]
    fn the_shorter_of_stated_and_documented_counts() {
        let cap = DOCUMENTED_LIFETIME;
        let in_60_s = (1_700_000_000 + 60) * 1000;
        for (stated, expected) in [
            (StatedLifetime::of_number(86399), 300),
            (StatedLifetime::of_number(120), 120),
            (StatedLifetime::of_number(1), 5),
            (StatedLifetime::of_number(0), 300),
            (StatedLifetime::of_number(-7), 300),
            (StatedLifetime::of_number(i64::MAX), 300),
            (StatedLifetime::of_number(in_60_s), 60),
            (StatedLifetime::of_number(1_672_531_199_000), 300),
            (StatedLifetime::Absent, 300),
        ] {
            assert_eq!(stated.clamped(cap, at(0)), Duration::from_secs(expected), "{stated:?}");
        }
    }

    #[test]
    fn windows_are_fractions_and_either_clock_ends_a_token() {
        let token = Token {
            generation: 1,
            header: http::HeaderValue::from_static("Bearer x"),
            born: at(0),
            lifetime: Duration::from_secs(300),
        };
        assert_eq!(token.phase(at(269)), Phase::Fresh);
        assert_eq!(token.phase(at(270)), Phase::Advisory);
        assert_eq!(token.phase(at(290)), Phase::Mandatory);
        assert_eq!(token.phase(at(300)), Phase::Ended);
        // The machine slept: only the wall clock moved.
        let woken = Moment {
            monotonic: Duration::from_secs(1),
            ..at(301)
        };
        assert_eq!(token.phase(woken), Phase::Ended);
        // The wall clock was set back: the monotonic one still counts.
        let set_back = Moment {
            wall: SystemTime::UNIX_EPOCH,
            ..at(301)
        };
        assert_eq!(token.phase(set_back), Phase::Ended);
    }
}
