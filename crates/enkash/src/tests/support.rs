//! A server that is a list of answers, for tests about time: without a socket, the runtime's clock can be
//! paused and moved. The token comes from a store, so that nothing is sent for it either.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use enkash_api::{BoxError, OperationId, Secret};
use http::header::AUTHORIZATION;
use reqwest::{Request, Response};

use crate::{
    auth::{
        clock::{Clock, ClockReading, timestamp},
        fence::Fence,
        identity::LoginIdentity,
        ledger::{LedgerFuture, StrikeLedger},
        store::{SaveResult, StoreFuture, StoredToken, TokenStore},
        strikes::LedgerUpdate,
    },
    client::{Enkash, builder::EnkashBuilder},
    layers::{
        bearer::Bearer,
        limits::{Limiter, Limits},
        path_guard::PathGuard,
        pipeline::Pipeline,
        retry::{Retrier, RetryPolicy},
    },
    metrics::MetricsHook,
    model::{credentials::Credentials, hosts::Hosts, person::Person},
    policy::Policies,
    rewards::{Rewards, allocate::Allocation},
    token_source::{TokenSource, TokenSourceBuilder},
    transport::{
        attempt::HttpTransport,
        call_state::{CallState, RawResponse},
        deadline::Timeouts,
        history::{AttemptResult, History},
        plain_http::PlainHttpPolicy,
        response_limits::ResponseLimits,
        sender::{HttpSender, SendError},
    },
};

