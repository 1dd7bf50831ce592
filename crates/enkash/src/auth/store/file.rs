//! Tokens in a file that only its owner can read, for commands that run one after the other or side by
//! side.

use std::{collections::BTreeMap, path::PathBuf};

use enkash_api::Secret;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::auth::{
    fence::Fence,
    identity::{Fingerprint, LoginIdentity},
    private_file::{FileKey, LockedFile, PrivateFile},
    store::{SaveResult, StoreError, StoreFuture, StoredToken, TokenStore, record::TokenRecord},
};

/// The first did not number logins.
const VERSION: u32 = 2;
/// Beyond this many tokens, those that end first are forgotten.
const KEPT: usize = 256;

/// Tokens in a file that only its owner can read. A lock file beside it keeps processes apart.
///
/// Its folder is as that of a [`FileLedger`](crate::token::FileLedger): ours, not writable by others, and made where it is missing.
#[derive(Debug)]
pub struct FileTokenStore {
    file: PrivateFile,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tokens {
    key: FileKey,
    tokens: BTreeMap<Fingerprint, TokenRecord>,
}

impl FileTokenStore {
    /// Uses the file at this path, which is made with the first login, and its folder too.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            file: PrivateFile::new(path.into(), "enkash token store", VERSION),
        }
    }

    /// Whether the file can be used as it lies: its folder, its owner, its permissions and its content. What is not there yet
    /// is no error. Sends nothing and makes nothing.
    ///
    /// # Errors
    ///
    /// Says what is wrong and what to do.
    pub fn check(&self) -> Result<(), StoreError> {
        Ok(self.file.check::<Tokens>()?)
    }

    /// Changes the tokens, and says what came of it.
    async fn change<T: Send + 'static>(
        &self,
        identity: &LoginIdentity,
        change: impl FnOnce(&mut BTreeMap<Fingerprint, TokenRecord>, Fingerprint) -> Change<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let identity = identity.clone();
        let work = move |held: &LockedFile<'_>| {
            let mut tokens: Tokens = held.read()?.unwrap_or_default();
            let fingerprint = identity.credentials(tokens.key.as_bytes());
            let Change { is_change, result } = change(&mut tokens.tokens, fingerprint);
            if is_change {
                held.write(&tokens)?;
            }
            Ok(result)
        };
        Ok(self.file.locked(work).await?)
    }
}

struct Change<T> {
    is_change: bool,
    result: T,
}

impl TokenStore for FileTokenStore {
    fn load<'a>(&'a self, identity: &'a LoginIdentity) -> StoreFuture<'a, Option<StoredToken>> {
        Box::pin(async move {
            let Some(mut tokens) = self.file.read_aside::<Tokens>().await? else {
                return Ok(None);
            };
            let fingerprint = identity.credentials(tokens.key.as_bytes());
            Ok(tokens.tokens.remove(&fingerprint).and_then(TokenRecord::into_token))
        })
    }

    fn save<'a>(
        &'a self,
        identity: &'a LoginIdentity,
        token: StoredToken,
        fence: Fence,
    ) -> StoreFuture<'a, SaveResult> {
        Box::pin(self.change(identity, move |tokens, fingerprint| {
            // Others' tokens that have ended are of no use to anybody.
            tokens.retain(|_, kept| kept.expires_at() > Timestamp::now());
            let Some(record) = TokenRecord::replacing(tokens.get(&fingerprint), token, fence) else {
                return Change {
                    is_change: false,
                    result: SaveResult::Overtaken,
                };
            };
            while tokens.len() >= KEPT {
                let first = tokens
                    .iter()
                    .min_by_key(|(_, kept)| kept.expires_at())
                    .map(|(of, _)| of.clone());
                first.and_then(|first| tokens.remove(&first));
            }
            tokens.insert(fingerprint, record);
            Change {
                is_change: true,
                result: SaveResult::Kept,
            }
        }))
    }

    fn remove<'a>(&'a self, identity: &'a LoginIdentity, token: &'a Secret) -> StoreFuture<'a, ()> {
        let token = token.clone();
        Box::pin(self.change(identity, move |tokens, fingerprint| Change {
            is_change: tokens.get_mut(&fingerprint).is_some_and(|kept| kept.remove(&token)),
            result: (),
        }))
    }
}
