//! Serves one token to any number of callers. Reading is one atomic load; a log-in runs in a task that
//! the cache owns, so that a caller who gives up changes nothing, and its result, good or bad, is shared
//! by everybody who waited for it. What a log-in does is in `cache/obtain.rs`.

mod obtain;

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

use crate::auth::clock::timestamp;
use crate::{
    auth::{
        clock::{Clock, Moment},
        error::{LogInError, LogInErrorKind},
        identity::LogInIdentity,
        ledger::{LedgerError, StrikeLedger},
        lifetime::{Phase, StatedLifetime, Windows},
        store::TokenStore,
        strikes::{Step, StrikeReply, StrikeStep},
        token::{Token, TokenState},
    },
    metrics::Observer,
};

/// No two log-ins for refused tokens within this: a server that refuses every token does not start a storm.
const FLOOR: Duration = Duration::from_secs(1);
/// How long an answer waits until its refused token has left the store.
const LONGEST_REMOVAL: Duration = Duration::from_secs(5);
/// How long a pause is taken for granted. Then ledger and store are asked again: another process may have logged in.
const RECHECK: Duration = Duration::from_secs(1);

/// A token that was just issued.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) token: Secret,
    pub(crate) lifetime: StatedLifetime,
    /// The server's clock, by its `Date` header.
    pub(crate) server_now: Option<SystemTime>,
}

/// Sends one log-in.
pub(crate) trait LogIn: Send + Sync + 'static {
    fn log_in(&self) -> Pin<Box<dyn Future<Output = Result<Issued, LogInError>> + Send + '_>>;
}

type FlightResult = Result<Arc<Token>, LogInError>;
type Flight = watch::Receiver<Option<FlightResult>>;

/// The token of one set of credentials. Cloning shares it.
#[derive(Clone)]
pub(crate) struct TokenCache {
    shared: Arc<Shared>,
}

/// What a cache is made of.
pub(crate) struct Shared {
    current: ArcSwapOption<Token>,
    /// The newest generation that the portal refused; 0 for none.
    refused: AtomicU64,
    desk: Mutex<Desk>,
    parts: Parts,
}

/// Everything that a cache is given.
pub(crate) struct Parts {
    pub(crate) identity: LogInIdentity,
    pub(crate) log_in: Box<dyn LogIn>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ledger: Arc<dyn StrikeLedger>,
    pub(crate) store: Option<Arc<dyn TokenStore>>,
    pub(crate) longest_lifetime: Duration,
    /// How long a log-in may take.
    pub(crate) login_timeout: Duration,
    /// Between 0 and 1, for spreading log-ins.
    pub(crate) chance: fn() -> f64,
    pub(crate) observer: Observer,
}

/// What is decided under the lock, never held while waiting.
#[derive(Default)]
struct Desk {
    flight: Option<Flight>,
    generation: u64,
    /// What the ledger last said.
    strikes: u32,
    is_latched: bool,
    paused_until: Option<SystemTime>,
    /// Where the ledger says that no log-in is sent for a while, who asks gets that failure.
    pause: Option<Pause>,
    /// When a refused token last led to a log-in.
    last_forced: Option<Moment>,
}

struct Pause {
    since: Moment,
    length: Duration,
    error: LogInError,
}

impl TokenCache {
    pub(crate) fn of(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// A token that can be sent now. Logs in if there is none.
    pub(crate) async fn token(&self) -> FlightResult {
        let Some(token) = self.shared.current.load_full() else {
            return self.shared.wait(None).await;
        };
        if self.shared.is_refused(&token) {
            return self.shared.wait(Some(token.generation)).await;
        }
        let now = self.shared.parts.clock.now();
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
            // A failed refresh takes no valid token away.
            Phase::Mandatory => self.shared.wait(None).await.or(Ok(token)),
            Phase::Ended => self.shared.wait(None).await,
        }
    }

    pub(crate) fn identity(&self) -> &LogInIdentity {
        &self.shared.parts.identity
    }

