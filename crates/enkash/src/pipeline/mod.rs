//! The way of every request, one file a layer:
//!
//! limits → retry → token → encryption → send guard → wire, and back: whole answer ← decrypted ← kept.
//!
//! One [`Pipeline`] is the executor of all low-level clients of an `Enkash`; a [`CallRecord`] travels with each
//! call and says afterwards what happened to it.

mod attempt;
mod authorize;
mod dry_run;
mod encryption;
mod exchange;
mod limits;
mod off_path;
mod original;
mod path_guard;
mod record;
mod response_limits;
mod retry;
mod send_guard;
mod timeouts;
mod wire;

use std::{sync::Arc, time::Duration};

use enkash_api::{BoxError, Call, Executor, ExecutorFuture, OperationId};
use http::HeaderValue;
use reqwest::{Request, Response, Url};

#[cfg(test)]
pub(crate) use self::wire::WireError;
pub(crate) use self::{
    attempt::History,
    dry_run::DryRun,
    encryption::{Sealing, Undecryptable},
    exchange::DecodedApart,
    limits::Gate,
    off_path::{is_large, off_path},
    path_guard::{Misdirected, PathGuard},
    record::{CallRecord, RawAnswer, Sent},
    response_limits::TooLarge,
    retry::Retrying,
    send_guard::SecondPassRefused,
    timeouts::{OutOfTime, Timeouts},
    wire::{Reqwest, Wire},
};
pub use self::{
    attempt::{Attempt, AttemptResult},
    dry_run::DryRequest,
    encryption::{Encryption, EncryptionMode, KeyDigest, SealedForm},
    limits::Limits,
    response_limits::ResponseLimits,
    retry::Retries,
    timeouts::CallOptions,
};
use self::{exchange::Turn, timeouts::Deadline};
use crate::{
    http_client::PlainHttp,
    observe::Observer,
    policy::{OperationPolicy, Policies},
    token::TokenCache,
};

/// What all requests of one client share. Clients for other people's tokens share its limits and its budget.
pub(crate) struct Pipeline<W = Reqwest> {
    pub(crate) credential: Credential,
    /// Bearers go nowhere else than to the origins of these.
    pub(crate) bases: Vec<Url>,
    pub(crate) plain_http: PlainHttp,
    /// What a path that a user gives must not be.
    pub(crate) path_guard: Arc<PathGuard>,
    pub(crate) timeouts: Timeouts,
    pub(crate) gate: Arc<Gate>,
    pub(crate) retrying: Arc<Retrying>,
    pub(crate) encryption: Option<Arc<Sealing>>,
    pub(crate) policies: Arc<Policies>,
    pub(crate) response_limits: ResponseLimits,
    pub(crate) observer: Observer,
    pub(crate) wire: W,
}

/// What its requests carry.
pub(crate) enum Credential {
    /// The token of the moment.
    Bearer(TokenCache),
    /// The same value always: a log-in's. It goes by the pipeline, and not by the low level's own setting, because only the
    /// pipeline knows which hosts were allowed plain http.
    Fixed(HeaderValue),
}

/// What a request calls.
#[derive(Clone, Copy)]
struct Target {
    operation: OperationId,
    has_given_path: bool,
}

impl From<&Call<'_>> for Target {
    fn from(call: &Call<'_>) -> Self {
        Self {
            operation: call.operation.id,
            has_given_path: call.has_given_path,
        }
    }
}

/// A bearer was about to go to a host that it was not made for.
#[derive(Debug, thiserror::Error)]
#[error("the token is not sent to {host}: the client was not built for this host")]
pub(crate) struct ForeignOrigin {
    host: String,
}

/// What the layers share of one call.
struct Way<'a, W> {
    pipeline: &'a Pipeline<W>,
    http: &'a reqwest::Client,
    operation: OperationId,
    policy: &'a OperationPolicy,
    record: &'a CallRecord,
    attempt_timeout: Duration,
    /// When the call must have ended, if it has a time of its own.
    deadline: Option<Deadline>,
}

impl<W: Wire> Executor for Pipeline<W> {
    fn execute<'a>(&'a self, http: &'a reqwest::Client, request: Request, call: Call<'a>) -> ExecutorFuture<'a> {
        match call.context() {
            Some(record) => Box::pin(self.run(http, request, Target::from(&call), record)),
            None => Box::pin(async move {
                let record = CallRecord::default();
                self.run(http, request, Target::from(&call), &record).await
            }),
        }
    }

    fn limits_responses(&self) -> bool {
        true
    }
}

