//! One attempt: encrypt, pass the send guard, send, read the whole answer, decrypt. Everything that is
//! repeated comes through here once more.

use enkash_api::BoxError;
use http::header::{CONTENT_LENGTH, DATE, TRANSFER_ENCODING};
use reqwest::{Request, Response};
use tracing::Instrument;

use super::{
    RawAnswer, Way,
    attempt::AttemptResult,
    record::Stage,
    retry::retry_after,
    send_guard,
    wire::{Wire, WireError},
};
use crate::observe::AttemptSpan;

/// A larger answer is not the portal's.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

impl<W: Wire> Way<'_, W> {
    /// Sends one request once, and reads the whole answer.
    pub(super) async fn attempt(&self, mut request: Request) -> Result<Response, BoxError> {
        self.pipeline.plain_http.check(request.url())?;
        if let Some(encryption) = &self.pipeline.encryption {
            request = encryption.seal(self.operation, request)?;
        }
        request.timeout_mut().get_or_insert(self.timeouts.attempt);
        if self.record.passes() > 0 {
            self.record.enter(Stage::Limits);
            self.pipeline.gate.pace().await;
        }

        let pass = send_guard::pass(self)?;
        let span = AttemptSpan::new(self.operation, &pass.attempt, &request);
        let arrived = async {
            let answer = pass.send(self, request).await?;
            whole(answer).await
        };
        let arrived = arrived.instrument(span.span()).await;
        let result = match &arrived {
            Ok(answer) => AttemptResult::Answered(answer.status()),
            Err(error) => error.result,
        };
        self.record.end_attempt(result);
        span.end(result);
        self.keep(arrived?)
    }

    /// Keeps the answer, decrypted: it is what an outcome is judged by, also when its form is not the described one.
    fn keep(&self, mut answer: http::Response<bytes::Bytes>) -> Result<Response, BoxError> {
        if let Some(encryption) = &self.pipeline.encryption {
            let opened = encryption.open(self.operation, answer.status(), answer.body())?;
            if let Some(plain) = opened {
                *answer.body_mut() = plain;
            }
        }
        let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
        self.record.answered(RawAnswer {
            status: answer.status(),
            body: answer.body().clone(),
            date,
            retry_after: retry_after::read(answer.headers(), date),
        });
        Ok(answer.into())
    }
}

/// The answer with its whole body.
async fn whole(mut answer: Response) -> Result<http::Response<bytes::Bytes>, WireError> {
    // Most answers come in one piece, which is kept as it is.
    let first = answer.chunk().await?.unwrap_or_default();
    let body = match answer.chunk().await? {
        None => first,
        Some(second) => {
            let mut body = first.to_vec();
            body.extend_from_slice(&second);
            while let Some(chunk) = answer.chunk().await? {
                if body.len() + chunk.len() > MAX_ANSWER {
                    return Err(WireError::new(AttemptResult::TooLarge));
                }
                body.extend_from_slice(&chunk);
            }
            body.into()
        }
    };
    let mut whole = http::Response::new(body);
    *whole.status_mut() = answer.status();
    *whole.headers_mut() = std::mem::take(answer.headers_mut());
    // They described the body as it travelled.
    whole.headers_mut().remove(CONTENT_LENGTH);
    whole.headers_mut().remove(TRANSFER_ENCODING);
    Ok(whole)
}
