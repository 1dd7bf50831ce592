//! How a flight gets a token: one of somebody else's from the store, or by a login of its own, of which the ledger lets one
//! be in flight for an account.

use std::{sync::Arc, time::Duration};

use crate::{
    auth::{
        cache::{CacheInner, Issued, TokenResult, bearer},
        clock::{timestamp, wall},
        error::{LoginError, LoginErrorKind},
        ledger::LedgerError,
        lifetime::{Phase, RefreshWindows},
        store::StoredToken,
        strikes::{LeaseId, Permit, Step},
        token::Token,
    },
    metrics::{LoginEvent, LoginResult},
};

/// A lease is that much longer than a login may take: for what comes before and after it.
const LEASE_SLACK: Duration = Duration::from_secs(5);
/// How long a flight waits for the logins of others. Its callers give up earlier, each by a deadline of its own.
const MAX_WAIT: Duration = Duration::from_secs(5 * 60);
/// How far the clocks of machines that share a store may be apart.
const CLOCKS_DIFFER: Duration = Duration::from_secs(5);
const FIRST_LOOK: Duration = Duration::from_millis(5);
const LAST_LOOK: Duration = Duration::from_millis(250);

impl CacheInner {
    pub(crate) async fn fetch(&self) -> TokenResult {
        let lease = LeaseId::new();
        match self.reserve(&lease).await? {
            Some(token) => Ok(token),
            None => self.login(lease).await,
        }
    }

    /// Waits until this flight is the one that may log in: then there is no token. Or until somebody else has one.
    async fn reserve(&self, lease: &LeaseId) -> Result<Option<Arc<Token>>, LoginError> {
        let clock = &self.config.clock;
        let started = clock.now();
        let mut look = FIRST_LOOK;
        loop {
            if let Some(token) = self.token_of_store().await {
                return token.map(Some);
            }
            let asked = clock.now();
            let step = Step::Reserve {
                lease: lease.clone(),
                length: self.config.login_timeout.saturating_add(LEASE_SLACK),
            };
            let reply = self.update_ledger(step).await.map_err(ledger_failed)?;
            match reply.permit {
                Permit::Granted => {}
                Permit::Refused(error) => {
                    self.report_refusal(&error);
                    return Err(error);
                }
                Permit::Wait(_) if clock.now().since(started) >= MAX_WAIT => {
                    return Err(LoginErrorKind::Busy.into());
                }
                Permit::Wait(left) => {
                    clock.sleep(look.min(left).max(FIRST_LOOK)).await;
                    look = (look * 2).min(LAST_LOOK);
                    continue;
                }
            }
            // Who had the lease before may have stored a token since this flight looked.
            if let Some(token) = self.token_of_store().await {
                self.give_back(lease, LoginErrorKind::NotSent { reason: String::new() }.into())
                    .await;
                return token.map(Some);
            }
            // The machine slept, or the ledger did: the rest of the lease would be too short for a login.
            if clock.now().since(asked) >= LEASE_SLACK {
                let reason = "the strike ledger took too long".to_owned();
                return Err(self.give_back(lease, LoginErrorKind::NotSent { reason }.into()).await);
            }
            return Ok(None);
        }
    }

    /// Sends the login of this lease.
    async fn login(&self, lease: LeaseId) -> TokenResult {
        let started = self.config.clock.now();
        let outcome = self.config.login.login().await;
        let elapsed = self.config.clock.now().since(started);
        let result = outcome.as_ref().map_or_else(log_in_result, |_| LoginResult::Succeeded);
        self.config.observer.login(&LoginEvent { result, elapsed });
        let issued = match outcome {
            Ok(issued) => issued,
            Err(error) => return Err(self.give_back(&lease, error).await),
        };
        let stored = self.dated(issued);
        // First, so that those who wait for the lease find it.
        self.save(&stored).await;
        if let Err(error) = self.update_ledger(Step::Succeeded { lease }).await {
            warn_of_end(&error);
        }
        self.set_current(&stored.token, wall(stored.issued_at), wall(stored.expires_at))
    }

    /// Ends the lease without a token. The error comes back with what the ledger made of it.
    async fn give_back(&self, lease: &LeaseId, error: LoginError) -> LoginError {
        let step = Step::Failed {
            lease: lease.clone(),
            error: error.clone(),
        };
        match self.update_ledger(step).await {
            Ok(reply) => error.until(reply.paused_until),
            Err(failure) => {
                warn_of_end(&failure);
                error
            }
        }
    }

    fn dated(&self, issued: Issued) -> StoredToken {
        let now = self.config.clock.now();
        let lifetime = issued
            .lifetime
            .clamped(self.config.max_lifetime, now, issued.server_now);
        StoredToken {
            token: issued.token,
            issued_at: timestamp(now.wall),
            expires_at: timestamp(now.wall + lifetime),
        }
    }

    async fn save(&self, token: &StoredToken) {
        let Some(store) = &self.config.store else { return };
        if let Err(error) = store.save(&self.config.identity, token.clone()).await {
            tracing::warn!(%error, "the token is not kept for the next run");
        }
    }

    pub(crate) async fn remove_from_store(&self, token: &Token) {
        let Some(store) = &self.config.store else { return };
        if let Err(error) = store.remove(&self.config.identity, &token.text()).await {
            tracing::warn!(%error, "a token that was refused is still kept for the next run");
        }
    }

    /// A token of the store that is neither the one in hand nor about to end, put in place.
    async fn token_of_store(&self) -> Option<TokenResult> {
        let stored = match self.config.store.as_ref()?.load(&self.config.identity).await {
            Ok(stored) => stored?,
            Err(error) => {
                tracing::warn!(%error, "going on without it");
                return None;
            }
        };
        let now = self.config.clock.now().wall;
        let (issued_at, expires_at) = (wall(stored.issued_at), wall(stored.expires_at));
        let header = bearer(&stored.token).ok()?;
        let in_hand = self.current.load_full().is_some_and(|token| token.header == header);
        let windows = RefreshWindows::new(expires_at.duration_since(issued_at).ok()?, (self.config.jitter)());
        let left = expires_at.duration_since(now).ok()?;
        // A token from the future is of a clock that was set back since: how old it is nobody knows.
        let is_fresh = issued_at <= now + CLOCKS_DIFFER && windows.phase(left) == Phase::Fresh;
        (!in_hand && is_fresh).then(|| self.set_current(&stored.token, issued_at, expires_at))
    }

    /// A login that the rules hold back is told; one that only has to wait was told when its pause began.
    fn report_refusal(&self, error: &LoginError) {
        if !matches!(*error.kind, LoginErrorKind::Paused { .. }) {
            self.config.observer.login(&LoginEvent {
                result: log_in_result(error),
                elapsed: Duration::ZERO,
            });
        }
    }
}

fn log_in_result(error: &LoginError) -> LoginResult {
    match &*error.kind {
        LoginErrorKind::Rejected { .. } => LoginResult::Rejected,
        LoginErrorKind::Withheld { .. } => LoginResult::Withheld,
        _ => LoginResult::Failed,
    }
}

fn ledger_failed(error: LedgerError) -> LoginError {
    LoginErrorKind::Ledger {
        reason: error.to_string(),
    }
    .into()
}

fn warn_of_end(error: &LedgerError) {
    tracing::warn!(%error, "the end of a login was not recorded; it will count as one that got no response");
}
