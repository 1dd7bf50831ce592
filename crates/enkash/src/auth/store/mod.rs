//! Where a token is kept between runs, so that ten runs of a command in a row log in once. Without a
//! store a token lives as long as its client.

pub(crate) mod file;
pub(crate) mod memory;

use std::{fmt, future::Future, pin::Pin};

use enkash_api::Secret;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::auth::{identity::LoginIdentity, private_file::PrivateFileError};

/// What the methods of [`TokenStore`] return.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Keeps tokens between runs or between processes. A store that fails never fails a call: the client logs in.
///
/// Keep tokens apart by [`LoginIdentity::credentials`], never by a user name. That one client logs in at a time, and the
/// others find its token here, is the work of the [`StrikeLedger`](crate::token::StrikeLedger): who shares a store shares a ledger.
pub trait TokenStore: fmt::Debug + Send + Sync + 'static {
    /// The token of these credentials, if there is one.
    fn load<'a>(&'a self, identity: &'a LoginIdentity) -> StoreFuture<'a, Option<StoredToken>>;

    /// Keeps a token in place of the last one.
    fn save<'a>(&'a self, identity: &'a LoginIdentity, token: StoredToken) -> StoreFuture<'a, ()>;

    /// Forgets the token, if it is still this one: as one change that nobody else comes between. The API refused it.
    fn remove<'a>(&'a self, identity: &'a LoginIdentity, token: &'a Secret) -> StoreFuture<'a, ()>;
}

/// A token with its times. `Debug` does not show it; serialising does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredToken {
    /// The token.
    pub token: Secret,
    /// When it was received.
    #[serde(rename = "born", with = "stored_time")]
    pub issued_at: Timestamp,
    /// When it ends, as the client counts.
    #[serde(rename = "ends", with = "stored_time")]
    pub expires_at: Timestamp,
}

/// Times as the files of earlier versions have them.
mod stored_time {
    use std::time::SystemTime;

    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::auth::clock::{timestamp, wall};

    pub(super) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        wall(*time).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        SystemTime::deserialize(deserializer).map(timestamp)
    }
}

/// A store could not be read or written.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the token store cannot be used: {reason}")]
pub struct StoreError {
    reason: String,
}

impl StoreError {
    /// Says why.
    #[must_use]
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

impl From<PrivateFileError> for StoreError {
    fn from(error: PrivateFileError) -> Self {
        Self::new(error.to_string())
    }
}
