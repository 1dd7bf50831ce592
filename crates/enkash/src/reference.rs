//! The caller's own reference of a call that moves value. It is known before the call, so that it can be
//! stored first: it is the only handle on a call whose outcome is unknown.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A reference of the caller's, such as an order number (portal: `uniqueReferenceNumber`).
///
/// What the portal does with a reference it has seen before is not documented. Never rest on it to refuse
/// a duplicate: use a new one for each intent, and store it before the call.
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

/// A reference is empty, or has white space or control characters, which do not survive every system it passes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the reference {reference:?} is empty or has white space: use letters, digits and punctuation")]
pub struct InvalidReference {
    reference: String,
}

impl ClientReference {
    /// A new reference that nobody has used: a ULID, 26 letters and digits that sort by time.
    #[must_use]
    pub fn generate() -> Self {
        Self(ulid::Ulid::generate().to_string())
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
        let stray = |c: char| c.is_whitespace() || c.is_control();
        if reference.is_empty() || reference.contains(stray) {
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
