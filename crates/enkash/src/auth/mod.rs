//! The life of an access token: logging in once for any number of callers, serving the token without a
//! lock, refreshing it before it ends, and stopping before the account is locked. `TokenSource` is the
//! public face; the pipeline asks the cache behind it, and nothing else logs in.

pub(crate) mod cache;
pub(crate) mod clock;
mod effects;
pub(crate) mod error;
pub(crate) mod fence;
pub(crate) mod identity;
pub(crate) mod ledger;
pub(crate) mod lifetime;
pub(crate) mod login;
pub(crate) mod login_response;
mod private_file;
pub(crate) mod random;
pub(crate) mod registry;
pub(crate) mod store;
pub(crate) mod strikes;
pub(crate) mod token;
mod token_response;
