//! Rules about `policy.yaml`: what the client may do with an operation that it might not before. What loosens a policy,
//! `enkash_policy` decides; everything else that differs tightens it or says nothing.

use std::collections::{BTreeMap, BTreeSet};

use enkash_policy::{Loosening, OperationPolicy, Policy, loosenings};
use serde_json::{Map, Value, json};

use super::comparison::{Comparison, Is, Unknown, cut};
use super::description::Operation;
use super::finding::{Category, Change, Place, Severity};
use super::pair::Pair;
use super::tree::{Node, Tree};
use super::usage::Usage;

/// The fields of an entry, with dots.
const FIELDS: [&str; 20] = [
    "effect",
    "repeat",
    "after-401",
    "reference",
    "reference.sent-as",
    "reference.echoed-as",
    "outcome.success-codes",
    "outcome.success-messages",
    "outcome.success-payload",
    "outcome.success-texts",
    "outcome.refusal-codes",
    "outcome.refusal-texts",
    "outcome.other-fields",
    "settlement.evidence",
    "settlement.absence-proves-after-seconds",
    "settlement.steps",
    "settlement.entry.states",
    "settlement.entry.credit-kinds",
    "settlement.entry.debit-kinds",
    "note",
];
const MORE_FIELDS: [&str; 4] = [
    "settlement.entry.descriptions",
    "settlement.entry.same-dates",
    "settlement.entry.later-dates",
    "settlement.entry.other-fields",
];

/// The entry of an operation.
pub(super) fn entry<'a>(policy: &'a Tree, id: &str) -> Option<Node<'a>> {
    policy.root().child("operations")?.child(id)
}

