//! Tokens in a file that only its owner can read, for commands that run one after the other or side by
//! side. The lock is held while one of them logs in, so that the others find its token.

use std::{collections::BTreeMap, path::PathBuf, time::SystemTime};

use serde::{Deserialize, Serialize};

use super::{StoreError, StoreFuture, StoredToken, TokenSlot, TokenStore};
use crate::token::{
    Fingerprint, LogInIdentity,
    owner_only::{FileKey, Held, OwnerOnlyFile},
};

/// Tokens in a file that only its owner can read.
#[derive(Debug)]
pub struct FileTokenStore {
    file: OwnerOnlyFile,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tokens {
    key: FileKey,
    tokens: BTreeMap<Fingerprint, StoredToken>,
}

impl FileTokenStore {
    /// Uses the file at this path, which is made with the first log-in. Its folder must exist.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            file: OwnerOnlyFile::new(path.into(), "enkash token store"),
        }
    }
}

impl TokenStore for FileTokenStore {
    fn open<'a>(&'a self, identity: &'a LogInIdentity) -> StoreFuture<'a> {
        Box::pin(async move {
            let held = self.file.lock().await?;
            Ok(Box::new(Open {
                held,
                identity: identity.clone(),
            }) as Box<dyn TokenSlot>)
        })
    }
}

struct Open {
    held: Held,
    identity: LogInIdentity,
}

impl Open {
    fn read(&self) -> Result<(Tokens, Fingerprint), StoreError> {
        let tokens: Tokens = self.held.read()?.unwrap_or_default();
        let fingerprint = self.identity.credentials(tokens.key.as_bytes());
        Ok((tokens, fingerprint))
    }
}

impl TokenSlot for Open {
    fn load(&mut self) -> Result<Option<StoredToken>, StoreError> {
        let (mut tokens, fingerprint) = self.read()?;
        Ok(tokens.tokens.remove(&fingerprint))
    }

    fn save(&mut self, token: &StoredToken) -> Result<(), StoreError> {
        let (mut tokens, fingerprint) = self.read()?;
        // Others' tokens that have ended are of no use to anybody.
        tokens.tokens.retain(|_, kept| kept.ends > SystemTime::now());
        tokens.tokens.insert(fingerprint, token.clone());
        Ok(self.held.write(&tokens)?)
    }
}
