//! Why a sandbox could not start. Everything after that is a response over HTTP.

use std::io;

use crate::seed::SeedError;

/// A sandbox could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The address cannot be bound.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address.
        address: std::net::SocketAddr,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// The address is open to other machines and the builder does not allow that.
    #[error("{0} can be reached from other machines; allow that with SandboxBuilder::bind_beyond_loopback")]
    NotLoopback(std::net::IpAddr),
    /// The state file cannot be used.
    #[error(transparent)]
    StateFile(#[from] crate::state::StateFileError),
    /// The seed does not fit together.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// Responses shall be checked, and the crate was built without that.
    #[error(
        "responses are checked only where enkash-sandbox has the feature `self-check`: add it, or leave check_responses out"
    )]
    NoSelfCheck,
    /// The bundled document cannot be used, which is a bug of this crate.
    #[error("the bundled document cannot be used: {0}")]
    Document(String),
}
