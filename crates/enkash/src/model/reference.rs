//! The caller's own reference of a call that moves value. It is known before the call, so that it can be
//! stored first: it is the only handle on a call whose outcome is unknown.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::model::invalid::InvalidInput;

/// A reference of the caller's, such as an order number (page: `uniqueReferenceNumber`): printable ASCII without spaces.
///
/// What the API does with a reference it has seen before is not documented. Never rest on it to refuse
/// a duplicate: use a new one for each intent, and store it before the call.
///
/// It stands in errors and in the warnings about a call in doubt, where it is what to look for. So make none of a person's data.
///
/// ```
/// use enkash::ClientReference;
///
/// let own: ClientReference = "PAYROLL-2026-11-0042".parse()?;
/// let generated = ClientReference::generate();
/// assert_eq!(generated.as_str().len(), 26);
/// # Ok::<(), enkash::InvalidReference>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientReference(String);

/// The lengths of a generated reference: the time and at least 30 random bits, and no more than any system keeps.
const LENGTHS: std::ops::RangeInclusive<usize> = 16..=64;

/// How many characters of a ULID are its time.
const TIME_LENGTH: usize = 10;

/// Under which name the reference of an allocation is sent. The page's table and its example contradict each other.
///
/// Whether the choice is right shows in the response: the API promises to repeat the reference as `pgReferenceNumber`. The
/// first allocation of a client goes alone, and where its reference is not repeated the client sends nothing more that
/// moves value: see [`Error::is_reference_not_echoed`](crate::Error::is_reference_not_echoed).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReferenceField {
    /// `uniqueReferenceNumber`, as the page's table has it.
    #[default]
    UniqueReferenceNumber,
    /// `uniqueReferenceNum`, as the page's example has it.
    UniqueReferenceNum,
    /// Both, with the same value. Nobody saw such a request.
    Both,
}

/// A reference is empty, or has something else than printable ASCII. That does not survive every system it passes, and two
/// references that differ by it alone look the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the reference {reference:?} is empty or not printable ASCII: use letters, digits and punctuation, and no spaces"
)]
pub struct InvalidReference {
    reference: String,
}

impl ClientReference {
    /// A new reference that nobody has used: a ULID, 26 letters and digits that sort by time.
    #[must_use]
    pub fn generate() -> Self {
        Self(ulid::Ulid::generate().to_string())
    }

    /// As [`generate`](Self::generate), of another length, for a ledger that has less room or wants more. No page of the
    /// API states a maximum.
    ///
    /// The first ten characters are the time in milliseconds, the rest is random: with 20 characters two references of one
    /// millisecond are the same once in 10^15.
    ///
    /// ```
    /// use enkash::ClientReference;
    ///
    /// assert_eq!(ClientReference::generate_of_length(20)?.as_str().len(), 20);
    /// assert!(ClientReference::generate_of_length(8).is_err());
    /// # Ok::<(), enkash::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The length is not from 16 to 64.
    pub fn generate_of_length(length: usize) -> Result<Self, InvalidInput> {
        if !LENGTHS.contains(&length) {
            return Err(InvalidInput::field_of_call(
                "reference length",
                format!("is {length}, not from {} to {}", LENGTHS.start(), LENGTHS.end()),
            ));
        }
        let mut reference = ulid::Ulid::generate().to_string();
        while reference.len() < length {
            // Only the random part of another one.
            reference.push_str(&ulid::Ulid::generate().to_string()[TIME_LENGTH..]);
        }
        reference.truncate(length);
        Ok(Self(reference))
    }

    /// From a ticket that was stored. Earlier versions took other letters too, and such a call must still be found.
    pub(crate) fn stored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let reference = String::deserialize(deserializer)?;
        let stray = |c: char| c.is_whitespace() || c.is_control();
        if reference.is_empty() || reference.contains(stray) {
            return Err(de::Error::custom(InvalidReference { reference }));
        }
        Ok(Self(reference))
    }

    /// The reference as it travels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ClientReference {
    type Error = InvalidReference;

    fn try_from(reference: String) -> Result<Self, InvalidReference> {
        if reference.is_empty() || !reference.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidReference { reference });
        }
        Ok(Self(reference))
    }
}

impl FromStr for ClientReference {
    type Err = InvalidReference;

    fn from_str(reference: &str) -> Result<Self, InvalidReference> {
        reference.to_owned().try_into()
    }
}

impl From<ClientReference> for String {
    fn from(reference: ClientReference) -> Self {
        reference.0
    }
}

impl fmt::Display for ClientReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_printable_ascii() {
        let all: String = ('!'..='~').collect();
        assert_eq!(all.parse::<ClientReference>().unwrap().as_str(), all);
        for wrong in [
            "",
            " ",
            "A B",
            "A\t",
            "A\u{7f}",
            "R\u{c9}F",
            "R\u{415}F",
            "A\u{200d}",
            "A\u{202e}",
            "\u{feff}A",
            "A\n",
        ] {
            assert!(wrong.parse::<ClientReference>().is_err(), "{wrong:?}");
            let json = serde_json::Value::from(wrong);
            assert!(serde_json::from_value::<ClientReference>(json).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_generated_reference_has_the_length_asked_for_and_sorts_by_time() {
        for length in LENGTHS {
            let one = ClientReference::generate_of_length(length).unwrap();
            let other = ClientReference::generate_of_length(length).unwrap();
            assert_eq!(one.as_str().len(), length);
            assert_ne!(one, other);
            assert!(one.as_str()[..TIME_LENGTH] <= other.as_str()[..TIME_LENGTH]);
        }
        for length in [0, 15, 65] {
            assert!(ClientReference::generate_of_length(length).is_err());
        }
    }
}
