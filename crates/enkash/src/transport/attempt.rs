//! One attempt: encrypt, take the send permit, send, read the whole response up to its limit, decrypt. Everything that is sent
//! comes through here, logins too.

use std::{
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use enkash_api::{BoxError, OperationId, ResponseBodyError, with_body};
use enkash_policy::{Effect, OperationPolicy};
use http::{
    HeaderValue, StatusCode,
    header::{AUTHORIZATION, CONTENT_LENGTH},
};
use reqwest::{Request, Response};
use tokio::time::Instant;
use tracing::Instrument;

use crate::{
    encryption::PayloadEncryption,
    transport::{
        call_state::{CallState, RawResponse},
        deadline::{self, Deadline, DeadlineExceeded, ElapsedTimeout},
        history::AttemptResult,
        off_path::{is_large, off_path},
        response_limits::{NamedLimit, ResponseLimits},
        send_permit::SendPermit,
        sender::{HttpSender, ReqwestSender, SendError},
        span::AttemptSpan,
    },
};

/// Sends single attempts. A client has one for its calls and one for its logins.
pub(crate) struct HttpTransport<S = ReqwestSender> {
    pub(crate) sender: S,
    pub(crate) connect_timeout: Duration,
    pub(crate) response_limits: ResponseLimits,
    pub(crate) encryption: Option<Arc<PayloadEncryption>>,
}

/// One call, as every layer sees it.
pub(crate) struct CallContext<'a> {
    pub(crate) http: &'a reqwest::Client,
    pub(crate) operation: OperationId,
    pub(crate) policy: &'a OperationPolicy,
    pub(crate) state: &'a CallState,
    pub(crate) attempt_timeout: Duration,
    /// When the call must have ended. A login has none: callers with times of their own share it.
    pub(crate) deadline: Option<Deadline>,
}

impl CallContext<'_> {
    /// Drops what is waited for when the time of the call ends.
    pub(crate) async fn with_deadline<T>(&self, work: impl Future<Output = T>) -> Result<T, DeadlineExceeded> {
        match self.deadline {
            Some(deadline) => deadline.enforce(self.state, work).await,
            None => Ok(work.await),
        }
    }

    fn is_login(&self) -> bool {
        self.policy.effect == Effect::Authenticates
    }
}

/// What an attempt carries beside its request.
pub(crate) struct Authorization {
    pub(crate) header: HeaderValue,
    /// Of the access token in the header. A login carries none.
    pub(crate) token_generation: Option<u64>,
}

impl<S: HttpSender> HttpTransport<S> {
    /// Sends the request once and reads the whole response.
    pub(crate) async fn attempt(
        &self,
        call: &CallContext<'_>,
        request: Request,
        authorization: Authorization,
    ) -> Result<Response, BoxError> {
        let (began, span, sending) = self.prepare(call, request, authorization)?;
        let (end, late) = deadline::end_of_attempt(call.deadline, Deadline::since(began, call.attempt_timeout));
        let limit = self.response_limit(call);
        let arriving = async {
            let mut answer = sending.await?;
            let body = limit.limit.read(&mut answer).await;
            let body = body.or_else(|error| without_body(error, limit, call.is_login()))?;
            Ok(with_body(answer, body))
        };
        let arriving = pin!(arriving.instrument(span.span()));
        let arrived = match (tokio::time::timeout_at(end, arriving).await, late) {
            (Ok(arrived), _) => arrived,
            (Err(_), ElapsedTimeout::Attempt) => Err(SendError::new(AttemptResult::TimedOut)),
            // The state and the span keep it as cut off.
            (Err(_), ElapsedTimeout::Call) => return Err(DeadlineExceeded::new(call.state).into()),
        };
        let now = Instant::now();
        let result = match &arrived {
            Ok(answer) => AttemptResult::Answered(answer.status()),
            Err(error) => error.result,
        };
        let opened = match arrived {
            Ok(answer) if is_large(answer.body().len()) => self.opening(call).open_apart(answer).await,
            Ok(answer) => self.opening(call).open(answer),
            Err(error) => Err(error.into()),
        };
        let (answer, raw) = match opened {
            Ok(response) => {
                let (response, raw) = split(call.state, response);
                (Ok(response), Some(raw))
            }
            Err(error) => (Err(error), None),
        };
        call.state.end_attempt(result, now, raw);
        span.end(result);
        answer
    }

