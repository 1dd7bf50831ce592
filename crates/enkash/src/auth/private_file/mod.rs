//! Files that only their owner can read: the strike ledger and the token store. Written whole or not at
//! all, kept apart between processes by a lock file, and never somebody else's file.

#[cfg(unix)]
mod folder;
#[cfg(not(unix))]
#[path = "no_folder.rs"]
mod folder;

use std::{
    ffi::{OsStr, OsString},
    fs::{File, TryLockError},
    io::{self, Read, Write},
    path::PathBuf,
    time::Duration,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::auth::{private_file::folder::Folder, random::random_text};

/// How long other processes may hold the lock in all. Each holds it for a read and a write.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);
const FIRST_LOOK: Duration = Duration::from_millis(1);
const LAST_LOOK: Duration = Duration::from_millis(20);
/// No file of ours grows beyond it.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// Why such a file cannot be used.
#[derive(Debug, thiserror::Error)]
#[cfg_attr(not(unix), allow(dead_code, reason = "there is no file that could be wrong"))]
pub(crate) enum PrivateFileError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{path} can be read by others: run `chmod 600 {path}`", path = .0.display())]
    Unprotected(PathBuf),
    #[error("{} belongs to another user: move it away, or name another path", .0.display())]
    FileOfOthers(PathBuf),
    #[error("{} is not a regular file, and no link is followed: move it away, or name another path", .0.display())]
    NotRegular(PathBuf),
    #[error("{} is larger than {MAX_BYTES} bytes: move it away, or name another path", .0.display())]
    TooLarge(PathBuf),
    #[error(
        "{path} can be changed by others, who could put other files there: run `chmod go-w {path}`, or name a new folder \
         inside of it, which is then made for its owner alone",
        path = .0.display()
    )]
    FolderOpenToOthers(PathBuf),
    #[error(
        "{} belongs to another user ({owner}; this program runs as {us}): name a new folder inside of it or elsewhere, \
         which is then made for its owner alone",
        path.display()
    )]
    FolderOfOthers { path: PathBuf, owner: u32, us: u32 },
    #[error("{}: this platform has no permissions that keep a file to its owner", .0.display())]
    #[cfg_attr(unix, allow(dead_code, reason = "constructed on other platforms"))]
    NoProtection(PathBuf),
    #[error("{} is not a file of this program ({expected}): name another path, or move it away", path.display())]
    UnrecognizedFile { path: PathBuf, expected: &'static str },
    #[error("{} was written by a later version of this program (format {version})", path.display())]
    Newer { path: PathBuf, version: u32 },
    #[error("{} is held by another process for more than {} s", .0.display(), LOCK_TIMEOUT.as_secs())]
    LockedFile(PathBuf),
    #[error("the work on {} was interrupted", .0.display())]
    Interrupted(PathBuf),
}

/// A random key, made with the file and kept in it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct FileKey(String);

impl Default for FileKey {
    fn default() -> Self {
        Self(random_text())
    }
}

impl FileKey {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// What every such file starts with.
#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    kind: String,
    version: u32,
    content: T,
}

/// The mark alone, of whatever version.
#[derive(Deserialize)]
struct Mark {
    kind: String,
    version: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct PrivateFile {
    path: PathBuf,
    kind: &'static str,
    version: u32,
}

/// The file, held against other processes until this is dropped.
pub(crate) struct LockedFile<'a> {
    file: &'a PrivateFile,
    folder: Folder,
    _lock: File,
}

impl PrivateFile {
    /// A file of this kind. Earlier versions of its format are read as well, and written as this one.
    pub(crate) fn new(path: PathBuf, kind: &'static str, version: u32) -> Self {
        Self { path, kind, version }
    }

