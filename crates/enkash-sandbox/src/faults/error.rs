//! Why rules of faults or mutations cannot be used. Whoever reads them from a file or a request shows it.

/// Rules of faults cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the faults cannot be read: {0}")]
pub struct FaultError(pub(crate) String);
