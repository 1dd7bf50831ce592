//! Strikes that a fleet shares. Its rules are those of `enkash`; here a record is kept, and follows the key.

use enkash::token::{
    Fence, LedgerError, LedgerFuture, LedgerReply, LedgerUpdate, LoginIdentity, StrikeLedger, StrikeRecord,
};
use jiff::SignedDuration;

use crate::{
    entry::{Current, Entries, Kind, Next},
    error::Error,
};

/// How long a record is kept that holds nothing back. One that does is kept for ever.
const CLEAN_LASTS: SignedDuration = SignedDuration::from_hours(90 * 24);

/// One count of failed logins for all processes that share the database, and one login of an account in flight.
///
/// Time is the database's: machines whose clocks differ agree on when a login in flight counts as lost. Where the database cannot be
/// reached no login is sent, because none could be counted.
#[derive(Clone, Debug)]
pub struct FleetLedger {
    entries: Entries,
}

impl FleetLedger {
    pub(crate) fn new(entries: Entries) -> Self {
        Self { entries }
    }

    async fn apply(&self, identity: &LoginIdentity, step: &LedgerUpdate) -> Result<LedgerReply, Error> {
        let account = |key: &[u8]| identity.account(key);
        // Most steps of somebody who waits, and a look, change nothing: they take no lock, and make no table.
        let current = self.entries.read(Kind::Strikes, account).await?;
        if let (reply, None) = self.decide(identity, step, current)? {
            return Ok(reply);
        }
        let mut reply = None;
        let decide = |current: Current| {
            let (decided, next) = self.decide(identity, step, current)?;
            reply = Some(decided);
            Ok(next)
        };
        self.entries.change(Kind::Strikes, account, decide).await?;
        reply.ok_or_else(|| Error::unavailable(self.entries.database().place(), "it did not decide"))
    }

    /// What a step makes of the entry, and the entry where it is to be written.
    fn decide(
        &self,
        identity: &LoginIdentity,
        step: &LedgerUpdate,
        current: Current,
    ) -> Result<(LedgerReply, Option<Next>), Error> {
        let damaged = || self.entries.damaged("strikes");
        let record = |text: Option<Vec<u8>>| -> Result<Option<StrikeRecord>, Error> {
            let read = |text: Vec<u8>| serde_json::from_slice(&text);
            text.map(read).transpose().map_err(|_| damaged())
        };
        let naming: Vec<&[u8]> = self.entries.naming_keys().collect();
        let (now, was_moved) = (current.now, current.earlier.is_some());
        let mut new = record(current.newest)?.unwrap_or_default();
        let before = new.clone();
        if let Some(earlier) = record(current.earlier)? {
            new.absorb(earlier);
        }
        let credentials = identity.credentials(naming[0]);
        for earlier in &naming[1..] {
            new.rename(&identity.credentials(earlier), &credentials);
        }
        let reply = step.clone().at(now).apply(&mut new, &credentials);
        if new == before && !was_moved {
            return Ok((reply, None));
        }
        let next = Next {
            text: serde_json::to_vec(&new).map_err(|_| damaged())?,
            fence: Fence::default(),
            lasts: new.is_clean().then_some(CLEAN_LASTS),
        };
        Ok((reply, Some(next)))
    }
}

impl StrikeLedger for FleetLedger {
    fn change<'a>(&'a self, identity: &'a LoginIdentity, step: LedgerUpdate) -> LedgerFuture<'a> {
        Box::pin(async move {
            let reply = self.apply(identity, &step).await;
            reply.map_err(|error| LedgerError::new(error.to_string()))
        })
    }
}
