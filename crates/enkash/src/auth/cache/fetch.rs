//! How a flight gets a token: one of somebody else's from the store, or by a login of its own, of which the ledger lets one
//! be in flight for an account.

use std::{sync::Arc, time::Duration};

use crate::{
    auth::{
        cache::{CacheInner, Issued, TokenResult, bearer},
        clock::{timestamp, wall},
        error::{LoginError, LoginErrorKind},
        fence::Fence,
        ledger::LedgerError,
        lifetime::{Phase, RefreshWindows},
        store::{SaveResult, StoreError, StoreFuture, StoredToken},
        strikes::{LeaseId, Permit, Step},
        token::Token,
    },
    metrics::{LoginEvent, LoginResult},
};

/// A lease is that much longer than a login may take: for what comes before and after it.
const LEASE_SLACK: Duration = Duration::from_secs(5);
/// How long a store may take. Then it counts as one that failed: that costs a login, and no call.
const STORE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a flight waits for the logins of others. Its callers give up earlier, each by a deadline of its own.
const MAX_WAIT: Duration = Duration::from_secs(5 * 60);
/// How far the clocks of machines that share a store may be apart.
const CLOCKS_DIFFER: Duration = Duration::from_secs(5);
const FIRST_LOOK: Duration = Duration::from_millis(5);
const LAST_LOOK: Duration = Duration::from_millis(250);

impl CacheInner {
    pub(crate) async fn fetch(self: &Arc<Self>) -> TokenResult {
        let lease = LeaseId::new();
        match self.reserve(&lease).await? {
            Reservation::Token(token) => Ok(token),
            Reservation::Login(fence) => self.login(lease, fence).await,
        }
    }

    /// Waits until this flight is the one that may log in, or until somebody else has a token.
    async fn reserve(self: &Arc<Self>, lease: &LeaseId) -> Result<Reservation, LoginError> {
        let clock = &self.config.clock;
        let started = clock.now();
        let mut look = FIRST_LOOK;
        let mut store = StoreInFlight { has_failed: false };
        loop {
            if let Some(token) = store.token(self).await {
                return token.map(Reservation::Token);
            }
            let asked = clock.now();
            let step = Step::Reserve {
                lease: lease.clone(),
                length: self.config.login_timeout.saturating_add(LEASE_SLACK),
            };
            let give_back = not_sent(lease, "the strike ledger did not answer");
            let reply = self.reserve_login(step, give_back).await.map_err(ledger_failed)?;
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
            if let Some(token) = store.token(self).await {
                self.record_end_beside(not_sent(lease, "")).await;
                return token.map(Reservation::Token);
            }
            // The machine slept, or the ledger did: the rest of the lease would be too short for a login.
            if clock.now().since(asked) >= LEASE_SLACK {
                let reason = "the strike ledger took too long".to_owned();
                return Err(self.give_back(lease, LoginErrorKind::NotSent { reason }.into()).await);
            }
            return Ok(Reservation::Login(reply.fence));
        }
    }

    /// Sends the login of this lease.
    async fn login(self: &Arc<Self>, lease: LeaseId, fence: Fence) -> TokenResult {
        let started = self.config.clock.now();
        let outcome = self.config.login.login().await;
        let elapsed = self.config.clock.now().since(started);
        let result = outcome.as_ref().map_or_else(log_in_result, |_| LoginResult::Succeeded);
        self.config.observer.login(&LoginEvent { result, elapsed });
        let issued = match outcome {
            Ok(issued) => issued,
            Err(error) => return Err(self.give_back(&lease, error).await),
        };
        let token = self.dated(issued, elapsed);
        // First, so that those who wait for the lease find it.
        let newer = match self.save(&token, fence).await {
            Some(SaveResult::Overtaken) => StoreInFlight { has_failed: false }.token(self).await,
            Some(SaveResult::Kept) | None => None,
        };
        let result = match newer {
            Some(newer) => newer,
            None => self.set_current(&token.token, wall(token.issued_at), wall(token.expires_at)),
        };
        self.record_end_beside(Step::Succeeded { lease }).await;
        result
    }

