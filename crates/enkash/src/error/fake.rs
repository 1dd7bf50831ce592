//! Errors that no call gave, for tests of a user's code: see the feature `test-util`.

use enkash_api::OperationId;
use http::StatusCode;

use crate::{
    auth::error::LoginErrorKind,
    error::{Error, Kind},
};

impl Error {
    /// Refused, in a response of HTTP status 200: see [`is_refused`](Self::is_refused).
    #[must_use]
    pub fn fake_refused(operation: OperationId, code: &str, message: &str) -> Self {
        Self::refused(operation, StatusCode::OK, Some(code.to_owned()), Some(message), &[])
    }

    /// Not sent: see [`was_sent`](Self::was_sent).
    #[must_use]
    pub fn fake_not_sent(operation: OperationId) -> Self {
        Self::of_call(operation, Kind::NotSent, false)
    }

    /// Without a connection, and not sent: see [`is_unreachable`](Self::is_unreachable).
    #[must_use]
    pub fn fake_unreachable(operation: OperationId) -> Self {
        Self::of_call(operation, Kind::Unreachable, false)
    }

    /// Sent, and no response came in time: see [`is_timeout`](Self::is_timeout).
    #[must_use]
    pub fn fake_timeout(operation: OperationId) -> Self {
        Self::of_call(operation, Kind::Timeout, true)
    }

    /// Sent, and the response was lost: see [`was_sent`](Self::was_sent).
    #[must_use]
    pub fn fake_lost(operation: OperationId) -> Self {
        Self::of_call(operation, Kind::Lost, true)
    }

    /// Answered with HTTP status 429: see [`is_rate_limited`](Self::is_rate_limited).
    #[must_use]
    pub fn fake_rate_limited(operation: OperationId) -> Self {
        Self::unreadable(operation, StatusCode::TOO_MANY_REQUESTS)
    }

    /// Without a token, because the login was rejected: see [`is_credentials_rejected`](Self::is_credentials_rejected).
    #[must_use]
    pub fn fake_credentials_rejected() -> Self {
        let answer = "made by hand".to_owned();
        Self::login(LoginErrorKind::Rejected { answer }.into())
    }
}
