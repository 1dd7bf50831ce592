//! A setting or a mistake with its place in the file of profiles.

use std::path::Path;

/// Where a setting stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Located<T> {
    pub(crate) value: T,
    pub(crate) line: usize,
}

/// One mistake in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) line: usize,
    pub(crate) text: String,
}

impl Mistake {
    pub(crate) fn in_file(&self, path: &Path) -> String {
        format!("{}:{}: {}", path.display(), self.line, self.text)
    }
}
