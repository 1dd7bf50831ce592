//! Ids, tokens and voucher numbers. They look random and are not: the same seed number gives the same ones in the same
//! order, so that documents and tests are stable. Bearer and refresh tokens alone are random, because those of a sandbox
//! that was started again must not be good for this one. The state's parts ask it whenever they make something.

use serde::{Deserialize, Serialize};

use crate::stored_number;

/// Multiplying by this permutes the numbers below any power of 36, because it shares no factor with it.
const SCATTER: u128 = 48_431_715_611;

const LETTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const TOKEN_LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// What an id is for. Each kind counts for itself.
#[derive(Debug, Clone, Copy)]
pub(crate) enum IdKind {
    Card,
    User,
    Transaction,
    Order,
    Event,
}

impl IdKind {
    const COUNT: usize = 5;

    /// Prefix and number of characters after it. The documentation shows cards, users, orders and events; the form of a
    /// transaction's id is the sandbox's own choice.
    const fn form(self) -> (&'static str, usize) {
        match self {
            IdKind::Card => ("EKC", 7),
            IdKind::User => ("EK", 6),
            IdKind::Transaction => ("EKT", 9),
            IdKind::Order => ("OR", 11),
            IdKind::Event => ("WCC", 6),
        }
    }
}

/// Makes ids.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdGenerator {
    seed: u64,
    #[serde(deserialize_with = "stored_number::counts")]
    counts: [u64; IdKind::COUNT],
    #[serde(with = "stored_number::random")]
    random: fastrand::Rng,
    #[serde(with = "stored_number::random")]
    tokens: fastrand::Rng,
}

impl IdGenerator {
    pub(crate) fn new(seed: u64) -> Self {
        IdGenerator {
            seed,
            counts: [0; IdKind::COUNT],
            random: fastrand::Rng::with_seed(seed),
            tokens: fastrand::Rng::new(),
        }
    }

    /// Makes the tokens follow from nothing, so that two of the same seed are equal.
    pub(crate) fn forget_tokens(&mut self) {
        self.tokens.seed(0);
    }

    /// A new id of this kind, unlike all before.
    pub(crate) fn id(&mut self, kind: IdKind) -> String {
        let (prefix, width) = kind.form();
        let (alphabet, base): (&[u8], u128) = match kind {
            IdKind::Event => (&LETTERS[..10], 10),
            _ => (LETTERS, 36),
        };
        let count = &mut self.counts[kind as usize];
        *count += 1;
        let modulus = base.pow(u32::try_from(width).unwrap_or(1));
        let start = u128::from(self.seed) + kind as u128 * 7_919;
        // A factor of 5 would break the permutation for base 10; the constant ends in 1.
        let mut number = (u128::from(*count) + start) * SCATTER % modulus;
        let mut digits = vec![b'0'; width];
        for digit in digits.iter_mut().rev() {
            *digit = usize::try_from(number % base)
                .ok()
                .and_then(|at| alphabet.get(at).copied())
                .unwrap_or(b'0');
            number /= base;
        }
        let mut id = String::with_capacity(prefix.len() + width);
        id.push_str(prefix);
        id.extend(digits.into_iter().map(char::from));
        id
    }

    /// A bearer or refresh token: 27 URL-safe characters, as in the documentation's example.
    pub(crate) fn token(&mut self) -> String {
        letters(&mut self.tokens, TOKEN_LETTERS, 27)
    }

    /// A sign-in token: 26 letters and digits, as in the documentation's redirect URL.
    pub(crate) fn sign_in_token(&mut self) -> String {
        letters(&mut self.random, &TOKEN_LETTERS[..62], 26)
    }

    /// The `token` of a card: 20 hexadecimal digits.
    pub(crate) fn card_token(&mut self) -> String {
        letters(&mut self.random, b"0123456789abcdef", 20)
    }

    /// A voucher's number and pin.
    pub(crate) fn voucher(&mut self) -> (String, String) {
        let mut digits = |length| letters(&mut self.random, b"0123456789", length);
        (digits(16), digits(4))
    }
}

fn letters(random: &mut fastrand::Rng, alphabet: &[u8], length: usize) -> String {
    (0..length)
        .map(|_| char::from(random.choice(alphabet).copied().unwrap_or(b'0')))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_have_their_form_and_do_not_repeat() {
        let mut ids = IdGenerator::new(7);
        let cards: HashSet<_> = (0..10_000).map(|_| ids.id(IdKind::Card)).collect();
        assert_eq!(cards.len(), 10_000);
        assert!(cards.iter().all(|id| id.len() == 10 && id.starts_with("EKC")));
        let events: HashSet<_> = (0..10_000).map(|_| ids.id(IdKind::Event)).collect();
        assert_eq!(events.len(), 10_000);
    }

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let (mut one, mut two, mut other) = (IdGenerator::new(1), IdGenerator::new(1), IdGenerator::new(2));
        assert_eq!(one.id(IdKind::User), two.id(IdKind::User));
        assert_eq!(one.sign_in_token(), two.sign_in_token());
        assert_ne!(one.sign_in_token(), other.sign_in_token());
    }

    #[test]
    fn tokens_differ_whatever_the_seed() {
        let (mut one, mut two) = (IdGenerator::new(1), IdGenerator::new(1));
        assert_ne!(one.token(), two.token());
        assert_eq!(one.token().len(), 27);
        assert_eq!(one.card_token().len(), 20);
    }
}
