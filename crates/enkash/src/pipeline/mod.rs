//! The way of every request: token, then send guard, then reqwest; and back through the buffer that keeps
//! the raw answer. One [`Pipeline`] is the executor of all low-level clients of an `Enkash`; a
//! [`CallRecord`] travels with each call and says afterwards what happened to it.

mod authorize;
mod record;
mod send_guard;

use std::{sync::Arc, time::Duration};

use enkash_api::{BoxError, Call, Executor, ExecutorFuture};
use reqwest::{Request, Response, Url};

pub(crate) use self::{
    record::{CallRecord, RawAnswer, Sent},
    send_guard::SecondPassRefused,
};
use crate::{policy::Policy, token::TokenCache};

/// A larger answer is not the portal's.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// What all requests of one client share.
pub(crate) struct Pipeline {
    /// `None` for the client that logs in: it carries its own credential.
    pub(crate) tokens: Option<TokenCache>,
    /// Bearers go nowhere else.
    pub(crate) origins: Vec<String>,
    pub(crate) plain_http_hosts: Vec<String>,
    pub(crate) attempt_timeout: Duration,
}

/// A bearer was about to go to a host that it was not made for.
#[derive(Debug, thiserror::Error)]
#[error("the token is not sent to {host}: the client was not built for this host")]
pub(crate) struct ForeignOrigin {
    host: String,
}

impl Executor for Pipeline {
    fn execute<'a>(&'a self, http: &'a reqwest::Client, request: Request, call: Call<'a>) -> ExecutorFuture<'a> {
        Box::pin(async move {
            let policy = Policy::of(call.operation.id);
            let unrecorded = Arc::new(CallRecord::default());
            let record = call.context::<CallRecord>().unwrap_or(&unrecorded);
            match &self.tokens {
                Some(tokens) => authorize::send(self, tokens, http, request, policy, record).await,
                None => self.attempt(http, request, policy, record).await,
            }
        })
    }
}

impl Pipeline {
    /// The pipeline of a client that logs in: without a token layer.
    pub(crate) fn for_log_in(plain_http_hosts: Vec<String>, timeout: Duration) -> Self {
        Self {
            tokens: None,
            origins: Vec::new(),
            plain_http_hosts,
            attempt_timeout: timeout,
        }
    }

    /// Sends one request once, and reads the whole answer.
    async fn attempt(
        &self,
        http: &reqwest::Client,
        mut request: Request,
        policy: &Policy,
        record: &CallRecord,
    ) -> Result<Response, BoxError> {
        enkash_api::origin::refuse_plain_http(request.url(), &self.plain_http_hosts)?;
        request.timeout_mut().get_or_insert(self.attempt_timeout);
        let answer = send_guard::send(http, request, policy, record).await?;
        self.buffer(answer, record).await
    }

    /// Keeps the raw answer: it is what an outcome is judged by, also when its form is not the described one.
    async fn buffer(&self, mut answer: Response, record: &CallRecord) -> Result<Response, BoxError> {
        let mut body = Vec::new();
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= MAX_ANSWER => body.extend_from_slice(&chunk),
                Ok(Some(_)) => return Err(format!("the answer is larger than {MAX_ANSWER} bytes").into()),
                Ok(None) => break,
                Err(error) => {
                    record.answer_was_lost(&error);
                    return Err(error.into());
                }
            }
        }
        let body = bytes::Bytes::from(body);
        record.answered(RawAnswer {
            status: answer.status(),
            body: body.clone(),
            date: server_date(&answer),
        });
        let mut rebuilt = http::Response::new(body);
        *rebuilt.status_mut() = answer.status();
        *rebuilt.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(rebuilt.into())
    }

    fn check_origin(&self, url: &Url) -> Result<(), ForeignOrigin> {
        if self.origins.contains(&url.origin().ascii_serialization()) {
            return Ok(());
        }
        Err(ForeignOrigin {
            host: url.host_str().unwrap_or_default().to_owned(),
        })
    }
}

fn server_date(answer: &Response) -> Option<std::time::SystemTime> {
    let date = answer.headers().get(http::header::DATE)?.to_str().ok()?;
    httpdate::parse_http_date(date).ok()
}
