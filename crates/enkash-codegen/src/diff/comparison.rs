//! What all rules of a comparison share: both descriptions, which names belong together, who uses what, and the list of changes
//! that they fill.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::description::Description;
use super::finding::{Category, Change, Place, Severity};
use super::relation::Relation;
use super::renames::Names;
use super::tree::{Node, Tree};
use super::usage::{self, Usage};
use crate::spec::pointer::Pointer;

/// A comparison in progress.
pub(super) struct Comparison<'a> {
    pub(super) old: &'a Description,
    pub(super) new: &'a Description,
    /// Which component of the old document is which one of the new.
    pub(super) types: Names,
    /// Who uses a component, on either side, by its new name.
    usage: BTreeMap<String, Usage>,
    changes: Vec<Change>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(old: &'a Description, new: &'a Description) -> Self {
        let types = Names::of_schemas(&old.document, &new.document);
        let mut usage = usage::of_schemas(&new.document);
        for (name, found) in usage::of_schemas(&old.document) {
            let name = types.new_name(&name).map_or(name.clone(), str::to_owned);
            usage.entry(name).or_default().join(&found);
        }
        Self {
            old,
            new,
            types,
            usage,
            changes: Vec::new(),
        }
    }

    pub(super) fn documents(&self) -> (&'a Tree, &'a Tree) {
        (&self.old.document, &self.new.document)
    }

    /// Who uses a component, by its new name, or by the old one where it is gone.
    pub(super) fn usage_of(&self, name: &str) -> Usage {
        self.usage.get(name).cloned().unwrap_or_default()
    }

    /// Where a change of the document is written: in the new one, or in the old one where it is gone from there.
    pub(super) fn place(&self, old: Option<&Pointer>, new: Option<&Pointer>) -> Place {
        match (old, new) {
            (_, Some(new)) => self.new.document.place(new),
            (Some(old), None) => self.old.document.place(old),
            (None, None) => Place::default(),
        }
    }

    /// Adds a change, unless it touches nobody. The same change of another operation joins the one that is there.
    pub(super) fn push(&mut self, change: Change) {
        if change.effects.is_empty() {
            return;
        }
        let same = |there: &&mut Change| {
            (there.rule, &there.subject, &there.before, &there.after)
                == (change.rule, &change.subject, &change.before, &change.after)
        };
        match self.changes.iter_mut().find(same) {
            Some(there) => {
                there.operations.extend(change.operations);
                for effect in change.effects {
                    *there = there.clone().effect(effect.category, effect.severity, effect.text);
                }
            }
            None => self.changes.push(change),
        }
    }

    /// The changes so far; they are the caller's from now on.
    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    /// Reports every key of either side that no rule knows, or whose value is not of the kind that its rule reads.
    pub(super) fn unknown_keys(&mut self, what: &Unknown<'_>, old: &Node<'_>, new: &Node<'_>, known: &[(&str, Is)]) {
        let keys: BTreeSet<_> = old
            .entries()
            .iter()
            .chain(&new.entries())
            .map(|(key, _)| *key)
            .collect();
        let mut differing = Vec::new();
        for key in keys {
            let (a, b) = (old.value.get(key), new.value.get(key));
            let kind = known.iter().find(|(name, _)| *name == key);
            let is_read = kind.is_some_and(|(_, is)| [a, b].into_iter().flatten().all(|value| is.holds(value)));
            if a != b && !is_read {
                differing.push((key, a, b));
            }
        }
        if old.value.is_object() != new.value.is_object() && !(old.value.is_null() || new.value.is_null()) {
            differing.push(("all of it", Some(old.value), Some(new.value)));
        }
        self.unclassified(what, &differing);
    }

    /// Reports differences that no rule knows.
    pub(super) fn unclassified(&mut self, what: &Unknown<'_>, differing: &[Difference<'_>]) {
        if differing.is_empty() {
            return;
        }
        let keys: Vec<_> = differing.iter().map(|(key, ..)| *key).collect();
        let text = format!("no rule knows {}", keys.join(", "));
        let change = Change::new("unclassified", what.subject, what.place.clone())
            .with_transition(before(differing), after(differing))
            .of(&what.usage.operations)
            .effect(what.category, Severity::Unclassified, text);
        self.push(change);
    }
}

/// A key, and its value on both sides.
pub(super) type Difference<'a> = (&'a str, Option<&'a Value>, Option<&'a Value>);

/// What the keys said before.
pub(super) fn before(differing: &[Difference<'_>]) -> Option<String> {
    listed(differing.iter().map(|(key, before, _)| (*key, *before)))
}

/// What the keys say now.
pub(super) fn after(differing: &[Difference<'_>]) -> Option<String> {
    listed(differing.iter().map(|(key, _, after)| (*key, *after)))
}

fn listed<'a>(entries: impl Iterator<Item = (&'a str, Option<&'a Value>)>) -> Option<String> {
    let all: Vec<_> = entries
        .filter_map(|(key, value)| Some(format!("{key} {}", cut(value?))))
        .collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// Where something stands that no rule may know.
pub(super) struct Unknown<'u> {
    pub(super) subject: &'u str,
    pub(super) category: Category,
    pub(super) usage: &'u Usage,
    pub(super) place: Place,
}

/// The kind of value that a rule reads.
#[derive(Clone, Copy, Debug)]
pub(super) enum Is {
    Text,
    Flag,
    List,
    Map,
    Anything,
}

impl Is {
    fn holds(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Flag => value.is_boolean(),
            Self::List => value.is_array(),
            Self::Map => value.is_object(),
            Self::Anything => true,
        }
    }
}

/// A value as one line of bounded length.
pub(super) fn cut(value: &Value) -> String {
    const MAX: usize = 60;
    let text = value.to_string();
    if text.chars().count() <= MAX {
        return text;
    }
    text.chars().take(MAX).chain(['…']).collect()
}

/// What a change of the allowed values breaks on the wire, by who sends them.
pub(super) fn wire_severity(relation: Relation, usage: &Usage) -> Severity {
    let sent = match relation {
        Relation::Same => Severity::None,
        Relation::Wider => Severity::Compatible,
        Relation::Narrower | Relation::Other => Severity::RunTime,
    };
    let received = match relation {
        Relation::Same => Severity::None,
        Relation::Narrower => Severity::Compatible,
        Relation::Wider | Relation::Other => Severity::RunTime,
    };
    by_direction(usage, sent, received)
}

/// The worse of two severities, of those that apply.
pub(super) fn by_direction(usage: &Usage, sent: Severity, received: Severity) -> Severity {
    let sent = if usage.is_sent { sent } else { Severity::None };
    let received = if usage.is_received { received } else { Severity::None };
    sent.max(received)
}
