//! One diagnostic about a file of the spec, with its place.
//!
//! Everything that reads spec/ (loader, overlays, lint) reports through this type, so that all diagnostics can be
//! sorted, printed together and clicked on in an editor.

use std::fmt;

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Diagnostic {
    /// The file: below the repository's root as a relative path, else as it was given.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// Puts diagnostics into the order in which they are printed, each once.
///
/// The same mistake can be met twice: the sandbox's document repeats what the document holds.
pub(crate) fn sorted(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort();
    diagnostics.dedup();
    diagnostics
}
