//! The state file: a snapshot, and a line for each change since. A line is written before the answer leaves, so a process that
//! is killed loses nothing that it answered. The file is written anew, as a snapshot alone, when the lines have grown long.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::digest::{hex, sha256};
use super::private_file::{Identity, beside, identity, open_regular, private_options, replace_locked};
use super::record::{Record, ReplayError};
use super::snapshot::{MAX_BYTES, Snapshot, SnapshotError};

/// Lines of so many bytes are worth a new snapshot; those of a large state may be as long as its snapshot.
const MIN_LINES_TO_COMPACT: u64 = 8 << 20;

/// No file that was compacted in time is larger.
const MAX_FILE: u64 = 2 * MAX_BYTES as u64 + (64 << 20);

/// Between the name of a state file and that of its lock. Who has the lock has the file.
pub(super) const LOCK_SUFFIX: &str = ".lock";

/// The same for the draft of a new snapshot.
const DRAFT_SUFFIX: &str = ".enkash-draft";

/// What each line is tied to: the one before, or the snapshot.
type Chain = [u8; 8];

/// A state file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateFileError {
    /// Another process has it.
    #[error("{}: another sandbox uses this file; end that one first, or take another file", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The operating system refuses.
    #[error("{}: the state cannot be kept there: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
    /// The snapshot at its start cannot be used.
    #[error("{}: {source}. Or take another file", path.display())]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// Why.
        source: SnapshotError,
    },
    /// A change in it cannot be used.
    #[error("{}:{line}: {reason}. Or take another file", path.display())]
    Change {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// Why, and what helps.
        reason: String,
    },
}

/// A state file that is open for more changes. No other process has it.
pub(super) struct StateFile {
    path: PathBuf,
    written: WrittenSnapshot,
    line_bytes: u64,
    /// Why a change could not be written. There is none after it: what is in memory is no longer what is in the file.
    failure: Option<String>,
    _lock: File,
}

/// A snapshot at the start of a file that is open for changes.
struct WrittenSnapshot {
    file: File,
    identity: Identity,
    /// The last line's, once there are lines.
    chain: Chain,
    bytes: u64,
}

/// What was in a file.
pub(super) struct StoredState<'a> {
    pub(super) snapshot: Snapshot,
    lines: &'a [u8],
    chain: Chain,
}

/// A path that is this process's own.
pub(super) struct LockedPath {
    path: PathBuf,
    lock: File,
}

impl LockedPath {
    pub(super) fn new(given: &Path) -> Result<Self, StateFileError> {
        // A link stays: the file that it names is replaced.
        let path = fs::canonicalize(given).or_else(|_| std::path::absolute(given));
        let path = path.map_err(|source| file_error(given, source))?;
        let failed = |source| file_error(&path, source);
        // Before a lock is left beside what is no file.
        if path.exists() {
            open_regular(&path).map_err(failed)?;
        }
        let mut options = private_options();
        options.read(true).write(true).create(true);
        let lock = options.open(beside(&path, LOCK_SUFFIX)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(LockedPath { path, lock }),
            Err(fs::TryLockError::WouldBlock) => Err(StateFileError::InUse { path }),
            Err(fs::TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes of the file; `None` where there is none yet.
    pub(super) fn read(&self) -> Result<Option<Vec<u8>>, StateFileError> {
        let failed = |source| file_error(&self.path, source);
        let file = match open_regular(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(failed)?,
        };
        let mut bytes = Vec::new();
        file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(self.snapshot_error(SnapshotError::TooLarge));
        }
        Ok(Some(bytes))
    }

    /// The snapshot at the start, and the changes after it.
    pub(super) fn parse<'a>(&self, bytes: &'a [u8]) -> Result<StoredState<'a>, StateFileError> {
        let (snapshot, lines) = Snapshot::split_from(bytes).map_err(|source| self.snapshot_error(source))?;
        let start = bytes.len() - lines.len();
        let chain = chain_of(&[bytes.get(..start).unwrap_or_default()]);
        Ok(StoredState { snapshot, lines, chain })
    }

    /// Writes a snapshot in the place of what there was, and keeps the file open for changes.
    pub(super) fn begin(self, snapshot: &Snapshot) -> Result<StateFile, StateFileError> {
        let written = write_snapshot(&self.path, snapshot)?;
        Ok(StateFile {
            path: self.path,
            written,
            line_bytes: 0,
            failure: None,
            _lock: self.lock,
        })
    }

    pub(super) fn snapshot_error(&self, source: SnapshotError) -> StateFileError {
        let path = self.path.clone();
        StateFileError::Snapshot { path, source }
    }
}

