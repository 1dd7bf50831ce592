//! The fleet that settings name. An address or a key that cannot be right is named with its place, before anything is sent.

use enkash::Secret;
use enkash_fleet::FleetKeys;

use super::{SettingKey, Settings};
use crate::fleet::{self, FleetDatabases};

/// The fleet that the settings name, or what is wrong with it.
pub(super) fn read(settings: &Settings) -> Result<Option<FleetDatabases>, Vec<String>> {
    let problems = incomplete(settings);
    if !problems.is_empty() {
        return Err(problems);
    }
    let value = |key| settings.values.get(&key).map(|found| &found.value);
    let (Some(url), Some(key)) = (value(SettingKey::FleetUrl), value(SettingKey::FleetKey)) else {
        return Ok(None);
    };
    let keys = FleetKeys::parse(key.expose())
        .map_err(|error| vec![format!("{}: {error}", settings.location(SettingKey::FleetKey))])?;
    let open = |key, url: &Secret| {
        fleet::open(url, keys.clone()).map_err(|problem| format!("{}: {problem}", settings.location(key)))
    };
    let strikes = open(SettingKey::FleetUrl, url);
    let token_url = value(SettingKey::FleetTokenUrl);
    let own_tokens = token_url.map(|url| open(SettingKey::FleetTokenUrl, url)).transpose();
    match (strikes, own_tokens) {
        (Ok(strikes), Ok(own_tokens)) => Ok(Some(FleetDatabases {
            strikes,
            own_tokens,
            counts_in_redis: fleet::is_redis(url),
        })),
        (strikes, own_tokens) => Err(strikes.err().into_iter().chain(own_tokens.err()).collect()),
    }
}

/// What is missing beside what is there.
fn incomplete(settings: &Settings) -> Vec<String> {
    let (url, key) = (SettingKey::FleetUrl, SettingKey::FleetKey);
    let names = |key: SettingKey| format!("{} (or {})", key.file_key().unwrap_or(key.name()), key.variable());
    let mut problems = Vec::new();
    if settings.is_given(url) && !settings.is_given(key) {
        problems.push(format!(
            "{} names a fleet, and nothing names its key: make one with `openssl rand -base64 32`, put the same key on every \
             machine into a file that only you can read, and name that with {}",
            settings.location(url),
            names(key)
        ));
    }
    for other in [key, SettingKey::FleetTokenUrl] {
        if settings.is_given(other) && !settings.is_given(url) {
            problems.push(format!(
                "{} is of use only with a fleet, which {} names",
                settings.location(other),
                names(url)
            ));
        }
    }
    problems
}
