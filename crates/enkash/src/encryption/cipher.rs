//! AES-128-ECB with PKCS#7 padding and Base64 around it: the algorithm and the making of its key, and
//! nothing of HTTP. The encryption layer holds one for each client.

use aes::{
    Aes128,
    cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyInit, block_padding::Pkcs7},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use enkash_api::Secret;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::encryption::{DecryptError, settings::KeyDigest};

const BLOCK: usize = 16;

pub(super) struct Cipher {
    key: Zeroizing<[u8; BLOCK]>,
}

impl Cipher {
    /// The key is the start of the digest of the secret's UTF-8 bytes.
    pub(super) fn new(secret: &Secret, digest: KeyDigest) -> Self {
        let secret = secret.expose().as_bytes();
        let key = match digest {
            KeyDigest::Sha256 => first_block(&Sha256::digest(secret)),
            KeyDigest::Sha1 => first_block(&Sha1::digest(secret)),
        };
        Self { key }
    }

    pub(super) fn encrypt(&self, plain: &[u8]) -> String {
        let cipher = ecb::Encryptor::<Aes128>::new((&*self.key).into());
        BASE64_STANDARD.encode(cipher.encrypt_padded_vec::<Pkcs7>(plain))
    }

    pub(super) fn decrypt(&self, text: &str) -> Result<Vec<u8>, DecryptError> {
        let encrypted = BASE64_STANDARD
            .decode(text.trim())
            .map_err(|_| DecryptError::NotBase64)?;
        if encrypted.is_empty() || !encrypted.len().is_multiple_of(BLOCK) {
            return Err(DecryptError::NotWholeBlocks);
        }
        let cipher = ecb::Decryptor::<Aes128>::new((&*self.key).into());
        cipher
            .decrypt_padded_vec::<Pkcs7>(&encrypted)
            .map_err(|_| DecryptError::WrongPadding)
    }
}

fn first_block(digest: &[u8]) -> Zeroizing<[u8; BLOCK]> {
    let mut key = Zeroizing::new([0; BLOCK]);
    key.copy_from_slice(&digest[..BLOCK]);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef01234567";
    const PLAIN: &str = r#"{"cardAccountId":"CAQL8YCV3","companyId":"CEK1PU9AOO","enkashCardId":"EKCDM5AVZY"}"#;
    /// Computed by two independent implementations from the steps of the guide, not printed by the API.
    const SEALED: &str = "g48nav3TVchlEGLZkE1AL5IYmFNqoBAPD1QASJgf8ckRV9FTeMXg3ESaj2Dhj688N7JyjaKXaXTzT8HR0tn14lFllL1HsDSJ0ieYZqunQpDRzqA0KBtzX/0/nalUpzzk";

    fn cipher() -> Cipher {
        Cipher::new(&Secret::new(SECRET), KeyDigest::Sha256)
    }

    #[test]
    fn the_check_value_comes_out() {
        assert_eq!(
            *cipher().key,
            0xdeb8_7fab_d177_15bb_31ad_4cf4_ffb9_494e_u128.to_be_bytes()
        );
        assert_eq!(cipher().encrypt(PLAIN.as_bytes()), SEALED);
        assert_eq!(cipher().decrypt(SEALED).unwrap(), PLAIN.as_bytes());
    }

    #[test]
    fn the_digest_is_a_setting() {
        let sha1 = Cipher::new(&Secret::new("abc"), KeyDigest::Sha1);
        // The first 16 bytes of FIPS 180's example.
        assert_eq!(*sha1.key, 0xa999_3e36_4706_816a_ba3e_2571_7850_c26c_u128.to_be_bytes());
        assert_eq!(sha1.decrypt(&sha1.encrypt(b"{}")).unwrap(), b"{}");
    }

    #[test]
    fn every_length_comes_back() {
        for length in 0..=3 * BLOCK {
            let plain = vec![b'x'; length];
            assert_eq!(cipher().decrypt(&cipher().encrypt(&plain)).unwrap(), plain);
        }
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let cut = &SEALED[..64 - 4];
        for (text, problem) in [
            ("not Base64!", DecryptError::NotBase64),
            ("", DecryptError::NotWholeBlocks),
            ("YWJj", DecryptError::NotWholeBlocks),
            (cut, DecryptError::NotWholeBlocks),
            // Whole blocks, and the one with the padding is gone.
            (&SEALED[..64], DecryptError::WrongPadding),
        ] {
            assert_eq!(cipher().decrypt(text), Err(problem), "{text}");
        }
        let other = Cipher::new(&Secret::new("another secret"), KeyDigest::Sha256);
        assert_eq!(other.decrypt(SEALED), Err(DecryptError::WrongPadding));
    }
}
