//! Why a recording could not be played.

/// A recording could not be played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// A sandbox could not be started.
    #[error("a sandbox could not be started")]
    Sandbox(#[from] enkash_sandbox::SandboxError),
    /// It did not answer.
    #[error("the sandbox did not answer")]
    Unreachable(#[from] reqwest::Error),
    /// The bundled document cannot be read.
    #[error("the document that says what is an operation cannot be read")]
    Document(#[from] enkash_recording::RecordingError),
}
