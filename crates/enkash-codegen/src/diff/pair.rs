//! An operation that is on both sides, as the rules about its parts get it.

use super::comparison::Comparison;
use super::description::Operation;
use super::finding::Change;
use super::usage::Usage;

/// An operation that is on both sides.
pub(super) struct Pair<'p> {
    pub(super) old: &'p Operation<'p>,
    pub(super) new: &'p Operation<'p>,
}

impl Pair<'_> {
    /// Both sides of it, as what it sends and receives.
    pub(super) fn usage(&self) -> Usage {
        let mut usage = Usage::sent(&self.new.id);
        usage.join(&Usage::received(&self.new.id));
        usage
    }
}

/// A change of an operation, at its place.
pub(super) fn change(comparison: &Comparison<'_>, rule: &'static str, subject: &str, pair: &Pair<'_>) -> Change {
    let place = comparison.place(Some(&pair.old.node.at), Some(&pair.new.node.at));
    Change::new(rule, subject, place).of(&pair.usage().operations)
}
