//! The folder of an owner-only file, and the opening of files in it. Everything goes by the open folder, which was looked at
//! once: what lies above it may be anything, and may be changed by anybody, while it is used.

use std::{
    ffi::OsStr,
    fs::{DirBuilder, File},
    io,
    os::{fd::OwnedFd, unix::fs::DirBuilderExt},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags, fstat, fsync, open, openat, renameat, unlinkat},
    io::Errno,
    process::geteuid,
};

use crate::auth::private_file::PrivateFileError;

const WRITABLE_BY_OTHERS: Mode = Mode::WGRP.union(Mode::WOTH);
const OPEN_TO_OTHERS: Mode = Mode::RWXG.union(Mode::RWXO);
/// Neither a link is followed, nor a FIFO or a device waited for.
const SAFE: OFlags = OFlags::CLOEXEC
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY);

/// A folder that is ours and that nobody else can change.
#[derive(Debug)]
pub(crate) struct Folder {
    handle: OwnedFd,
    path: PathBuf,
}

impl Folder {
    /// The folder that holds this file, if it is there.
    pub(crate) fn find(file: &Path) -> Result<Option<Self>, PrivateFileError> {
        let path = match file.parent() {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let handle = match open(&path, flags, Mode::empty()) {
            Ok(handle) => handle,
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(io_error(path, error)),
        };
        let stat = fstat(&handle).map_err(|error| io_error(path.clone(), error))?;
        let us = geteuid().as_raw();
        if stat.st_uid != us {
            let owner = stat.st_uid;
            return Err(PrivateFileError::FolderOfOthers { path, owner, us });
        }
        if Mode::from_raw_mode(stat.st_mode).intersects(WRITABLE_BY_OTHERS) {
            return Err(PrivateFileError::FolderOpenToOthers(path));
        }
        Ok(Some(Self { handle, path }))
    }

    /// The same; where it is missing it is made, for its owner alone.
    pub(crate) fn find_or_make(file: &Path) -> Result<Self, PrivateFileError> {
        if let Some(found) = Self::find(file)? {
            return Ok(found);
        }
        let path = file.parent().unwrap_or(Path::new(".")).to_owned();
        let io = |source| PrivateFileError::Io {
            path: path.clone(),
            source,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .map_err(io)?;
        Self::find(file)?.ok_or_else(|| io(io::ErrorKind::NotFound.into()))
    }

    /// A file for reading, if it is there. `may_be_read` says whether others may read it.
    pub(crate) fn open(&self, name: &OsStr, may_be_read: bool) -> Result<Option<File>, PrivateFileError> {
        match openat(&self.handle, name, OFlags::RDONLY | SAFE, Mode::empty()) {
            Ok(file) => Ok(Some(self.checked(name, file, may_be_read)?)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(self.cannot_open(name, error)),
        }
    }

    /// The file that is locked, made where it is missing.
    pub(crate) fn open_lock(&self, name: &OsStr) -> Result<File, PrivateFileError> {
        let flags = OFlags::RDWR | OFlags::CREATE | SAFE;
        match openat(&self.handle, name, flags, Mode::RUSR | Mode::WUSR) {
            // There is nothing in it to read.
            Ok(file) => self.checked(name, file, true),
            Err(error) => Err(self.cannot_open(name, error)),
        }
    }

    /// A new file, in place of whatever has this name: its permissions and its links are not ours.
    pub(crate) fn make(&self, name: &OsStr) -> Result<File, PrivateFileError> {
        match unlinkat(&self.handle, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(error) => return Err(self.cannot_open(name, error)),
        }
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | SAFE;
        openat(&self.handle, name, flags, Mode::RUSR | Mode::WUSR)
            .map(File::from)
            .map_err(|error| self.cannot_open(name, error))
    }

    /// Puts one file in place of another, so that it is still there after the machine goes down.
    pub(crate) fn replace(&self, name: &OsStr, by: &OsStr) -> Result<(), PrivateFileError> {
        renameat(&self.handle, by, &self.handle, name).map_err(|error| self.cannot_open(name, error))?;
        fsync(&self.handle).map_err(|error| io_error(self.path.clone(), error))
    }

    fn checked(&self, name: &OsStr, file: OwnedFd, may_be_read: bool) -> Result<File, PrivateFileError> {
        let path = || self.path.join(name);
        let stat = fstat(&file).map_err(|error| io_error(path(), error))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(PrivateFileError::NotRegular(path()));
        }
        if stat.st_uid != geteuid().as_raw() {
            return Err(PrivateFileError::FileOfOthers(path()));
        }
        if !may_be_read && Mode::from_raw_mode(stat.st_mode).intersects(OPEN_TO_OTHERS) {
            return Err(PrivateFileError::Unprotected(path()));
        }
        Ok(file.into())
    }

    fn cannot_open(&self, name: &OsStr, error: Errno) -> PrivateFileError {
        let path = self.path.join(name);
        match error {
            // A link, a socket, a folder.
            Errno::LOOP | Errno::MLINK | Errno::NXIO | Errno::ISDIR => PrivateFileError::NotRegular(path),
            error => io_error(path, error),
        }
    }
}

fn io_error(path: PathBuf, error: Errno) -> PrivateFileError {
    PrivateFileError::Io {
        path,
        source: error.into(),
    }
}
