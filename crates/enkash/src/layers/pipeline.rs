//! The way of every call: the executor of all low-level clients of an `Enkash`. It refuses hosts and paths that a call must
//! not go to, and hands the request from layer to layer; the state of the call says afterwards what happened.

use std::sync::Arc;

use enkash_api::{BoxError, Call, Executor, ExecutorFuture, OperationId};
use enkash_policy::Effect;
use reqwest::{Request, Response, Url};

use crate::{
    layers::{
        bearer::Bearer,
        limits::Limiter,
        path_guard::PathGuard,
        retry::{CallRetries, Retrier},
    },
    metrics::MetricsHook,
    policy::Policies,
    transport::{
        attempt::CallContext,
        call_state::{CallState, Stage},
        deadline::{Deadline, DeadlineExceeded, Timeouts},
        plain_http::PlainHttpPolicy,
        replay::ReplayableRequest,
        sender::{HttpSender, ReqwestSender},
    },
};

/// What all calls of one client share. Clients for other people's tokens share its limits and its budget.
pub(crate) struct Pipeline<S = ReqwestSender> {
    pub(crate) bearer: Bearer<S>,
    /// For what changes something and is not answered with its reference: each request goes on a connection of its own. Such a
    /// response does not name its call, so a late one on a pooled connection would be taken for that of the next call.
    pub(crate) unpooled_http: reqwest::Client,
    /// Bearers go nowhere else than to the origins of these.
    pub(crate) bases: Vec<Url>,
    pub(crate) plain_http: PlainHttpPolicy,
    /// What a path that a user gives must not be.
    pub(crate) path_guard: Arc<PathGuard>,
    pub(crate) timeouts: Timeouts,
    pub(crate) limiter: Arc<Limiter>,
    pub(crate) retrier: Arc<Retrier>,
    pub(crate) policies: Arc<Policies>,
    pub(crate) observer: MetricsHook,
}

/// A bearer was about to go to a host that it was not made for.
#[derive(Debug, thiserror::Error)]
#[error("the token is not sent to {host}: the client was not built for this host")]
pub(crate) struct ForeignOrigin {
    host: String,
}

impl<S: HttpSender> Executor for Pipeline<S> {
    fn execute<'a>(&'a self, http: &'a reqwest::Client, request: Request, call: Call<'a>) -> ExecutorFuture<'a> {
        let (operation, has_given_path) = (call.operation.id, call.has_given_path);
        match call.context() {
            Some(state) => Box::pin(self.run(http, request, operation, has_given_path, state)),
            // Of a low-level client that a program calls itself.
            None => Box::pin(async move {
                let state = CallState::new(call.context().copied().unwrap_or_default());
                self.run(http, request, operation, has_given_path, &state).await
            }),
        }
    }

    fn limits_responses(&self) -> bool {
        true
    }
}

impl<S: HttpSender> Pipeline<S> {
    /// The whole way of one call. Nothing goes out before the future is polled.
    pub(crate) async fn run(
        &self,
        http: &reqwest::Client,
        request: Request,
        operation: OperationId,
        has_given_path: bool,
        state: &CallState,
    ) -> Result<Response, BoxError> {
        self.plain_http.check(request.url())?;
        self.check_origin(request.url())?;
        if has_given_path {
            self.path_guard.check_url(operation, request.method(), request.url())?;
        }
        let policy = self.policies.of_call(operation, has_given_path);
        let timeouts = self.timeouts.with(state.options);
        let deadline = Deadline::since(state.started, timeouts.operation).at_most(state.options.deadline);
        if deadline.left().is_zero() {
            return Err(DeadlineExceeded::new(state).into());
        }
        let call = CallContext {
            http: match policy.effect {
                Effect::Reads | Effect::Authenticates => http,
                _ if policy.is_echoed() => http,
                Effect::ChangesState | Effect::MovesValue => &self.unpooled_http,
            },
            operation,
            policy,
            state,
            attempt_timeout: timeouts.attempt,
            deadline: Some(deadline),
        };
        let mut request = ReplayableRequest::new(request, policy);
        state.enter(Stage::Limits);
        let _permit = match self.limiter.is_unlimited() {
            true => None,
            // Boxed, like all that few calls wait for: a call's future is as large as the largest of its waits.
            false => Box::pin(call.with_deadline(self.limiter.acquire())).await?,
        };
        self.send_with_retries(&call, &mut request).await
    }

    /// Sends the request, and again where that is allowed and may help.
    async fn send_with_retries(
        &self,
        call: &CallContext<'_>,
        request: &mut ReplayableRequest,
    ) -> Result<Response, BoxError> {
        let mut retries = CallRetries::default();
        loop {
            let answer = self.bearer.send(call, request).await;
            let Some(wait) = self.retrier.next(&mut retries, call, request, &self.observer) else {
                return answer;
            };
            drop(answer);
            call.state.enter(Stage::Backoff);
            tokio::time::sleep(wait).await;
            call.state.forget_answer();
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
