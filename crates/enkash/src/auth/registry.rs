//! The clients of one process that have equal complete credentials share their token, their login under
//! way and their latch. Kept weakly and bounded, compared by a keyed fingerprint.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError, Weak},
    time::Duration,
};

use crate::auth::{cache::CacheInner, identity::Fingerprint, strikes::LoginRules};

/// Beyond this many sets of credentials at once, a further one is not shared.
const KEPT: usize = 1024;

/// What must be equal for two clients to share.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct SharingKey {
    pub(crate) credentials: Fingerprint,
    pub(crate) rules: LoginRules,
    /// The ledger and the store, by where they lie: two stores of one kind are two.
    pub(crate) backends: [usize; 2],
    /// The longest lifetime of a token, and the time that a login may take.
    pub(crate) times: [Duration; 2],
    /// Whether the credentials may go to the token host: over plain http only some clients let them.
    pub(crate) may_log_in: bool,
}

static REGISTRY: LazyLock<Mutex<HashMap<SharingKey, Weak<CacheInner>>>> = LazyLock::new(Mutex::default);

/// The cache of these credentials: the living one, or a new one.
pub(crate) fn shared(key: SharingKey, make: impl FnOnce() -> Arc<CacheInner>) -> Arc<CacheInner> {
    let mut registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(living) = registry.get(&key).and_then(Weak::upgrade) {
        return living;
    }
    registry.retain(|_, kept| kept.strong_count() > 0);
    let made = make();
    if registry.len() < KEPT {
        registry.insert(key, Arc::downgrade(&made));
    }
    made
}
