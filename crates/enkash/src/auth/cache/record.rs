//! What a cache tells the strike ledger. An end of a login that could not be recorded is recorded before anything else is asked
//! of the ledger: a rejection is not forgotten because a database was away when it came.

use std::{sync::Arc, time::Duration};

use crate::auth::{
    cache::CacheInner,
    ledger::LedgerError,
    strikes::{LedgerReply, LedgerUpdate, Step},
};

/// A ledger answers in milliseconds, and bounds its own waits. This ends the wait for one that does not.
const MAX_WAIT: Duration = Duration::from_secs(60);
/// How long whoever has a token waits for it to be recorded. Then that goes on behind.
const MAX_DELAY: Duration = Duration::from_secs(2);
/// How often the end of a login is told again, at once. A program may end before its next login.
const RETRIES: u32 = 5;
const FIRST_RETRY: Duration = Duration::from_millis(50);

impl CacheInner {
    pub(crate) async fn update_ledger(&self, step: Step) -> Result<LedgerReply, LedgerError> {
        self.record_unrecorded().await?;
        self.tell_ledger(step).await
    }

    /// Asks for the right to log in. Where no reply comes, the ledger may have given it: it is given back as soon as that can be
    /// told, for nothing was sent.
    pub(crate) async fn reserve_login(&self, reserve: Step, give_back: Step) -> Result<LedgerReply, LedgerError> {
        self.record_unrecorded().await?;
        let reply = self.tell_ledger(reserve).await;
        if reply.is_err() {
            self.refresh_state().unrecorded = Some(give_back);
        }
        reply
    }

    /// Records how a login ended, if need be in several attempts.
    pub(crate) async fn record_end(&self, end: Step) -> Result<LedgerReply, LedgerError> {
        self.refresh_state().unrecorded = Some(end.clone());
        let mut retry = FIRST_RETRY;
        for _ in 0..RETRIES {
            if let Ok(reply) = self.tell_end(&end).await {
                return Ok(reply);
            }
            self.config.clock.sleep(retry).await;
            retry *= 2;
        }
        let result = self.tell_end(&end).await;
        if let Err(error) = &result {
            tracing::warn!(%error, "the end of a login is not recorded yet; if this program ends before it is, it counts as one \
                that got no response");
        }
        result
    }

    /// As [`record_end`](Self::record_end), where there is a token: whoever waits for it does not wait for a ledger that is away.
    pub(crate) async fn record_end_beside(self: &Arc<Self>, end: Step) {
        self.refresh_state().unrecorded = Some(end.clone());
        if let Ok(Ok(_)) = tokio::time::timeout(MAX_DELAY, self.tell_end(&end)).await {
            return;
        }
        let shared = Arc::clone(self);
        tokio::spawn(async move { shared.record_end(end).await });
    }

    pub(crate) async fn record_unrecorded(&self) -> Result<(), LedgerError> {
        let unrecorded = self.refresh_state().unrecorded.clone();
        match unrecorded {
            Some(end) => self.tell_end(&end).await.map(drop),
            None => Ok(()),
        }
    }

    /// The ledger takes the end of a login twice for once, so it does not matter who else tells it now.
    pub(crate) async fn tell_end(&self, end: &Step) -> Result<LedgerReply, LedgerError> {
        let reply = self.tell_ledger(end.clone()).await?;
        let mut refresh_state = self.refresh_state();
        let is_it = |unrecorded: &mut Step| unrecorded.ended_lease() == end.ended_lease();
        refresh_state.unrecorded.take_if(is_it);
        Ok(reply)
    }

    async fn tell_ledger(&self, step: Step) -> Result<LedgerReply, LedgerError> {
        let step = LedgerUpdate::new(step, self.config.clock.now().wall);
        let change = self.config.ledger.change(&self.config.identity, step);
        let reply = match tokio::runtime::Handle::try_current() {
            Ok(_) => tokio::time::timeout(MAX_WAIT, change)
                .await
                .unwrap_or_else(|_| Err(LedgerError::new("it does not answer"))),
            Err(_) => change.await,
        }?;
        let mut refresh_state = self.refresh_state();
        refresh_state.strikes = reply.strikes;
        refresh_state.is_latched = reply.is_latched;
        refresh_state.paused_until = reply.paused_until;
        Ok(reply)
    }
}
