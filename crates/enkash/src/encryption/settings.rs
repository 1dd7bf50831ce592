//! The settings of the encryption: what is encrypted, with which key, and how the key is made. Everything
//! that a first test against the real API may prove wrong stands here.

use std::collections::BTreeMap;

use enkash_api::{OperationId, Secret};

/// Encryption of request bodies and answers, by the scheme of the API's payouts guide (folder-1769253): AES-128 in ECB
/// mode with PKCS#7 padding, Base64, in `{"request": "…"}`. Off unless set on the builder.
///
/// **Inferred.** The guides of the Reward APIs ask for encrypted requests without showing how, and every one of their
/// pages shows plain JSON. That rewards use the payouts scheme, and with which key, is not documented.
///
/// **What it does not protect.** Each block of 16 bytes is encrypted by itself and without a check sum. Who sees the
/// traffic sees where two bodies are equal, and who can change it can drop, repeat and exchange blocks without being
/// noticed. TLS protects a call; this only satisfies an API server that asks for it.
///
/// ```
/// use enkash::{OperationId, encryption::{Encryption, EncryptionMode, KeyDigest}};
///
/// let encryption = Encryption::with_key("the key that EnKash issued")
///     .mode(EncryptionMode::Requests)
///     .digest(KeyDigest::Sha1)
///     .operation(OperationId::SearchCards, EncryptionMode::Off);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Encryption {
    /// `None` for the client secret.
    pub(super) key: Option<Secret>,
    pub(super) digest: KeyDigest,
    mode: EncryptionMode,
    pub(super) format: EncryptedBodyFormat,
    operations: BTreeMap<OperationId, EncryptionMode>,
}

/// What is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncryptionMode {
    /// Nothing.
    Off,
    /// The bodies of requests. Answers are taken as they come.
    Requests,
    /// The bodies of requests, and answers. A response that comes plain is understood as well.
    #[default]
    Both,
}

/// Which digest makes the AES key out of the secret: its first 16 bytes are the key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyDigest {
    /// SHA-256, as in the one sample of the API that was seen.
    #[default]
    Sha256,
    /// SHA-1, as in much copied samples of this scheme in other languages. Never seen on the API.
    Sha1,
}

/// How an encrypted request travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncryptedBodyFormat {
    /// `{"request": "…"}`, as the payouts guide shows it.
    #[default]
    Wrapped,
    /// A bare JSON string, as one page of Prepaid Card shows it.
    BareString,
}

impl Encryption {
    /// Encrypts with a key of its own.
    pub fn with_key(key: impl Into<Secret>) -> Self {
        Self::of(Some(key.into()))
    }

    /// Encrypts with the client secret of the credentials, as the payouts guide does.
    pub fn with_client_secret() -> Self {
        Self::of(None)
    }

    fn of(key: Option<Secret>) -> Self {
        Self {
            key,
            digest: KeyDigest::default(),
            mode: EncryptionMode::default(),
            format: EncryptedBodyFormat::default(),
            operations: BTreeMap::new(),
        }
    }

    /// What is encrypted; both directions unless set.
    pub fn mode(mut self, mode: EncryptionMode) -> Self {
        self.mode = mode;
        self
    }

    /// What is encrypted of one operation, where that differs. A login never is.
    pub fn operation(mut self, operation: OperationId, mode: EncryptionMode) -> Self {
        self.operations.insert(operation, mode);
        self
    }

    /// How the key is made; SHA-256 unless set.
    pub fn digest(mut self, digest: KeyDigest) -> Self {
        self.digest = digest;
        self
    }

    /// How requests travel; wrapped unless set. Answers are understood in either form.
    pub fn request_format(mut self, format: EncryptedBodyFormat) -> Self {
        self.format = format;
        self
    }

    pub(crate) fn mode_of(&self, operation: OperationId) -> EncryptionMode {
        self.operations.get(&operation).copied().unwrap_or(self.mode)
    }
}
