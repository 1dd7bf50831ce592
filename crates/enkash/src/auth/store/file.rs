//! Tokens in a file that only its owner can read, for commands that run one after the other or side by
//! side.

use std::{collections::BTreeMap, path::PathBuf};

use enkash_api::Secret;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::auth::{
    identity::{Fingerprint, LoginIdentity},
    private_file::{FileKey, LockedFile, PrivateFile},
    store::{StoreError, StoreFuture, StoredToken, TokenStore},
};

const VERSION: u32 = 1;
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
    tokens: BTreeMap<Fingerprint, StoredToken>,
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

    /// Changes the tokens, if there is something to change.
    async fn change(
        &self,
        identity: &LoginIdentity,
        change: impl FnOnce(&mut BTreeMap<Fingerprint, StoredToken>, Fingerprint) -> bool + Send + 'static,
    ) -> Result<(), StoreError> {
        let identity = identity.clone();
        let work = move |held: &LockedFile<'_>| {
            let mut tokens: Tokens = held.read()?.unwrap_or_default();
            let fingerprint = identity.credentials(tokens.key.as_bytes());
            match change(&mut tokens.tokens, fingerprint) {
                true => held.write(&tokens),
                false => Ok(()),
            }
        };
        Ok(self.file.locked(work).await?)
    }
}

impl TokenStore for FileTokenStore {
    fn load<'a>(&'a self, identity: &'a LoginIdentity) -> StoreFuture<'a, Option<StoredToken>> {
        Box::pin(async move {
            let Some(mut tokens) = self.file.read_aside::<Tokens>().await? else {
                return Ok(None);
            };
            let fingerprint = identity.credentials(tokens.key.as_bytes());
            Ok(tokens.tokens.remove(&fingerprint))
        })
    }

    fn save<'a>(&'a self, identity: &'a LoginIdentity, token: StoredToken) -> StoreFuture<'a, ()> {
        Box::pin(self.change(identity, |tokens, fingerprint| {
            // Others' tokens that have ended are of no use to anybody.
            tokens.retain(|_, kept| kept.expires_at > Timestamp::now());
            while tokens.len() >= KEPT {
                let first = tokens
                    .iter()
                    .min_by_key(|(_, kept)| kept.expires_at)
                    .map(|(of, _)| of.clone());
                first.and_then(|first| tokens.remove(&first));
            }
            tokens.insert(fingerprint, token);
            true
        }))
    }

    fn remove<'a>(&'a self, identity: &'a LoginIdentity, token: &'a Secret) -> StoreFuture<'a, ()> {
        let token = token.clone();
        Box::pin(self.change(identity, move |tokens, fingerprint| {
            let is_it = tokens.get(&fingerprint).is_some_and(|kept| kept.token == token);
            is_it && tokens.remove(&fingerprint).is_some()
        }))
    }
}
