//! Keeps the status of an answer that is not the portal's. progenitor decodes the body of a documented
//! error first and loses the status when that fails, as it does for a gateway's HTML.

use reqwest::{Response, StatusCode, header::CONTENT_TYPE};

use super::{BoxError, ResponseLimit};
use crate::types;

/// A gateway's page is small; a larger body is not an error of the portal.
const MAX_ERROR_BODY: usize = 1024 * 1024;

/// An answer with an error status (or a redirect) whose body is not an error of the portal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("HTTP {status} with a body that is not the portal's ({content_type}, {length} bytes)")]
#[non_exhaustive]
pub struct UnreadableAnswer {
    /// The status.
    pub status: StatusCode,
    /// The content type, or `no content type`.
    pub content_type: String,
    /// How many bytes the body had, at most 1 MiB of which were read.
    pub length: usize,
}

/// Passes a success on untouched, and an error whose body progenitor will understand.
pub(super) async fn keep_status(mut answer: Response) -> Result<Response, BoxError> {
    if answer.status().is_success() {
        return Ok(answer);
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ERROR_BODY {
            break;
        }
    }
    let is_bounded = ResponseLimit::bytes(MAX_ERROR_BODY)
        .check_values(answer.status(), &body)
        .is_ok();
    if !is_bounded || serde_json::from_slice::<types::ErrorBody>(&body).is_err() {
        let content_type = answer.headers().get(CONTENT_TYPE);
        return Err(UnreadableAnswer {
            status: answer.status(),
            content_type: content_type
                .and_then(|value| value.to_str().ok())
                .unwrap_or("no content type")
                .to_owned(),
            length: body.len(),
        }
        .into());
    }
    let mut rebuilt = http::Response::new(body);
    *rebuilt.status_mut() = answer.status();
    *rebuilt.headers_mut() = std::mem::take(answer.headers_mut());
    Ok(rebuilt.into())
}
