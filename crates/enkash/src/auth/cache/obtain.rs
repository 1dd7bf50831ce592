//! How a flight gets a token: one of somebody else's from the store, or by a log-in of its own, of which the ledger lets one
//! be in flight for an account.

use std::{sync::Arc, time::Duration};

use crate::auth::clock::timestamp;
use crate::auth::clock::wall;
use crate::{
    auth::{
        cache::{FlightResult, Issued, Shared, bearer},
        error::{LogInError, LogInErrorKind},
        ledger::LedgerError,
        lifetime::{Phase, Windows},
        store::StoredToken,
        strikes::{LeaseId, Permit, Step},
        token::Token,
    },
    metrics::{LogInEvent, LogInResult},
};

/// A lease is that much longer than a log-in may take: for what comes before and after it.
const LEASE_SLACK: Duration = Duration::from_secs(5);
/// How long a flight waits for the log-ins of others. Its callers give up earlier, each by a deadline of its own.
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);
/// How far the clocks of machines that share a store may be apart.
const CLOCKS_DIFFER: Duration = Duration::from_secs(5);
const FIRST_LOOK: Duration = Duration::from_millis(5);
const LAST_LOOK: Duration = Duration::from_millis(250);

impl Shared {
    pub(crate) async fn obtain(&self) -> FlightResult {
        let lease = LeaseId::new();
        match self.reserve(&lease).await? {
            Some(token) => Ok(token),
            None => self.log_in(lease).await,
        }
    }

    /// Waits until this flight is the one that may log in: then there is no token. Or until somebody else has one.
    async fn reserve(&self, lease: &LeaseId) -> Result<Option<Arc<Token>>, LogInError> {
        let clock = &self.parts.clock;
        let started = clock.now();
        let mut look = FIRST_LOOK;
        loop {
            if let Some(token) = self.token_of_store().await {
                return token.map(Some);
            }
            let asked = clock.now();
            let step = Step::Reserve {
                lease: lease.clone(),
                length: self.parts.login_timeout.saturating_add(LEASE_SLACK),
            };
            let reply = self.tell_ledger(step).await.map_err(ledger_failed)?;
            match reply.permit {
                Permit::Granted => {}
                Permit::Refused(error) => {
                    self.report_refusal(&error);
                    return Err(error);
                }
                Permit::Wait(_) if clock.now().since(started) >= LONGEST_WAIT => {
                    return Err(LogInErrorKind::Busy.into());
                }
                Permit::Wait(left) => {
                    clock.sleep(look.min(left).max(FIRST_LOOK)).await;
                    look = (look * 2).min(LAST_LOOK);
                    continue;
                }
            }
            // Who had the lease before may have stored a token since this flight looked.
            if let Some(token) = self.token_of_store().await {
                self.give_back(lease, LogInErrorKind::NotSent { reason: String::new() }.into())
                    .await;
                return token.map(Some);
            }
            // The machine slept, or the ledger did: the rest of the lease would be too short for a log-in.
            if clock.now().since(asked) >= LEASE_SLACK {
                let reason = "the strike ledger took too long".to_owned();
                return Err(self.give_back(lease, LogInErrorKind::NotSent { reason }.into()).await);
            }
            return Ok(None);
        }
    }

    /// Sends the log-in of this lease.
    async fn log_in(&self, lease: LeaseId) -> FlightResult {
        let started = self.parts.clock.now();
        let outcome = self.parts.log_in.log_in().await;
        let elapsed = self.parts.clock.now().since(started);
        let result = outcome.as_ref().map_or_else(log_in_result, |_| LogInResult::Succeeded);
        self.parts.observer.log_in(&LogInEvent::new(result, elapsed));
        let issued = match outcome {
            Ok(issued) => issued,
            Err(error) => return Err(self.give_back(&lease, error).await),
        };
        let stored = self.dated(issued);
        // First, so that those who wait for the lease find it.
        self.save(&stored).await;
        if let Err(error) = self.tell_ledger(Step::Succeeded { lease }).await {
            warn_of_end(&error);
        }
        self.install(&stored.token, wall(stored.issued_at), wall(stored.expires_at))
    }

    /// Ends the lease without a token. The error comes back with what the ledger made of it.
    async fn give_back(&self, lease: &LeaseId, error: LogInError) -> LogInError {
        let step = Step::Failed {
            lease: lease.clone(),
            error: error.clone(),
        };
        match self.tell_ledger(step).await {
            Ok(reply) => error.until(reply.paused_until),
            Err(failure) => {
                warn_of_end(&failure);
                error
            }
        }
    }

    fn dated(&self, issued: Issued) -> StoredToken {
        let now = self.parts.clock.now();
        let lifetime = issued
            .lifetime
            .clamped(self.parts.longest_lifetime, now, issued.server_now);
        StoredToken {
            token: issued.token,
            issued_at: timestamp(now.wall),
            expires_at: timestamp(now.wall + lifetime),
        }
    }

    async fn save(&self, token: &StoredToken) {
        let Some(store) = &self.parts.store else { return };
        if let Err(error) = store.save(&self.parts.identity, token.clone()).await {
            tracing::warn!(%error, "the token is not kept for the next run");
        }
    }

    pub(crate) async fn remove_from_store(&self, token: &Token) {
        let Some(store) = &self.parts.store else { return };
        if let Err(error) = store.remove(&self.parts.identity, &token.text()).await {
            tracing::warn!(%error, "a token that was refused is still kept for the next run");
        }
    }

    /// A token of the store that is neither the one in hand nor about to end, put in place.
    async fn token_of_store(&self) -> Option<FlightResult> {
        let stored = match self.parts.store.as_ref()?.load(&self.parts.identity).await {
            Ok(stored) => stored?,
            Err(error) => {
                tracing::warn!(%error, "going on without it");
                return None;
            }
        };
        let now = self.parts.clock.now().wall;
        let (issued_at, expires_at) = (wall(stored.issued_at), wall(stored.expires_at));
        let header = bearer(&stored.token).ok()?;
        let in_hand = self.current.load_full().is_some_and(|token| token.header == header);
        let windows = Windows::new(expires_at.duration_since(issued_at).ok()?, (self.parts.chance)());
        let left = expires_at.duration_since(now).ok()?;
        // A token from the future is of a clock that was set back since: how old it is nobody knows.
        let is_fresh = issued_at <= now + CLOCKS_DIFFER && windows.phase(left) == Phase::Fresh;
        (!in_hand && is_fresh).then(|| self.install(&stored.token, issued_at, expires_at))
    }

    /// A log-in that the rules hold back is told; one that only has to wait was told when its pause began.
    fn report_refusal(&self, error: &LogInError) {
        if !matches!(*error.kind, LogInErrorKind::Paused { .. }) {
            let event = LogInEvent::new(log_in_result(error), Duration::ZERO);
            self.parts.observer.log_in(&event);
        }
    }
}

fn log_in_result(error: &LogInError) -> LogInResult {
    match &*error.kind {
        LogInErrorKind::Rejected { .. } => LogInResult::Rejected,
        LogInErrorKind::HeldBack { .. } => LogInResult::HeldBack,
        _ => LogInResult::Failed,
    }
}

fn ledger_failed(error: LedgerError) -> LogInError {
    LogInErrorKind::Ledger {
        reason: error.to_string(),
    }
    .into()
}

fn warn_of_end(error: &LedgerError) {
    tracing::warn!(%error, "the end of a log-in was not recorded; it will count as one that got no answer");
}
