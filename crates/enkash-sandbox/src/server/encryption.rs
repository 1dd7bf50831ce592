//! The payload encryption of the Payouts guide (folder-1769253), for the switch that turns it on: AES-128-ECB with PKCS#7
//! padding, the key is the first half of the SHA-256 of the client secret, the text is Base64. Request checks decrypt with
//! it, responses are encrypted with it. Whether the Reward APIs use this scheme is not known.

use aes::Aes128;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

fn key(secret: &str) -> [u8; 16] {
    let digest = Sha256::digest(secret.as_bytes());
    let mut key = [0; 16];
    key.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    key
}

/// The Base64 of the encrypted text.
pub(super) fn encrypt(secret: &str, plain: &[u8]) -> String {
    let cipher = ecb::Encryptor::<Aes128>::new(&key(secret).into());
    STANDARD.encode(cipher.encrypt_padded_vec::<Pkcs7>(plain))
}

/// The plain text; `None` where it was not encrypted with this secret.
pub(super) fn decrypt(secret: &str, text: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(text).ok()?;
    let cipher = ecb::Decryptor::<Aes128>::new(&key(secret).into());
    cipher.decrypt_padded_vec::<Pkcs7>(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed outside of this crate from the guide's steps.
    #[test]
    fn the_check_value_comes_out() {
        let secret = "0123456789abcdef0123456789abcdef01234567";
        let plain = br#"{"cardAccountId":"CAQL8YCV3","companyId":"CEK1PU9AOO","enkashCardId":"EKCDM5AVZY"}"#;
        let text = "g48nav3TVchlEGLZkE1AL5IYmFNqoBAPD1QASJgf8ckRV9FTeMXg3ESaj2Dhj688N7JyjaKXaXTzT8HR0tn14lFllL1HsDSJ0ieYZqunQpDRzqA0KBtzX/0/nalUpzzk";
        assert_eq!(encrypt(secret, plain), text);
        assert_eq!(decrypt(secret, text).unwrap(), plain);
        assert!(decrypt("another secret", text).is_none_or(|bytes| bytes != plain));
        assert!(decrypt(secret, "not base64!").is_none());
        assert!(decrypt(secret, "YWJj").is_none());
    }
}
