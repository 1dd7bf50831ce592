//! The key that a user gives, and the keys that are made of it: one names entries, one seals them. The second line of a key file is
//! the key of before, so that a key can be changed while programs run.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::Error;

const KEY_BYTES: usize = 32;
/// No random key has fewer different bytes; a text that somebody typed may.
const MIN_DIFFERENT_BYTES: usize = 12;
/// More is no key file.
const MAX_TEXT: usize = 1024;

/// The key of a fleet, and the one of before while it changes. `Debug` does not show them.
///
/// ```
/// use enkash_fleet::FleetKeys;
///
/// // `openssl rand -base64 32 > fleet.key`
/// # let text = "q83vEjRWeJq83vEjRWeJqwABAgMEBQYHCAkKCwwNDg8=\n";
/// let keys = FleetKeys::parse(text)?;
/// assert_eq!(format!("{keys:?}"), "FleetKeys([redacted])");
/// # Ok::<(), enkash_fleet::Error>(())
/// ```
#[derive(Clone)]
pub struct FleetKeys {
    /// The first one seals; at most one more opens.
    keys: Vec<KeyPair>,
}

/// What is made of one key of the user's.
#[derive(Clone)]
pub(crate) struct KeyPair {
    /// For the fingerprints that name entries.
    pub(crate) naming: Zeroizing<[u8; KEY_BYTES]>,
    pub(crate) sealing: Zeroizing<[u8; KEY_BYTES]>,
    /// Tells this key from others. It stands in sealed entries alone.
    pub(crate) id: [u8; KEY_BYTES],
}

impl FleetKeys {
    /// Reads a key file: a line with 32 random bytes in Base64, as `openssl rand -base64 32` prints it, and a second one with the key
    /// of before while the key changes.
    ///
    /// To change a key: give all programs the old key first and the new one second; when they all run with it, the new one first and
    /// the old one second; and when each of them has logged in, the new one alone. Programs that know only one of the two keys never
    /// count for themselves: they send no login, and say so.
    ///
    /// # Errors
    ///
    /// Says which line is not such a key, and shows nothing of it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_TEXT {
            return Err(Error::invalid("the fleet's key file is longer than two keys"));
        }
        let lines = text.trim_end().lines().enumerate();
        let keys: Vec<KeyPair> = lines
            .map(|(number, line)| KeyPair::parse(line.trim(), number + 1))
            .collect::<Result<_, _>>()?;
        match &keys[..] {
            [] => Err(Error::invalid(
                "the fleet's key file is empty: make a key with `openssl rand -base64 32`",
            )),
            [one, other] if one.sealing == other.sealing => {
                Err(Error::invalid("the two lines of the fleet's key file are the same key"))
            }
            [_] | [_, _] => Ok(Self { keys }),
            _ => Err(Error::invalid(
                "the fleet's key file has more than two lines: the key, and the one of before",
            )),
        }
    }

    /// The key that seals, then the one that only opens.
    pub(crate) fn pairs(&self) -> &[KeyPair] {
        &self.keys
    }
}

impl KeyPair {
    fn parse(line: &str, number: usize) -> Result<Self, Error> {
        let refuse = |what: &str| {
            Error::invalid(format!(
                "line {number} of the fleet's key file {what}: make one with `openssl rand -base64 32`"
            ))
        };
        let bytes = BASE64_STANDARD.decode(line).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| refuse("is not Base64"))?;
        if bytes.len() != KEY_BYTES {
            return Err(refuse("is not a key of 32 bytes"));
        }
        let mut different = bytes.to_vec();
        different.sort_unstable();
        different.dedup();
        if different.len() < MIN_DIFFERENT_BYTES {
            return Err(refuse("is no random key"));
        }
        Ok(Self {
            naming: derive(&bytes, b"enkash fleet 1: names of entries"),
            sealing: derive(&bytes, b"enkash fleet 1: sealing of entries"),
            id: *derive(&bytes, b"enkash fleet 1: which key it is"),
        })
    }
}

/// One block of HKDF-Expand: the user's key is random already.
fn derive(key: &[u8], purpose: &[u8]) -> Zeroizing<[u8; KEY_BYTES]> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        unreachable!("HMAC takes a key of any length");
    };
    mac.update(purpose);
    mac.update(&[1]);
    Zeroizing::new(mac.finalize().into_bytes().into())
}

impl fmt::Debug for FleetKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FleetKeys([redacted])")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn key(start: u8) -> String {
        let bytes: Vec<u8> = (0..32).map(|n| start.wrapping_add(n * 7)).collect();
        BASE64_STANDARD.encode(bytes)
    }

    #[test]
    fn a_key_file_has_one_key_or_two_with_any_line_ends() {
        for (text, count) in [
            (key(1), 1),
            (format!("{}\n", key(1)), 1),
            (format!("{}\r\n{}\r\n\r\n", key(1), key(2)), 2),
        ] {
            assert_eq!(FleetKeys::parse(&text).unwrap().pairs().len(), count, "{text}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_by_its_line_and_not_shown() {
        let zeros = BASE64_STANDARD.encode([0; 32]);
        for (text, said) in [
            (String::new(), "is empty"),
            ("\n\n".to_owned(), "is empty"),
            ("password".to_owned(), "line 1"),
            (format!("{}\nsecret!", key(1)), "line 2"),
            (format!("\n{}", key(1)), "line 1"),
            (zeros, "no random key"),
            (BASE64_STANDARD.encode([7; 31]), "32 bytes"),
            (format!("{0}\n{0}", key(1)), "the same key"),
            (format!("{}\n{}\n{}", key(1), key(2), key(3)), "more than two"),
            ("x".repeat(2000), "longer"),
        ] {
            let error = FleetKeys::parse(&text).expect_err(said);
            assert!(error.is_invalid_input() && error.to_string().contains(said), "{error}");
            for shown in ["password", "secret", "xxxx", &key(1)] {
                assert!(!error.to_string().contains(shown), "{error}");
            }
        }
    }

    #[test]
    fn the_keys_made_of_one_differ_from_it_and_from_each_other() {
        let keys = FleetKeys::parse(&key(1)).unwrap();
        let pair = &keys.pairs()[0];
        let given = BASE64_STANDARD.decode(key(1)).unwrap();
        let all = [&pair.naming[..], &pair.sealing[..], &pair.id[..], &given];
        let different: std::collections::HashSet<_> = all.into_iter().collect();
        assert_eq!(different.len(), all.len());
    }
}