/// What is done with one request.
#[derive(Clone, Debug)]
pub(crate) enum ScriptStep {
    Answer(u16, &'static str),
    WithHeader(u16, &'static str, String),
    Fail(AttemptResult),
    /// No response, ever.
    Hang,
    /// The same, some time later.
    After(Duration, Box<ScriptStep>),
}

impl ScriptStep {
    pub(crate) fn after(self, time: Duration) -> Self {
        Self::After(time, Box::new(self))
    }
}

pub(crate) const ACCOUNT: ScriptStep = ScriptStep::Answer(200, r#"{"code":0,"payload":{"availableBalance":100}}"#);
pub(crate) const ALLOCATED: ScriptStep =
    ScriptStep::Answer(200, r#"{"code":0,"payload":{"pgReferenceNumber":"REF1"}}"#);
pub(crate) const BUSY: ScriptStep = ScriptStep::Answer(503, "");

/// The steps in turn; the last one again and again.
#[derive(Clone)]
pub(crate) struct ScriptedSender(Arc<State>);

struct State {
    steps: Mutex<VecDeque<ScriptStep>>,
    sent: AtomicUsize,
    bearers: Mutex<Vec<String>>,
    in_flight: AtomicUsize,
    max_in_flight: AtomicUsize,
}

impl ScriptedSender {
    pub(crate) fn new(steps: impl IntoIterator<Item = ScriptStep>) -> Self {
        Self(Arc::new(State {
            steps: Mutex::new(steps.into_iter().collect()),
            sent: AtomicUsize::new(0),
            bearers: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            max_in_flight: AtomicUsize::new(0),
        }))
    }

    pub(crate) fn always(step: ScriptStep) -> Self {
        Self::new([step])
    }

    pub(crate) fn then(&self, steps: impl IntoIterator<Item = ScriptStep>) {
        *self.0.steps.lock().unwrap() = steps.into_iter().collect();
    }

    pub(crate) fn sent(&self) -> usize {
        self.0.sent.load(Ordering::Relaxed)
    }

    /// The token of each request.
    pub(crate) fn bearers(&self) -> Vec<String> {
        self.0.bearers.lock().unwrap().clone()
    }

    pub(crate) fn max_in_flight(&self) -> usize {
        self.0.max_in_flight.load(Ordering::Relaxed)
    }

    fn next(&self) -> ScriptStep {
        let mut steps = self.0.steps.lock().unwrap();
        match steps.len() {
            0 => ScriptStep::Hang,
            1 => steps[0].clone(),
            _ => steps.pop_front().unwrap(),
        }
    }
}

/// Counts requests in flight, also where they are dropped.
struct InFlightGuard<'a>(&'a State);

impl<'a> InFlightGuard<'a> {
    fn start(state: &'a State) -> Self {
        let now = state.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        state.max_in_flight.fetch_max(now, Ordering::Relaxed);
        Self(state)
    }
}

impl Drop for InFlightGuard<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl HttpSender for ScriptedSender {
    async fn send(&self, _: &reqwest::Client, request: Request) -> Result<Response, SendError> {
        self.0.sent.fetch_add(1, Ordering::Relaxed);
        let bearer = request.headers()[AUTHORIZATION].to_str().unwrap();
        let bearer = bearer.strip_prefix("Bearer ").unwrap().to_owned();
        self.0.bearers.lock().unwrap().push(bearer);
        let _under_way = InFlightGuard::start(&self.0);
        let mut step = self.next();
        while let ScriptStep::After(time, later) = step {
            tokio::time::sleep(time).await;
            step = *later;
        }
        let answer = http::Response::builder();
        let answer = match step {
            ScriptStep::Answer(status, body) => answer.status(status).body(body),
            ScriptStep::WithHeader(status, name, value) => answer.status(status).header(name, value).body(""),
            ScriptStep::Fail(result) => return Err(SendError::new(result)),
            ScriptStep::Hang | ScriptStep::After(..) => std::future::pending().await,
        };
        Ok(answer.unwrap().into())
    }
}

/// A clock that is two seconds later at each look: more than the floor between logins for refused tokens, which would
/// otherwise hide who asks for another token and who does not.
#[derive(Default)]
pub(crate) struct SkippingClock(AtomicU32);

impl Clock for SkippingClock {
    fn now(&self) -> ClockReading {
        let passed = Duration::from_secs(2) * self.0.fetch_add(1, Ordering::Relaxed);
        ClockReading {
            monotonic: passed,
            wall: SystemTime::now() + passed,
        }
    }
}

/// A store that always has another token.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    handed_out: AtomicU64,
    keeps_refused: bool,
}

impl Tokens {
    /// A store that never ends taking a refused token out.
    pub(crate) fn keeping_refused() -> Self {
        Self {
            keeps_refused: true,
            ..Self::default()
        }
    }
}

impl TokenStore for Tokens {
    fn load<'a>(&'a self, _: &'a LoginIdentity) -> StoreFuture<'a, Option<StoredToken>> {
        Box::pin(async move {
            let now = SystemTime::now();
            let number = self.handed_out.fetch_add(1, Ordering::Relaxed);
            Ok(Some(StoredToken::new(
                Secret::new(format!("token-{number}")),
                timestamp(now),
                timestamp(now + Duration::from_secs(300)),
            )))
        })
    }

    fn save<'a>(&'a self, _: &'a LoginIdentity, _: StoredToken, _: Fence) -> StoreFuture<'a, SaveResult> {
        Box::pin(std::future::ready(Ok(SaveResult::Kept)))
    }

    fn remove<'a>(&'a self, _: &'a LoginIdentity, _: &'a Secret) -> StoreFuture<'a, ()> {
        match self.keeps_refused {
            true => Box::pin(std::future::pending()),
            false => Box::pin(std::future::ready(Ok(()))),
        }
    }
}

/// A strike ledger that never answers: nobody gets a token.
#[derive(Debug)]
struct StuckLedger;

impl StrikeLedger for StuckLedger {
    fn change<'a>(&'a self, _: &'a LoginIdentity, _: LedgerUpdate) -> LedgerFuture<'a> {
        Box::pin(std::future::pending())
    }
}

/// A client that waits for a token for ever.
pub(crate) fn builder_without_token() -> EnkashBuilder {
    let tokens = TokenSource::builder("https://portal.test")
        .credentials(Credentials::new("CEK1PU9AOO", "secret", "9000000001", "password"))
        .strike_ledger(StuckLedger);
    Enkash::builder(Hosts::new("https://portal.test"))
        .token_source(tokens.build().unwrap())
        .partner_id("CRMXWB3ZM")
}

