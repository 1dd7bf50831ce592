//! The error of the low level, which every call returns: it says what happened and nothing of what was in a request or a
//! response. progenitor's own error prints bodies, URLs and headers; it does not leave this crate.

use std::{error::Error as StdError, fmt};

use bytes::Bytes;
use reqwest::{StatusCode, header::CONTENT_TYPE};

use crate::{
    escape::escape_controls,
    generated::types::ErrorBody,
    transport::{BoxError, ResponseLimit, ResponseTooLarge, UnknownPath},
};

/// A gateway's page is small; a larger body is not an error of the API.
const MAX_ERROR_BODY: usize = 1024 * 1024;

/// Why a call of the low level gave no result.
///
/// Nothing of a request or a response is printed, neither here nor by the sources, except the API's
/// result code and message, which [`body`](Self::body) holds as well.
pub struct Error {
    kind: Kind,
    advice: Option<&'static str>,
    source: Option<BoxError>,
}

/// A response with an error status (or a redirect) whose body is not an error of the API.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("HTTP {status} with a body that is not the API's ({content_type}, {length} bytes)")]
#[non_exhaustive]
pub struct UnreadableResponse {
    /// The status.
    pub status: StatusCode,
    /// The content type, or `no content type`.
    pub content_type: String,
    /// How many bytes the body has.
    pub length: usize,
}

enum Kind {
    Settings(String),
    InvalidRequest(String),
    Transport,
    PortalError { status: StatusCode, body: Box<ErrorBody> },
    UnexpectedStatus(StatusCode),
    UndecodableSuccess,
}

impl Error {
    pub(crate) fn settings(message: impl Into<String>) -> Self {
        Kind::Settings(message.into()).into()
    }

    pub(crate) fn from_reqwest(error: reqwest::Error) -> Self {
        Self::from_transport(Box::new(error))
    }

    /// What kept a request from being sent, or its response from arriving.
    pub(crate) fn from_transport(error: BoxError) -> Self {
        let source = match error.downcast::<reqwest::Error>() {
            Ok(error) => Box::new(error.without_url()),
            Err(error) => error,
        };
        Self {
            source: Some(source),
            ..Kind::Transport.into()
        }
    }

    /// What kept a request from being made.
    pub(crate) fn from_request(error: progenitor_client::Error<()>) -> Self {
        use progenitor_client::Error as Generated;
        match error {
            Generated::InvalidRequest(message) | Generated::Custom(message) => Kind::InvalidRequest(message).into(),
            Generated::CommunicationError(error) => Self::from_reqwest(error),
            // Nothing was sent yet, so nothing else can have happened; its text may hold what was to be sent.
            _ => Kind::InvalidRequest("a value does not fit the request".to_owned()).into(),
        }
    }

    /// What a response says whose status is no success.
    pub(crate) fn from_response(response: &http::Response<Bytes>, documented: &[u16]) -> Self {
        let (status, body) = (response.status(), response.body());
        let is_bounded = ResponseLimit::bytes(MAX_ERROR_BODY).check_values(status, body).is_ok();
        match serde_json::from_slice(body) {
            Ok(body) if is_bounded && documented.contains(&status.as_u16()) => {
                Kind::PortalError { status, body }.into()
            }
            Ok(_) if is_bounded => Self::undocumented(status),
            _ => {
                let content_type = response.headers().get(CONTENT_TYPE);
                Self::from_transport(Box::new(UnreadableResponse {
                    status,
                    content_type: content_type
                        .and_then(|value| value.to_str().ok())
                        .unwrap_or("no content type")
                        .to_owned(),
                    length: body.len(),
                }))
            }
        }
    }

    pub(crate) fn undocumented(status: StatusCode) -> Self {
        Kind::UnexpectedStatus(status).into()
    }

    pub(crate) fn undecodable() -> Self {
        Kind::UndecodableSuccess.into()
    }

    /// Adds what its reader can do about it.
    pub(crate) fn with_advice(self, advice: Option<&'static str>) -> Self {
        Self { advice, ..self }
    }

    /// The HTTP status, where a response with a status other than success arrived, or one that is too large.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match &self.kind {
            Kind::PortalError { status, .. } | Kind::UnexpectedStatus(status) => Some(*status),
            _ => {
                let unreadable = self.find::<UnreadableResponse>().map(|answer| answer.status);
                unreadable.or_else(|| self.find::<ResponseTooLarge>().map(|response| response.status))
            }
        }
    }

    /// The API's error, where a documented error status carried one.
    #[must_use]
    pub fn body(&self) -> Option<&ErrorBody> {
        match &self.kind {
            Kind::PortalError { body, .. } => Some(body),
            _ => None,
        }
    }

    /// Whether the spec does not know the operation's path. Give one with
    /// [`Client::with_path`](crate::Client::with_path).
    #[must_use]
    pub fn is_unknown_path(&self) -> bool {
        self.find::<UnknownPath>().is_some()
    }

    /// Whether the response was a success that does not have the described form. The call may have had its effect.
    #[must_use]
    pub fn is_undecodable(&self) -> bool {
        matches!(self.kind, Kind::UndecodableSuccess)
    }

    /// Whether the response is larger than the client's [`ResponseLimit`](crate::ResponseLimit). The call may have had its
    /// effect.
    #[must_use]
    pub fn is_response_too_large(&self) -> bool {
        self.find::<ResponseTooLarge>().is_some()
    }

    /// An error of this type among the sources: what an [`Executor`](crate::Executor) returned is found here.
    #[must_use]
    pub fn find<T: StdError + 'static>(&self) -> Option<&T> {
        let mut next = self.source();
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            next = error.source();
        }
        None
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self {
            kind,
            advice: None,
            source: None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(self, f)?;
        self.advice.map_or(Ok(()), |advice| write!(f, ". {advice}"))
    }
}

impl Kind {
    fn fmt(&self, error: &Error, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(message) => f.write_str(message),
            Self::InvalidRequest(message) => write!(f, "the request is not complete: {message}"),
            Self::Transport => match error.find::<ResponseTooLarge>() {
                Some(error) => write!(f, "{error}"),
                None => f.write_str("the call gave no response that can be used"),
            },
            Self::PortalError { status, body } => {
                write!(f, "the API answered HTTP {}", status.as_u16())?;
                if let Some(code) = body.code.as_ref().or(body.response_code.as_ref()) {
                    write!(f, ", code {}", escape_controls(&code.to_string()))?;
                }
                match body.message.as_ref().or(body.response_message.as_ref()) {
                    Some(message) => write!(f, ": {}", escape_controls(message)),
                    None => Ok(()),
                }
            }
            Self::UnexpectedStatus(status) => {
                write!(
                    f,
                    "the response has HTTP {}, which the spec does not document",
                    status.as_u16()
                )
            }
            Self::UndecodableSuccess => {
                f.write_str("the response is a success of a form that the spec does not document")
            }
        }
    }
}

/// Debug says what Display says: there is nothing more that may be shown.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({self}")?;
        let mut next = self.source();
        while let Some(error) = next {
            write!(f, ": {error}")?;
            next = error.source();
        }
        f.write_str(")")
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|error| error as &(dyn StdError + 'static))
    }
}