impl Pipeline {
    /// The pipeline of a client that logs in: without limits, repetitions, a token layer or encryption.
    pub(crate) fn for_log_in(basic: HeaderValue, plain_http: PlainHttp, timeout: Duration) -> Self {
        Self {
            credential: Credential::Fixed(basic),
            bases: Vec::new(),
            plain_http,
            path_guard: PathGuard::none().into(),
            timeouts: Timeouts {
                connect: Duration::ZERO,
                attempt: timeout,
                operation: timeout,
            },
            gate: Gate::open().into(),
            retrying: Retrying::off().into(),
            encryption: None,
            policies: Policies::shipped(),
            response_limits: ResponseLimits::default(),
            observer: Observer::default(),
            wire: Reqwest,
        }
    }
}

impl<W: Wire> Pipeline<W> {
    /// The whole way of one request. It lies in the record from now on; nothing goes out before the future is polled.
    fn run<'a>(
        &'a self,
        http: &'a reqwest::Client,
        request: Request,
        target: Target,
        record: &'a CallRecord,
    ) -> impl Future<Output = Result<Response, BoxError>> + Send + 'a {
        let Target {
            operation,
            has_given_path,
        } = target;
        let policy = self.policies.of_call(operation, has_given_path);
        let mut checked = self.check_host(request.url());
        if has_given_path && checked.is_ok() {
            let path = self.path_guard.check_url(operation, request.method(), request.url());
            checked = path.map_err(Into::into);
        }
        record.original().keep(request, policy);
        let way = Way {
            pipeline: self,
            http,
            operation,
            policy,
            record,
            attempt_timeout: self.timeouts.with(record.options).attempt,
            deadline: match &self.credential {
                Credential::Bearer(_) => {
                    let time = self.timeouts.operation_with(record.options);
                    Some(Deadline::since(record.started, time))
                }
                // A log-in is shared by callers with times of their own.
                Credential::Fixed(_) => None,
            },
        };
        async move {
            checked?;
            way.send().await
        }
    }
}

impl<W: Wire> Way<'_, W> {
    /// Everything outside of one attempt.
    async fn send(&self) -> Result<Response, BoxError> {
        let tokens = match &self.pipeline.credential {
            Credential::Bearer(tokens) => tokens,
            // Those who wait for a token must not be what a log-in waits for.
            Credential::Fixed(value) => {
                self.record.original().authorize(value.clone());
                let turn = Turn {
                    token_generation: None,
                    is_repetition: false,
                };
                return self.attempt(turn).await;
            }
        };
        let gate = &self.pipeline.gate;
        let _permit = match gate.is_open() {
            true => None,
            // Boxed, like all that few calls wait for: a call's future is as large as the largest of its waits.
            false => Box::pin(self.cut_off(gate.admit())).await?,
        };
        retry::send(self, tokens).await
    }

    /// Drops what is waited for when the time of the call ends.
    async fn cut_off<T>(&self, work: impl Future<Output = T>) -> Result<T, OutOfTime> {
        match self.deadline {
            Some(deadline) => deadline.cut_off(self.record, work).await,
            None => Ok(work.await),
        }
    }
}

impl<W> Pipeline<W> {
    /// Refuses hosts that credentials must not go to.
    fn check_host(&self, url: &Url) -> Result<(), BoxError> {
        self.plain_http.check(url)?;
        match self.credential {
            Credential::Bearer(_) => Ok(self.check_origin(url)?),
            Credential::Fixed(_) => Ok(()),
        }
    }

    fn check_origin(&self, url: &Url) -> Result<(), ForeignOrigin> {
        if self.bases.iter().any(|base| is_same_origin(base, url)) {
            return Ok(());
        }
        Err(ForeignOrigin {
            host: url.host_str().unwrap_or_default().to_owned(),
        })
    }
}

/// As `Url::origin` has it, which copies the host.
fn is_same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host_str() == other.host_str()
        && one.port_or_known_default() == other.port_or_known_default()
}

#[cfg(test)]
pub(crate) mod script;
#[cfg(test)]
mod tests;
