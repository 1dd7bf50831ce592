//! The life of a token in virtual time: an injected clock, an in-memory login, no socket and no sleep.

use std::{
    collections::VecDeque,
    sync::atomic::AtomicUsize,
    time::{Duration, SystemTime},
};

use tokio::sync::Semaphore;

use super::*;
use crate::auth::{ledger::memory::MemoryLedger, lifetime::DOCUMENTED_LIFETIME};

mod across_runs;
mod fencing;
mod one_at_a_time;

#[derive(Debug, Default)]
struct HandClock {
    passed: Mutex<Duration>,
    wall_offset: Mutex<i64>,
}

impl HandClock {
    fn forward(&self, seconds: u64) {
        *self.passed.lock().unwrap() += Duration::from_secs(seconds);
    }
}

impl Clock for HandClock {
    fn now(&self) -> ClockReading {
        let monotonic = *self.passed.lock().unwrap() + Duration::from_secs(1_000_000);
        // The year 2100: after any token that a test may have left in a file.
        let wall = 4_102_444_800 + i64::try_from(monotonic.as_secs()).unwrap() + *self.wall_offset.lock().unwrap();
        ClockReading {
            monotonic,
            wall: SystemTime::UNIX_EPOCH + Duration::from_secs(wall.try_into().unwrap()),
        }
    }

    /// Lets others run. Time is moved by the test alone.
    fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::task::yield_now())
    }
}

enum Step {
    /// A token of these bytes.
    Token(&'static str),
    Fail(LoginErrorKind),
    Panic,
}

/// Answers by its script, then with new tokens for ever. A login waits until the gate lets it through.
struct ScriptedLogIn {
    sent: Arc<AtomicUsize>,
    gate: Arc<Semaphore>,
    script: Mutex<VecDeque<Step>>,
}

impl Login for ScriptedLogIn {
    fn login(&self) -> Pin<Box<dyn Future<Output = Result<Issued, LoginError>> + Send + '_>> {
        let number = self.sent.fetch_add(1, Ordering::SeqCst) + 1;
        Box::pin(async move {
            self.gate.acquire().await.unwrap().forget();
            let step = self.script.lock().unwrap().pop_front();
            let token = match step {
                Some(Step::Fail(kind)) => return Err(kind.into()),
                Some(Step::Panic) => panic!("a scripted panic"),
                Some(Step::Token(token)) => Secret::new(token),
                None => Secret::new(format!("token-{number}")),
            };
            Ok(Issued {
                token,
                lifetime: ReportedLifetime::Seconds(86399),
                server_now: None,
            })
        })
    }
}

/// A key for nobody: each bench has a ledger of its own.
fn identity(user: &str, password: &str) -> LoginIdentity {
    LoginIdentity::new(
        &"https://token.example".parse().unwrap(),
        &crate::model::credentials::Credentials::new("CEK1", "secret", user, password),
    )
}

struct Bench {
    cache: TokenCache,
    clock: Arc<HandClock>,
    sent: Arc<AtomicUsize>,
    gate: Arc<Semaphore>,
}

impl Bench {
    fn new(script: impl IntoIterator<Item = Step>) -> Self {
        Self::with(
            script,
            identity("9000000001", "right"),
            Arc::<MemoryLedger>::default(),
            None,
        )
    }

    fn with(
        script: impl IntoIterator<Item = Step>,
        identity: LoginIdentity,
        ledger: Arc<dyn StrikeLedger>,
        store: Option<Arc<dyn TokenStore>>,
    ) -> Self {
        let clock = Arc::<HandClock>::default();
        let (sent, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let login = ScriptedLogIn {
            sent: Arc::clone(&sent),
            gate: Arc::clone(&gate),
            script: Mutex::new(script.into_iter().collect()),
        };
        let cache = TokenCache::new(CacheInner::new(CacheConfig {
            identity,
            login: Box::new(login),
            clock: Arc::<HandClock>::clone(&clock),
            ledger,
            store,
            max_lifetime: DOCUMENTED_LIFETIME,
            login_timeout: Duration::from_secs(30),
            jitter: || 0.5,
            observer: MetricsHook::default(),
        }));
        Self {
            cache,
            clock,
            sent,
            gate,
        }
    }

    /// As `new`, and no login ever waits.
    fn open(script: impl IntoIterator<Item = Step>) -> Self {
        let bench = Self::new(script);
        bench.gate.add_permits(100_000);
        bench
    }

    fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }

    async fn generation(&self) -> u64 {
        self.cache.token().await.unwrap().generation
    }

    /// Waits until a refresh that runs behind has ended.
    async fn settled(&self) {
        while self.cache.shared.refresh_state().pending.is_some() {
            tokio::task::yield_now().await;
        }
    }
}