    /// The content, or `None` where there is no file yet. Makes nothing, and waits for nobody: a file is replaced as a whole.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<Option<T>, PrivateFileError> {
        match Folder::find(&self.path)? {
            Some(folder) => self.read_in(&folder),
            None => Ok(None),
        }
    }

    /// As [`read`](Self::read). The disk may be slow: not on a thread that drives other calls.
    pub(crate) async fn read_aside<T: DeserializeOwned + Send + 'static>(&self) -> Result<Option<T>, PrivateFileError> {
        let file = self.clone();
        self.aside(move || file.read()).await
    }

    /// Does what needs the lock, when no other process holds it.
    pub(crate) async fn locked<T: Send + 'static>(
        &self,
        work: impl FnOnce(&LockedFile<'_>) -> Result<T, PrivateFileError> + Send + 'static,
    ) -> Result<T, PrivateFileError> {
        let file = self.clone();
        let lock = move || {
            let folder = Folder::find_or_make(&file.path)?;
            let lock = folder.open_lock(&with_suffix(file.name()?, ".lock"))?;
            Ok((folder, lock))
        };
        let (folder, lock) = self.aside(lock).await?;
        let (mut waited, mut look) = (Duration::ZERO, FIRST_LOOK);
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if waited >= LOCK_TIMEOUT => {
                    return Err(PrivateFileError::LockedFile(self.path.clone()));
                }
                Err(TryLockError::WouldBlock) => {
                    tokio::time::sleep(look).await;
                    waited += look;
                    look = (look * 2).min(LAST_LOOK);
                }
                Err(TryLockError::Error(source)) => return Err(self.io(source)),
            }
        }
        let file = self.clone();
        let work = move || {
            work(&LockedFile {
                file: &file,
                folder,
                _lock: lock,
            })
        };
        self.aside(work).await
    }

    /// Whether the file can be used as it lies, with its folder and its lock. What is missing is made when it is needed, so it
    /// is no error. Makes nothing.
    pub(crate) fn check<T: DeserializeOwned>(&self) -> Result<(), PrivateFileError> {
        let Some(folder) = Folder::find(&self.path)? else {
            return Ok(());
        };
        folder.open(&with_suffix(self.name()?, ".lock"), true)?;
        self.read_in::<T>(&folder).map(drop)
    }

    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PrivateFileError> + Send + 'static,
    ) -> Result<T, PrivateFileError> {
        match tokio::task::spawn_blocking(work).await {
            Ok(done) => done,
            Err(_) => Err(PrivateFileError::Interrupted(self.path.clone())),
        }
    }

    fn read_in<T: DeserializeOwned>(&self, folder: &Folder) -> Result<Option<T>, PrivateFileError> {
        let Some(file) = folder.open(self.name()?, false)? else {
            return Ok(None);
        };
        let mut text = Vec::new();
        let limited = file.take(MAX_BYTES + 1).read_to_end(&mut text);
        if limited.map_err(|error| self.io(error))? as u64 > MAX_BYTES {
            return Err(PrivateFileError::TooLarge(self.path.clone()));
        }
        let not_ours = || PrivateFileError::UnrecognizedFile {
            path: self.path.clone(),
            expected: self.kind,
        };
        let mark: Mark = serde_json::from_slice(&text).map_err(|_| not_ours())?;
        if mark.kind != self.kind || mark.version == 0 {
            return Err(not_ours());
        }
        if mark.version > self.version {
            return Err(PrivateFileError::Newer {
                path: self.path.clone(),
                version: mark.version,
            });
        }
        let marked: Versioned<T> = serde_json::from_slice(&text).map_err(|_| not_ours())?;
        Ok(Some(marked.content))
    }

    fn name(&self) -> Result<&OsStr, PrivateFileError> {
        let named = || {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "the path does not end in the name of a file",
            )
        };
        self.path.file_name().ok_or_else(|| self.io(named()))
    }

    fn io(&self, source: io::Error) -> PrivateFileError {
        PrivateFileError::Io {
            path: self.path.clone(),
            source,
        }
    }
}

impl LockedFile<'_> {
    /// The content, or `None` where there is no file yet.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<Option<T>, PrivateFileError> {
        self.file.read_in(&self.folder)
    }

    /// Puts the content in place of the old one: whole, or not at all.
    pub(crate) fn write<T: Serialize>(&self, content: &T) -> Result<(), PrivateFileError> {
        let io = |error| self.file.io(error);
        let marked = Versioned {
            kind: self.file.kind.to_owned(),
            version: self.file.version,
            content,
        };
        let text = serde_json::to_vec_pretty(&marked)
            .map_err(io::Error::from)
            .map_err(io)?;
        if text.len() as u64 > MAX_BYTES {
            return Err(PrivateFileError::TooLarge(self.file.path.clone()));
        }
        let name = self.file.name()?;
        let new = with_suffix(name, ".new");
        let mut file = self.folder.make(&new)?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(io)?;
        self.folder.replace(name, &new)
    }
}

fn with_suffix(name: &OsStr, suffix: &str) -> OsString {
    let mut name = name.to_owned();
    name.push(suffix);
    name
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
