//! Files that only their owner can read: the strike ledger and the token store. Written whole or not at
//! all, kept apart between processes by a lock file, and never somebody else's file.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// How long another process may hold the lock. A log-in that hangs ends before.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(20);
const VERSION: u32 = 1;

/// Why such a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OwnerOnlyError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{} can be read by others: run `chmod 600 {0}`", path.display())]
    Unprotected { path: PathBuf },
    #[error("{}: this platform has no permissions that keep a file to its owner", path.display())]
    #[cfg_attr(unix, allow(dead_code, reason = "constructed on other platforms"))]
    NoProtection { path: PathBuf },
    #[error("{} is not a file of this program ({expected}): name another path, or move it away", path.display())]
    NotOurs { path: PathBuf, expected: &'static str },
    #[error("{} is held by another process for more than {} s", path.display(), PATIENCE.as_secs())]
    Held { path: PathBuf },
}

/// A random key, made with the file and kept in it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct FileKey(String);

impl Default for FileKey {
    fn default() -> Self {
        Self(super::random_key().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl FileKey {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// What every such file starts with.
#[derive(Serialize, Deserialize)]
struct Marked<T> {
    kind: String,
    version: u32,
    content: T,
}

#[derive(Clone, Debug)]
pub(crate) struct OwnerOnlyFile {
    path: PathBuf,
    kind: &'static str,
}

/// The file, held against other processes until this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    file: OwnerOnlyFile,
    _lock: File,
}

impl OwnerOnlyFile {
    pub(crate) fn new(path: PathBuf, kind: &'static str) -> Self {
        Self { path, kind }
    }

    /// Waits until no other process holds the file.
    pub(crate) async fn lock(&self) -> Result<Held, OwnerOnlyError> {
        let lock_path = with_suffix(&self.path, ".lock");
        let io = |source| OwnerOnlyError::Io {
            path: lock_path.clone(),
            source,
        };
        let lock = owner_only_options(&lock_path)?
            .create(true)
            .truncate(false)
            .open(&lock_path)
            .map_err(io)?;
        let mut waited = Duration::ZERO;
        loop {
            match lock.try_lock() {
                Ok(()) => {
                    return Ok(Held {
                        file: self.clone(),
                        _lock: lock,
                    });
                }
                Err(TryLockError::WouldBlock) if waited >= PATIENCE => {
                    return Err(OwnerOnlyError::Held { path: lock_path });
                }
                Err(TryLockError::WouldBlock) => {
                    tokio::time::sleep(LOOK_AGAIN).await;
                    waited += LOOK_AGAIN;
                }
                Err(TryLockError::Error(source)) => return Err(io(source)),
            }
        }
    }
}

impl Held {
    /// The content, or `None` where there is no file yet.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<Option<T>, OwnerOnlyError> {
        let path = &self.file.path;
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(self.not_ours()),
            Err(source) => {
                return Err(OwnerOnlyError::Io {
                    path: path.clone(),
                    source,
                });
            }
        };
        refuse_readable_by_others(path)?;
        match serde_json::from_str::<Marked<T>>(&text) {
            Ok(marked) if marked.kind == self.file.kind && marked.version == VERSION => Ok(Some(marked.content)),
            _ => Err(self.not_ours()),
        }
    }

    /// Puts the content in place of the old one: whole, or not at all.
    pub(crate) fn write<T: Serialize>(&self, content: &T) -> Result<(), OwnerOnlyError> {
        let path = &self.file.path;
        let new = with_suffix(path, ".new");
        let io = |source| OwnerOnlyError::Io {
            path: new.clone(),
            source,
        };
        let marked = Marked {
            kind: self.file.kind.to_owned(),
            version: VERSION,
            content,
        };
        let text = serde_json::to_vec_pretty(&marked)
            .map_err(io::Error::from)
            .map_err(io)?;
        let options = owner_only_options(&new)?;
        // What is left of a run that was killed, or what somebody else put there: its permissions and its links are not ours.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
            _ => {}
        }
        let mut file = options.clone().create_new(true).open(&new).map_err(io)?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(io)?;
        fs::rename(&new, path).map_err(|source| OwnerOnlyError::Io {
            path: path.clone(),
            source,
        })
    }

    fn not_ours(&self) -> OwnerOnlyError {
        OwnerOnlyError::NotOurs {
            path: self.file.path.clone(),
            expected: self.file.kind,
        }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(unix)]
fn owner_only_options(_path: &Path) -> Result<OpenOptions, OwnerOnlyError> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    Ok(options)
}

#[cfg(not(unix))]
fn owner_only_options(path: &Path) -> Result<OpenOptions, OwnerOnlyError> {
    Err(OwnerOnlyError::NoProtection { path: path.to_owned() })
}

#[cfg(unix)]
fn refuse_readable_by_others(path: &Path) -> Result<(), OwnerOnlyError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = fs::metadata(path).map_err(|source| OwnerOnlyError::Io {
        path: path.to_owned(),
        source,
    })?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(OwnerOnlyError::Unprotected { path: path.to_owned() });
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_readable_by_others(_path: &Path) -> Result<(), OwnerOnlyError> {
    Ok(())
}
