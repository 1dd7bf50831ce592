//! Files that only their owner can read, replaced whole. Snapshots and the state file are written here.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Another file beside this one.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Options for a file that only its owner can read.
#[cfg_attr(not(unix), allow(unused_mut, reason = "there is no mode to set"))]
pub(super) fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Opens a file for reading, if it is a regular one: a pipe that nobody writes to would hang.
pub(super) fn open_regular(path: &Path) -> io::Result<File> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
    }
    File::open(path)
}

/// Device and number of a file. Where the platform has none, there is nothing to compare.
pub(super) type Identity = Option<(u64, u64)>;

#[cfg(unix)]
pub(super) fn identity(file: &fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    Some((file.dev(), file.ino()))
}

#[cfg(not(unix))]
pub(super) fn identity(_: &fs::Metadata) -> Identity {
    None
}

/// Puts these bytes in the place of a file, whole or not at all. The draft has a name that no other file has, so others may write
/// the same file, and nobody's file is taken for a draft.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    loop {
        let draft = folder_of(path).join(format!("enkash-{:016x}.draft", fastrand::u64(..)));
        match create(&draft) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            created => return fill(created?, &draft, path, bytes).map(drop),
        }
    }
}

/// The same for a file whose lock this process has, and gives the new file, open for more. The draft has a name of its own that is
/// always the same: one that a killed process left is taken away, so there is never more than one.
pub(super) fn replace_locked(path: &Path, draft: &Path, bytes: &[u8]) -> io::Result<File> {
    // It may be open to others.
    match fs::remove_file(draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fill(create(draft)?, draft, path, bytes)
}

fn create(draft: &Path) -> io::Result<File> {
    private_options().append(true).create_new(true).open(draft)
}

fn fill(mut file: File, draft: &Path, path: &Path, bytes: &[u8]) -> io::Result<File> {
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if let Err(error) = written.and_then(|()| fs::rename(draft, path)) {
        let _ = fs::remove_file(draft);
        return Err(error);
    }
    sync_folder(path)?;
    Ok(file)
}

/// Syncs the folder, so that the new file survives a power failure, where the platform can.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder_of(path))?.sync_all()?;
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_that_cannot_take_its_place_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        fs::write(taken.join("file"), "mine").unwrap();
        replace(&taken, b"new").unwrap_err();
        replace_locked(&taken, &folder.path().join("taken.draft"), b"new").unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a draft is left");
        assert_eq!(fs::read_to_string(taken.join("file")).unwrap(), "mine");
    }
}
