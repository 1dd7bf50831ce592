//! The life of an access token: logging in once for any number of callers, serving the token without a
//! lock, refreshing it before it ends, and stopping before the account is locked. [`TokenSource`] is the
//! public face; the pipeline asks the cache behind it, and nothing else logs in.

mod answer;
mod cache;
mod effects;
mod error;
mod identity;
mod ledger;
mod lifetime;
mod login;
#[cfg(feature = "middleware")]
mod middleware;
mod owner_only;
mod registry;
mod source;
mod store;
mod strikes;

use std::{
    sync::OnceLock,
    time::{Duration, SystemTime},
};

use enkash_api::Secret;
use http::HeaderValue;

#[cfg(feature = "middleware")]
pub use self::middleware::{Replayable, TokenMiddleware};
pub(crate) use self::{
    cache::TokenCache,
    error::{LogInError, LogInErrorKind},
};
pub use self::{
    identity::{Fingerprint, LogInIdentity},
    ledger::{FileLedger, LedgerError, LedgerFuture, MemoryLedger, StrikeLedger},
    source::{TokenSource, TokenSourceBuilder},
    store::{FileTokenStore, MemoryTokenStore, StoreError, StoreFuture, StoredToken, TokenStore},
    strikes::{LogInRules, StrikeRecord, StrikeReply, StrikeStep},
};
use crate::clock::Moment;

/// A token, with the header that carries it.
pub(crate) struct Token {
    /// Counts up with each token that has other bytes than the one before.
    pub(crate) generation: u64,
    /// `Bearer …`, marked as sensitive, built once.
    pub(crate) header: HeaderValue,
    born: Moment,
    fresh_until: Moment,
    windows: lifetime::Windows,
}

impl Token {
    /// The token without what stands before it in the header.
    fn text(&self) -> Secret {
        let text = self.header.to_str().unwrap_or_default();
        Secret::new(text.trim_start_matches("Bearer "))
    }
}

/// What can be known of a client's token. It never holds the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenState {
    /// How long the token will still be served; `None` before the first log-in and after the end of a token.
    pub lifetime_left: Option<Duration>,
    /// Counts the tokens of this client; 0 before the first log-in.
    pub generation: u64,
    /// Failed log-ins that the portal may have counted since the last success, of the three that lock the account; as
    /// of this client's last log-in.
    pub strikes: u32,
    /// Whether the portal rejected these credentials: no log-in is sent until the latch is reset.
    pub is_latched: bool,
    /// Until when no log-in is sent, because the last one gave no token; as of this client's last log-in. `None` where
    /// none is held up, or where more than time is missing.
    pub paused_until: Option<SystemTime>,
}

/// A key that no other process knows, for fingerprints that are never stored.
fn process_key() -> &'static [u8] {
    static KEY: OnceLock<[u8; 32]> = OnceLock::new();
    KEY.get_or_init(random_key)
}

/// 32 bytes from the operating system.
fn random_key() -> [u8; 32] {
    let mut key = [0; 32];
    if getrandom::fill(&mut key).is_err() {
        // Every platform that a TLS connection can be made on has this source.
        unreachable!("the operating system gives no random bytes");
    }
    key
}

/// The same as text.
fn random_text() -> String {
    random_key().iter().map(|byte| format!("{byte:02x}")).collect()
}
