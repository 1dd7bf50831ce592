//! A portal that is a list of answers, for tests about time: without a socket, the runtime's clock can be
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

use crate::auth::clock::timestamp;
use crate::{
    auth::{
        clock::{Clock, Moment},
        identity::LogInIdentity,
        store::{StoreFuture, StoredToken, TokenStore},
    },
    client::{Enkash, builder::EnkashBuilder},
    layers::{
        bearer::Bearer,
        limits::{Gate, Limits},
        path_guard::PathGuard,
        pipeline::Pipeline,
        retry::{Retries, Retrying},
    },
    metrics::Observer,
    model::{credentials::Credentials, hosts::Hosts, person::Person},
    policy::Policies,
    rewards::{Rewards, allocate::Allocation},
    token_source::{TokenSource, TokenSourceBuilder},
    transport::{
        attempt::HttpTransport,
        call_state::CallRecord,
        deadline::Timeouts,
        history::AttemptResult,
        plain_http::PlainHttp,
        response_limits::ResponseLimits,
        sender::{Wire, WireError},
    },
};

/// What is done with one request.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Answer(u16, &'static str),
    Headed(u16, &'static str, String),
    Fail(AttemptResult),
    /// No answer, ever.
    Hang,
    /// The same, some time later.
    After(Duration, Box<Step>),
}

impl Step {
    pub(crate) fn after(self, time: Duration) -> Self {
        Self::After(time, Box::new(self))
    }
}

