//! Who logs in where. Tokens and strikes are kept apart by this, and never by a user name alone: somebody
//! who knows only a mobile number gets nobody's token.

use std::fmt;

use enkash_api::{Personal, Secret};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::Credentials;

/// One set of complete credentials at one token host. `Debug` shows nothing of them.
#[derive(Clone)]
pub struct LogInIdentity {
    origin: String,
    client_id: String,
    client_secret: Secret,
    username: Personal,
    password: Secret,
}

/// A keyed hash of an identity, or of the account that it belongs to. It can be stored: without its key it tells nothing.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl LogInIdentity {
    pub(crate) fn new(origin: &str, credentials: &Credentials) -> Self {
        Self {
            origin: origin.to_owned(),
            client_id: credentials.client_id().to_owned(),
            client_secret: credentials.client_secret().clone(),
            username: credentials.username().clone(),
            password: credentials.password().clone(),
        }
    }

    /// The account that the portal locks: token host, client id and user name, whatever the password.
    #[must_use]
    pub fn account(&self, key: &[u8]) -> Fingerprint {
        Fingerprint::of(
            &[key],
            &["account", &self.origin, &self.client_id, self.username.expose()],
        )
    }

    /// These very credentials, complete. The client secret is part of the key: who finds a stored fingerprint and
    /// its key cannot try passwords against it.
    #[must_use]
    pub fn credentials(&self, key: &[u8]) -> Fingerprint {
        let secret = self.client_secret.expose();
        let fields = [
            "credentials",
            &self.origin,
            &self.client_id,
            self.username.expose(),
            self.password.expose(),
        ];
        Fingerprint::of(&[key, secret.as_bytes()], &fields)
    }
}

impl Fingerprint {
    fn of(keys: &[&[u8]], fields: &[&str]) -> Self {
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

impl fmt::Debug for LogInIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogInIdentity")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(user: &str, password: &str) -> LogInIdentity {
        LogInIdentity::new("https://a.example", &Credentials::new("CEK1", "secret", user, password))
    }

    #[test]
    fn an_account_is_the_same_for_every_password_and_credentials_are_not() {
        let (one, other) = (identity("9000000001", "a"), identity("9000000001", "b"));
        assert_eq!(one.account(b"key"), other.account(b"key"));
        assert_ne!(one.credentials(b"key"), other.credentials(b"key"));
        assert_ne!(one.account(b"key"), one.account(b"other key"));
        assert_ne!(one.account(b"key"), identity("9000000002", "a").account(b"key"));
        assert_eq!(one.account(b"key").as_str().len(), 64);
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        assert_ne!(
            identity("ab", "c").credentials(b"k"),
            identity("a", "bc").credentials(b"k")
        );
    }

    #[test]
    fn debug_shows_nobody() {
        let debug = format!("{:?}", identity("9000000001", "opaque"));
        assert!(
            !debug.contains("9000000001") && !debug.contains("opaque") && !debug.contains("secret"),
            "{debug}"
        );
    }
}
