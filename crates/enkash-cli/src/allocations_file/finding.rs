//! One mistake in a file, and where it is. The reader collects them, the command prints them all.

use std::path::Path;

/// A mistake, at a place that an editor can jump to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Counted in the file from 1: where the row begins.
    pub(crate) line: u64,
    /// The number of the field in its row, from 1.
    pub(crate) column: usize,
    /// What is wrong. It never holds a person's data.
    pub(crate) text: String,
}

impl Finding {
    pub(super) fn new(line: u64, column: usize, text: impl Into<String>) -> Self {
        Self {
            line,
            column,
            text: text.into(),
        }
    }

    /// `examples/x.csv:14:6: amount "-4" is not more than 0`
    pub(crate) fn in_file(&self, path: &Path) -> String {
        format!("{}:{}:{}: {}", path.display(), self.line, self.column, self.text)
    }
}
