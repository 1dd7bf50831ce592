//! Stands for the folder on platforms without permissions that keep a file to its owner: nothing can be kept there.

use std::{ffi::OsStr, fs::File, path::Path};

use crate::auth::private_file::PrivateFileError;

/// Never made.
#[derive(Debug)]
pub(crate) enum Folder {}

impl Folder {
    pub(crate) fn find(file: &Path) -> Result<Option<Self>, PrivateFileError> {
        Self::find_or_make(file).map(Some)
    }

    pub(crate) fn find_or_make(file: &Path) -> Result<Self, PrivateFileError> {
        Err(PrivateFileError::NoProtection(file.to_owned()))
    }

    pub(crate) fn open(&self, _: &OsStr, _: bool) -> Result<Option<File>, PrivateFileError> {
        match *self {}
    }

    pub(crate) fn open_lock(&self, _: &OsStr) -> Result<File, PrivateFileError> {
        match *self {}
    }

    pub(crate) fn make(&self, _: &OsStr) -> Result<File, PrivateFileError> {
        match *self {}
    }

    pub(crate) fn replace(&self, _: &OsStr, _: &OsStr) -> Result<(), PrivateFileError> {
        match *self {}
    }
}
