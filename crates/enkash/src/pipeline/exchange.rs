//! One attempt: encrypt, pass the send guard, send, read the whole answer up to its limit, decrypt. Everything that is
//! repeated comes through here once more.

use std::{
    pin::{Pin, pin},
    sync::Arc,
};

use bytes::Bytes;
use enkash_api::{BoxError, OperationId, ResponseBodyError, with_body};
use http::{
    StatusCode,
    header::{CONTENT_LENGTH, DATE},
};
use reqwest::Response;
use tokio::time::Instant;
use tracing::Instrument;

use super::{
    Credential, RawAnswer, Sealing, Way,
    attempt::AttemptResult,
    off_path::{is_large, off_path},
    record::Stage,
    response_limits::NamedLimit,
    retry::retry_after,
    send_guard::{self, SecondPassRefused},
    timeouts::{self, Deadline, Late, OutOfTime},
    wire::{Wire, WireError},
};
use crate::observe::AttemptSpan;

/// The response is large: it lies in the record, and the caller decodes it off the async path.
#[derive(Debug, thiserror::Error)]
#[error("the response is decoded by the caller")]
pub(crate) struct DecodedApart;

/// One sending of a call's request.
#[derive(Clone, Copy)]
pub(super) struct Turn {
    /// Of the token that it carries. A log-in carries none.
    pub(super) token_generation: Option<u64>,
    /// Whether it was sent before.
    pub(super) is_repetition: bool,
}

impl<W: Wire> Way<'_, W> {
    /// Sends the request once and reads the whole answer.
    pub(super) async fn attempt(&self, turn: Turn) -> Result<Response, BoxError> {
        if turn.is_repetition {
            self.record.enter(Stage::Limits);
            Box::pin(self.cut_off(self.pipeline.gate.pace())).await?;
        }

        let (began, span, sending) = self.hand_over(turn)?;
        let (end, late) = timeouts::end_of_attempt(self.deadline, Deadline::since(began, self.attempt_timeout));
        // What is sent and read ends with the block: the work on a large answer needs no place beside it.
        let arrived = {
            // Pinned here, because a future that is handed on by value is copied each time.
            let mut sending = pin!(sending);
            let arriving = async {
                let mut answer = sending.as_mut().await?;
                let body = self.response_limit().limit.read(&mut answer).await;
                let body = body.or_else(|error| self.without_body(error))?;
                Ok(with_body(answer, body))
            };
            let arriving = pin!(arriving.instrument(span.span()));
            match (tokio::time::timeout_at(end, arriving).await, late) {
                (Ok(arrived), _) => arrived,
                (Err(_), Late::Attempt) => Err(WireError::new(AttemptResult::TimedOut)),
                // The record and the span keep it as cut off.
                (Err(_), Late::Call) => return Err(OutOfTime::of(self.record).into()),
            }
        };
        let now = Instant::now();
        let (result, arrived) = result_of(arrived);
        let opened = match arrived {
            Ok(answer) if is_large(answer.body().len()) => self.opening().open_apart(answer).await,
            Ok(answer) => self.opening().open(answer),
            Err(error) => Err(error.into()),
        };
        let (answer, raw) = match opened {
            Ok((answer, raw)) => (self.hand_on(answer), Some(raw)),
            Err(error) => (Err(error), None),
        };
        self.record.end_attempt(result, now, raw);
        span.end(result);
        answer
    }

    /// Makes the request and takes it past the guard. It goes out when the future is first polled.
    fn hand_over(
        &self,
        turn: Turn,
    ) -> Result<(Instant, AttemptSpan, impl Future<Output = Result<Response, WireError>>), BoxError> {
        let mut request = self.record.original().next().ok_or(SecondPassRefused)?;
        if let Some(encryption) = &self.pipeline.encryption {
            request = encryption.seal(self.operation, request)?;
        }
        let pass = send_guard::pass(self, turn.token_generation)?;
        let span = AttemptSpan::new(self.operation, &pass.attempt, &request);
        Ok((pass.began, span, pass.send(self, request)))
    }

    fn response_limit(&self) -> NamedLimit {
        let rows = self.record.options.row_count();
        let limits = self.pipeline.response_limits;
        limits.of(self.operation, self.policy.effect, rows)
    }

    fn is_login(&self) -> bool {
        matches!(self.pipeline.credential, Credential::Fixed(_))
    }

    /// No body in place of one that is too large, where the status says enough.
    fn without_body(&self, error: ResponseBodyError) -> Result<Bytes, WireError> {
        match error {
            ResponseBodyError::TooLarge(error) if says_enough(error.status, self.is_login()) => Ok(Bytes::new()),
            ResponseBodyError::TooLarge(error) => Err(self.response_limit().exceeded(error).into()),
            ResponseBodyError::Lost(error) => Err(error.into()),
        }
    }

    fn opening(&self) -> Opening {
        Opening {
            operation: self.operation,
            encryption: self.pipeline.encryption.clone(),
            limit: self.response_limit(),
            is_login: self.is_login(),
        }
    }

    /// The answer for the low level, which decodes it at once; so not where the caller wants to do that elsewhere.
    fn hand_on(&self, answer: http::Response<Bytes>) -> Result<Response, BoxError> {
        if self.record.is_decoded_apart && is_large(answer.body().len()) {
            return Err(DecodedApart.into());
        }
        Ok(answer.into())
    }
}