/// Compares the entries of all operations, and those that belong to none.
pub(super) fn compare(
    comparison: &mut Comparison<'_>,
    pairs: &[Pair<'_>],
    old: &[Operation<'_>],
    new: &[Operation<'_>],
) {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for pair in pairs {
        names.insert(pair.new.id.clone(), pair.old.id.clone());
    }
    let (before, after) = (&comparison.old.policy, &comparison.new.policy);
    let ids = |tree: &Tree| -> BTreeSet<String> {
        tree.root()
            .below("operations")
            .entries()
            .iter()
            .map(|(id, _)| (*id).to_owned())
            .collect()
    };
    // A policy without a document is compared by its own names.
    if comparison.old.document.is_missing() || comparison.new.document.is_missing() {
        names.extend(ids(before).intersection(&ids(after)).map(|id| (id.clone(), id.clone())));
    }
    for (id, old_id) in &names {
        operation(comparison, id, (entry(before, old_id), entry(after, id)));
    }
    let is_used = |id: &String, operations: &[Operation<'_>]| operations.iter().any(|operation| operation.id == *id);
    for id in ids(before).union(&ids(after)) {
        if names.contains_key(id) || names.values().any(|old| old == id) && entry(after, id).is_none() {
            continue;
        }
        let (a, b) = (entry(before, id), entry(after, id));
        // The operation itself is new or gone, which is said there.
        let is_said = (is_used(id, new) && a.is_none()) || (is_used(id, old) && b.is_none());
        let is_same = a.as_ref().map(|node| node.value) == b.as_ref().map(|node| node.value);
        if is_said || (is_same && !is_used(id, old)) {
            continue;
        }
        let place = comparison
            .new
            .policy
            .place(&after.root().below("operations").below(id).at);
        let change = Change::new("policy-unused", id, place).effect(
            Category::Policy,
            Severity::Compatible,
            "an entry of no operation",
        );
        comparison.push(change);
    }
    let nobody = Usage::default();
    let what = unknown("the policy", &nobody, Place::default());
    let (a, b) = (before.root(), after.root());
    comparison.unknown_keys(&what, &a, &b, &[("operations", Is::Map)]);
}

fn unknown<'u>(subject: &'u str, usage: &'u Usage, place: Place) -> Unknown<'u> {
    Unknown {
        subject,
        category: Category::Policy,
        usage,
        place,
    }
}

fn operation(comparison: &mut Comparison<'_>, id: &str, (old, new): (Option<Node<'_>>, Option<Node<'_>>)) {
    let place = match (&old, &new) {
        (_, Some(new)) => comparison.new.policy.place(&new.at),
        (Some(old), None) => comparison.old.policy.place(&old.at),
        (None, None) => return,
    };
    let values = (old.as_ref().map(|node| node.value), new.as_ref().map(|node| node.value));
    if values.0 == values.1 {
        return;
    }
    let found = loosened(id, values.0, values.1);
    let usage = Usage::sent(id);
    let (Some(a), Some(b)) = values else {
        let (rule, text) = if values.0.is_some() {
            ("policy-removed", "counts as moving value, and may not be sent again")
        } else {
            ("policy-added", "counted as moving value, and might not be sent again")
        };
        let is_loosened = found.is_none_or(|found| !found.is_empty());
        let severity = if is_loosened {
            Severity::Behaviour
        } else {
            Severity::Compatible
        };
        let change = Change::new(rule, id, place)
            .of(&usage.operations)
            .effect(Category::Policy, severity, text);
        return comparison.push(change);
    };
    // Or in neither.
    let is_in_both = value(a, "reference") == value(b, "reference");
    for field in FIELDS.iter().chain(&MORE_FIELDS) {
        let (x, y) = (value(a, field), value(b, field));
        // The parts of a reference that is new or gone are no changes of their own.
        let is_said = field.starts_with("reference.") && !is_in_both;
        if x != y && !is_said {
            let change = of_field(id, field, (x, y), found.as_deref(), place.clone());
            comparison.push(change.of(&usage.operations));
        }
    }
    let (a, b) = (others(a), others(b));
    let keys: BTreeSet<_> = a.keys().chain(b.keys()).collect();
    let differing = keys.into_iter().filter(|key| a.get(*key) != b.get(*key));
    let differing: Vec<_> = differing.map(|key| (key.as_str(), a.get(key), b.get(key))).collect();
    let subject = format!("{id} policy");
    comparison.unclassified(&unknown(&subject, &usage, place), &differing);
}

/// A field of an entry. What is empty is as good as missing.
fn value<'a>(entry: &'a Value, field: &str) -> Option<&'a Value> {
    let found = field.split('.').try_fold(entry, |value, key| value.get(key))?;
    let is_empty = found.is_null() || found.as_array().is_some_and(Vec::is_empty);
    // The parts of a reference are fields of their own.
    let found = if field == "reference" { &PRESENT } else { found };
    (!is_empty).then_some(found)
}

static PRESENT: Value = Value::Bool(true);

fn of_field(
    id: &str,
    field: &str,
    (old, new): (Option<&Value>, Option<&Value>),
    found: Option<&[Loosening]>,
    place: Place,
) -> Change {
    let of_this = |found: &&Loosening| found.field == field;
    let (rule, severity, text) = match (field, found) {
        ("note", _) => (
            "policy-note-changed",
            Severity::Compatible,
            "only people read it".to_owned(),
        ),
        (_, None) => (
            "policy-changed",
            Severity::Behaviour,
            "cannot be read, so it may loosen".to_owned(),
        ),
        (_, Some(found)) => match found.iter().find(of_this) {
            Some(found) => ("policy-loosened", Severity::Behaviour, found.meaning.clone()),
            None => (
                "policy-tightened",
                Severity::Compatible,
                "less may be sent or concluded".to_owned(),
            ),
        },
    };
    let subject = if field == "note" {
        id.to_owned()
    } else {
        format!("{id} {field}")
    };
    let mut change = Change::new(rule, subject, place)
        .with_transition(old.map(cut), new.map(cut))
        .effect(Category::Policy, severity, text);
    let first = |value: Option<&Value>| value.and_then(|value| value.get(0)).cloned();
    let is_sent_otherwise = field == "reference.sent-as" && first(old) != first(new);
    if field == "reference" || is_sent_otherwise {
        let text = "the reference travels under another name";
        change = change.effect(Category::Wire, Severity::Behaviour, text);
    }
    change
}

/// What allows more than before; `None` where an entry cannot be read.
fn loosened(id: &str, old: Option<&Value>, new: Option<&Value>) -> Option<Vec<Loosening>> {
    let policy = |entry: Option<&Value>| -> Option<Policy> {
        let mut operations = BTreeMap::new();
        if let Some(entry) = entry {
            let entry: OperationPolicy = serde_json::from_value(known(entry)).ok()?;
            operations.insert(id.to_owned(), entry);
        }
        Some(Policy { operations })
    };
    Some(loosenings(&policy(old)?, &policy(new)?))
}

/// The entry without what no rule knows.
fn known(entry: &Value) -> Value {
    let mut kept = json!({});
    for field in FIELDS.iter().chain(&MORE_FIELDS) {
        let found = field.split('.').try_fold(entry, |value, key| value.get(key));
        if let Some(found) = found.filter(|_| *field != "reference") {
            insert(&mut kept, field, found.clone());
        }
    }
    kept
}

fn insert(into: &mut Value, field: &str, value: Value) {
    let mut place = into;
    for key in field.split('.') {
        place = &mut place[key];
    }
    *place = value;
}

/// The fields of an entry that no rule knows, with dots.
fn others(entry: &Value) -> Map<String, Value> {
    let mut found = Map::new();
    let mut next = vec![(String::new(), entry)];
    while let Some((name, value)) = next.pop() {
        let is_known = FIELDS
            .iter()
            .chain(&MORE_FIELDS)
            .any(|field| *field == name && name != "reference");
        let leads_to_known = name.is_empty()
            || matches!(
                name.as_str(),
                "reference" | "outcome" | "settlement" | "settlement.entry"
            );
        match value {
            _ if is_known => {}
            Value::Object(map) if leads_to_known => {
                let below = |key: &String| {
                    if name.is_empty() {
                        key.clone()
                    } else {
                        format!("{name}.{key}")
                    }
                };
                next.extend(map.iter().map(|(key, value)| (below(key), value)));
            }
            _ => _ = found.insert(name, value.clone()),
        }
    }
    found
}
