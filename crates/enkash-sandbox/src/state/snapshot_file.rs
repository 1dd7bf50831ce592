//! A snapshot in a file that the user names. Anything may stand there already: other data, or the state file of a sandbox, whose
//! lines have what no snapshot has. So what is replaced is what its first line proves to be a snapshot, and nothing else.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read};
use std::path::Path;

use super::file::LOCK_SUFFIX;
use super::private_file::{self, beside, open_regular, private_options};
use super::snapshot::{MAX_BYTES, MAX_HEADER, Snapshot, SnapshotError, check_first_line, length_of_whole};

impl Snapshot {
    /// Writes a file that only its owner can read, whole or not at all, also where several write it at once. A snapshot that
    /// stands there is replaced, anything else is left alone: other data, the state file of a sandbox that runs, and one that
    /// has changes after its snapshot. A link stays, and the file that it names is written.
    ///
    /// # Errors
    ///
    /// When something stands there that is not replaced, when the file cannot be written, or the snapshot is too large.
    pub fn write(&self, path: &Path) -> Result<(), SnapshotError> {
        let bytes = self.to_bytes()?;
        let failed = |source| file_error(path, source);
        let target = match fs::canonicalize(path) {
            // Of a link that leads nowhere it is unknown what it was for.
            Err(_) if fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) => {
                path.to_owned()
            }
            target => target.map_err(failed)?,
        };
        // A sandbox whose state was there once cannot begin with it meanwhile.
        let _lock = lock_against_sandboxes(path, &target)?;
        check_replaceable(path, &target)?;
        private_file::replace(&target, &bytes).map_err(failed)
    }

    /// Reads a file that [`write`](Self::write) wrote.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or is not one; see [`from_bytes`](Self::from_bytes).
    pub fn read(path: &Path) -> Result<Snapshot, SnapshotError> {
        let failed = |source| file_error(path, source);
        let mut file = open_regular(path).map_err(failed)?;
        let mut bytes = read_start(&mut file).map_err(failed)?;
        // A file of something else is named so, whatever its size.
        check_first_line(&bytes)?;
        let max = MAX_BYTES + 2 * MAX_HEADER;
        let mut rest = file.take((max + 1 - bytes.len()) as u64);
        rest.read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() > max {
            return Err(SnapshotError::TooLarge);
        }
        Snapshot::from_bytes(&bytes)
    }
}

/// The lock of the state file that may stand there. One that was never used as such has none, and gets none.
fn lock_against_sandboxes(named: &Path, target: &Path) -> Result<Option<File>, SnapshotError> {
    let lock_path = beside(target, LOCK_SUFFIX);
    let failed = |source| file_error(&lock_path, source);
    let lock = match private_options().read(true).write(true).open(&lock_path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(failed)?,
    };
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Err(SnapshotError::InUse { path: named.to_owned() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Whether the first line proves a snapshot and the length says that nothing follows it. What is in between may be damaged.
fn check_replaceable(named: &Path, target: &Path) -> Result<(), SnapshotError> {
    let failed = |source| file_error(named, source);
    let not_replaced = |reason| {
        let path = named.to_owned();
        Err(SnapshotError::NotReplaced { path, reason })
    };
    let metadata = match fs::metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found.map_err(failed)?,
    };
    if !metadata.is_file() {
        return not_replaced("it is there already and is no file");
    }
    let start = File::open(target).and_then(|mut file| read_start(&mut file));
    match length_of_whole(&start.map_err(failed)?) {
        Some(length) if length == metadata.len() => Ok(()),
        Some(length) if length < metadata.len() => not_replaced(
            "it is there already and has more than a snapshot, as a state file has what was answered after its snapshot",
        ),
        _ => not_replaced("it is there already and is no snapshot that is whole"),
    }
}

/// As much as a first line may have.
fn read_start(file: &mut File) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    file.take(MAX_HEADER as u64).read_to_end(&mut start)?;
    Ok(start)
}

fn file_error(path: &Path, source: io::Error) -> SnapshotError {
    let path = path.to_owned();
    SnapshotError::File { path, source }
}
