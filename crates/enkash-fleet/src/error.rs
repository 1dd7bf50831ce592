//! The one error of the crate. It names the place and the remedy, and nothing of an address but host and database.

/// Why the shared entries cannot be used.
///
/// As the error of a strike ledger it means that no login is sent; as that of a token store it costs a login.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{text}")]
pub struct Error {
    text: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    InvalidInput,
    Unavailable,
    OtherKey,
    Damaged,
}

impl Error {
    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            kind: Kind::InvalidInput,
        }
    }

    pub(crate) fn unavailable(place: &str, reason: impl std::fmt::Display) -> Self {
        Self {
            text: format!("the fleet's database {place} cannot be used: {reason}"),
            kind: Kind::Unavailable,
        }
    }

    pub(crate) fn other_key(place: &str) -> Self {
        Self {
            text: format!(
                "what {place} holds was sealed with another key than ours: give every process the same key file, whose second \
                 line is the key of before"
            ),
            kind: Kind::OtherKey,
        }
    }

    pub(crate) fn damaged(place: &str, name: &str, reason: &str) -> Self {
        Self {
            text: format!(
                "the entry {name} of {place} {reason}: delete it only when you know that no login of this account failed"
            ),
            kind: Kind::Damaged,
        }
    }

    /// Whether an address or a key cannot be read or is refused: another one is needed.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        self.kind == Kind::InvalidInput
    }

    /// Whether the database cannot be reached or used now.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        self.kind == Kind::Unavailable
    }

    /// Whether other processes use another key. Nobody logs in then: each group would count for itself.
    #[must_use]
    pub fn is_other_key(&self) -> bool {
        self.kind == Kind::OtherKey
    }
}
