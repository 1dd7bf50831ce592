//! Counters and sources of random numbers, as a snapshot has them. The store and the rules of faults count on from what they
//! read here, so a number near the end of its type is refused.

use serde::{Deserialize, Deserializer, de};

/// More than any sandbox counts, and far from the end of any type that is used for it.
const MAX_COUNT: u64 = 1 << 53;

pub(crate) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    u64::deserialize(deserializer).and_then(check)
}

pub(crate) fn counts<'de, const N: usize, D>(deserializer: D) -> Result<[u64; N], D::Error>
where
    D: Deserializer<'de>,
    [u64; N]: Deserialize<'de>,
{
    let counts = <[u64; N]>::deserialize(deserializer)?;
    counts.iter().try_for_each(|count| check(*count).map(drop))?;
    Ok(counts)
}

fn check<E: de::Error>(count: u64) -> Result<u64, E> {
    if count > MAX_COUNT {
        return Err(E::custom("a counter is larger than any sandbox counts"));
    }
    Ok(count)
}

/// A source of random numbers, by its state.
pub(crate) mod random {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(random: &fastrand::Rng, serializer: S) -> Result<S::Ok, S::Error> {
        random.get_seed().serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<fastrand::Rng, D::Error> {
        u64::deserialize(deserializer).map(fastrand::Rng::with_seed)
    }
}
