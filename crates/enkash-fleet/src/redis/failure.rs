//! Why Redis did not do what was asked, in words of our own: what the server says may hold a name or a value.

use std::{fmt, io};

use redis::{ErrorKind, RedisError};

/// Why there is no reply, or not the one that was asked for.
#[derive(Debug)]
pub(super) enum Failure {
    /// No connection came about, so nothing was done.
    Unreachable(io::Error),
    /// The connection ended before the reply: what was asked was done or not.
    BrokenOff,
    /// No reply came in time: what was asked was done or not.
    TimedOut,
    /// The server refused it.
    Refused(Refusal),
    /// The reply is none to what was asked.
    Unreadable,
}

/// What a server gives as the reason of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Login,
    NotPermitted,
    OnlyReads,
    Loads,
    MemoryFull,
    Cluster,
    CannotSave,
    Busy,
    NoScript,
    OtherType,
    Other,
}

impl Refusal {
    fn of(code: &str) -> Self {
        match code {
            "NOAUTH" | "WRONGPASS" => Self::Login,
            "NOPERM" => Self::NotPermitted,
            "READONLY" => Self::OnlyReads,
            "LOADING" | "MASTERDOWN" => Self::Loads,
            "OOM" => Self::MemoryFull,
            "MOVED" | "ASK" | "CROSSSLOT" | "TRYAGAIN" | "CLUSTERDOWN" => Self::Cluster,
            "MISCONF" | "NOREPLICAS" => Self::CannotSave,
            "BUSY" => Self::Busy,
            "NOSCRIPT" => Self::NoScript,
            "WRONGTYPE" => Self::OtherType,
            _ => Self::Other,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Login => "the server refuses the login",
            Self::NotPermitted => {
                "the server does not permit that to this user (README.md of enkash-fleet names the rights)"
            }
            Self::OnlyReads => "the server is a replica, which only reads: give the address of the primary",
            Self::Loads => "the server is still reading its data",
            Self::MemoryFull => "the server's memory is full",
            Self::Cluster => {
                "the server is a node of a Redis cluster, which is not supported: give the address of a single Redis"
            }
            Self::CannotSave => "the server takes no writes, because it cannot save them to its disk or its replicas",
            Self::Busy => "the server is busy with a script of somebody else",
            Self::NoScript => "the server has lost a script that it was just given",
            Self::OtherType => "a key of ours holds a value of another type",
            Self::Other => "the server reports an error; it must be Redis 6.2 or newer",
        }
    }
}

impl Failure {
    /// Whether the server said that it did nothing of it, or was never asked.
    pub(super) fn is_certain(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Refused(_))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(error) => write!(f, "no connection can be made: {error}"),
            Self::BrokenOff => f.write_str("the connection broke off"),
            Self::TimedOut => f.write_str("the server does not respond in time"),
            Self::Refused(refusal) => f.write_str(refusal.text()),
            Self::Unreadable => f.write_str("the server's reply is not the one of a Redis"),
        }
    }
}

impl From<RedisError> for Failure {
    fn from(error: RedisError) -> Self {
        match error.kind() {
            ErrorKind::Io if error.is_timeout() => Self::TimedOut,
            ErrorKind::Io => Self::BrokenOff,
            ErrorKind::AuthenticationFailed => Self::Refused(Refusal::Login),
            _ => error
                .code()
                .map_or(Self::Unreadable, |code| Self::Refused(Refusal::of(code))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_by_its_code_alone() {
        for (line, said) in [
            ("-NOAUTH zoe", "refuses the login"),
            ("-WRONGPASS zoe", "refuses the login"),
            ("-NOPERM zoe", "does not permit that"),
            ("-READONLY zoe", "a replica"),
            ("-LOADING zoe", "still reading"),
            ("-OOM zoe", "memory is full"),
            ("-MOVED 1 zoe:6379", "not supported"),
            ("-NOSCRIPT zoe", "lost a script"),
            ("-MISCONF zoe", "takes no writes"),
            ("-WRONGTYPE zoe", "another type"),
            ("-ERR zoe", "reports an error"),
            ("-ZOE zoe", "reports an error"),
        ] {
            let value = redis::parse_redis_value(format!("{line}\r\n").as_bytes()).unwrap();
            let error = value.extract_error().unwrap_err();
            let failure = Failure::from(error).to_string();
            assert!(failure.contains(said), "{line}: {failure}");
            assert!(!failure.to_lowercase().contains("zoe"), "{failure}");
        }
    }
}
