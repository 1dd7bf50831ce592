//! Serves one token to any number of callers. Reading is one atomic load; a login runs in a task that
//! the cache owns, so that a caller who gives up changes nothing, and its result, good or bad, is shared
//! by everybody who waited for it. What a login does is in `cache/fetch.rs`, what the ledger is told in `cache/record.rs`.

mod fetch;
mod record;

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwapOption;
use enkash_api::Secret;
use http::HeaderValue;
use tokio::sync::watch;

use crate::{
    auth::{
        clock::{Clock, ClockReading, timestamp},
        error::{LoginError, LoginErrorKind},
        identity::LoginIdentity,
        ledger::{LedgerError, StrikeLedger},
        lifetime::{Phase, RefreshWindows, ReportedLifetime},
        store::TokenStore,
        strikes::Step,
        token::{Token, TokenState},
    },
    metrics::MetricsHook,
};

/// No two logins for refused tokens within this: a server that refuses every token does not start a storm.
const MIN_FORCED_REFRESH: Duration = Duration::from_secs(1);
/// How long a response waits until its refused token has left the store.
const MAX_REMOVAL: Duration = Duration::from_secs(5);
/// How long a pause is taken for granted. Then ledger and store are asked again: another process may have logged in.
const RECHECK: Duration = Duration::from_secs(1);

/// A token that was just issued.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) token: Secret,
    pub(crate) lifetime: ReportedLifetime,
    /// The server's clock, by its `Date` header.
    pub(crate) server_now: Option<SystemTime>,
}

/// Sends one login.
pub(crate) trait Login: Send + Sync + 'static {
    fn login(&self) -> Pin<Box<dyn Future<Output = Result<Issued, LoginError>> + Send + '_>>;
}

type TokenResult = Result<Arc<Token>, LoginError>;
type PendingLogin = watch::Receiver<Option<TokenResult>>;

/// The token of one set of credentials. Cloning shares it.
#[derive(Clone)]
pub(crate) struct TokenCache {
    shared: Arc<CacheInner>,
}

/// What a cache is made of.
pub(crate) struct CacheInner {
    current: ArcSwapOption<Token>,
    /// The newest generation that the API refused; 0 for none.
    refused: AtomicU64,
    refresh_state: Mutex<RefreshState>,
    config: CacheConfig,
}

/// Everything that a cache is given.
pub(crate) struct CacheConfig {
    pub(crate) identity: LoginIdentity,
    pub(crate) login: Box<dyn Login>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ledger: Arc<dyn StrikeLedger>,
    pub(crate) store: Option<Arc<dyn TokenStore>>,
    pub(crate) max_lifetime: Duration,
    /// How long a login may take.
    pub(crate) login_timeout: Duration,
    /// Between 0 and 1, for spreading logins.
    pub(crate) jitter: fn() -> f64,
    pub(crate) observer: MetricsHook,
}

/// What is decided under the lock, never held while waiting.
#[derive(Default)]
struct RefreshState {
    pending: Option<PendingLogin>,
    generation: u64,
    /// What the ledger last said.
    strikes: u32,
    is_latched: bool,
    paused_until: Option<SystemTime>,
    /// Where the ledger says that no login is sent for a while, who asks gets that failure.
    cooldown: Option<Cooldown>,
    /// When a refused token last led to a login.
    last_forced: Option<ClockReading>,
    /// The end of a login that the ledger could not be told yet. Until it is, no other login is sent.
    unrecorded: Option<Step>,
}

struct Cooldown {
    since: ClockReading,
    length: Duration,
    error: LoginError,
}

impl TokenCache {
    pub(crate) fn new(shared: Arc<CacheInner>) -> Self {
        Self { shared }
    }

    /// A token that can be sent now. Logs in if there is none.
    pub(crate) async fn token(&self) -> TokenResult {
        let Some(token) = self.shared.current.load_full() else {
            return self.shared.wait(None).await;
        };
        if self.shared.is_refused(&token) {
            return self.shared.wait(Some(token.generation)).await;
        }
        let now = self.shared.config.clock.now();
        if token.is_fresh(now) {
            return Ok(token);
        }
        match token.phase(now) {
            Phase::Fresh => Ok(token),
            Phase::Advisory => {
                // Refresh behind; whatever comes of it, this token is good.
                let _ = self.shared.join(None);
                Ok(token)
            }
            Phase::Mandatory => match self.shared.wait(None).await {
                Err(error) if token.phase(self.shared.config.clock.now()) == Phase::Ended => Err(error),
                // A failed refresh takes no valid token away.
                refreshed => refreshed.or(Ok(token)),
            },
            Phase::Ended => self.shared.wait(None).await,
        }
    }

