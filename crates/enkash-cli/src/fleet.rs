//! What many machines share, so that they log in once and count failed logins together. Settings open it, which sends nothing; `state`
//! hands it to the client, and `doctor` asks it.

use enkash::Secret;
use enkash_fleet::{Fleet, FleetKeys};

/// The databases of a fleet.
#[derive(Clone, Debug)]
pub(crate) struct FleetDatabases {
    /// Where failed logins are counted.
    pub(crate) strikes: Fleet,
    /// Where the token is kept, if not there as well.
    pub(crate) own_tokens: Option<Fleet>,
    /// Whether failed logins are counted in a Redis, which may forget them.
    pub(crate) counts_in_redis: bool,
}

impl FleetDatabases {
    /// Where the token is kept.
    pub(crate) fn tokens(&self) -> &Fleet {
        self.own_tokens.as_ref().unwrap_or(&self.strikes)
    }
}

/// Whether this is the address of a Redis.
pub(crate) fn is_redis(url: &Secret) -> bool {
    feature_of(url) == Some("redis")
}

/// One database, which is not asked yet.
pub(crate) fn open(url: &Secret, keys: FleetKeys) -> Result<Fleet, String> {
    match feature_of(url) {
        Some(feature) if !is_built_with(feature) => Err(format!(
            "this enkash was built without the feature {feature}: build it with `cargo install --path crates/enkash-cli \
             --features {feature}`"
        )),
        _ => Fleet::new(url.expose(), keys).map_err(|error| error.to_string()),
    }
}

/// The feature that an address takes; `None` where it is no address of a database.
fn feature_of(url: &Secret) -> Option<&'static str> {
    match url.expose().split_once(':')?.0 {
        "postgresql" | "postgres" => Some("postgres"),
        "rediss" | "redis" | "redis+unix" | "unix" => Some("redis"),
        _ => None,
    }
}

fn is_built_with(feature: &str) -> bool {
    match feature {
        "postgres" => cfg!(feature = "postgres"),
        _ => cfg!(feature = "redis"),
    }
}
