//! What can be wrong with a recording. Every message says where, and what to do; none repeats what stands there.

use std::io;

/// A recording cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// The file cannot be opened, read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// The file is not a recording.
    #[error("{0}")]
    NotARecording(String),
    /// One entry is not usable.
    #[error("entry {entry}: {problem}; mend the entry or remove it from the file")]
    Entry {
        /// Its number, from 1.
        entry: usize,
        /// What is wrong.
        problem: String,
    },
    /// A bound is exceeded.
    #[error("the recording has more than {limit} {what}; split it into several files")]
    TooLarge {
        /// The largest number.
        limit: u64,
        /// What is counted.
        what: &'static str,
    },
    /// There is a file that this crate did not write, or that others can read.
    #[error("{path} {problem}; name another file")]
    ForeignFile {
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The bundled document cannot be read.
    #[error("the OpenAPI document: {0}")]
    Document(String),
    /// The system gives no random bytes for placeholders.
    #[error("no random bytes: {0}")]
    Random(String),
}

impl RecordingError {
    pub(crate) fn io(path: &std::path::Path, source: io::Error) -> Self {
        RecordingError::Io {
            path: path.display().to_string(),
            source,
        }
    }
}
