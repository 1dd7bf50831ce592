//! The rule that nothing in spec/ still waits for a person.
//!
//! `cargo xtask new-operation` marks each sentence that it takes from a page, and each decision that it leaves open. It looks at
//! the text of every YAML file, so a mark is found wherever it stands. Code generation does not stop at one: the types are as
//! they will be.

use crate::spec::{Diagnostic, Sources};

/// What stands before a sentence that a person has to write, or write again.
pub const MARK: &str = "REWRITE:";

/// Holds every YAML file of a spec to the rule.
pub(super) fn check(sources: &Sources) -> Vec<Diagnostic> {
    let is_yaml = |name: &str| [".yaml", ".yml"].iter().any(|ending| name.ends_with(ending));
    let mut diagnostics = Vec::new();
    for source in sources.all().filter(|source| is_yaml(source.name())) {
        // The loader reports what cannot be read.
        let Ok(bytes) = source.bytes() else { continue };
        let text = String::from_utf8_lossy(&bytes);
        for (index, _) in text.lines().enumerate().filter(|(_, line)| line.contains(MARK)) {
            diagnostics.push(Diagnostic {
                file: source.name().to_owned(),
                line: index + 1,
                message: format!(
                    "{MARK} a sentence is the page's own, or a decision is open: write it in words of the project, and take \
                     the mark away"
                ),
            });
        }
    }
    diagnostics
}
