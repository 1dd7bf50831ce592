//! Why a seed cannot be used. Whoever starts a sandbox with one gets it.

/// A seed cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    /// The YAML cannot be read. The text says where and why.
    #[error("the seed cannot be read: {0}")]
    Unreadable(String),
    /// The parts do not fit together.
    #[error("the seed does not fit together: {0}")]
    Inconsistent(String),
}
