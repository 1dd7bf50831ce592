//! The responses that faults of a call make: in place of the operation's own, or of its own with something wrong on the way.
//! The API's routes ask for them before the effect and after it.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, StatusCode, Uri, header};

use super::Shared;
use super::response::{EncodedResponse, plain_error};
use super::wire::{ConnectionAction, TruncatedBody};
use crate::faults::{Fault, RedirectTo, When};

/// The response of a fault that prevents the effect.
pub(super) fn prevented_response(shared: &Shared, fault: &Fault, uri: &Uri) -> Response {
    status_fault(shared, fault, uri).unwrap_or_else(|| {
        // Of the faults that prevent the effect, only a reset has none.
        let mut response = Response::default();
        response.extensions_mut().insert(ConnectionAction::Reset);
        response
    })
}

/// The response of an operation that took effect, with what the faults make of it.
pub(super) fn apply_response_faults(
    shared: &Shared,
    mut encoded: EncodedResponse,
    faults: &[Fault],
    uri: &Uri,
) -> Response {
    let mut action = None;
    let mut half = None;
    for fault in faults {
        match *fault {
            Fault::Reset(When::After) => action = Some(ConnectionAction::Reset),
            Fault::Refused(time) => action = Some(ConnectionAction::ClosePort(time)),
            Fault::IdleClose => action = Some(ConnectionAction::Close),
            Fault::DuplicateAnswer => action = Some(ConnectionAction::Append(on_the_wire(&encoded))),
            Fault::WrongContentType => encoded.content_type = Some(HeaderValue::from_static("text/plain")),
            Fault::TornBody | Fault::StalledBody => half = Some(fault),
            _ => {
                if let Some(response) = status_fault(shared, fault, uri) {
                    return response;
                }
            }
        }
    }
    let body = match half {
        Some(Fault::TornBody) => Body::new(TruncatedBody::torn(&encoded.body)),
        Some(_) => Body::new(TruncatedBody::stalled(&encoded.body, shared.ending.clone())),
        None => Body::from(encoded.body.clone()),
    };
    let mut response = encoded.head().map(|()| body);
    if let Some(action) = action {
        response.extensions_mut().insert(action);
    }
    response
}

/// The response of a fault that gives a status of its own.
fn status_fault(shared: &Shared, fault: &Fault, uri: &Uri) -> Option<Response> {
    let error = |status: StatusCode| plain_error(status, status.canonical_reason().unwrap_or("Error"));
    let mut header = None;
    let encoded = match *fault {
        Fault::BadGateway(_) => EncodedResponse::html(StatusCode::BAD_GATEWAY),
        Fault::Unauthorized(_) => error(StatusCode::UNAUTHORIZED),
        Fault::Forbidden(_) => error(StatusCode::FORBIDDEN),
        Fault::ServerError(_) => error(StatusCode::INTERNAL_SERVER_ERROR),
        Fault::TooManyRequests(seconds) => {
            header = Some((header::RETRY_AFTER, seconds.into()));
            error(StatusCode::TOO_MANY_REQUESTS)
        }
        Fault::Redirect(status, to, _) => {
            let path = uri.path_and_query().map_or("/", |path| path.as_str());
            let location = match to {
                RedirectTo::Itself => format!("{}{path}", shared.url()),
                RedirectTo::DeadHost => format!("http://127.0.0.1:1{path}"),
            };
            header = HeaderValue::from_str(&location)
                .ok()
                .map(|location| (header::LOCATION, location));
            EncodedResponse::json(StatusCode::from_u16(status).unwrap_or(StatusCode::FOUND), "{}")
        }
        _ => return None,
    };
    let mut response = encoded.into_response();
    response.headers_mut().extend(header);
    Some(response)
}

/// A whole response as it looks on the wire.
fn on_the_wire(encoded: &EncodedResponse) -> Bytes {
    let mut text = format!(
        "HTTP/1.1 {} {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        encoded.status.as_u16(),
        encoded.status.canonical_reason().unwrap_or_default(),
        encoded.body.len()
    )
    .into_bytes();
    text.extend_from_slice(&encoded.body);
    text.into()
}