    /// Ends the lease without a token. The error comes back with what the ledger made of it.
    async fn give_back(&self, lease: &LeaseId, error: LoginError) -> LoginError {
        let end = Step::Failed {
            lease: lease.clone(),
            error: error.clone(),
        };
        match self.record_end(end).await {
            Ok(reply) => error.until(reply.paused_until),
            Err(_) => error,
        }
    }

    /// The token with its times. It was issued after the request was sent, be that long ago: this program may have been paused.
    fn dated(&self, issued: Issued, elapsed: Duration) -> StoredToken {
        let now = self.config.clock.now();
        let lifetime = issued
            .lifetime
            .clamped(self.config.max_lifetime, now, issued.server_now);
        let issued_at = now.wall.checked_sub(elapsed).unwrap_or(now.wall);
        StoredToken::new(issued.token, timestamp(issued_at), timestamp(issued_at + lifetime))
    }

    async fn save(&self, token: &StoredToken, fence: Fence) -> Option<SaveResult> {
        let store = self.config.store.as_ref()?;
        let saving = store.save(&self.config.identity, token.clone(), fence);
        match within_time(saving).await {
            Ok(result) => Some(result),
            Err(error) => {
                tracing::warn!(%error, "the token is not kept for the next run");
                None
            }
        }
    }

    pub(crate) async fn remove_from_store(&self, token: &Token) {
        let Some(store) = &self.config.store else { return };
        if let Err(error) = store.remove(&self.config.identity, &token.text()).await {
            tracing::warn!(%error, "a token that was refused is still kept for the next run");
        }
    }

    /// A token of the store that is neither the one in hand nor about to end.
    fn usable(&self, stored: StoredToken) -> Option<StoredToken> {
        let now = self.config.clock.now().wall;
        let (issued_at, expires_at) = (wall(stored.issued_at), wall(stored.expires_at));
        let header = bearer(&stored.token).ok()?;
        let in_hand = self.current.load_full().is_some_and(|token| token.header == header);
        let windows = RefreshWindows::new(expires_at.duration_since(issued_at).ok()?, (self.config.jitter)());
        let left = expires_at.duration_since(now).ok()?;
        // A token from the future is of a clock that was set back since: how old it is nobody knows.
        let is_fresh = issued_at <= now + CLOCKS_DIFFER && windows.phase(left) == Phase::Fresh;
        (!in_hand && is_fresh).then_some(stored)
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

/// What a flight may do.
enum Reservation {
    /// Take somebody else's token.
    Token(Arc<Token>),
    /// Log in, as the login of this number.
    Login(Fence),
}

/// The store, as one flight uses it: after a failure it is not asked again.
struct StoreInFlight {
    has_failed: bool,
}

impl StoreInFlight {
    /// A token of the store that can be used, put in place.
    async fn token(&mut self, cache: &CacheInner) -> Option<TokenResult> {
        let store = cache.config.store.as_ref().filter(|_| !self.has_failed)?;
        let stored = match within_time(store.load(&cache.config.identity)).await {
            Ok(stored) => cache.usable(stored?)?,
            Err(error) => {
                self.has_failed = true;
                tracing::warn!(%error, "going on without it");
                return None;
            }
        };
        Some(cache.set_current(&stored.token, wall(stored.issued_at), wall(stored.expires_at)))
    }
}

async fn within_time<T>(work: StoreFuture<'_, T>) -> Result<T, StoreError> {
    tokio::time::timeout(STORE_TIMEOUT, work)
        .await
        .unwrap_or_else(|_| Err(StoreError::new("it does not answer")))
}

/// The end of a login that was not sent.
fn not_sent(lease: &LeaseId, reason: &str) -> Step {
    let reason = reason.to_owned();
    Step::Failed {
        lease: lease.clone(),
        error: LoginErrorKind::NotSent { reason }.into(),
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
