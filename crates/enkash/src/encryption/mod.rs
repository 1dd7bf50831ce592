//! The encryption layer: wraps request bodies and unwraps answers, where that is switched on. The scheme is
//! documented for the API's payouts product and inferred for rewards, so it is off by default and all that
//! may differ is a setting. A login is never encrypted.

mod cipher;
pub(crate) mod settings;

use std::sync::Arc;

use bytes::Bytes;
use enkash_api::{BoxError, OperationId, Secret};
use enkash_policy::Effect;
use http::{StatusCode, header::CONTENT_LENGTH};
use reqwest::Request;
use serde_json::Value;

pub use crate::encryption::settings::{EncryptedBodyFormat, Encryption, EncryptionMode, KeyDigest};

use crate::{encryption::cipher::Cipher, model::invalid::InvalidInput, policy::Policies};

/// The field that carries the text in both directions: the API calls it so in its answers too.
const WRAPPER: &str = "request";

/// The encryption at work.
pub(crate) struct PayloadEncryption {
    cipher: Cipher,
    settings: Encryption,
    policies: Arc<Policies>,
}

/// An encrypted answer came that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the encrypted response (HTTP {}) cannot be read: {problem}", status.as_u16())]
pub(crate) struct DecryptionFailed {
    pub(crate) status: StatusCode,
    pub(crate) problem: DecryptError,
}

/// What is wrong with an encrypted text. Nothing of the text is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DecryptError {
    #[error("it is not Base64")]
    NotBase64,
    #[error("its length is not that of whole blocks: it was cut short, or is not encrypted with AES")]
    NotWholeBlocks,
    #[error("its padding is wrong: most likely it was encrypted with another key or digest")]
    WrongPadding,
    #[error("what it holds is not text: most likely it was encrypted with another key or digest")]
    NotText,
    #[error("the text that it holds is not JSON")]
    NotJson,
}

/// The body is not in memory, so it cannot be encrypted.
#[derive(Debug, thiserror::Error)]
#[error("the request's body cannot be encrypted")]
struct BodyNotBuffered;

impl PayloadEncryption {
    /// Takes the key from the settings, or from the client secret where they say so.
    pub(crate) fn new(
        settings: Encryption,
        client_secret: Option<&Secret>,
        policies: Arc<Policies>,
    ) -> Result<Self, InvalidInput> {
        let secret = settings.key.as_ref().or(client_secret).ok_or_else(|| {
            InvalidInput::setting(
                "encryption with the client secret needs `credentials`, or give it as a key of its own",
            )
        })?;
        if secret.is_empty() {
            return Err(InvalidInput::setting("the encryption key is empty"));
        }
        tracing::warn!(
            target: "enkash",
            "payload encryption is on: its scheme is documented for payouts and only inferred for the Reward APIs"
        );
        Ok(Self {
            cipher: Cipher::new(secret, settings.digest),
            settings,
            policies,
        })
    }

    /// Whether the body of a request is encrypted.
    pub(crate) fn encrypts(&self, operation: OperationId) -> bool {
        self.mode(operation) != EncryptionMode::Off
    }

    fn mode(&self, operation: OperationId) -> EncryptionMode {
        match self.policies.of(operation).effect {
            Effect::Authenticates => EncryptionMode::Off,
            _ => self.settings.mode_of(operation),
        }
    }

    /// The request with its body encrypted, where there is one.
    pub(crate) fn encrypt_request(&self, operation: OperationId, mut request: Request) -> Result<Request, BoxError> {
        if self.mode(operation) == EncryptionMode::Off {
            return Ok(request);
        }
        let Some(body) = request.body() else {
            return Ok(request);
        };
        let text = self.cipher.encrypt(body.as_bytes().ok_or(BodyNotBuffered)?);
        let encrypted = match self.settings.format {
            EncryptedBodyFormat::Wrapped => serde_json::json!({ WRAPPER: text }),
            EncryptedBodyFormat::BareString => Value::String(text),
        };
        *request.body_mut() = Some(encrypted.to_string().into());
        request.headers_mut().remove(CONTENT_LENGTH);
        Ok(request)
    }

    /// The plain text of an encrypted answer; `None` for a response that is plain already.
    pub(crate) fn decrypt_response(
        &self,
        operation: OperationId,
        status: StatusCode,
        body: &Bytes,
    ) -> Result<Option<Bytes>, DecryptionFailed> {
        if self.mode(operation) != EncryptionMode::Both {
            return Ok(None);
        }
        let Some(text) = encrypted_text(body) else {
            return Ok(None);
        };
        match self.cipher.decrypt(&text).and_then(json) {
            Ok(plain) => Ok(Some(plain.into())),
            Err(problem) => Err(DecryptionFailed { status, problem }),
        }
    }
}

/// What stands in the wrapper, or in a bare JSON string. Everything else is plain.
fn encrypted_text(body: &[u8]) -> Option<String> {
    match serde_json::from_slice(body).ok()? {
        Value::String(text) => Some(text),
        Value::Object(fields) if fields.len() == 1 => Some(fields.get(WRAPPER)?.as_str()?.to_owned()),
        _ => None,
    }
}

fn json(plain: Vec<u8>) -> Result<Vec<u8>, DecryptError> {
    let text = std::str::from_utf8(&plain).map_err(|_| DecryptError::NotText)?;
    serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|_| DecryptError::NotJson)?;
    Ok(plain)
}

#[cfg(test)]
mod tests;