fn token_source_builder(tokens: Tokens) -> TokenSourceBuilder {
    TokenSource::builder("https://portal.test")
        .credentials(Credentials::new("CEK1PU9AOO", "secret", "9000000001", "password"))
        .token_store(tokens)
}

pub(crate) fn token_source(tokens: Tokens) -> TokenSource {
    token_source_builder(tokens).build().unwrap()
}

/// A client with a token at hand. Give it a script with `build_with_sender`.
pub(crate) fn builder() -> EnkashBuilder {
    builder_with(Tokens::default())
}

pub(crate) fn builder_with(tokens: Tokens) -> EnkashBuilder {
    Enkash::builder(Hosts::new("https://portal.test"))
        .token_source(token_source(tokens))
        .partner_id("CRMXWB3ZM")
}

/// A response that nobody looks into.
pub(crate) fn empty_response(operation: OperationId) -> Arc<crate::response::Response<()>> {
    let (raw, history) = (RawResponse::default(), History::default());
    Arc::new(crate::response::Response::new(operation, (), raw, history))
}

pub(crate) fn rewards(enkash: &Enkash) -> Rewards {
    enkash.rewards("CEK1PU9AOO", "CAQL8YCV3")
}

pub(crate) fn allocation() -> Allocation {
    let person = Person::new("Ms", "Asha", "asha.verma@example.com", "9000000004", "F").unwrap();
    Allocation::for_person(person, "1".parse().unwrap(), "REF1".parse().unwrap())
}

/// A pipeline by itself, for operations that no wrapper calls yet.
pub(crate) fn pipeline(script: &ScriptedSender) -> Pipeline<ScriptedSender> {
    pipeline_with(token_source(Tokens::default()), script)
}

fn pipeline_with(tokens: TokenSource, script: &ScriptedSender) -> Pipeline<ScriptedSender> {
    let limiter = Arc::new(Limiter::new(Limits::none()).unwrap());
    Pipeline {
        bearer: Bearer {
            tokens: tokens.cache().clone(),
            limiter: Arc::clone(&limiter),
            transport: Arc::new(HttpTransport {
                sender: script.clone(),
                connect_timeout: Duration::from_secs(5),
                response_limits: ResponseLimits::default(),
                encryption: None,
            }),
        },
        unpooled_http: enkash_api::http_client_builder().build().unwrap(),
        bases: vec!["https://portal.test".parse().unwrap()],
        plain_http: PlainHttpPolicy::default(),
        path_guard: PathGuard::new(&[], Policies::shipped()).into(),
        timeouts: Timeouts {
            connect: Duration::from_secs(5),
            attempt: Duration::from_secs(30),
            operation: Duration::from_secs(90),
        },
        limiter,
        retrier: Retrier::new(RetryPolicy::default()).unwrap().without_jitter().into(),
        policies: Policies::shipped(),
        observer: MetricsHook::default(),
    }
}

/// The same, where nothing keeps a refused token from being replaced at once.
pub(crate) fn skipping_pipeline(script: &ScriptedSender) -> Pipeline<ScriptedSender> {
    let tokens = token_source_builder(Tokens::default()).clock(SkippingClock::default());
    pipeline_with(tokens.build().unwrap(), script)
}

impl Pipeline<ScriptedSender> {
    /// Sends some request as this operation, and tells what happened.
    pub(crate) async fn send(&self, operation: OperationId) -> (Result<u16, BoxError>, CallState) {
        self.send_to(operation, false).await
    }

    /// The same on a path that the user gave.
    pub(crate) async fn send_on_given_path(&self, operation: OperationId) -> (Result<u16, BoxError>, CallState) {
        self.send_to(operation, true).await
    }

    async fn send_to(&self, operation: OperationId, has_given_path: bool) -> (Result<u16, BoxError>, CallState) {
        let record = CallState::default();
        let mut request = Request::new(reqwest::Method::POST, "https://portal.test/path".parse().unwrap());
        *request.body_mut() = Some("{}".into());
        let http = enkash_api::http_client_builder().build().unwrap();
        let answer = self.run(&http, request, operation, has_given_path, &record).await;
        (answer.map(|answer| answer.status().as_u16()), record)
    }
}