pub(crate) const ACCOUNT: Step = Step::Answer(200, r#"{"code":0,"payload":{"availableBalance":100}}"#);
pub(crate) const ALLOCATED: Step = Step::Answer(200, r#"{"code":0,"payload":{"pgReferenceNumber":"REF1"}}"#);
pub(crate) const BUSY: Step = Step::Answer(503, "");

/// The steps in turn; the last one again and again.
#[derive(Clone)]
pub(crate) struct Script(Arc<State>);

struct State {
    steps: Mutex<VecDeque<Step>>,
    sent: AtomicUsize,
    bearers: Mutex<Vec<String>>,
    under_way: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl Script {
    pub(crate) fn of(steps: impl IntoIterator<Item = Step>) -> Self {
        Self(Arc::new(State {
            steps: Mutex::new(steps.into_iter().collect()),
            sent: AtomicUsize::new(0),
            bearers: Mutex::default(),
            under_way: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
        }))
    }

    pub(crate) fn always(step: Step) -> Self {
        Self::of([step])
    }

    pub(crate) fn then(&self, steps: impl IntoIterator<Item = Step>) {
        *self.0.steps.lock().unwrap() = steps.into_iter().collect();
    }

    pub(crate) fn sent(&self) -> usize {
        self.0.sent.load(Ordering::Relaxed)
    }

    /// The token of each request.
    pub(crate) fn bearers(&self) -> Vec<String> {
        self.0.bearers.lock().unwrap().clone()
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.0.most_at_once.load(Ordering::Relaxed)
    }

    fn next(&self) -> Step {
        let mut steps = self.0.steps.lock().unwrap();
        match steps.len() {
            0 => Step::Hang,
            1 => steps[0].clone(),
            _ => steps.pop_front().unwrap(),
        }
    }
}

/// Counts requests under way, also where they are dropped.
struct UnderWay<'a>(&'a State);

impl<'a> UnderWay<'a> {
    fn start(state: &'a State) -> Self {
        let now = state.under_way.fetch_add(1, Ordering::Relaxed) + 1;
        state.most_at_once.fetch_max(now, Ordering::Relaxed);
        Self(state)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Wire for Script {
    async fn send(&self, _: &reqwest::Client, request: Request) -> Result<Response, WireError> {
        self.0.sent.fetch_add(1, Ordering::Relaxed);
        let bearer = request.headers()[AUTHORIZATION].to_str().unwrap();
        let bearer = bearer.strip_prefix("Bearer ").unwrap().to_owned();
        self.0.bearers.lock().unwrap().push(bearer);
        let _under_way = UnderWay::start(&self.0);
        let mut step = self.next();
        while let Step::After(time, later) = step {
            tokio::time::sleep(time).await;
            step = *later;
        }
        let answer = http::Response::builder();
        let answer = match step {
            Step::Answer(status, body) => answer.status(status).body(body),
            Step::Headed(status, name, value) => answer.status(status).header(name, value).body(""),
            Step::Fail(result) => return Err(WireError::new(result)),
            Step::Hang | Step::After(..) => std::future::pending().await,
        };
        Ok(answer.unwrap().into())
    }
}

/// A clock that is two seconds later at each look: more than the floor between log-ins for refused tokens, which would
/// otherwise hide who asks for another token and who does not.
#[derive(Default)]
pub(crate) struct Hurried(AtomicU32);

impl Clock for Hurried {
    fn now(&self) -> Moment {
        let passed = Duration::from_secs(2) * self.0.fetch_add(1, Ordering::Relaxed);
        Moment {
            monotonic: passed,
            wall: SystemTime::now() + passed,
        }
    }
}

/// A store that always has another token, or never gives one.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    handed_out: AtomicU64,
    is_stuck: bool,
    keeps_refused: bool,
}

impl Tokens {
    /// A log-in that never ends.
    pub(crate) fn stuck() -> Self {
        Self {
            is_stuck: true,
            ..Self::default()
        }
    }

    /// A store that never ends taking a refused token out.
    pub(crate) fn keeping_refused() -> Self {
        Self {
            keeps_refused: true,
            ..Self::default()
        }
    }
}

impl TokenStore for Tokens {
    fn load<'a>(&'a self, _: &'a LogInIdentity) -> StoreFuture<'a, Option<StoredToken>> {
        Box::pin(async move {
            if self.is_stuck {
                std::future::pending::<()>().await;
            }
            let now = SystemTime::now();
            let number = self.handed_out.fetch_add(1, Ordering::Relaxed);
            Ok(Some(StoredToken {
                token: Secret::new(format!("token-{number}")),
                issued_at: timestamp(now),
                expires_at: timestamp(now + Duration::from_secs(300)),
            }))
        })
    }

    fn save<'a>(&'a self, _: &'a LogInIdentity, _: StoredToken) -> StoreFuture<'a, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn remove<'a>(&'a self, _: &'a LogInIdentity, _: &'a Secret) -> StoreFuture<'a, ()> {
        match self.keeps_refused {
            true => Box::pin(std::future::pending()),
            false => Box::pin(std::future::ready(Ok(()))),
        }
    }
}

fn token_source_builder(tokens: Tokens) -> TokenSourceBuilder {
    TokenSource::builder("https://portal.test")
        .credentials(Credentials::new("CEK1PU9AOO", "secret", "9000000001", "password"))
        .token_store(tokens)
}

pub(crate) fn token_source(tokens: Tokens) -> TokenSource {
    token_source_builder(tokens).build().unwrap()
}

/// A client with a token at hand. Give it a script with `build_on`.
pub(crate) fn builder() -> EnkashBuilder {
    builder_with(Tokens::default())
}

pub(crate) fn builder_with(tokens: Tokens) -> EnkashBuilder {
    Enkash::builder(Hosts::new("https://portal.test"))
        .tokens(token_source(tokens))
        .partner_id("CRMXWB3ZM")
}

pub(crate) fn rewards(enkash: &Enkash) -> Rewards {
    enkash.rewards("CEK1PU9AOO", "CAQL8YCV3")
}

pub(crate) fn allocation() -> Allocation {
    let person = Person::new("Ms", "Asha", "asha.verma@example.com", "9000000004", "F").unwrap();
    Allocation::to_person(person, "1".parse().unwrap(), "REF1".parse().unwrap())
}

/// A pipeline by itself, for operations that no wrapper calls yet.
pub(crate) fn pipeline(script: &Script) -> Pipeline<Script> {
    pipeline_with(token_source(Tokens::default()), script)
}

fn pipeline_with(tokens: TokenSource, script: &Script) -> Pipeline<Script> {
    let gate = Arc::new(Gate::new(Limits::none()).unwrap());
    Pipeline {
        bearer: Bearer {
            tokens: tokens.cache().clone(),
            gate: Arc::clone(&gate),
            transport: Arc::new(HttpTransport {
                sender: script.clone(),
                connect_timeout: Duration::from_secs(5),
                response_limits: ResponseLimits::default(),
                encryption: None,
            }),
        },
        bases: vec!["https://portal.test".parse().unwrap()],
        plain_http: PlainHttp::default(),
        path_guard: PathGuard::new(&[], Policies::shipped()).into(),
        timeouts: Timeouts {
            connect: Duration::from_secs(5),
            attempt: Duration::from_secs(30),
            operation: Duration::from_secs(90),
        },
        gate,
        retrying: Retrying::new(Retries::default()).unwrap().without_chance().into(),
        policies: Policies::shipped(),
        observer: Observer::default(),
    }
}

/// The same, where nothing keeps a refused token from being replaced at once.
pub(crate) fn hurried_pipeline(script: &Script) -> Pipeline<Script> {
    let tokens = token_source_builder(Tokens::default()).clock(Hurried::default());
    pipeline_with(tokens.build().unwrap(), script)
}

impl Pipeline<Script> {
    /// Sends some request as this operation, and tells what happened.
    pub(crate) async fn send(&self, operation: OperationId) -> (Result<u16, BoxError>, CallRecord) {
        self.send_to(operation, false).await
    }

    /// The same on a path that the user gave.
    pub(crate) async fn send_on_given_path(&self, operation: OperationId) -> (Result<u16, BoxError>, CallRecord) {
        self.send_to(operation, true).await
    }

    async fn send_to(&self, operation: OperationId, has_given_path: bool) -> (Result<u16, BoxError>, CallRecord) {
        let record = CallRecord::default();
        let mut request = Request::new(reqwest::Method::POST, "https://portal.test/path".parse().unwrap());
        *request.body_mut() = Some("{}".into());
        let http = reqwest::Client::new();
        let answer = self.run(&http, request, operation, has_given_path, &record).await;
        (answer.map(|answer| answer.status().as_u16()), record)
    }
}
