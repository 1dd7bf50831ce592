//! One attempt: encrypt, pass the send guard, send, read the whole answer, decrypt. Everything that is
//! repeated comes through here once more.

use std::{pin::pin, sync::LazyLock};

use bytes::Bytes;
use enkash_api::BoxError;
use http::{
    Extensions, StatusCode,
    header::{CONTENT_LENGTH, DATE, TRANSFER_ENCODING},
};
use reqwest::{Request, Response, ResponseBuilderExt, Url};
use tracing::Instrument;

use super::{
    RawAnswer, Way,
    attempt::AttemptResult,
    record::Stage,
    retry::retry_after,
    send_guard,
    timeouts::{self, Late, OutOfTime},
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
        if let (Some(deadline), 1..) = (self.deadline, self.record.passes()) {
            self.record.enter(Stage::Limits);
            deadline.cut_off(self.record, self.pipeline.gate.pace()).await?;
        }

        let pass = send_guard::pass(self)?;
        let span = AttemptSpan::new(self.operation, &pass.attempt, &request);
        // Pinned here, because a future that is handed on by value is copied each time.
        let arriving = async {
            let answer = pass.send(self, request).await?;
            whole(answer).await
        };
        let arriving = pin!(arriving.instrument(span.span()));
        let arrived = match timeouts::attempt(self.deadline, self.timeouts.attempt, arriving).await {
            Ok(arrived) => arrived,
            Err(Late::Attempt) => Err(WireError::new(AttemptResult::TimedOut)),
            // The record and the span keep it as cut off.
            Err(Late::Call) => return Err(OutOfTime::of(self.record).into()),
        };
        let result = match &arrived {
            Ok(answer) => AttemptResult::Answered(answer.status()),
            Err(error) => error.result,
        };
        self.record.end_attempt(result);
        span.end(result);
        self.keep(arrived?)
    }

    /// Keeps the answer, decrypted: it is what an outcome is judged by, also when its form is not the described one.
    fn keep(&self, mut answer: http::Response<Bytes>) -> Result<Response, BoxError> {
        if let Some(encryption) = &self.pipeline.encryption {
            match encryption.open(self.operation, answer.status(), answer.body()) {
                Ok(Some(plain)) => *answer.body_mut() = plain,
                Ok(None) => {}
                // The token is refused, whatever the body says.
                Err(_) if answer.status() == StatusCode::UNAUTHORIZED => {}
                Err(unreadable) => return Err(unreadable.into()),
            }
        }
        self.record.answered(RawAnswer {
            status: answer.status(),
            body: answer.body().clone(),
            date: answer.headers().get(DATE).cloned(),
            retry_after: retry_after::read(answer.headers()),
        });
        Ok(answer.into())
    }
}

/// An answer that has a URL. Without one reqwest makes one up by parsing it, each time; with the real one, an error would
/// show what may be a person's data.
fn with_url(body: Bytes, extensions: Extensions) -> http::Response<Bytes> {
    static NOWHERE: LazyLock<Option<Url>> = LazyLock::new(|| "http://no.url".parse().ok());
    let mut shell = http::response::Builder::new();
    if let Some(own) = shell.extensions_mut() {
        *own = extensions;
    }
    if let Some(url) = &*NOWHERE {
        shell = shell.url(url.clone());
    }
    let (parts, ()) = shell.body(()).unwrap_or_default().into_parts();
    http::Response::from_parts(parts, body)
}

/// The answer with its whole body.
async fn whole(mut answer: Response) -> Result<http::Response<Bytes>, WireError> {
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
    let mut whole = with_url(body, std::mem::take(answer.extensions_mut()));
    *whole.status_mut() = answer.status();
    *whole.headers_mut() = std::mem::take(answer.headers_mut());
    // They described the body as it travelled.
    whole.headers_mut().remove(CONTENT_LENGTH);
    whole.headers_mut().remove(TRANSFER_ENCODING);
    Ok(whole)
}
