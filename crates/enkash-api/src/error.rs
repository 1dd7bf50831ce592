//! The error of the low level. progenitor's own error prints bodies, URLs and headers and loses
//! statuses; this one says what happened and nothing of what was in it. `?` converts.

use std::{error::Error as StdError, fmt};

use reqwest::StatusCode;

use crate::{
    escape_controls,
    transport::{ResponseTooLarge, UnknownPath, UnreadableAnswer, carry},
    types::ErrorBody,
};

/// Why a call of the low level gave no result.
///
/// Nothing of a request or an answer is printed, neither here nor by the sources, except the portal's
/// result code and message, which [`body`](Self::body) holds as well.
pub struct Error {
    kind: Kind,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

enum Kind {
    Settings(String),
    InvalidRequest(String),
    Transport,
    PortalError {
        status: StatusCode,
        body: Box<ErrorBody>,
    },
    UnexpectedStatus(StatusCode),
    /// The status is lost to progenitor only for a success whose body is not as described.
    UndecodableSuccess,
}

impl Error {
    pub(crate) fn settings(message: impl Into<String>) -> Self {
        Kind::Settings(message.into()).into()
    }

    pub(crate) fn from_reqwest(error: reqwest::Error) -> Self {
        Self {
            kind: Kind::Transport,
            source: Some(Box::new(error.without_url())),
        }
    }

    /// The HTTP status, where an answer with a status other than success arrived, or one that is too large.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match &self.kind {
            Kind::PortalError { status, .. } | Kind::UnexpectedStatus(status) => Some(*status),
            _ => {
                let unreadable = self.find::<UnreadableAnswer>().map(|answer| answer.status);
                unreadable.or_else(|| self.find::<ResponseTooLarge>().map(|response| response.status))
            }
        }
    }

    /// The portal's error, where a documented error status carried one.
    #[must_use]
    pub fn body(&self) -> Option<&ErrorBody> {
        match &self.kind {
            Kind::PortalError { body, .. } => Some(body),
            _ => None,
        }
    }

    /// Whether the description does not know the operation's path. Give one with
    /// [`Client::with_path`](crate::Client::with_path).
    #[must_use]
    pub fn is_unknown_path(&self) -> bool {
        self.find::<UnknownPath>().is_some()
    }

    /// Whether the answer was a success that does not have the described form. The call may have had its effect.
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
        carry::find(self.source.as_deref()?)
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self { kind, source: None }
    }
}

/// An error body, or nothing where the description documents no error.
trait DocumentedError {
    fn body(self) -> Option<ErrorBody>;
}

impl DocumentedError for ErrorBody {
    fn body(self) -> Option<ErrorBody> {
        Some(self)
    }
}

impl DocumentedError for () {
    fn body(self) -> Option<ErrorBody> {
        None
    }
}

fn from_progenitor<E: DocumentedError>(error: progenitor_client::Error<E>) -> Error {
    use progenitor_client::Error as Generated;
    match error {
        Generated::InvalidRequest(message) | Generated::Custom(message) => Kind::InvalidRequest(message).into(),
        Generated::CommunicationError(error)
        | Generated::InvalidUpgrade(error)
        | Generated::ResponseBodyError(error) => Error::from_reqwest(error),
        Generated::ErrorResponse(answer) => {
            let status = answer.status();
            match answer.into_inner().body() {
                Some(body) => Kind::PortalError {
                    status,
                    body: Box::new(body),
                }
                .into(),
                None => Kind::UnexpectedStatus(status).into(),
            }
        }
        Generated::UnexpectedResponse(answer) => Kind::UnexpectedStatus(answer.status()).into(),
        // Its error and its bytes stay here: both hold parts of the body.
        Generated::InvalidResponsePayload(..) => Kind::UndecodableSuccess.into(),
    }
}

impl From<progenitor_client::Error<ErrorBody>> for Error {
    fn from(error: progenitor_client::Error<ErrorBody>) -> Self {
        from_progenitor(error)
    }
}

impl From<progenitor_client::Error<()>> for Error {
    fn from(error: progenitor_client::Error<()>) -> Self {
        from_progenitor(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Settings(message) => f.write_str(message),
            Kind::InvalidRequest(message) => write!(f, "the request is not complete: {message}"),
            Kind::Transport => match self.find::<ResponseTooLarge>() {
                Some(error) => error.fmt(f),
                None => f.write_str("the call gave no answer that can be used"),
            },
            Kind::PortalError { status, body } => {
                write!(f, "the portal answered HTTP {}", status.as_u16())?;
                if let Some(code) = body.code.as_ref().or(body.response_code.as_ref()) {
                    write!(f, ", code {}", escape_controls(&code.to_string()))?;
                }
                match body.message.as_ref().or(body.response_message.as_ref()) {
                    Some(message) => write!(f, ": {}", escape_controls(message)),
                    None => Ok(()),
                }
            }
            Kind::UnexpectedStatus(status) => {
                write!(
                    f,
                    "the answer has HTTP {}, which the description does not document",
                    status.as_u16()
                )
            }
            Kind::UndecodableSuccess => {
                f.write_str("the answer is a success of a form that the description does not document")
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
