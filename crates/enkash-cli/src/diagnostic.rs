//! What is wrong in a file, and where. The readers of files collect these, the commands print them all.

use std::path::Path;

/// One mistake, at a place that an editor can jump to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    /// Counted in the file from 1; of a row, where it begins.
    pub(crate) line: u64,
    /// The number of the field in its row, from 1.
    pub(crate) column: Option<usize>,
    /// What is wrong. It never holds a person's data.
    pub(crate) text: String,
}

impl Diagnostic {
    pub(crate) fn new(line: u64, text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            line,
            column: None,
            text,
        }
    }

    pub(crate) fn in_column(line: u64, column: usize, text: impl Into<String>) -> Self {
        Self {
            column: Some(column),
            ..Self::new(line, text)
        }
    }

    /// `examples/x.csv:14:6: amount "-4" is not more than 0`
    pub(crate) fn in_file(&self, path: &Path) -> String {
        let column = self.column.map(|column| format!(":{column}")).unwrap_or_default();
        format!("{}:{}{column}: {}", path.display(), self.line, self.text)
    }
}