fn rejected() -> Step {
    Step::Fail(LoginErrorKind::Rejected {
        answer: "HTTP 401".into(),
    })
}

fn lost() -> Step {
    Step::Fail(LoginErrorKind::Lost { timeout: true })
}

#[tokio::test]
async fn any_number_of_callers_share_one_log_in() {
    let bench = Bench::new([]);
    let callers: Vec<_> = (0..10_000)
        .map(|_| {
            let cache = bench.cache.clone();
            tokio::spawn(async move { cache.token().await.unwrap().generation })
        })
        .collect();
    bench.gate.add_permits(10);
    for caller in callers {
        assert_eq!(caller.await.unwrap(), 1);
    }
    assert_eq!(bench.sent(), 1);
}

#[tokio::test]
async fn any_number_of_callers_share_one_rejection() {
    let bench = Bench::new([rejected()]);
    let callers: Vec<_> = (0..10_000)
        .map(|_| {
            let cache = bench.cache.clone();
            tokio::spawn(async move { cache.token().await.is_err() })
        })
        .collect();
    bench.gate.add_permits(10);
    for caller in callers {
        assert!(caller.await.unwrap());
    }
    assert_eq!(bench.sent(), 1);
}

#[tokio::test]
async fn a_rejection_is_shared_and_latches_until_it_is_reset() {
    let bench = Bench::open([rejected()]);
    for _ in 0..100 {
        let error = bench.cache.token().await.map(drop).unwrap_err();
        assert!(matches!(*error.kind, LoginErrorKind::Rejected { .. }));
        bench.clock.forward(3600);
    }
    assert_eq!(bench.sent(), 1);
    let state = bench.cache.state();
    assert!(state.is_latched && state.strikes == 1);

    bench.cache.reset_latch().await.unwrap();
    assert_eq!(bench.generation().await, 1);
    assert!(!bench.cache.state().is_latched);
}

#[tokio::test]
async fn a_caller_who_gives_up_changes_nothing() {
    let bench = Bench::new([]);
    for _ in 0..100 {
        let mut call = Box::pin(bench.cache.token());
        // Polled once, so the login is in flight, then dropped.
        assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(call.as_mut().poll(cx).is_pending())).await);
        drop(call);
    }
    bench.gate.add_permits(10);
    assert_eq!(bench.generation().await, 1);
    assert_eq!(bench.sent(), 1);
}

#[tokio::test]
async fn an_ageing_token_is_served_while_another_is_fetched() {
    let bench = Bench::new([]);
    bench.gate.add_permits(1);
    assert_eq!(bench.generation().await, 1);
    bench.clock.forward(275);
    // The refresh hangs behind; nobody waits for it.
    for _ in 0..5 {
        assert_eq!(bench.generation().await, 1);
    }
    bench.gate.add_permits(1);
    bench.settled().await;
    assert_eq!(bench.generation().await, 2);
    assert_eq!(bench.sent(), 2);
}

#[tokio::test]
async fn a_failed_refresh_takes_no_valid_token_away_and_backs_off() {
    let bench = Bench::open([Step::Token("first"), lost()]);
    assert_eq!(bench.generation().await, 1);
    bench.clock.forward(292);
    // Mandatory: callers wait for the refresh, and are served the old token when it fails.
    for _ in 0..5 {
        assert_eq!(bench.generation().await, 1);
    }
    assert_eq!(bench.sent(), 2);
    assert_eq!(
        bench.cache.state().strikes,
        0,
        "credentials that worked are not suspected"
    );
    bench.clock.forward(10);
    let error = bench.cache.token().await.map(drop).unwrap_err();
    assert!(
        matches!(*error.kind, LoginErrorKind::Paused { .. }),
        "the token has ended, and the pause has not: {error}"
    );
    assert_eq!(bench.sent(), 2);
    bench.clock.forward(60);
    assert_eq!(bench.generation().await, 2);
}

#[tokio::test]
async fn only_the_refused_generation_is_given_up() {
    let bench = Bench::open([]);
    assert_eq!(bench.generation().await, 1);
    bench.cache.invalidate(1).await;
    assert_eq!(bench.generation().await, 2);
    // Late refusals of the first token do not touch the second.
    for _ in 0..50 {
        bench.cache.invalidate(1).await;
        assert_eq!(bench.generation().await, 2);
    }
    assert_eq!(bench.sent(), 2);
}

#[tokio::test]
async fn a_server_that_refuses_every_token_starts_no_storm() {
    let bench = Bench::open([]);
    for _ in 0..100 {
        let generation = bench.generation().await;
        bench.cache.invalidate(generation).await;
    }
    // One for the first call, one for the first refusal, and no more within the second.
    assert_eq!(bench.sent(), 2);
}

