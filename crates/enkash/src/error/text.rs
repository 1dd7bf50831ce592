//! The texts of an error: for people, for a log, and for a metric. Nothing secret or personal is in them.

use std::{error::Error as StdError, fmt};

use enkash_api::{PlainHttpRefused, UnknownPath};

use crate::{
    auth::error::LoginError,
    encryption::DecryptionFailed,
    error::{Error, Kind, api_message::is_plain_code},
    layers::{path_guard::Misdirected, pipeline::ForeignOrigin},
    transport::{
        deadline::DeadlineExceeded, plain_http::NotLoopback, response_limits::TooLarge, send_permit::AlreadySent,
        sender::SendError,
    },
};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.operation {
            write!(f, "{operation}: ")?;
        }
        match &self.kind {
            Kind::Invalid(problem) => problem.fmt(f),
            Kind::Login => match self.find::<LoginError>() {
                Some(error) => write!(f, "no token: {error}"),
                None => f.write_str("no token"),
            },
            Kind::UnknownPath => self.fmt_source::<UnknownPath>(f, "the path is not known"),
            Kind::NotSent => {
                f.write_str("the request was not sent")?;
                match self.reason_not_sent() {
                    Some(reason) => write!(f, ": {reason}"),
                    None => Ok(()),
                }
            }
            Kind::Unreachable => {
                let unreached = self.find::<SendError>().and_then(|error| error.unreached.clone());
                write!(f, "the host{}; nothing was sent", unreached.unwrap_or_default())
            }
            Kind::OutOfTime => {
                self.fmt_source::<DeadlineExceeded>(f, "the time for the whole call ended")?;
                f.write_str(if self.sent { "" } else { "; nothing was sent" })
            }
            Kind::Timeout => f.write_str("the request was sent, and no response came in time"),
            Kind::Lost => f.write_str("the request was sent, and its response was lost"),
            Kind::Refused { status, code, message } => {
                write!(f, "the API refused (HTTP {}", status.as_u16())?;
                if let Some(code) = code {
                    let code = if is_plain_code(code) { code } else { "that is not shown" };
                    write!(f, ", code {code}")?;
                }
                f.write_str(")")?;
                match message {
                    Some(message) => message.fmt(f),
                    None => Ok(()),
                }
            }
            Kind::Unreadable { status, problem } => {
                let status = status.as_u16();
                write!(
                    f,
                    "the response (HTTP {status}) is neither a result nor a refusal that the API documents"
                )?;
                match problem {
                    Some(problem) => write!(f, ": {problem}"),
                    None => Ok(()),
                }
            }
            Kind::Undecryptable { .. } => {
                self.fmt_source::<DecryptionFailed>(f, "the encrypted response cannot be read")
            }
            Kind::TooLarge { .. } => self.fmt_source::<TooLarge>(f, "the response is too large"),
            Kind::Unauthorized => f.write_str("the API did not accept the token (HTTP 401)"),
            Kind::ReferenceNotEchoed => f.write_str(
                "not sent: the API did not repeat our reference in the response to this client's first such call, so \
                 it may not know the reference by the name that it is sent under",
            ),
            Kind::NotFoundWhereProven => {
                f.write_str("it did not happen: a look-up that is verified to be complete did not find it")
            }
        }
    }
}

impl Error {
    /// One word for a log or a metric: few, and never a text of the API's.
    pub(crate) fn label(&self) -> &'static str {
        match &self.kind {
            Kind::Invalid(problem) => match problem.field() {
                Some(_) => "input",
                None => "settings",
            },
            Kind::Login => "log_in",
            Kind::UnknownPath => "unknown_path",
            Kind::NotSent => "not_sent",
            Kind::Unreachable => "unreachable",
            Kind::OutOfTime => "out_of_time",
            Kind::Timeout => "timeout",
            Kind::Lost => "lost",
            Kind::Undecryptable { .. } => "undecryptable",
            Kind::TooLarge { .. } => "too_large",
            Kind::Refused { .. } => "refused",
            Kind::Unreadable { .. } => "unreadable",
            Kind::Unauthorized => "unauthorized",
            Kind::ReferenceNotEchoed => "reference_not_echoed",
            Kind::NotFoundWhereProven => "absent",
        }
    }

    /// The text of the source of this type.
    fn fmt_source<T: StdError + 'static>(&self, f: &mut fmt::Formatter<'_>, otherwise: &str) -> fmt::Result {
        match self.find::<T>() {
            Some(error) => write!(f, "{error}"),
            None => f.write_str(otherwise),
        }
    }

    fn reason_not_sent(&self) -> Option<String> {
        let refused: [Option<&dyn StdError>; 5] = [
            self.find::<PlainHttpRefused>().map(|error| error as _),
            self.find::<NotLoopback>().map(|error| error as _),
            self.find::<ForeignOrigin>().map(|error| error as _),
            self.find::<Misdirected>().map(|error| error as _),
            self.find::<AlreadySent>().map(|error| error as _),
        ];
        match refused.into_iter().flatten().next() {
            Some(error) => Some(error.to_string()),
            None => self.find::<enkash_api::Error>().map(ToString::to_string),
        }
    }
}

/// Debug says what Display says, and how far the call got.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({self}; {})", if self.sent { "sent" } else { "not sent" })
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|error| error as &(dyn StdError + 'static))
    }
}
