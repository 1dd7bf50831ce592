//! The password grant (portal: Authentication, User Authentication), sent through the generated client
//! and judged by what came back, not by how it decodes.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use enkash_api::{Call, Client, Executor, ExecutorFuture, types::TokenRequest};
use http::HeaderValue;
use reqwest::Request;

use crate::{
    auth::{
        cache::{Issued, LogIn},
        error::{LogInError, LogInErrorKind},
        strikes::LogInRules,
        token_response::{self, TokenAnswer},
    },
    model::{credentials::Credentials, invalid::InvalidInput},
    policy::Policies,
    transport::{
        attempt::{Authorization, CallContext, HttpTransport},
        call_state::CallRecord,
        history::Sent,
        plain_http::{NotLoopback, PlainHttp},
        response_limits::ResponseLimits,
        sender::Reqwest,
    },
};

/// Sends the requests of log-ins: one attempt each, with the client's own credentials. Limits do not hold a log-in back, or the
/// calls that wait for the token could keep it waiting.
pub(crate) struct LogInExecutor {
    authorization: HeaderValue,
    plain_http: PlainHttp,
    timeout: Duration,
    transport: HttpTransport,
}

impl LogInExecutor {
    /// The credentials go by the executor, and not by the low level's own setting, because only it knows which hosts were
    /// allowed plain http.
    pub(crate) fn new(
        credentials: &Credentials,
        plain_http: PlainHttp,
        timeout: Duration,
    ) -> Result<Self, InvalidInput> {
        let mut authorization = HeaderValue::from_str(credentials.basic().expose())
            .map_err(|_| InvalidInput::setting("the credential has characters that a header cannot hold"))?;
        authorization.set_sensitive(true);
        Ok(Self {
            authorization,
            plain_http,
            timeout,
            transport: HttpTransport {
                sender: Reqwest,
                connect_timeout: Duration::ZERO,
                response_limits: ResponseLimits::default(),
                encryption: None,
            },
        })
    }
}

impl Executor for LogInExecutor {
    fn execute<'a>(&'a self, http: &'a reqwest::Client, request: Request, call: Call<'a>) -> ExecutorFuture<'a> {
        let operation = call.operation.id;
        Box::pin(async move {
            self.plain_http.check(request.url())?;
            let (own, policies) = (CallRecord::default(), Policies::shipped());
            let context = CallContext {
                http,
                operation,
                policy: policies.of(operation),
                state: call.context().unwrap_or(&own),
                attempt_timeout: self.timeout,
                deadline: None,
            };
            let authorization = Authorization {
                header: self.authorization.clone(),
                token_generation: None,
            };
            self.transport.attempt(&context, request, authorization).await
        })
    }

    fn limits_responses(&self) -> bool {
        true
    }
}

/// Logs in with one set of credentials at one host.
pub(crate) struct PasswordGrant {
    client: Client,
    credentials: Credentials,
    rules: LogInRules,
}

impl PasswordGrant {
    /// The client sends through a pipeline without a token layer.
    pub(crate) fn new(client: Client, credentials: Credentials, rules: LogInRules) -> Self {
        Self {
            client,
            credentials,
            rules,
        }
    }

    async fn grant(&self) -> Result<Issued, LogInError> {
        let form = TokenRequest::builder()
            .client_id(self.credentials.client_id())
            .grant_type("password")
            .username(self.credentials.username().clone())
            .password(self.credentials.password().clone());
        let record = Arc::new(CallRecord::default().decoded_up_to(0));
        let sent = self
            .client
            .for_call(Arc::clone(&record))
            .issue_token()
            .body(form)
            .send()
            .await;
        let decoded = sent.map(drop);
        judge(&record, decoded, &self.rules)
    }
}

impl LogIn for PasswordGrant {
    fn log_in(&self) -> Pin<Box<dyn Future<Output = Result<Issued, LogInError>> + Send + '_>> {
        Box::pin(self.grant())
    }
}

/// What the raw answer means; the decoded one only says why there is none.
fn judge(
    record: &CallRecord,
    decoded: Result<(), enkash_api::Error>,
    rules: &LogInRules,
) -> Result<Issued, LogInError> {
    let (answer, history) = record.take_result();
    let Some(answer) = answer else {
        let elsewhere = decoded.as_ref().err().and_then(enkash_api::Error::find::<NotLoopback>);
        if let Some(elsewhere) = elsewhere {
            return Err(LogInErrorKind::NotSent {
                reason: elsewhere.to_string(),
            }
            .into());
        }
        return Err(match (history.sent(), decoded) {
            (Sent::Never, Err(error)) => LogInErrorKind::NotSent {
                reason: with_sources(&error),
            },
            (Sent::Never, Ok(())) => LogInErrorKind::Unreadable,
            (Sent::ConnectFailed, _) => LogInErrorKind::Unreachable,
            (Sent::HandedOver, _) => LogInErrorKind::Lost {
                timeout: record.timed_out(),
            },
        }
        .into());
    };
    if let Some(error) = token_response::grant_error(&answer.body) {
        let answer = format!("HTTP {}, {error}", answer.status.as_u16());
        return Err(LogInErrorKind::Rejected { answer }.into());
    }
    match answer.status.as_u16() {
        200..=299 => match token_response::read(&answer.body) {
            TokenAnswer::Issued { token, lifetime } => Ok(Issued {
                token,
                lifetime,
                server_now: answer.server_now(),
            }),
            TokenAnswer::Refused { code } => Err(LogInErrorKind::Rejected {
                answer: format!("HTTP {}, code {code}", answer.status.as_u16()),
            }
            .into()),
            TokenAnswer::Unreadable => Err(LogInErrorKind::Unreadable.into()),
        },
        status if rules.is_rejection(answer.status) && answer.json().is_some() => Err(LogInErrorKind::Rejected {
            answer: format!("HTTP {status}"),
        }
        .into()),
        _ => Err(LogInErrorKind::Status { status: answer.status }.into()),
    }
}

/// An error with its sources on one line: nothing in them holds a body or a credential.
fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text.push_str(": ");
        text.push_str(&error.to_string());
        next = error.source();
    }
    text
}
