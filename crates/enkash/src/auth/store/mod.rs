//! Where a token is kept between runs, so that ten runs of a command in a row log in once. Without a
//! store a token lives as long as its client.

pub(crate) mod file;
pub(crate) mod memory;
pub(crate) mod record;

use std::{fmt, future::Future, pin::Pin};

use enkash_api::Secret;
use jiff::Timestamp;

use crate::auth::{fence::Fence, identity::LoginIdentity, private_file::PrivateFileError};

/// What the methods of [`TokenStore`] return.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Keeps tokens between runs or between processes. A store that fails never fails a call: the client logs in.
///
/// Keep tokens apart by [`LoginIdentity::credentials`], never by a user name. That one client logs in at a time, and the
/// others find its token here, is the work of the [`StrikeLedger`](crate::token::StrikeLedger): who shares a store shares a ledger.
///
/// A store keeps records and knows no rules: [`TokenRecord`](crate::token::TokenRecord) has them. Nothing is done in a `Drop`: a token is kept before anybody
/// gets it, and [`TokenSource::close`](crate::token::TokenSource::close) waits for a login that runs behind. A store that does not
/// answer within two seconds counts as one that failed.
///
/// ```
/// use std::{collections::HashMap, future::ready, sync::Mutex};
///
/// use enkash::{
///     Secret,
///     token::{Fence, Fingerprint, LoginIdentity, SaveResult, StoreFuture, StoredToken, TokenRecord, TokenStore},
/// };
///
/// /// Stands for a table with one row for each set of credentials.
/// #[derive(Debug, Default)]
/// struct Table(Mutex<HashMap<Fingerprint, TokenRecord>>);
///
/// /// A secret of yours, the same for all who share the table.
/// const KEY: &[u8] = b"from your secret store";
///
/// impl TokenStore for Table {
///     fn load<'a>(&'a self, identity: &'a LoginIdentity) -> StoreFuture<'a, Option<StoredToken>> {
///         let row = self.0.lock().unwrap().get(&identity.credentials(KEY)).cloned();
///         Box::pin(ready(Ok(row.and_then(TokenRecord::into_token))))
///     }
///
///     fn save<'a>(
///         &'a self,
///         identity: &'a LoginIdentity,
///         token: StoredToken,
///         fence: Fence,
///     ) -> StoreFuture<'a, SaveResult> {
///         // Begin a transaction, `SELECT … FOR UPDATE`,
///         let mut rows = self.0.lock().unwrap();
///         let name = identity.credentials(KEY);
///         let result = match TokenRecord::replacing(rows.get(&name), token, fence) {
///             // `UPDATE`, and commit.
///             Some(record) => {
///                 rows.insert(name, record);
///                 SaveResult::Kept
///             }
///             None => SaveResult::Overtaken,
///         };
///         Box::pin(ready(Ok(result)))
///     }
///
///     fn remove<'a>(&'a self, identity: &'a LoginIdentity, token: &'a Secret) -> StoreFuture<'a, ()> {
///         if let Some(row) = self.0.lock().unwrap().get_mut(&identity.credentials(KEY)) {
///             let _ = row.remove(token);
///         }
///         Box::pin(ready(Ok(())))
///     }
/// }
/// ```
pub trait TokenStore: fmt::Debug + Send + Sync + 'static {
    /// The token of these credentials, if there is one.
    fn load<'a>(&'a self, identity: &'a LoginIdentity) -> StoreFuture<'a, Option<StoredToken>>;

    /// Keeps a token and its fence in place of the last one, unless the fence that is kept is greater: as one change that nobody
    /// else comes between. Whoever logged in may have been paused since, while another logged in after it.
    fn save<'a>(&'a self, identity: &'a LoginIdentity, token: StoredToken, fence: Fence)
    -> StoreFuture<'a, SaveResult>;

    /// Forgets the token, if it is still this one: as one change that nobody else comes between. The API refused it. Its fence
    /// stays, at least for as long as the token would have.
    fn remove<'a>(&'a self, identity: &'a LoginIdentity, token: &'a Secret) -> StoreFuture<'a, ()>;
}

/// What became of a token that was to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a token that was overtaken is not kept"]
pub enum SaveResult {
    /// It is kept.
    Kept,
    /// It is not, because a login that began later was faster: the store has that one's token.
    Overtaken,
}

/// A token with its times. `Debug` does not show it.
///
/// ```
/// use std::time::Duration;
///
/// use enkash::{Secret, Timestamp, token::StoredToken};
///
/// let now = Timestamp::now();
/// let token = StoredToken::new(Secret::new("…"), now, now + Duration::from_secs(300));
/// assert!(token.expires_at > token.issued_at);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredToken {
    /// The token.
    pub token: Secret,
    /// When the request for it was sent: it is no older.
    pub issued_at: Timestamp,
    /// When it ends, as the client counts.
    pub expires_at: Timestamp,
}

impl StoredToken {
    /// A token, the time at which the request for it was sent, and the time at which it ends.
    #[must_use]
    pub fn new(token: Secret, issued_at: Timestamp, expires_at: Timestamp) -> Self {
        Self {
            token,
            issued_at,
            expires_at,
        }
    }
}

/// Times as the files of earlier versions have them.
pub(crate) mod stored_time {
    use std::time::SystemTime;

    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::auth::clock::{timestamp, wall};

    pub(crate) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        wall(*time).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
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
