//! The file of a ledger, as the operating system knows it: for its owner alone, the same one from open to commit, and the files
//! beside it that lock a run.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::OnceLock,
    thread,
    time::Duration,
};

use tempfile::NamedTempFile;

/// How often a lock is tried, and how long to wait after each.
const LOCK_TRIES: u32 = 25;
const LOCK_WAIT: Duration = Duration::from_millis(20);

/// A file that only its owner can read, which was there when the ledger was opened.
pub(super) struct PrivateFile {
    path: PathBuf,
    identity: Identity,
    /// That of SQLite's log beside it, in which what was committed last is. It is there from the first connection to the last.
    log: OnceLock<Identity>,
}

/// Device and number. Where a file that is open cannot be moved, there is nothing to compare.
type Identity = Option<(u64, u64)>;

impl PrivateFile {
    /// Makes the file where it is missing. Refuses one that others can read, or that has another name: SQLite keeps what was
    /// committed last beside the file, under its name, so who opens it by another one does not see that, and would send again.
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        if fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            check_is_first(path)?;
            create(path)?;
        }
        let found = fs::symlink_metadata(path)?;
        if found.len() == 0 {
            check_is_first(path)?;
        }
        if !found.is_file() {
            return Err(io::Error::other("it is not a regular file"));
        }
        #[cfg(unix)]
        if std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o077 != 0 {
            return Err(io::Error::other(format!(
                "others can read it: run chmod 600 {}",
                path.display()
            )));
        }
        #[cfg(unix)]
        check_one_name(path)?;
        Ok(Self {
            path: path.to_owned(),
            identity: identity(&found),
            log: OnceLock::new(),
        })
    }

    /// Fails where another file, or none, stands at the path by now, or at that of SQLite's log: what is written would be found by
    /// nobody.
    pub(super) fn check_in_place(&self) -> io::Result<()> {
        let log = fs::symlink_metadata(beside(&self.path, "-wal")).ok();
        let log = log.as_ref().map(identity);
        if log.is_none_or(|log| *self.log.get_or_init(|| log) != log) {
            return Err(io::Error::other(
                "its log, the file that ends with -wal, was moved or removed while it was in use",
            ));
        }
        let found = fs::symlink_metadata(&self.path).ok();
        if found.as_ref().is_some_and(|found| identity(found) == self.identity) {
            return match found.as_ref().map_or(1, names) {
                1 => Ok(()),
                _ => Err(has_another_name()),
            };
        }
        Err(io::Error::other("the file was moved or removed while it was in use"))
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(suffix);
    beside.into()
}

/// Fails where a ledger was: the locks of its runs stay beside it. An empty one in its place would know nothing of what was paid.
fn check_is_first(path: &Path) -> io::Result<()> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Ok(());
    };
    let start = format!("{}.run-", name.to_string_lossy());
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(&start) && name.ends_with(".lock") {
            return Err(io::Error::other(format!(
                "a ledger was there and is gone, and an empty one would pay again what it knew of: put it back from a copy, or, if \
                 nothing of it matters, remove {start}*.lock as well"
            )));
        }
    }
    Ok(())
}

/// Puts an empty file there, for its owner alone. The file itself is never opened here: where SQLite has it open already in
/// this process, to close it would drop the locks that keep the ledger whole.
fn create(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let new = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    match new.into_temp_path().persist_noclobber(path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        // Another process may have been faster.
        _ => Ok(()),
    }
}

/// A link is a second name, and so is a file that is mounted alone, as containers do.
#[cfg(unix)]
fn check_one_name(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = fs::metadata(folder.unwrap_or(Path::new(".")))?;
    for _ in 0..LOCK_TRIES {
        let found = fs::symlink_metadata(path)?;
        if found.dev() != folder.dev() {
            return Err(io::Error::other("it is mounted alone: mount its folder"));
        }
        if names(&found) == 1 {
            return Ok(());
        }
        // On some systems another process that makes it just now gives it two names for a moment.
        thread::sleep(LOCK_WAIT);
    }
    Err(has_another_name())
}

fn has_another_name() -> io::Error {
    io::Error::other("it has another name, a hard link, under which it would be another ledger: remove that")
}

#[cfg(unix)]
fn names(file: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(file)
}

#[cfg(not(unix))]
fn names(_: &fs::Metadata) -> u64 {
    1
}

#[cfg(unix)]
fn identity(file: &fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    Some((file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> Identity {
    None
}

/// A file that one process locks while it sends a run. Whoever only looks whether somebody does holds it for a moment, so it
/// waits a little before it says no.
pub(super) fn lock(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_WAIT),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}
