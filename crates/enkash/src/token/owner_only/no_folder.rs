//! Stands for the folder on platforms without permissions that keep a file to its owner: nothing can be kept there.

use std::{ffi::OsStr, fs::File, path::Path};

use super::OwnerOnlyError;

/// Never made.
#[derive(Debug)]
pub(super) enum Folder {}

impl Folder {
    pub(super) fn find(file: &Path) -> Result<Option<Self>, OwnerOnlyError> {
        Self::find_or_make(file).map(Some)
    }

    pub(super) fn find_or_make(file: &Path) -> Result<Self, OwnerOnlyError> {
        Err(OwnerOnlyError::NoProtection { path: file.to_owned() })
    }

    pub(super) fn open(&self, _: &OsStr, _: bool) -> Result<Option<File>, OwnerOnlyError> {
        match *self {}
    }

    pub(super) fn open_lock(&self, _: &OsStr) -> Result<File, OwnerOnlyError> {
        match *self {}
    }

    pub(super) fn make(&self, _: &OsStr) -> Result<File, OwnerOnlyError> {
        match *self {}
    }

    pub(super) fn replace(&self, _: &OsStr, _: &OsStr) -> Result<(), OwnerOnlyError> {
        match *self {}
    }
}