impl StoredState<'_> {
    /// Gives each change to `replay`, in order. A last line without an end was never answered, and is left out.
    pub(super) fn for_each(
        &self,
        path: &Path,
        mut replay: impl FnMut(Record<'_>) -> Result<(), ReplayError>,
    ) -> Result<(), StateFileError> {
        let mut chain = self.chain;
        let Some(end) = self.lines.iter().rposition(|byte| *byte == b'\n') else {
            return Ok(());
        };
        let whole = self.lines.get(..end).unwrap_or_default();
        for (number, line) in whole.split(|byte| *byte == b'\n').enumerate() {
            let change_error = |reason: String| StateFileError::Change {
                path: path.to_owned(),
                line: number + 3,
                reason,
            };
            let damaged = || {
                change_error("it is not what was written, or a line before it is missing; take a good copy".to_owned())
            };
            let (digest, json) = line.split_at_checked(16).ok_or_else(damaged)?;
            let json = json.strip_prefix(b" ").ok_or_else(damaged)?;
            let next = chain_of(&[&chain, json]);
            if hex(&next).as_bytes() != digest {
                return Err(damaged());
            }
            chain = next;
            let record = serde_json::from_slice(json).map_err(|error| {
                change_error(format!(
                    "column {} is not what this build reads there; start it with the build that wrote it",
                    error.column() + 17
                ))
            })?;
            replay(record).map_err(|error| change_error(error.to_string()))?;
        }
        Ok(())
    }
}

impl StateFile {
    /// Adds a change. It is in the hands of the operating system when this returns.
    pub(super) fn append(&mut self, record: &Record<'_>) {
        // Nothing is added to what somebody else wrote over it.
        if self.is_lost() {
            return;
        }
        if let Err(error) = self.try_append(record) {
            self.fail_without_room(&error.to_string());
        }
    }

    fn try_append(&mut self, record: &Record<'_>) -> io::Result<()> {
        let mut line = vec![b' '; 17];
        serde_json::to_writer(&mut line, record)?;
        let chain = chain_of(&[&self.written.chain, line.get(17..).unwrap_or_default()]);
        for (place, digit) in line.iter_mut().zip(hex(&chain).bytes()) {
            *place = digit;
        }
        line.push(b'\n');
        let mut file = &self.written.file;
        file.write_all(&line).inspect_err(|_| {
            // Half a line would be taken for a damaged one as soon as another followed.
            let _ = file.set_len(self.written.bytes + self.line_bytes);
        })?;
        self.written.chain = chain;
        self.line_bytes += line.len() as u64;
        Ok(())
    }

    pub(super) fn is_long(&self) -> bool {
        self.failure.is_none() && self.line_bytes > self.written.bytes.max(MIN_LINES_TO_COMPACT)
    }

    pub(super) fn has_changes(&self) -> bool {
        self.failure.is_none() && self.line_bytes > 0
    }

    /// Writes a snapshot in the place of the old one and of all changes.
    pub(super) fn replace(&mut self, snapshot: &Snapshot) {
        // What somebody else put there is not overwritten.
        if self.is_lost() {
            return;
        }
        match write_snapshot(&self.path, snapshot) {
            Ok(written) => {
                self.written = written;
                self.line_bytes = 0;
            }
            Err(error) => self.fail_without_room(&error.to_string()),
        }
    }

    /// Why the next process may not find what is in memory. One that could not look says so this time, and looks again the next.
    pub(super) fn find_failure(&mut self) -> Option<String> {
        if !self.is_lost()
            && let Err(error) = self.is_in_place()
        {
            let shown = self.path.display();
            return Some(format!(
                "the sandbox cannot look whether its state is still in {shown}: {error}. Ask again"
            ));
        }
        self.failure.clone()
    }

    /// Whether a change could not be written, or the file is no longer where the next process looks for it: it may be gone, or
    /// another one may stand there, and then nobody would find what is appended to this one.
    fn is_lost(&mut self) -> bool {
        if self.failure.is_none() && matches!(self.is_in_place(), Ok(false)) {
            self.fail(
                "it was moved, removed or written over while it was in use",
                "What was answered is in the file as it was: put that one back and start the sandbox again",
            );
        }
        self.failure.is_some()
    }

    fn is_in_place(&self) -> io::Result<bool> {
        let length = self.written.bytes + self.line_bytes;
        match fs::symlink_metadata(&self.path) {
            Ok(found) => Ok(identity(&found) == self.written.identity && found.len() == length),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn fail_without_room(&mut self, reason: &str) {
        self.fail(
            reason,
            "Make room there and start it again: what was answered until now is kept",
        );
    }

    fn fail(&mut self, reason: &str, remedy: &str) {
        let shown = self.path.display();
        tracing::error!(path = %shown, reason, "the state cannot be kept");
        self.failure = Some(format!(
            "the sandbox cannot keep its state in {shown}: {reason}. {remedy}"
        ));
    }
}

fn write_snapshot(path: &Path, snapshot: &Snapshot) -> Result<WrittenSnapshot, StateFileError> {
    let bytes = snapshot.to_bytes().map_err(|source| StateFileError::Snapshot {
        path: path.to_owned(),
        source,
    })?;
    let failed = |source| file_error(path, source);
    let file = replace_locked(path, &beside(path, DRAFT_SUFFIX), &bytes).map_err(failed)?;
    Ok(WrittenSnapshot {
        identity: identity(&file.metadata().map_err(failed)?),
        file,
        chain: chain_of(&[&bytes]),
        bytes: bytes.len() as u64,
    })
}

fn chain_of(parts: &[&[u8]]) -> Chain {
    let [a, b, c, d, e, f, g, h, ..] = sha256(parts);
    [a, b, c, d, e, f, g, h]
}

fn file_error(path: &Path, source: io::Error) -> StateFileError {
    let path = path.to_owned();
    StateFileError::File { path, source }
}