/// An answer, and what an outcome is judged by, also when its form is not the described one.
type Opened = (http::Response<Bytes>, RawAnswer);

/// What it takes to open an answer, on whatever thread.
struct Opening {
    operation: OperationId,
    encryption: Option<Arc<Sealing>>,
    limit: NamedLimit,
    is_login: bool,
}

impl Opening {
    /// Boxed, because few answers are so large.
    fn open_apart(
        self,
        answer: http::Response<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Opened, BoxError>> + Send>> {
        Box::pin(async move { off_path(move || self.open(answer)).await? })
    }

    fn open(self, mut answer: http::Response<Bytes>) -> Result<Opened, BoxError> {
        let status = answer.status();
        match self.decrypt(&mut answer) {
            result if says_enough(status, self.is_login) => {
                if result.is_err() || is_large(answer.body().len()) {
                    *answer.body_mut() = Bytes::new();
                }
            }
            result => result?,
        }
        let raw = RawAnswer {
            status,
            body: answer.body().clone(),
            // Nobody else asks for the server's clock.
            date: answer.headers().get(DATE).filter(|_| self.is_login).cloned(),
            retry_after: (!status.is_success())
                .then(|| retry_after::read(answer.headers()))
                .flatten(),
        };
        Ok((answer, raw))
    }

    /// Decrypts the body where it is encrypted. Nothing is decoded before its values are counted.
    fn decrypt(&self, answer: &mut http::Response<Bytes>) -> Result<(), BoxError> {
        let status = answer.status();
        self.limit.check_values(status, answer.body())?;
        let Some(encryption) = &self.encryption else {
            return Ok(());
        };
        if let Some(plain) = encryption.open(self.operation, status, answer.body())? {
            self.limit.check_values(status, &plain)?;
            *answer.body_mut() = plain;
            // It described the body as it travelled.
            answer.headers_mut().remove(CONTENT_LENGTH);
        }
        Ok(())
    }
}

/// How the attempt ended, beside what came of it. A function of its own, so that the answer lies apart from what it came out of.
fn result_of(
    arrived: Result<http::Response<Bytes>, WireError>,
) -> (AttemptResult, Result<http::Response<Bytes>, WireError>) {
    let result = match &arrived {
        Ok(answer) => AttemptResult::Answered(answer.status()),
        Err(error) => error.result,
    };
    (result, arrived)
}

/// Whether an answer is one whose body cannot be read: a 401 refuses the token whatever stands below it, and a log-in was
/// answered, which may have cost a strike.
fn says_enough(status: StatusCode, is_login: bool) -> bool {
    is_login || status == StatusCode::UNAUTHORIZED
}
