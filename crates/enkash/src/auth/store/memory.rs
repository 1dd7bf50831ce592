//! Tokens in memory, for clients that come and go within one process.

use std::{
    collections::BTreeMap,
    future::ready,
    sync::{Mutex, MutexGuard, PoisonError},
};

use enkash_api::Secret;
use jiff::Timestamp;

use crate::auth::{
    fence::Fence,
    identity::{Fingerprint, LoginIdentity},
    random::process_key,
    store::{SaveResult, StoreFuture, StoredToken, TokenStore, record::TokenRecord},
};

/// Tokens in memory. Clients that share it share the tokens of equal credentials.
#[derive(Debug, Default)]
pub struct MemoryTokenStore {
    tokens: Mutex<BTreeMap<Fingerprint, TokenRecord>>,
}

impl MemoryTokenStore {
    fn tokens(&self) -> MutexGuard<'_, BTreeMap<Fingerprint, TokenRecord>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenStore for MemoryTokenStore {
    fn load<'a>(&'a self, identity: &'a LoginIdentity) -> StoreFuture<'a, Option<StoredToken>> {
        let record = self.tokens().get(&identity.credentials(process_key())).cloned();
        Box::pin(ready(Ok(record.and_then(TokenRecord::into_token))))
    }

    fn save<'a>(
        &'a self,
        identity: &'a LoginIdentity,
        token: StoredToken,
        fence: Fence,
    ) -> StoreFuture<'a, SaveResult> {
        let (mut tokens, fingerprint) = (self.tokens(), identity.credentials(process_key()));
        // Tokens that have ended are of no use to anybody.
        tokens.retain(|_, kept| kept.expires_at() > Timestamp::now());
        let result = match TokenRecord::replacing(tokens.get(&fingerprint), token, fence) {
            Some(record) => {
                tokens.insert(fingerprint, record);
                SaveResult::Kept
            }
            None => SaveResult::Overtaken,
        };
        Box::pin(ready(Ok(result)))
    }

    fn remove<'a>(&'a self, identity: &'a LoginIdentity, token: &'a Secret) -> StoreFuture<'a, ()> {
        if let Some(kept) = self.tokens().get_mut(&identity.credentials(process_key())) {
            let _ = kept.remove(token);
        }
        Box::pin(ready(Ok(())))
    }
}
