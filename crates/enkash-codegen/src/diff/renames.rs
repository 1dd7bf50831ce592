//! Finds what only got another name: types, fields, parameters. What is gone and what is new belong together if they say the
//! same and nothing else fits as well.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::relation::canonical;
use super::shape::{Kind, Shape};
use super::tree::Tree;

/// Which name of the old document is which of the new one.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    to_new: BTreeMap<String, String>,
    to_old: BTreeMap<String, String>,
}

impl Names {
    /// The types that stand for each other.
    pub(super) fn of_schemas(old: &Tree, new: &Tree) -> Self {
        let (before, after) = (old.components("schemas"), new.components("schemas"));
        let gone = before.iter().filter(|name| !after.contains(name));
        let come = after.iter().filter(|name| !before.contains(name));
        let contents = |tree, names: Vec<&str>| -> Vec<(String, Content)> {
            names
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), content(tree, name)?)))
                .collect()
        };
        let gone = contents(old, gone.copied().collect());
        let come = contents(new, come.copied().collect());
        let mut names = Self::default();
        for name in before.iter().filter(|name| after.contains(name)) {
            names.insert(name, name);
        }
        for (a, b) in matched(&gone, &come, likeness) {
            names.insert(&a, &b);
        }
        names
    }

    fn insert(&mut self, old: &str, new: &str) {
        self.to_new.insert(old.to_owned(), new.to_owned());
        self.to_old.insert(new.to_owned(), old.to_owned());
    }

    pub(super) fn new_name(&self, old: &str) -> Option<&str> {
        self.to_new.get(old).map(String::as_str)
    }

    pub(super) fn old_name(&self, new: &str) -> Option<&str> {
        self.to_old.get(new).map(String::as_str)
    }

    pub(super) fn are_same(&self, old: &str, new: &str) -> bool {
        self.new_name(old).unwrap_or(old) == new
    }
}

/// What a type says, to compare it with others.
struct Content {
    whole: Value,
    fields: BTreeSet<String>,
}

fn content(tree: &Tree, name: &str) -> Option<Content> {
    let shape = Shape::new(tree, &tree.component("schemas", name)?);
    let fields = match &shape.kind {
        Kind::Object(object) => {
            let fields = object.fields.iter();
            fields
                .map(|(name, field)| format!("{name} {}", canonical(tree, &field.shape, 4)))
                .collect()
        }
        _ => BTreeSet::new(),
    };
    Some(Content {
        whole: canonical(tree, &shape, 0),
        fields,
    })
}

/// From 0 to 1. Types of which most fields are the same are one that was changed as well.
fn likeness(old: &(String, Content), new: &(String, Content)) -> f64 {
    let names = strsim::jaro_winkler(&old.0, &new.0) / 10.0;
    let (old, new) = (&old.1, &new.1);
    if old.whole == new.whole {
        return 0.9 + names;
    }
    let shared = old.fields.intersection(&new.fields).count();
    let all = old.fields.union(&new.fields).count();
    // Counts are small.
    #[allow(clippy::cast_precision_loss)]
    let share = shared as f64 / all.max(1) as f64;
    if shared >= 2 && share >= 0.6 {
        share * 0.9 + names
    } else {
        0.0
    }
}

/// Pairs what is most alike, the best first. What is alike at 0 is not paired.
pub(super) fn matched<T>(
    gone: &[(String, T)],
    come: &[(String, T)],
    likeness: impl Fn(&(String, T), &(String, T)) -> f64,
) -> Vec<(String, String)> {
    let mut candidates = Vec::new();
    for a in gone {
        for b in come {
            let likeness = likeness(a, b);
            if likeness > 0.0 {
                candidates.push((likeness, &a.0, &b.0));
            }
        }
    }
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| (a.1, a.2).cmp(&(b.1, b.2))));
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (_, old, new) in candidates {
        if pairs.iter().all(|(a, b)| a != old && b != new) {
            pairs.push((old.clone(), new.clone()));
        }
    }
    pairs
}

/// What a field or a parameter says, to find it under another name.
pub(super) struct Named<'a> {
    pub(super) value: Value,
    pub(super) description: Option<&'a str>,
    /// Its name in Rust.
    pub(super) rust_name: String,
}

/// From 0 to 1. Another name needs a reason beside the type: the same description, the same name in Rust, or almost the same
/// name.
pub(super) fn likeness_of_names(old: &(String, Named<'_>), new: &(String, Named<'_>)) -> f64 {
    if old.1.value != new.1.value {
        return 0.0;
    }
    let names = strsim::jaro_winkler(&old.1.rust_name, &new.1.rust_name);
    if old.1.rust_name == new.1.rust_name {
        return 1.0;
    }
    let is_described_alike = old.1.description.is_some() && old.1.description == new.1.description;
    if is_described_alike {
        return 0.8 + names / 10.0;
    }
    if names >= 0.9 { names * 0.8 } else { 0.0 }
}
