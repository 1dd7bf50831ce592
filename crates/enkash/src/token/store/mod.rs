//! Where a token is kept between runs, so that ten runs of a command in a row log in once. Without a
//! store a token lives as long as its client.

mod file;
mod memory;

use std::{fmt, future::Future, pin::Pin, time::SystemTime};

use enkash_api::Secret;
use serde::{Deserialize, Serialize};

pub use self::{file::FileTokenStore, memory::MemoryTokenStore};
use super::{LogInIdentity, owner_only::OwnerOnlyError};

/// What [`TokenStore::open`] returns.
pub type StoreFuture<'a> = Pin<Box<dyn Future<Output = Result<Box<dyn TokenSlot>, StoreError>> + Send + 'a>>;

/// Keeps tokens between runs or between processes. A store that fails never fails a call: the client logs in.
pub trait TokenStore: fmt::Debug + Send + Sync + 'static {
    /// Waits until nobody else logs in with these credentials, and opens the slot of their token. Keep tokens apart by
    /// [`LogInIdentity::credentials`], never by a user name.
    fn open<'a>(&'a self, identity: &'a LogInIdentity) -> StoreFuture<'a>;
}

/// The place of one token. Others wait until it is dropped.
pub trait TokenSlot: Send {
    /// The token, if there is one.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    fn load(&mut self) -> Result<Option<StoredToken>, StoreError>;

    /// Keeps a token in place of the last one.
    ///
    /// # Errors
    ///
    /// The store cannot be written.
    fn save(&mut self, token: &StoredToken) -> Result<(), StoreError>;
}

/// A token with its times. `Debug` does not show it; serialising does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredToken {
    /// The token.
    pub token: Secret,
    /// When it was received.
    pub born: SystemTime,
    /// When it ends, as the client counts.
    pub ends: SystemTime,
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

impl From<OwnerOnlyError> for StoreError {
    fn from(error: OwnerOnlyError) -> Self {
        Self::new(error.to_string())
    }
}
