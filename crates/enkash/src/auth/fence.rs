//! Which of two logins of one account began later. The strike ledger numbers them as it lets them go, and a token store compares
//! the numbers, so that a process that was paused cannot put an older token over a newer one.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// The number of a login: greater than that of each login of the account that the ledger let go before.
///
/// It is at least the ledger's clock in milliseconds. So it grows on where a ledger has forgotten an account that it had nothing
/// against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fence(u64);

impl Fence {
    /// The fence of this number, as [`get`](Self::get) gave it.
    #[must_use]
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number, for a store to keep.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }

    pub(crate) fn next(self, now: SystemTime) -> Self {
        let millis = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        Self(self.0.saturating_add(1).max(u64::try_from(millis).unwrap_or(u64::MAX)))
    }

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    pub(crate) fn is_zero(&self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn it_grows_with_each_login_and_where_the_last_one_was_forgotten() {
        let now = UNIX_EPOCH + Duration::from_secs(4_102_444_800);
        let first = Fence::default().next(now);
        let second = first.next(now);
        assert!(second > first);
        // The clock was set back: the account's own count goes on.
        assert!(second.next(UNIX_EPOCH) > second);
        // The account was forgotten: the clock goes on.
        assert!(Fence::default().next(now + Duration::from_millis(2)) > second);
        assert_eq!(Fence::new(u64::MAX).next(now), Fence::new(u64::MAX));
    }
}