#[tokio::test]
async fn the_same_token_again_is_no_younger() {
    let bench = Bench::open([Step::Token("live"), Step::Token("live"), Step::Token("other")]);
    assert_eq!(bench.generation().await, 1);
    bench.clock.forward(292);
    assert_eq!(bench.generation().await, 1);
    assert_eq!(bench.cache.state().lifetime_left, Some(Duration::from_secs(8)));
    bench.clock.forward(8);
    assert_eq!(bench.generation().await, 2);
}

#[tokio::test]
async fn the_third_possible_strike_is_held_back_until_the_user_says_otherwise() {
    let bench = Bench::open([lost(), lost()]);
    for _ in 0..2 {
        let error = bench.cache.token().await.map(drop).unwrap_err();
        assert!(matches!(*error.kind, LoginErrorKind::Lost { .. }));
        bench.clock.forward(3600);
    }
    let error = bench.cache.token().await.map(drop).unwrap_err();
    assert!(matches!(*error.kind, LoginErrorKind::Withheld { strikes: 2 }));
    assert_eq!(bench.sent(), 2);
    bench.cache.reset_latch().await.unwrap();
    assert_eq!(bench.generation().await, 1);
}

#[tokio::test]
async fn a_host_that_cannot_be_reached_is_no_strike_and_nothing_pauses() {
    let bench = Bench::open((0..20).map(|_| Step::Fail(LoginErrorKind::Unreachable(Default::default()))));
    for _ in 0..20 {
        let error = bench.cache.token().await.map(drop).unwrap_err();
        assert!(matches!(*error.kind, LoginErrorKind::Unreachable(_)) && error.retry_at.is_none());
    }
    assert_eq!(bench.generation().await, 1);
    assert_eq!(bench.cache.state().strikes, 0);
}

#[tokio::test]
async fn a_panic_in_the_log_in_reaches_the_waiters_as_an_error() {
    let bench = Bench::open([Step::Panic]);
    let error = bench.cache.token().await.map(drop).unwrap_err();
    assert!(matches!(*error.kind, LoginErrorKind::Interrupted));
    bench.clock.forward(120);
    assert_eq!(
        bench.cache.query_ledger().await.unwrap().strikes,
        1,
        "it may have been sent"
    );
    assert_eq!(bench.generation().await, 1);
}

#[test]
fn without_a_runtime_there_is_an_error_and_no_panic() {
    let bench = Bench::open([]);
    let mut call = Box::pin(bench.cache.token());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Err(error)) = call.as_mut().poll(&mut context) else {
        panic!("a login without a runtime");
    };
    assert!(matches!(*error.kind, LoginErrorKind::NoRuntime));
}

#[tokio::test]
async fn an_hour_at_one_call_a_second_costs_a_log_in_for_each_lifetime() {
    let bench = Bench::open([]);
    for _ in 0..3600 {
        bench.cache.token().await.unwrap();
        bench.settled().await;
        bench.clock.forward(1);
    }
    // 300 s, replaced at 270 s: 3600 / 270 is 13.3. Spread by a fifth of the window, it stays 13 ± 1.
    assert!((12..=14).contains(&bench.sent()), "{}", bench.sent());
}

#[tokio::test]
async fn a_clock_that_jumps_costs_a_log_in_at_the_most() {
    let bench = Bench::open([]);
    assert_eq!(bench.generation().await, 1);
    // Set back by a day: the monotonic clock goes on counting.
    *bench.clock.wall_offset.lock().unwrap() = -86_400;
    assert_eq!(bench.generation().await, 1);
    bench.clock.forward(300);
    assert_eq!(bench.generation().await, 2);
    // Set forward by an hour, or the machine slept: the token may have ended.
    *bench.clock.wall_offset.lock().unwrap() = 3600 - 86_400;
    assert_eq!(bench.generation().await, 3);
}

#[test]
fn a_runtime_that_ends_gives_its_waiters_an_error_and_other_runtimes_go_on() {
    let bench = Bench::new([]);
    let first = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .unwrap();
    let second = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    // The login is in flight on the first runtime, and hangs there.
    let cache = bench.cache.clone();
    let waiting = first.spawn(async move { cache.token().await.map(drop) });
    while bench.sent() == 0 {
        std::thread::yield_now();
    }
    let mut elsewhere = Box::pin(bench.cache.token());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(elsewhere.as_mut().poll(&mut context).is_pending());
    first.shutdown_background();
    let error = second.block_on(elsewhere).map(drop).unwrap_err();
    assert!(matches!(*error.kind, LoginErrorKind::Interrupted));
    drop(waiting);
    bench.clock.forward(120);
    bench.gate.add_permits(10);
    assert_eq!(second.block_on(bench.generation()), 1);
}
