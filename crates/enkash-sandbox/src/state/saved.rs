//! The snapshots that were saved under a name, for the control routes. They are in memory, or in a folder beside the state
//! file where there is one: what was answered as saved outlives the process.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::private_file;
use super::snapshot::{MAX_BYTES, Snapshot, SnapshotError};

/// How many there may be.
const MAX_SAVED: usize = 16;

const MAX_NAME: usize = 64;

const EXTENSION: &str = "snapshot";

/// The one draft in the folder: no snapshot has this name.
const DRAFT: &str = "draft";

/// A saved snapshot, as it is listed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SavedSnapshot {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    /// On the system's clock.
    #[serde(serialize_with = "iso")]
    pub(crate) saved_at: Timestamp,
}

fn iso<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{at:.3}"))
}

/// Why a snapshot is not saved, loaded or deleted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SavedError {
    #[error("a snapshot's name has 1 to {MAX_NAME} small letters, digits, - and _")]
    Name,
    #[error("no snapshot has this name; GET /_sandbox/snapshots lists those that there are")]
    Unknown,
    #[error("there are {MAX_SAVED} snapshots already; delete one first")]
    TooMany,
    #[error("together the snapshots would have more than {} MiB; delete one first", MAX_BYTES >> 20)]
    TooLarge,
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    #[error("the folder of the snapshots cannot be used: {0}")]
    Folder(#[from] io::Error),
}

/// All of them, by name.
#[derive(Default)]
pub(super) struct SavedSnapshots {
    saved: BTreeMap<String, Entry>,
    folder: Option<PathBuf>,
}

struct Entry {
    bytes: u64,
    saved_at: Timestamp,
    /// `None` where a file has it.
    content: Option<Vec<u8>>,
}

impl SavedSnapshots {
    /// Those in a folder, which need not be there yet. Files of other names are left alone.
    pub(super) fn open(folder: PathBuf) -> io::Result<Self> {
        let mut saved = BTreeMap::new();
        let files = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            files => Some(files?),
        };
        for file in files.into_iter().flatten() {
            let file = file?;
            let path = PathBuf::from(file.file_name());
            let name = path
                .file_stem()
                .and_then(|name| name.to_str())
                .filter(|name| is_name(name));
            let (Some(name), true) = (name, path.extension().is_some_and(|extension| extension == EXTENSION)) else {
                continue;
            };
            let metadata = file.metadata()?;
            if saved.len() >= MAX_SAVED || !metadata.is_file() {
                continue;
            }
            let entry = Entry {
                bytes: metadata.len(),
                saved_at: Timestamp::try_from(metadata.modified()?).unwrap_or(Timestamp::UNIX_EPOCH),
                content: None,
            };
            saved.insert(name.to_owned(), entry);
        }
        Ok(SavedSnapshots {
            saved,
            folder: Some(folder),
        })
    }

    pub(super) fn list(&self) -> Vec<SavedSnapshot> {
        let saved = self.saved.iter();
        saved.map(|(name, entry)| entry.listed(name)).collect()
    }

    /// Saves a snapshot under a name, in the place of the one that has it.
    pub(super) fn save(&mut self, name: &str, snapshot: &Snapshot) -> Result<SavedSnapshot, SavedError> {
        if !is_name(name) {
            return Err(SavedError::Name);
        }
        if self.saved.len() >= MAX_SAVED && !self.saved.contains_key(name) {
            return Err(SavedError::TooMany);
        }
        let content = snapshot.to_bytes()?;
        let bytes = content.len() as u64;
        let others = self.saved.iter().filter(|(other, _)| *other != name);
        let total = others.fold(bytes, |sum, (_, entry)| sum.saturating_add(entry.bytes));
        if total > MAX_BYTES as u64 {
            return Err(SavedError::TooLarge);
        }
        let content = match &self.folder {
            Some(folder) => {
                create_private_folder(folder)?;
                // Who has the state file has the folder.
                private_file::replace_locked(&file_of(folder, name), &folder.join(DRAFT), &content)?;
                None
            }
            None => Some(content),
        };
        let entry = Entry {
            bytes,
            saved_at: Timestamp::now(),
            content,
        };
        let listed = entry.listed(name);
        self.saved.insert(name.to_owned(), entry);
        Ok(listed)
    }

    pub(super) fn get(&self, name: &str) -> Result<Snapshot, SavedError> {
        let entry = self.saved.get(name).ok_or(SavedError::Unknown)?;
        let snapshot = match (&entry.content, &self.folder) {
            (Some(content), _) => Snapshot::from_bytes(content)?,
            (None, Some(folder)) => Snapshot::read(&file_of(folder, name))?,
            (None, None) => return Err(SavedError::Unknown),
        };
        Ok(snapshot)
    }

    pub(super) fn delete(&mut self, name: &str) -> Result<(), SavedError> {
        let entry = self.saved.get(name).ok_or(SavedError::Unknown)?;
        if let (None, Some(folder)) = (&entry.content, &self.folder) {
            match fs::remove_file(file_of(folder, name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        self.saved.remove(name);
        Ok(())
    }
}

impl Entry {
    fn listed(&self, name: &str) -> SavedSnapshot {
        SavedSnapshot {
            name: name.to_owned(),
            bytes: self.bytes,
            saved_at: self.saved_at,
        }
    }
}

/// Whether a name can be that of a file everywhere, and leads to no other folder.
fn is_name(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(is_letter)
}

fn file_of(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.{EXTENSION}"))
}

fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
