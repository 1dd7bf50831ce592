//! The password grant (page: Authentication, User Authentication), sent through the generated client
//! and judged by what came back, not by how it decodes.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use enkash_api::{Call, Client, Executor, ExecutorFuture, types::TokenRequest};
use http::HeaderValue;
use reqwest::{Request, Url};

use crate::{
    auth::{
        cache::{Issued, Login},
        error::{LoginError, LoginErrorKind},
        login_response::{LoginResponse, LoginResponseHook},
        strikes::LoginRules,
        token_response::{self, TokenAnswer},
    },
    model::{credentials::Credentials, invalid::InvalidInput},
    policy::Policies,
    transport::{
        attempt::{Authorization, CallContext, HttpTransport},
        call_state::CallState,
        history::SendProgress,
        plain_http::{NotLoopback, PlainHttpPolicy},
        response_limits::ResponseLimits,
        sender::{ReqwestSender, SendError},
    },
};

/// Sends the requests of logins: one attempt each, with the client's own credentials. Limits do not hold a login back, or the
/// calls that wait for the token could keep it waiting.
pub(crate) struct LoginExecutor {
    authorization: HeaderValue,
    plain_http: PlainHttpPolicy,
    timeout: Duration,
    transport: HttpTransport,
}

impl LoginExecutor {
    /// The credentials go by the executor, and not by the low level's own setting, because only it knows which hosts were
    /// allowed plain http.
    pub(crate) fn new(
        credentials: &Credentials,
        plain_http: PlainHttpPolicy,
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
                sender: ReqwestSender,
                connect_timeout: Duration::ZERO,
                response_limits: ResponseLimits::default(),
                encryption: None,
            },
        })
    }
}

impl Executor for LoginExecutor {
    fn execute<'a>(&'a self, http: &'a reqwest::Client, request: Request, call: Call<'a>) -> ExecutorFuture<'a> {
        let operation = call.operation.id;
        Box::pin(async move {
            self.plain_http.check(request.url())?;
            let (own, policies) = (CallState::default(), Policies::shipped());
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
    /// The base URL, for people.
    at: String,
    credentials: Credentials,
    rules: LoginRules,
    on_response: LoginResponseHook,
}

impl PasswordGrant {
    /// The client sends through a pipeline without a token layer.
    pub(crate) fn new(
        client: Client,
        base: &Url,
        credentials: Credentials,
        rules: LoginRules,
        on_response: LoginResponseHook,
    ) -> Self {
        Self {
            client,
            at: format!(
                "{}{}",
                base.origin().ascii_serialization(),
                base.path().trim_end_matches('/')
            ),
            credentials,
            rules,
            on_response,
        }
    }

    async fn request_token(&self) -> Result<Issued, LoginError> {
        let form = TokenRequest::builder()
            .client_id(&self.credentials.client_id)
            .grant_type("password")
            .username(self.credentials.username.clone())
            .password(self.credentials.password.clone());
        let record = Arc::new(CallState::default().decoded_up_to(0));
        let sent = self
            .client
            .for_call(Arc::clone(&record))
            .issue_token()
            .body(form)
            .send()
            .await;
        let decoded = sent.map(drop);
        classify(&record, decoded, self)
    }
}

impl Login for PasswordGrant {
    fn login(&self) -> Pin<Box<dyn Future<Output = Result<Issued, LoginError>> + Send + '_>> {
        Box::pin(self.request_token())
    }
}

/// What the raw response means; the decoded one only says why there is none.
fn classify(
    record: &CallState,
    decoded: Result<(), enkash_api::Error>,
    PasswordGrant {
        at, rules, on_response, ..
    }: &PasswordGrant,
) -> Result<Issued, LoginError> {
    let (answer, history) = record.take_result();
    let Some(answer) = answer else {
        let elsewhere = decoded.as_ref().err().and_then(enkash_api::Error::find::<NotLoopback>);
        if let Some(elsewhere) = elsewhere {
            return Err(LoginErrorKind::NotSent {
                reason: elsewhere.to_string(),
            }
            .into());
        }
        return Err(match (history.sent(), decoded) {
            (SendProgress::Never, Err(error)) => LoginErrorKind::NotSent {
                reason: with_sources(&error),
            },
            (SendProgress::Never, Ok(())) => LoginErrorKind::Unreadable,
            (SendProgress::ConnectFailed, decoded) => {
                let error = decoded.as_ref().err().and_then(enkash_api::Error::find::<SendError>);
                LoginErrorKind::Unreachable(error.and_then(|error| error.unreached.clone()).unwrap_or_default())
            }
            (SendProgress::HandedOver, _) => LoginErrorKind::Lost {
                timeout: record.timed_out(),
            },
        }
        .into());
    };
    on_response.show(LoginResponse {
        status: answer.status,
        headers: &answer.headers,
        body: &answer.body,
    });
    let status = answer.status.as_u16();
    let rejected = |answer: String| Err(LoginErrorKind::Rejected { answer }.into());
    if let Some(error) = token_response::grant_error(&answer.body) {
        return rejected(format!("HTTP {status}, {error}"));
    }
    match status {
        200..=299 => match token_response::parse(&answer.body) {
            TokenAnswer::Issued { token, lifetime } => Ok(Issued {
                token,
                lifetime,
                server_now: answer.server_now(),
            }),
            TokenAnswer::Refused { code } => rejected(format!("HTTP {status}, code {code}")),
            TokenAnswer::Unreadable => Err(LoginErrorKind::Unreadable.into()),
        },
        _ if rules.is_rejection(answer.status) && answer.json().is_some() => rejected(format!("HTTP {status}")),
        _ => {
            let (status, at) = (answer.status, at.to_owned());
            Err(LoginErrorKind::Status { status, at }.into())
        }
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