    /// Makes the request and takes its permit. It goes out when the future is first polled.
    fn prepare<'a>(
        &'a self,
        call: &CallContext<'a>,
        mut request: Request,
        authorization: Authorization,
    ) -> Result<
        (
            Instant,
            AttemptSpan,
            impl Future<Output = Result<Response, SendError>> + Send + 'a,
        ),
        BoxError,
    > {
        request.headers_mut().insert(AUTHORIZATION, authorization.header);
        if let Some(encryption) = &self.encryption {
            request = encryption.encrypt_request(call.operation, request)?;
        }
        let permit = SendPermit::acquire(
            call.state,
            call.policy,
            call.deadline,
            self.connect_timeout,
            authorization.token_generation,
        )?;
        let span = AttemptSpan::new(call.operation, &permit.attempt, &request);
        Ok((permit.began, span, permit.send(&self.sender, call.http, request)))
    }

    fn response_limit(&self, call: &CallContext<'_>) -> NamedLimit {
        let rows = call.state.options.rows;
        self.response_limits.of(call.operation, call.policy.effect, rows)
    }

    fn opening(&self, call: &CallContext<'_>) -> Opening {
        Opening {
            operation: call.operation,
            encryption: self.encryption.clone(),
            limit: self.response_limit(call),
            is_login: call.is_login(),
        }
    }
}

/// No body in place of one that is too large, where the status says enough.
fn without_body(error: ResponseBodyError, limit: NamedLimit, is_login: bool) -> Result<Bytes, SendError> {
    match error {
        ResponseBodyError::TooLarge(error) if says_enough(error.status, is_login) => Ok(Bytes::new()),
        ResponseBodyError::TooLarge(error) => Err(limit.exceeded(error).into()),
        ResponseBodyError::Lost(error) => Err(error.into()),
    }
}

/// The response for the low level, which decodes it at once, and for the state of the call, by which it is judged. Where the
/// caller reads the body from the state, an empty object takes its place.
fn split(state: &CallState, response: http::Response<Bytes>) -> (Response, RawResponse) {
    let (mut parts, mut body) = response.into_parts();
    let raw = RawResponse {
        status: parts.status,
        headers: match state.max_decoded {
            usize::MAX => parts.headers.clone(),
            _ => std::mem::take(&mut parts.headers),
        },
        body: body.clone(),
    };
    if body.len() > state.max_decoded {
        body = Bytes::from_static(b"{}");
    }
    (http::Response::from_parts(parts, body).into(), raw)
}

/// What it takes to open a response, on whatever thread.
struct Opening {
    operation: OperationId,
    encryption: Option<Arc<PayloadEncryption>>,
    limit: NamedLimit,
    is_login: bool,
}

impl Opening {
    /// Boxed, because few answers are so large.
    fn open_apart(
        self,
        answer: http::Response<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<http::Response<Bytes>, BoxError>> + Send>> {
        Box::pin(async move { off_path(move || self.open(answer)).await? })
    }

    fn open(self, mut answer: http::Response<Bytes>) -> Result<http::Response<Bytes>, BoxError> {
        let status = answer.status();
        match self.decrypt(&mut answer) {
            result if says_enough(status, self.is_login) => {
                if result.is_err() || is_large(answer.body().len()) {
                    *answer.body_mut() = Bytes::new();
                }
            }
            result => result?,
        }
        Ok(answer)
    }

    /// Decrypts the body where it is encrypted. Nothing is decoded before its values are counted.
    fn decrypt(&self, answer: &mut http::Response<Bytes>) -> Result<(), BoxError> {
        let status = answer.status();
        self.limit.check_values(status, answer.body())?;
        let Some(encryption) = &self.encryption else {
            return Ok(());
        };
        if let Some(plain) = encryption.decrypt_response(self.operation, status, answer.body())? {
            self.limit.check_values(status, &plain)?;
            *answer.body_mut() = plain;
            // It described the body as it travelled.
            answer.headers_mut().remove(CONTENT_LENGTH);
        }
        Ok(())
    }
}

/// Whether a response is one whose body cannot be read: a 401 refuses the token whatever stands below it, and a login was
/// answered, which may have cost a strike.
fn says_enough(status: StatusCode, is_login: bool) -> bool {
    is_login || status == StatusCode::UNAUTHORIZED
}
