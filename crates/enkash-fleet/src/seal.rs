//! How an entry is sealed: with a random nonce, and bound to its name and fence, so that no entry passes for another one.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use enkash::token::Fence;

use crate::keys::KeyPair;

const FORMAT: u8 = 1;
const FENCE: usize = 8;
const NONCE: usize = 24;
const HEAD: usize = 1 + FENCE;
/// No entry of ours is larger. Checked before it is read.
pub(crate) const MAX_SEALED: usize = 64 * 1024;

/// What is in an entry: the text, and the number of the login that it belongs to, which stands in the open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) text: Vec<u8>,
    pub(crate) fence: Fence,
}

impl KeyPair {
    /// `None` where the text is too long.
    pub(crate) fn seal(&self, name: &str, opened: &Opened) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE];
        if getrandom::fill(&mut nonce).is_err() {
            // Every platform that a TLS connection can be made on has this source.
            unreachable!("the operating system gives no random bytes");
        }
        let head = head(opened.fence);
        let payload = Payload {
            msg: &opened.text,
            aad: &bound(&head, name),
        };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload).ok()?;
        let entry = [&head[..], &nonce, &sealed].concat();
        (entry.len() <= MAX_SEALED).then_some(entry)
    }

    /// `None` where it is not ours, or not the entry of this name.
    pub(crate) fn open(&self, name: &str, entry: &[u8]) -> Option<Opened> {
        let (head, rest) = entry.split_first_chunk::<HEAD>()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>()?;
        let (format, fence) = head.split_first()?;
        if *format != FORMAT {
            return None;
        }
        let payload = Payload {
            msg: sealed,
            aad: &bound(head, name),
        };
        let text = self.cipher().decrypt(&XNonce::from(*nonce), payload).ok()?;
        Some(Opened {
            text,
            fence: Fence::new(u64::from_be_bytes(fence.try_into().ok()?)),
        })
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.sealing).into())
    }
}

fn head(fence: Fence) -> [u8; HEAD] {
    let mut head = [FORMAT; HEAD];
    head[1..].copy_from_slice(&fence.get().to_be_bytes());
    head
}

/// The head has one length, so no two pairs run into one text.
fn bound(head: &[u8; HEAD], name: &str) -> Vec<u8> {
    [head.as_slice(), name.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{FleetKeys, tests::key};

    fn pair(start: u8) -> KeyPair {
        FleetKeys::parse(&key(start)).unwrap().pairs()[0].clone()
    }

    fn opened() -> Opened {
        Opened {
            text: b"a token".to_vec(),
            fence: Fence::new(7),
        }
    }

    #[test]
    fn an_entry_opens_under_its_key_and_name_alone_and_never_changed() {
        let entry = pair(1).seal("token/1", &opened()).unwrap();
        assert_eq!(pair(1).open("token/1", &entry), Some(opened()));
        assert_eq!(pair(2).open("token/1", &entry), None);
        assert_eq!(pair(1).open("token/2", &entry), None);
        for at in 0..entry.len() {
            let mut changed = entry.clone();
            changed[at] ^= 1;
            assert_eq!(pair(1).open("token/1", &changed), None, "byte {at}");
            assert_eq!(pair(1).open("token/1", &entry[..at]), None, "{at} bytes");
        }
    }

    #[test]
    fn the_same_text_is_never_sealed_the_same_and_never_shown() {
        let (one, other) = (
            pair(1).seal("n", &opened()).unwrap(),
            pair(1).seal("n", &opened()).unwrap(),
        );
        assert_ne!(one, other);
        assert!(!one.windows(5).any(|part| part == b"token"));
    }

    #[test]
    fn an_entry_has_a_bound() {
        let long = Opened {
            text: vec![0; MAX_SEALED],
            ..opened()
        };
        assert_eq!(pair(1).seal("n", &long), None);
    }
}
