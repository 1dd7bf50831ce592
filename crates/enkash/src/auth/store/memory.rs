//! Tokens in memory, for clients that come and go within one process.

use std::{
    collections::BTreeMap,
    future::ready,
    sync::{Mutex, MutexGuard, PoisonError},
};

use enkash_api::Secret;
use jiff::Timestamp;

use crate::auth::{
    identity::{Fingerprint, LoginIdentity},
    random::process_key,
    store::{StoreFuture, StoredToken, TokenStore},
};

/// Tokens in memory. Clients that share it share the tokens of equal credentials.
#[derive(Debug, Default)]
pub struct MemoryTokenStore {
    tokens: Mutex<BTreeMap<Fingerprint, StoredToken>>,
}

impl MemoryTokenStore {
    fn tokens(&self) -> MutexGuard<'_, BTreeMap<Fingerprint, StoredToken>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenStore for MemoryTokenStore {
    fn load<'a>(&'a self, identity: &'a LoginIdentity) -> StoreFuture<'a, Option<StoredToken>> {
        let token = self.tokens().get(&identity.credentials(process_key())).cloned();
        Box::pin(ready(Ok(token)))
    }

    fn save<'a>(&'a self, identity: &'a LoginIdentity, token: StoredToken) -> StoreFuture<'a, ()> {
        let mut tokens = self.tokens();
        // Tokens that have ended are of no use to anybody.
        tokens.retain(|_, kept| kept.expires_at > Timestamp::now());
        tokens.insert(identity.credentials(process_key()), token);
        Box::pin(ready(Ok(())))
    }

    fn remove<'a>(&'a self, identity: &'a LoginIdentity, token: &'a Secret) -> StoreFuture<'a, ()> {
        let (mut tokens, fingerprint) = (self.tokens(), identity.credentials(process_key()));
        if tokens.get(&fingerprint).is_some_and(|kept| kept.token == *token) {
            tokens.remove(&fingerprint);
        }
        Box::pin(ready(Ok(())))
    }
}