    /// The generation and the header of a token that needs no refresh, without waiting for anything.
    pub(crate) fn ready(&self) -> Option<(u64, HeaderValue)> {
        let current = self.shared.current.load();
        let token = current.as_ref()?;
        let is_fresh = token.is_fresh(self.shared.parts.clock.now());
        (is_fresh && !self.shared.is_refused(token)).then(|| (token.generation, token.header.clone()))
    }

    pub(crate) fn generation(&self) -> u64 {
        self.shared.current.load().as_ref().map_or(0, |token| token.generation)
    }

    /// The header of a token that needs no refresh, without waiting for anything.
    pub(crate) fn ready_header(&self) -> Option<HeaderValue> {
        self.ready().map(|(_, header)| header)
    }

    /// The portal refused the token of this generation. Only that one is given up: a late refusal of an
    /// old token does not touch a newer one. It is taken out of the store as well, or the next run would send it again; that
    /// goes on where the caller stops waiting for it.
    pub(crate) async fn refuse(&self, generation: u64) {
        if self.shared.refused.fetch_max(generation, Ordering::AcqRel) >= generation {
            return;
        }
        let current = self.shared.current.load_full();
        let Some(token) = current.filter(|token| token.generation == generation) else {
            return;
        };
        if self.shared.parts.store.is_none() {
            return;
        }
        let shared = Arc::clone(&self.shared);
        let removal = async move { shared.remove_from_store(&token).await };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(tokio::time::timeout(LONGEST_REMOVAL, runtime.spawn(removal)).await),
            Err(_) => removal.await,
        }
    }

    pub(crate) fn state(&self) -> TokenState {
        let now = self.shared.parts.clock.now();
        let desk = self.shared.desk();
        let current = self.shared.current.load();
        let left = current.as_ref().map(|token| token.left(now));
        TokenState {
            lifetime_left: left.filter(|left| !left.is_zero()),
            generation: desk.generation,
            strikes: desk.strikes,
            is_latched: desk.is_latched,
            paused_until: desk.paused_until.filter(|until| *until > now.wall).map(timestamp),
        }
    }

    /// Logs in now, whatever is left of the token: for a caller who knows that it is of no use any more.
    pub(crate) async fn refresh_now(&self) -> FlightResult {
        if let Some(token) = self.shared.current.load_full() {
            self.refuse(token.generation).await;
        }
        self.shared.wait(None).await
    }

    /// Asks the ledger for the strikes. Sends nothing.
    pub(crate) async fn look(&self) -> Result<TokenState, LedgerError> {
        self.shared.tell_ledger(Step::Look).await?;
        Ok(self.state())
    }

    /// Allows log-ins again.
    pub(crate) async fn reset_latch(&self) -> Result<(), LedgerError> {
        self.shared.tell_ledger(Step::Reset).await?;
        self.shared.desk().pause = None;
        Ok(())
    }
}

enum Boarding {
    Ready(FlightResult),
    Wait(Flight),
}

impl Shared {
    pub(crate) fn new(parts: Parts) -> Arc<Self> {
        Arc::new(Self {
            current: ArcSwapOption::empty(),
            refused: AtomicU64::new(0),
            desk: Mutex::default(),
            parts,
        })
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        // Nothing that holds the lock can leave the desk half changed.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait(self: &Arc<Self>, refused: Option<u64>) -> FlightResult {
        let mut flight = match self.join(refused) {
            Boarding::Ready(result) => return result,
            Boarding::Wait(flight) => flight,
        };
        match flight.wait_for(Option::is_some).await {
            Ok(result) => result
                .clone()
                .unwrap_or_else(|| Err(LogInErrorKind::Interrupted.into())),
            // The task is gone and left no result: it panicked, or its runtime ended.
            Err(_) => Err(LogInErrorKind::Interrupted.into()),
        }
    }

    fn is_refused(&self, token: &Token) -> bool {
        token.generation <= self.refused.load(Ordering::Acquire)
    }

