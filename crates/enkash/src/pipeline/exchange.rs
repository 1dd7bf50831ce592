//! One attempt: encrypt, pass the send guard, send, read the whole answer, decrypt. Everything that is
//! repeated comes through here once more.

use std::{pin::pin, sync::LazyLock};

use bytes::Bytes;
use enkash_api::BoxError;
use http::{
    StatusCode,
    header::{CONTENT_LENGTH, DATE},
};
use reqwest::{Response, ResponseBuilderExt, Url};
use tokio::time::Instant;
use tracing::Instrument;

use super::{
    Credential, RawAnswer, Way,
    attempt::AttemptResult,
    record::Stage,
    retry::retry_after,
    send_guard::{self, SecondPassRefused},
    timeouts::{self, Deadline, Late, OutOfTime},
    wire::{Wire, WireError},
};
use crate::observe::AttemptSpan;

/// A larger answer is not the portal's.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

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
        // Pinned here, because a future that is handed on by value is copied each time.
        let mut sending = pin!(sending);
        let arriving = async {
            let mut answer = sending.as_mut().await?;
            let body = whole_body(&mut answer).await?;
            Ok(whole(answer, body))
        };
        let arriving = pin!(arriving.instrument(span.span()));
        let (end, late) = timeouts::end_of_attempt(self.deadline, Deadline::since(began, self.attempt_timeout));
        let arrived = match (tokio::time::timeout_at(end, arriving).await, late) {
            (Ok(arrived), _) => arrived,
            (Err(_), Late::Attempt) => Err(WireError::new(AttemptResult::TimedOut)),
            // The record and the span keep it as cut off.
            (Err(_), Late::Call) => return Err(OutOfTime::of(self.record).into()),
        };
        let now = Instant::now();
        let (result, opened) = match arrived {
            Ok(answer) => (AttemptResult::Answered(answer.status()), self.open(answer)),
            Err(error) => (error.result, Err(error.into())),
        };
        let (answer, raw) = match opened {
            Ok((answer, raw)) => (Ok(answer), Some(raw)),
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

    /// Decrypts the answer. Beside it is what an outcome is judged by, also when its form is not the described one.
    fn open(&self, mut answer: http::Response<Bytes>) -> Result<(Response, RawAnswer), BoxError> {
        if let Some(encryption) = &self.pipeline.encryption {
            match encryption.open(self.operation, answer.status(), answer.body()) {
                Ok(Some(plain)) => {
                    *answer.body_mut() = plain;
                    // It described the body as it travelled.
                    answer.headers_mut().remove(CONTENT_LENGTH);
                }
                Ok(None) => {}
                // The token is refused, whatever the body says.
                Err(_) if answer.status() == StatusCode::UNAUTHORIZED => {}
                Err(unreadable) => return Err(unreadable.into()),
            }
        }
        let status = answer.status();
        let raw = RawAnswer {
            status,
            body: answer.body().clone(),
            // Nobody else asks for the server's clock.
            date: match self.pipeline.credential {
                Credential::Fixed(_) => answer.headers().get(DATE).cloned(),
                Credential::Bearer(_) => None,
            },
            retry_after: (!status.is_success())
                .then(|| retry_after::read(answer.headers()))
                .flatten(),
        };
        Ok((answer.into(), raw))
    }
}

async fn whole_body(answer: &mut Response) -> Result<Bytes, WireError> {
    // Most answers come in one piece, which is kept as it is.
    let first = answer.chunk().await?.unwrap_or_default();
    let Some(second) = answer.chunk().await? else {
        return Ok(first);
    };
    let mut body = first.to_vec();
    body.extend_from_slice(&second);
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(WireError::new(AttemptResult::TooLarge));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// The answer with its whole body. It has a URL, because reqwest would make one up by parsing it, each time; and not the real
/// one, because an error would show what may be a person's data.
fn whole(mut answer: Response, body: Bytes) -> http::Response<Bytes> {
    static NOWHERE: LazyLock<Option<Url>> = LazyLock::new(|| "http://no.url".parse().ok());
    let mut shell = http::response::Builder::new();
    if let Some(extensions) = shell.extensions_mut() {
        *extensions = std::mem::take(answer.extensions_mut());
    }
    if let Some(url) = &*NOWHERE {
        shell = shell.url(url.clone());
    }
    let (mut parts, ()) = shell.body(()).unwrap_or_default().into_parts();
    parts.status = answer.status();
    parts.headers = std::mem::take(answer.headers_mut());
    http::Response::from_parts(parts, body)
}
