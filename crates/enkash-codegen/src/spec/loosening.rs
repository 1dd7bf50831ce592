//! Whether a user's overlays loosen the policy, and what must then be said.
//!
//! The loader asks this after it applied the files of `--policy-overlay`, and adds what those of `--overlay` moved. What
//! loosens a policy stands in `enkash_policy`; this finds its line in the user's file. The table for people stands in
//! spec/README.md.

use std::collections::BTreeSet;

use enkash_policy::{Loosening, Policy, loosenings};

use super::diagnostic::Diagnostic;
use super::document::Document;
use super::moves::Move;
use super::pointer::Pointer;
use super::suggestion::did_you_mean;

/// The policy before and after a user's overlays.
pub(crate) struct Comparison<'a> {
    pub(crate) before: &'a Policy,
    pub(crate) after: &'a Policy,
    /// The policy file after the overlays.
    pub(crate) document: &'a Document,
    /// The operations that exist. Entries of others are reported elsewhere.
    pub(crate) known: &'a [&'a str],
    /// The ids that an overlay of the document gave to another call.
    pub(crate) moves: &'a [Move],
}

impl Comparison<'_> {
    /// Every loosening of an operation that is not among `allowed`, and every one of `allowed` that loosens nothing.
    pub(crate) fn diagnostics(&self, allowed: &[String]) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        let mut used = BTreeSet::new();
        let found = loosenings(self.before, self.after);
        let found = found
            .iter()
            .filter(|found| self.known.contains(&found.operation.as_str()));
        for found in found {
            if allowed.contains(&found.operation) {
                used.insert(&found.operation);
            } else {
                diagnostics.push(self.diagnostic(found));
            }
        }
        for found in self.moves {
            if allowed.contains(&found.id) {
                used.insert(&found.id);
            } else {
                diagnostics.push(needs_leave(found));
            }
        }
        let idle = allowed.iter().filter(|id| !used.contains(id));
        diagnostics.extend(idle.map(|id| self.unused_allowances(id)));
        diagnostics
    }

    fn diagnostic(&self, found: &Loosening) -> Diagnostic {
        let entry = Pointer::root().child("operations").child(&found.operation);
        let at = found.field.split('.').fold(entry, |at, key| at.child(key));
        needs_leave(&Move {
            id: found.operation.clone(),
            field: found.field,
            before: found.before.clone(),
            after: found.after.clone(),
            meaning: found.meaning.clone(),
            place: self.document.place_of_change(&at),
        })
    }

    /// A permission that nothing needs would let the next mistake through.
    fn unused_allowances(&self, id: &str) -> Diagnostic {
        let at = Pointer::root().child("operations");
        if self.known.contains(&id) {
            let message = format!("--allow-loosening {id}: no overlay loosens it, so leave the flag out");
            return self.document.diagnostic(&at.child(id), message);
        }
        let hint = did_you_mean(id, self.known.iter().copied());
        let message = format!("--allow-loosening {id}: there is no operation {id}{hint}");
        self.document.diagnostic(&at, message)
    }
}

fn needs_leave(found: &Move) -> Diagnostic {
    let Move {
        id,
        field,
        before,
        after,
        meaning,
        place,
    } = found;
    Diagnostic {
        file: place.file.to_string(),
        line: place.line,
        message: format!(
            "{field}: {before} → {after} loosens {id}: {meaning}; to allow it, add --allow-loosening {id}"
        ),
    }
}
