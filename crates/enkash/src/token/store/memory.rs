//! Tokens in memory, for clients that come and go within one process.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OwnedMutexGuard;

use super::{StoreError, StoreFuture, StoredToken, TokenSlot, TokenStore};
use crate::token::{Fingerprint, LogInIdentity, process_key};

type Slot = Arc<tokio::sync::Mutex<Option<StoredToken>>>;

/// Tokens in memory. Clients that share it share the tokens of equal credentials.
#[derive(Debug, Default)]
pub struct MemoryTokenStore {
    slots: Mutex<BTreeMap<Fingerprint, Slot>>,
}

impl TokenStore for MemoryTokenStore {
    fn open<'a>(&'a self, identity: &'a LogInIdentity) -> StoreFuture<'a> {
        let fingerprint = identity.credentials(process_key());
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = Arc::clone(slots.entry(fingerprint).or_default());
        drop(slots);
        Box::pin(async move { Ok(Box::new(Open(slot.lock_owned().await)) as Box<dyn TokenSlot>) })
    }
}

struct Open(OwnedMutexGuard<Option<StoredToken>>);

impl TokenSlot for Open {
    fn load(&mut self) -> Result<Option<StoredToken>, StoreError> {
        Ok(self.0.clone())
    }

    fn save(&mut self, token: &StoredToken) -> Result<(), StoreError> {
        *self.0 = Some(token.clone());
        Ok(())
    }
}