    pub(crate) fn identity(&self) -> &LoginIdentity {
        &self.shared.config.identity
    }

    /// The generation and the header of a token that needs no refresh, without waiting for anything.
    pub(crate) fn cached(&self) -> Option<(u64, HeaderValue)> {
        let current = self.shared.current.load();
        let token = current.as_ref()?;
        let is_fresh = token.is_fresh(self.shared.config.clock.now());
        (is_fresh && !self.shared.is_refused(token)).then(|| (token.generation, token.header.clone()))
    }

    pub(crate) fn generation(&self) -> u64 {
        self.shared.current.load().as_ref().map_or(0, |token| token.generation)
    }

    /// The API refused the token of this generation. Only that one is given up: a late refusal of an
    /// old token does not touch a newer one. It is taken out of the store as well, or the next run would send it again; that
    /// goes on where the caller stops waiting for it.
    pub(crate) async fn invalidate(&self, generation: u64) {
        if self.shared.refused.fetch_max(generation, Ordering::AcqRel) >= generation {
            return;
        }
        let current = self.shared.current.load_full();
        let Some(token) = current.filter(|token| token.generation == generation) else {
            return;
        };
        if self.shared.config.store.is_none() {
            return;
        }
        let shared = Arc::clone(&self.shared);
        let removal = async move { shared.remove_from_store(&token).await };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(tokio::time::timeout(MAX_REMOVAL, runtime.spawn(removal)).await),
            Err(_) => removal.await,
        }
    }

    pub(crate) fn state(&self) -> TokenState {
        let now = self.shared.config.clock.now();
        let refresh_state = self.shared.refresh_state();
        let current = self.shared.current.load();
        let left = current.as_ref().map(|token| token.left(now));
        TokenState {
            lifetime_left: left.filter(|left| !left.is_zero()),
            generation: refresh_state.generation,
            strikes: refresh_state.strikes,
            is_latched: refresh_state.is_latched,
            paused_until: refresh_state
                .paused_until
                .filter(|until| *until > now.wall)
                .map(timestamp),
        }
    }

    /// Logs in now, whatever is left of the token: for a caller who knows that it is of no use any more.
    pub(crate) async fn refresh_now(&self) -> TokenResult {
        if let Some(token) = self.shared.current.load_full() {
            self.invalidate(token.generation).await;
        }
        self.shared.wait(None).await
    }

    /// Asks the ledger for the strikes. Sends nothing.
    pub(crate) async fn query_ledger(&self) -> Result<TokenState, LedgerError> {
        self.shared.update_ledger(Step::Look).await?;
        Ok(self.state())
    }

    /// Waits for a login in flight, and tells the ledger what it was not told yet.
    pub(crate) async fn close(&self) -> Result<(), LedgerError> {
        let pending = self.shared.refresh_state().pending.clone();
        if let Some(mut pending) = pending {
            // Gone or ended, it is over.
            let _ = pending.wait_for(Option::is_some).await;
        }
        self.shared.record_unrecorded().await
    }

    /// Allows logins again.
    pub(crate) async fn reset_latch(&self) -> Result<(), LedgerError> {
        self.shared.update_ledger(Step::Reset).await?;
        self.shared.refresh_state().cooldown = None;
        Ok(())
    }
}

enum JoinResult {
    Ready(TokenResult),
    Wait(PendingLogin),
}

impl CacheInner {
    pub(crate) fn new(config: CacheConfig) -> Arc<Self> {
        Arc::new(Self {
            current: ArcSwapOption::empty(),
            refused: AtomicU64::new(0),
            refresh_state: Mutex::default(),
            config,
        })
    }

    fn refresh_state(&self) -> MutexGuard<'_, RefreshState> {
        // Nothing that holds the lock can leave the desk half changed.
        self.refresh_state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait(self: &Arc<Self>, refused: Option<u64>) -> TokenResult {
        let mut pending = match self.join(refused) {
            JoinResult::Ready(result) => return result,
            JoinResult::Wait(pending) => pending,
        };
        match pending.wait_for(Option::is_some).await {
            Ok(result) => result
                .clone()
                .unwrap_or_else(|| Err(LoginErrorKind::Interrupted.into())),
            // The task is gone and left no result: it panicked, or its runtime ended.
            Err(_) => Err(LoginErrorKind::Interrupted.into()),
        }
    }

