//! The one error of the crate. It tells what happened without what the server says in its own words: those may hold the user's
//! name or a row's content. Whoever gets it names the place.

use std::io;

use deadpool_postgres::{HookError, PoolError};
use tokio_postgres::error::SqlState;

/// Why an address cannot be used, or work in the database failed.
///
/// It names neither the login nor the place, which [`Pool::place`](crate::Pool::place) has.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{text}")]
pub struct Error {
    text: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    InvalidInput,
    Unavailable,
    Server(SqlState),
}

impl Error {
    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            kind: Kind::InvalidInput,
        }
    }

    pub(crate) fn unavailable(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            kind: Kind::Unavailable,
        }
    }

    pub(crate) fn timed_out() -> Self {
        Self::unavailable("the server does not respond in time, or all connections are busy")
    }

    /// Whether the address cannot be read or asks for what is refused: another one is needed.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        matches!(self.kind, Kind::InvalidInput)
    }

    /// Whether the server refused a statement with this state.
    #[must_use]
    pub fn is(&self, state: &SqlState) -> bool {
        matches!(&self.kind, Kind::Server(code) if code == state)
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(code) = error.code() else {
            let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<io::Error>());
            return Self::unavailable(match cause {
                Some(cause) => format!("{error}: {cause}"),
                None => error.to_string(),
            });
        };
        Self {
            text: format!("{} (SQLSTATE {})", describe(code), code.code()),
            kind: Kind::Server(code.clone()),
        }
    }
}

impl From<PoolError> for Error {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => error.into(),
            _ => Self::timed_out(),
        }
    }
}

fn describe(code: &SqlState) -> &'static str {
    match code.code() {
        "28000" | "28P01" => "the server refuses the login",
        "3D000" => "the server has no such database",
        "42501" => "the database does not permit that to this user",
        "53300" => "the server has no connection left",
        "53100" => "the server's disk is full",
        "53200" => "the server's memory is full",
        "40P01" => "two processes waited for each other",
        "57014" | "55P03" | "25P03" => "a statement took too long, or waited too long for another process",
        "57P01" | "57P02" | "57P03" => "the server is shutting down or starting up",
        "25006" => "the server only reads",
        "23505" | "23503" => "another process was faster",
        "22021" => "a text holds a character that the database cannot hold",
        _ => "the server reports an error",
    }
}
