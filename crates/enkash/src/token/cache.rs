//! Serves one token to any number of callers. Reading is one atomic load; a log-in runs in a task that
//! the cache owns, so that a caller who gives up changes nothing, and its result, good or bad, is shared
//! by everybody who waited for it.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwapOption;
use enkash_api::Secret;
use http::HeaderValue;
use tokio::sync::watch;

use super::{
    Token, TokenState,
    error::{LogInError, LogInErrorKind},
    lifetime::{DOCUMENTED_LIFETIME, Phase, StatedLifetime},
    strikes::Strikes,
};
use crate::clock::{Clock, Moment};

/// No two log-ins for refused tokens within this: a server that refuses every token does not start a storm.
const FLOOR: Duration = Duration::from_secs(1);

/// A token that was just issued.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(super) token: Secret,
    pub(super) lifetime: StatedLifetime,
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

struct Shared {
    current: ArcSwapOption<Token>,
    /// The newest generation that the portal refused; 0 for none.
    refused: AtomicU64,
    desk: Mutex<Desk>,
    log_in: Box<dyn LogIn>,
    clock: Arc<dyn Clock>,
    longest_lifetime: Duration,
}

/// What is decided under the lock, never held while waiting.
#[derive(Default)]
struct Desk {
    flight: Option<Flight>,
    generation: u64,
    strikes: Strikes,
    /// After a failure no log-in is sent for a while, and who asks gets that failure.
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
    pub(crate) fn new(log_in: impl LogIn, clock: Arc<dyn Clock>) -> Self {
        Self {
            shared: Arc::new(Shared {
                current: ArcSwapOption::empty(),
                refused: AtomicU64::new(0),
                desk: Mutex::default(),
                log_in: Box::new(log_in),
                clock,
                longest_lifetime: DOCUMENTED_LIFETIME,
            }),
        }
    }

    /// A token that can be sent now. Logs in if there is none.
    pub(crate) async fn token(&self) -> FlightResult {
        let Some(token) = self.shared.current.load_full() else {
            return self.shared.wait(None).await;
        };
        if self.shared.is_refused(&token) {
            return self.shared.wait(Some(token.generation)).await;
        }
        match token.phase(self.shared.clock.now()) {
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

    /// The portal refused the token of this generation. Only that one is given up: a late refusal of an
    /// old token does not touch a newer one.
    pub(crate) fn refuse(&self, generation: u64) {
        self.shared.refused.fetch_max(generation, Ordering::AcqRel);
    }

    pub(crate) fn state(&self) -> TokenState {
        let now = self.shared.clock.now();
        let desk = self.shared.desk();
        let current = self.shared.current.load();
        let left = current.as_ref().map(|token| token.left(now));
        TokenState {
            lifetime_left: left.filter(|left| !left.is_zero()),
            generation: desk.generation,
            strikes: desk.strikes.count(),
            is_latched: desk.strikes.is_latched(),
        }
    }

    pub(crate) fn reset_latch(&self) {
        let mut desk = self.shared.desk();
        desk.strikes.reset();
        desk.pause = None;
    }
}

enum Boarding {
    Ready(FlightResult),
    Wait(Flight),
}

impl Shared {
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
        let now = self.clock.now();
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
        if let Err(error) = desk.strikes.permit() {
            return Boarding::Ready(Err(error));
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
            outcome: None,
        };
        runtime.spawn(landing.fly());
        Boarding::Wait(flight)
    }

    /// Takes the end of a log-in into account.
    fn settle(&self, outcome: Result<Issued, LogInError>) -> FlightResult {
        let now = self.clock.now();
        let mut desk = self.desk();
        let result = outcome.and_then(|issued| self.store(&mut desk, issued, now));
        desk.pause = match &result {
            Ok(_) => {
                desk.strikes.succeeded();
                None
            }
            Err(error) => Some(Pause {
                since: now,
                length: desk.strikes.failed(error),
                error: error.clone(),
            }),
        };
        desk.flight = None;
        result
    }

    fn store(&self, desk: &mut Desk, issued: Issued, now: Moment) -> FlightResult {
        let text = Secret::new(format!("Bearer {}", issued.token.expose()));
        let mut header = HeaderValue::from_str(text.expose()).map_err(|_| LogInErrorKind::Unreadable)?;
        header.set_sensitive(true);
        if let Some(same) = self.current.load_full().filter(|token| token.header == header)
            && same.phase(now) != Phase::Ended
        {
            // The server handed back the live token: it is no younger for that, and by its word not refused.
            self.refused.store(0, Ordering::Release);
            return Ok(same);
        }
        desk.generation += 1;
        let token = Arc::new(Token {
            generation: desk.generation,
            header,
            born: now,
            lifetime: issued.lifetime.clamped(self.longest_lifetime, now),
        });
        self.current.store(Some(Arc::clone(&token)));
        Ok(token)
    }
}

/// Owns a log-in under way, and settles it however it ends: a panic, or a runtime that goes away, counts
/// as an answer that was lost.
struct Landing {
    shared: Arc<Shared>,
    sender: watch::Sender<Option<FlightResult>>,
    outcome: Option<Result<Issued, LogInError>>,
}

impl Landing {
    async fn fly(mut self) {
        let outcome = self.shared.log_in.log_in().await;
        self.outcome = Some(outcome);
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        let outcome = self
            .outcome
            .take()
            .unwrap_or_else(|| Err(LogInErrorKind::Interrupted.into()));
        let result = self.shared.settle(outcome);
        // Nobody may be waiting any more.
        let _ = self.sender.send(Some(result));
    }
}

#[cfg(test)]
mod tests;
