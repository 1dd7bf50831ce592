//! Carries an error of ours through progenitor. Its hook may only fail with a `reqwest::Error`, which
//! has no public constructor: a body stream that fails with our error makes one, and keeps ours as its source.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use super::BoxError;

/// Wraps an error; a `reqwest::Error` passes as it is.
pub(super) async fn into_reqwest(error: BoxError) -> reqwest::Error {
    let error = match error.downcast::<reqwest::Error>() {
        Ok(error) => return error.without_url(),
        Err(error) => error,
    };
    let body = reqwest::Body::wrap_stream(FailOnce(Some(error)));
    let read = reqwest::Response::from(http::Response::new(body)).bytes().await;
    // The answer is made up, and so is its URL.
    read.expect_err("a stream whose first item is an error cannot be read")
        .without_url()
}

/// What [`into_reqwest`] wrapped, found again.
pub(crate) fn find<'a, T: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

struct FailOnce(Option<BoxError>);

impl futures_core::Stream for FailOnce {
    type Item = Result<bytes::Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(Err))
    }
}