    /// Joins the log-in under way, or starts one if that is allowed.
    fn join(self: &Arc<Self>, refused: Option<u64>) -> Boarding {
        let mut desk = self.desk();
        let now = self.parts.clock.now();
        let current = self.current.load_full();
        if let Some(token) = &current
            && !self.is_refused(token)
            && token.phase(now) == Phase::Fresh
        {
            return Boarding::Ready(Ok(Arc::clone(token)));
        }
        if let Some(flight) = &desk.flight
            && flight.has_changed().is_ok()
            && flight.borrow().is_none()
        {
            return Boarding::Wait(flight.clone());
        }
        if let Some(pause) = &desk.pause
            && now.since(pause.since) < pause.length
        {
            return Boarding::Ready(Err(pause.error.clone()));
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return Boarding::Ready(Err(LogInErrorKind::NoRuntime.into()));
        };
        if let (Some(token), Some(_)) = (current, refused) {
            if desk.last_forced.is_some_and(|last| now.since(last) < FLOOR) {
                return Boarding::Ready(Ok(token));
            }
            desk.last_forced = Some(now);
        }
        let (sender, flight) = watch::channel(None);
        desk.flight = Some(flight.clone());
        let landing = Landing {
            shared: Arc::clone(self),
            sender,
            result: None,
        };
        runtime.spawn(landing.fly());
        Boarding::Wait(flight)
    }

    /// Puts a token in place.
    fn install(&self, token: &Secret, born: SystemTime, ends: SystemTime) -> FlightResult {
        let header = bearer(token)?;
        let now = self.parts.clock.now();
        let mut desk = self.desk();
        if let Some(same) = self.current.load_full().filter(|token| token.header == header)
            && same.phase(now) != Phase::Ended
        {
            // The server handed back the live token: it is no younger for that, and by its word not refused.
            self.refused.store(0, Ordering::Release);
            return Ok(same);
        }
        desk.generation += 1;
        let lifetime = ends
            .duration_since(born)
            .unwrap_or_default()
            .min(self.parts.longest_lifetime);
        let born = now.at_wall(born);
        let windows = Windows::new(lifetime, (self.parts.chance)());
        let token = Arc::new(Token {
            generation: desk.generation,
            header,
            born,
            fresh_until: Token::fresh_until(born, &windows),
            windows,
        });
        self.current.store(Some(Arc::clone(&token)));
        Ok(token)
    }

    async fn tell_ledger(&self, step: Step) -> Result<StrikeReply, LedgerError> {
        let step = StrikeStep::new(step, self.parts.clock.now().wall);
        let reply = self.parts.ledger.change(&self.parts.identity, step).await?;
        let mut desk = self.desk();
        desk.strikes = reply.strikes;
        desk.is_latched = reply.is_latched;
        desk.paused_until = reply.paused_until;
        Ok(reply)
    }

    /// Ends a flight, and decides how soon the next one may start.
    fn settle(&self, result: &FlightResult) {
        let since = self.parts.clock.now();
        let mut desk = self.desk();
        desk.flight = None;
        desk.pause = result.as_ref().err().and_then(|error| {
            let left = error.retry_at?.duration_since(since.wall).ok()?;
            Some(Pause {
                since,
                length: left.min(RECHECK),
                error: error.clone(),
            })
        });
    }
}

pub(crate) fn bearer(token: &Secret) -> Result<HeaderValue, LogInError> {
    let text = Secret::new(format!("Bearer {}", token.expose()));
    let mut header = HeaderValue::from_str(text.expose()).map_err(|_| LogInErrorKind::Unreadable)?;
    header.set_sensitive(true);
    Ok(header)
}

/// Owns a log-in under way, and settles it however it ends: a panic, or a runtime that goes away, counts
/// as an answer that was lost.
struct Landing {
    shared: Arc<Shared>,
    sender: watch::Sender<Option<FlightResult>>,
    result: Option<FlightResult>,
}

impl Landing {
    async fn fly(mut self) {
        let result = self.shared.obtain().await;
        self.result = Some(result);
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        // Without a result the ledger goes on waiting for it, until its lease ends.
        let result = self
            .result
            .take()
            .unwrap_or_else(|| Err(LogInErrorKind::Interrupted.into()));
        self.shared.settle(&result);
        // Nobody may be waiting any more.
        let _ = self.sender.send(Some(result));
    }
}

#[cfg(test)]
mod tests;
