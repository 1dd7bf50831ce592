//! What the recorder says by itself. It never looks like a response of the API: it has neither of the API's envelopes, so that
//! no client takes it for a yes or a no.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use serde_json::json;

/// A whole response.
pub(super) type WholeResponse = Response<Full<Bytes>>;

/// Why a request stays here.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: &'static str,
    reason: String,
    retry_after: Option<u64>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, reason: impl Into<String>) -> Self {
        Self {
            status,
            error: "refused_by_recorder",
            reason: reason.into(),
            retry_after: None,
        }
    }

    /// With an error of OAuth, which clients that log in know.
    pub(super) fn of_login(status: StatusCode, error: &'static str, reason: impl Into<String>) -> Self {
        Self {
            error,
            ..Self::new(status, reason)
        }
    }

    pub(super) fn retry_after(self, seconds: Option<u64>) -> Self {
        Self {
            retry_after: seconds,
            ..self
        }
    }

    #[cfg(test)]
    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn into_response(self) -> WholeResponse {
        let body = json!({
            "error": self.error,
            "error_description": format!("enkash record: {}. Nothing was sent to the API.", self.reason),
        });
        let mut response = json_response(self.status, &body);
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// A response of the recorder's own.
pub(super) fn json_response(status: StatusCode, body: &serde_json::Value) -> WholeResponse {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
