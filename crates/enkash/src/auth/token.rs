//! An access token as the cache holds it, and what the user may know of it.

use std::time::Duration;

use enkash_api::Secret;
use http::HeaderValue;
use jiff::Timestamp;

use crate::auth::{
    clock::ClockReading,
    lifetime::{Phase, RefreshWindows},
};

/// A token, with the header that carries it.
pub(crate) struct Token {
    /// Counts up with each token that has other bytes than the one before.
    pub(crate) generation: u64,
    /// `Bearer …`, marked as sensitive, built once.
    pub(crate) header: HeaderValue,
    pub(crate) born: ClockReading,
    pub(crate) fresh_until: ClockReading,
    pub(crate) windows: RefreshWindows,
}

impl Token {
    /// The first moment at which one of the clocks says that it is no longer fresh. Comparing with it is all that
    /// reading a token costs.
    pub(crate) fn fresh_until(born: ClockReading, windows: &RefreshWindows) -> ClockReading {
        let fresh = windows.lifetime.saturating_sub(windows.advisory);
        ClockReading {
            monotonic: born.monotonic + fresh,
            wall: born.wall + fresh,
        }
    }

    pub(crate) fn is_fresh(&self, now: ClockReading) -> bool {
        now.monotonic < self.fresh_until.monotonic && now.wall < self.fresh_until.wall
    }

    pub(crate) fn phase(&self, now: ClockReading) -> Phase {
        self.windows.phase(self.left(now))
    }

    pub(crate) fn left(&self, now: ClockReading) -> Duration {
        self.windows.lifetime.saturating_sub(now.since(self.born))
    }

    /// The token without what stands before it in the header.
    pub(crate) fn text(&self) -> Secret {
        let text = self.header.to_str().unwrap_or_default();
        Secret::new(text.trim_start_matches("Bearer "))
    }
}

/// What can be known of a client's token. It never holds the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenState {
    /// How long the token will still be served; `None` before the first login and after the end of a token.
    pub lifetime_left: Option<Duration>,
    /// Counts the tokens of this client; 0 before the first login.
    pub generation: u64,
    /// Failed logins that the API may have counted since the last success, of the three that lock the account; as
    /// of this client's last login.
    pub strikes: u32,
    /// Whether the API rejected these credentials: no login is sent until the latch is reset.
    pub is_latched: bool,
    /// Until when no login is sent, because the last one gave no token; as of this client's last login. `None` where
    /// none is held up, or where more than time is missing.
    pub paused_until: Option<Timestamp>,
}
