//! A record that lay under other names: ledgers take it over where the spelling of an account or the key of the fingerprints changes.

use super::{REJECTIONS_KEPT, StrikeRecord, remember};
use crate::auth::identity::Fingerprint;

impl StrikeRecord {
    /// Takes over what was kept of the same account under another name, such as under the key of before. Failures of both count.
    pub fn absorb(&mut self, other: Self) {
        self.strikes = self.strikes.saturating_add(other.strikes);
        self.rejected.extend(other.rejected);
        let surplus = self.rejected.len().saturating_sub(REJECTIONS_KEPT);
        self.rejected.drain(..surplus);
        self.succeeded = self.succeeded.take().or(other.succeeded);
        self.lease = self.lease.take().or(other.lease);
        self.pause = self.pause.take().or(other.pause);
        self.pauses = self.pauses.max(other.pauses);
        self.fence = self.fence.max(other.fence);
        for lease in &other.ended {
            remember(&mut self.ended, lease);
        }
        for lease in &other.interrupted {
            remember(&mut self.interrupted, lease);
        }
    }

    /// Names credentials as they are named now: where the key of the fingerprints changes, a rejection goes on to hold.
    pub fn rename(&mut self, earlier: &Fingerprint, now: &Fingerprint) {
        let rejected = self.rejected.iter_mut().map(|rejection| &mut rejection.credentials);
        let lease = self.lease.iter_mut().map(|lease| &mut lease.credentials);
        for credentials in rejected.chain(&mut self.succeeded).chain(lease) {
            if credentials == earlier {
                *credentials = now.clone();
            }
        }
    }
}
