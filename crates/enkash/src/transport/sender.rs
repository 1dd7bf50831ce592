//! The seam to reqwest: puts one request on the wire, and says in our words how that failed. Only the send
//! guard calls it. Tests put a script in its place, so that time can be moved without a socket.

use std::future::Future;

use enkash_api::BoxError;
use futures_util::TryFutureExt;
use reqwest::{Request, Response};

use crate::transport::{history::AttemptResult, response_limits::TooLarge, unreached::Unreached};

pub(crate) trait HttpSender: Send + Sync + 'static {
    fn send(
        &self,
        http: &reqwest::Client,
        request: Request,
    ) -> impl Future<Output = Result<Response, SendError>> + Send;
}

/// The real one.
#[derive(Clone, Copy)]
pub(crate) struct ReqwestSender;

impl HttpSender for ReqwestSender {
    fn send(
        &self,
        http: &reqwest::Client,
        request: Request,
    ) -> impl Future<Output = Result<Response, SendError>> + Send {
        http.execute(request).err_into()
    }
}

/// No whole response came.
#[derive(Debug, thiserror::Error)]
#[error("{result}")]
pub(crate) struct SendError {
    pub(crate) result: AttemptResult,
    /// Where no connection was made.
    pub(crate) unreached: Option<Unreached>,
    source: Option<BoxError>,
}

impl SendError {
    pub(crate) fn new(result: AttemptResult) -> Self {
        Self {
            result,
            unreached: None,
            source: None,
        }
    }
}

impl From<reqwest::Error> for SendError {
    fn from(error: reqwest::Error) -> Self {
        // A connection that takes too long is both: that nothing was sent says more.
        let result = if error.is_connect() {
            AttemptResult::NotConnected
        } else if error.is_timeout() {
            AttemptResult::TimedOut
        } else {
            AttemptResult::ConnectionLost
        };
        Self {
            result,
            unreached: error.is_connect().then(|| Unreached::new(&error)),
            // A URL may hold a person's data.
            source: Some(error.without_url().into()),
        }
    }
}

impl From<TooLarge> for SendError {
    fn from(error: TooLarge) -> Self {
        Self {
            result: AttemptResult::TooLarge,
            unreached: None,
            source: Some(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    /// Nothing listens on the discard port of loopback.
    #[tokio::test]
    async fn an_error_says_what_happened_and_does_not_show_the_url() {
        let request = Request::new(
            reqwest::Method::GET,
            "http://127.0.0.1:9/9000000004?q=canary".parse().unwrap(),
        );
        let http = enkash_api::http_client_builder().no_proxy().build().unwrap();
        let error = ReqwestSender.send(&http, request).await.unwrap_err();
        assert_eq!(error.result, AttemptResult::NotConnected);
        let mut shown = format!("{error} {error:?}");
        let mut next = error.source();
        while let Some(error) = next {
            shown.push_str(&format!("{error} {error:?}"));
            next = error.source();
        }
        assert!(!shown.contains("9000000004") && !shown.contains("canary"), "{shown}");
    }
}
