//! The life of an access token: logging in once for any number of callers, serving the token without a
//! lock, refreshing it before it ends, and stopping before the account is locked. The pipeline asks
//! [`TokenCache`] for a token; nothing else logs in.

mod answer;
mod cache;
mod error;
mod lifetime;
mod login;
mod strikes;

pub(crate) use self::{
    cache::TokenCache,
    error::{LogInError, LogInErrorKind},
    login::PasswordGrant,
};

use std::time::Duration;

use http::HeaderValue;

use crate::clock::Moment;

/// A token, with the header that carries it.
pub(crate) struct Token {
    /// Counts up with each token that has other bytes than the one before.
    pub(crate) generation: u64,
    /// `Bearer …`, marked as sensitive, built once.
    pub(crate) header: HeaderValue,
    born: Moment,
    lifetime: Duration,
}

/// What can be known of a client's token. It never holds the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenState {
    /// How long the token will still be served; `None` before the first log-in and after the end of a token.
    pub lifetime_left: Option<Duration>,
    /// Counts the tokens of this client; 0 before the first log-in.
    pub generation: u64,
    /// Failed log-ins that the portal may have counted since the last success, of the three that lock the account.
    pub strikes: u32,
    /// Whether the portal rejected these credentials: no log-in is sent until the latch is reset.
    pub is_latched: bool,
}