    fn is_refused(&self, token: &Token) -> bool {
        token.generation <= self.refused.load(Ordering::Acquire)
    }

    /// Joins the login in flight, or starts one if that is allowed.
    fn join(self: &Arc<Self>, refused: Option<u64>) -> JoinResult {
        let mut refresh_state = self.refresh_state();
        let now = self.config.clock.now();
        let current = self.current.load_full();
        if let Some(token) = &current
            && !self.is_refused(token)
            && token.phase(now) == Phase::Fresh
        {
            return JoinResult::Ready(Ok(Arc::clone(token)));
        }
        if let Some(pending) = &refresh_state.pending
            && pending.has_changed().is_ok()
            && pending.borrow().is_none()
        {
            return JoinResult::Wait(pending.clone());
        }
        if let Some(cooldown) = &refresh_state.cooldown
            && now.since(cooldown.since) < cooldown.length
        {
            return JoinResult::Ready(Err(cooldown.error.clone()));
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return JoinResult::Ready(Err(LoginErrorKind::NoRuntime.into()));
        };
        if let (Some(token), Some(_)) = (current, refused) {
            if refresh_state
                .last_forced
                .is_some_and(|last| now.since(last) < MIN_FORCED_REFRESH)
            {
                return JoinResult::Ready(Ok(token));
            }
            refresh_state.last_forced = Some(now);
        }
        let (sender, pending) = watch::channel(None);
        refresh_state.pending = Some(pending.clone());
        let task = LoginTask {
            shared: Arc::clone(self),
            sender,
            result: None,
        };
        runtime.spawn(task.run());
        JoinResult::Wait(pending)
    }

    /// Puts a token in place.
    fn set_current(&self, token: &Secret, issued_at: SystemTime, expires_at: SystemTime) -> TokenResult {
        let header = bearer(token)?;
        let now = self.config.clock.now();
        let mut refresh_state = self.refresh_state();
        if let Some(same) = self.current.load_full().filter(|token| token.header == header)
            && same.phase(now) != Phase::Ended
        {
            // The server handed back the live token: it is no younger for that, and by its word not refused.
            self.refused.store(0, Ordering::Release);
            return Ok(same);
        }
        refresh_state.generation += 1;
        let lifetime = expires_at
            .duration_since(issued_at)
            .unwrap_or_default()
            .min(self.config.max_lifetime);
        let issued_at = now.rewound_to(issued_at);
        let windows = RefreshWindows::new(lifetime, (self.config.jitter)());
        let token = Arc::new(Token {
            generation: refresh_state.generation,
            header,
            born: issued_at,
            fresh_until: Token::fresh_until(issued_at, &windows),
            windows,
        });
        self.current.store(Some(Arc::clone(&token)));
        Ok(token)
    }

    /// Ends a flight, and decides how soon the next one may start.
    fn finish(&self, result: &TokenResult) {
        let since = self.config.clock.now();
        let mut refresh_state = self.refresh_state();
        refresh_state.pending = None;
        refresh_state.cooldown = result.as_ref().err().and_then(|error| {
            let left = error.retry_at?.duration_since(since.wall).ok()?;
            Some(Cooldown {
                since,
                length: left.min(RECHECK),
                error: error.clone(),
            })
        });
    }
}

pub(crate) fn bearer(token: &Secret) -> Result<HeaderValue, LoginError> {
    let text = Secret::new(format!("Bearer {}", token.expose()));
    let mut header = HeaderValue::from_str(text.expose()).map_err(|_| LoginErrorKind::Unreadable)?;
    header.set_sensitive(true);
    Ok(header)
}

/// Owns a login in flight, and settles it however it ends: a panic, or a runtime that goes away, counts
/// as a response that was lost.
struct LoginTask {
    shared: Arc<CacheInner>,
    sender: watch::Sender<Option<TokenResult>>,
    result: Option<TokenResult>,
}

impl LoginTask {
    async fn run(mut self) {
        let result = self.shared.fetch().await;
        self.result = Some(result);
    }
}

impl Drop for LoginTask {
    fn drop(&mut self) {
        // Without a result the ledger goes on waiting for it, until its lease ends.
        let result = self
            .result
            .take()
            .unwrap_or_else(|| Err(LoginErrorKind::Interrupted.into()));
        self.shared.finish(&result);
        // Nobody may be waiting any more.
        let _ = self.sender.send(Some(result));
    }
}

#[cfg(test)]
mod tests;
