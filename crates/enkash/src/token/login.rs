//! The password grant (portal: Authentication, User Authentication), sent through the generated client
//! and judged by what came back, not by how it decodes.

use std::{future::Future, pin::Pin, sync::Arc};

use enkash_api::{Client, types::TokenRequest};

use super::{
    LogInRules,
    answer::{self, TokenAnswer},
    cache::{Issued, LogIn},
    error::{LogInError, LogInErrorKind},
};
use crate::{
    Credentials,
    http_client::NotLoopback,
    pipeline::{CallRecord, Sent},
};

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
        let record = Arc::new(CallRecord::default());
        let sent = self
            .client
            .for_call(Arc::clone(&record))
            .issue_token()
            .body(form)
            .send()
            .await;
        let decoded = sent.map(drop).map_err(enkash_api::Error::from);
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
    if let Some(error) = answer::grant_error(&answer.body) {
        let answer = format!("HTTP {}, {error}", answer.status.as_u16());
        return Err(LogInErrorKind::Rejected { answer }.into());
    }
    match answer.status.as_u16() {
        200..=299 => match answer::read(&answer.body) {
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
