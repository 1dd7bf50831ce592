//! Who logs in where. Tokens and strikes are kept apart by this, and never by a user name alone: somebody
//! who knows only a mobile number gets nobody's token.

use std::{fmt, net::IpAddr};

use enkash_api::{PersonalData, Secret};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::model::credentials::Credentials;

/// Stands for every address and name of this machine.
const THIS_MACHINE: &str = "localhost";
/// How the names of this machine are written most.
const NAMES_OF_THIS_MACHINE: [&str; 3] = [THIS_MACHINE, "127.0.0.1", "[::1]"];

/// One set of complete credentials at one token host. `Debug` shows nothing of them.
///
/// Spellings of one account are one identity: the host in any case and with a dot at its end, a default port written or left
/// out, any name of this machine, and white space around the user name or the client id. Another port is another account.
#[derive(Clone)]
pub struct LoginIdentity {
    account: Account,
    /// As it was written, and as it may have been written in other runs. Files of before kept those apart.
    earlier: Vec<Account>,
    client_secret: Secret,
    password: Secret,
}

#[derive(Clone, PartialEq, Eq)]
struct Account {
    origin: String,
    client_id: String,
    username: PersonalData,
}

/// A keyed hash of an identity, or of the account that it belongs to. It can be stored: without its key it tells nothing.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl LoginIdentity {
    pub(crate) fn new(token_host: &Url, credentials: &Credentials) -> Self {
        let written = Account {
            origin: token_host.as_str().to_owned(),
            client_id: credentials.client_id.clone(),
            username: credentials.username.clone(),
        };
        let account = Account {
            origin: origin_of(token_host),
            client_id: written.client_id.trim().to_owned(),
            username: PersonalData::new(written.username.expose().trim()),
        };
        let mut earlier = vec![written];
        if is_this_machine(token_host) {
            earlier.extend(NAMES_OF_THIS_MACHINE.iter().filter_map(|name| {
                let mut named = token_host.clone();
                named.set_host(Some(name)).ok()?;
                Some(Account {
                    origin: named.into(),
                    ..account.clone()
                })
            }));
        }
        earlier.retain(|spelling| *spelling != account);
        Self {
            account,
            earlier,
            client_secret: credentials.client_secret.clone(),
            password: credentials.password.clone(),
        }
    }

    /// As the first format of the strike ledger named it.
    #[cfg(all(test, unix))]
    pub(crate) fn as_written(token_host: &Url, credentials: &Credentials) -> Self {
        let mut identity = Self::new(token_host, credentials);
        identity.account.origin = token_host.as_str().to_owned();
        identity
    }

    /// The account that the API locks: token host, client id and user name, whatever the password.
    #[must_use]
    pub fn account(&self, key: &[u8]) -> Fingerprint {
        self.account.fingerprint(key)
    }

    /// These very credentials, complete. The client secret is part of the key: who finds a stored fingerprint and
    /// its key cannot try passwords against it.
    #[must_use]
    pub fn credentials(&self, key: &[u8]) -> Fingerprint {
        self.credentials_of(&self.account, key)
    }

    /// The account and the credentials as files of before may name them, in place of [`account`](Self::account) and
    /// [`credentials`](Self::credentials).
    pub(crate) fn earlier(&self, key: &[u8]) -> Vec<(Fingerprint, Fingerprint)> {
        let both = |spelling: &Account| (spelling.fingerprint(key), self.credentials_of(spelling, key));
        self.earlier.iter().map(both).collect()
    }

    fn credentials_of(&self, account: &Account, key: &[u8]) -> Fingerprint {
        let secret = self.client_secret.expose();
        let fields = [
            "credentials",
            &account.origin,
            &account.client_id,
            account.username.expose(),
            self.password.expose(),
        ];
        Fingerprint::new(&[key, secret.as_bytes()], &fields)
    }
}

impl Account {
    fn fingerprint(&self, key: &[u8]) -> Fingerprint {
        let fields = ["account", &self.origin, &self.client_id, self.username.expose()];
        Fingerprint::new(&[key], &fields)
    }
}

/// The base URL in one spelling. It is that of [`Url`], which knows default ports and the case of hosts, wherever nothing
/// else is to be said.
fn origin_of(token_host: &Url) -> String {
    let mut origin = token_host.clone();
    origin.set_query(None);
    origin.set_fragment(None);
    // Neither can fail for a URL that has a host.
    let _ = origin.set_username("");
    let _ = origin.set_password(None);
    let host = host_of(token_host);
    let host = if is_this_machine(token_host) {
        THIS_MACHINE
    } else {
        host
    };
    if origin.host_str() != Some(host) {
        let _ = origin.set_host(Some(host));
    }
    let path = format!("{}/", origin.path().trim_end_matches('/'));
    if path != "/" {
        origin.set_path(&path);
    }
    origin.into()
}

fn host_of(url: &Url) -> &str {
    url.host_str().unwrap_or_default().trim_end_matches('.')
}

/// Whether it names this machine, also by an address that only leads here. It is about strikes: where plain http may go is
/// decided elsewhere, and asks for more.
fn is_this_machine(url: &Url) -> bool {
    let host = host_of(url);
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    match literal.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(address) => address.is_loopback() || address.is_unspecified(),
        Err(_) => host == THIS_MACHINE || host.ends_with(".localhost"),
    }
}

impl Fingerprint {
    fn new(keys: &[&[u8]], fields: &[&str]) -> Self {
        let mut key = Vec::new();
        for part in keys {
            key.extend_from_slice(&(part.len() as u64).to_be_bytes());
            key.extend_from_slice(part);
        }
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else {
            unreachable!("HMAC takes a key of any length");
        };
        for field in fields {
            // With its length, so that no two lists of fields run into one text.
            mac.update(&(field.len() as u64).to_be_bytes());
            mac.update(field.as_bytes());
        }
        let bytes = mac.finalize().into_bytes();
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The fingerprint as text: 64 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({}…)", self.0.get(..8).unwrap_or_default())
    }
}

impl fmt::Debug for LoginIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginIdentity")
            .field("origin", &self.account.origin)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
