//! Rules about what a value may be: its type and format, null, limits, defaults. Fields, parameters, items and bodies are all
//! compared here.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::comparison::{Comparison, Difference, Unknown, after, before, by_direction, cut, wire_severity};
use super::finding::{Category, Severity};
use super::relation::{Relation, canonical, relation};
use super::rust_names::{Accepts, accepts, rust_type, words};
use super::shape::{Kind, Shape};
use super::spot::{Form, Spot, change};
use super::{fields, words as word_rules};

/// Compares what stands at one place.
pub(super) fn compare(comparison: &mut Comparison<'_>, spot: &Spot, old: &Shape<'_>, new: &Shape<'_>) {
    match (&old.kind, &new.kind) {
        (Kind::Any, Kind::Any) => {}
        (Kind::Scalar { name: a, format: b }, Kind::Scalar { name: c, format: d }) if (a, b) == (c, d) => {}
        (Kind::Reference(a), Kind::Reference(b)) if comparison.types.are_same(a, b) => {}
        (Kind::List(a), Kind::List(b)) => compare(comparison, &spot.inside("[]"), a, b),
        (Kind::Map(a), Kind::Map(b)) => compare(comparison, &spot.inside("{}"), a, b),
        (Kind::Object(a), Kind::Object(b)) => {
            for field in fields::compare(comparison, spot, (a, old), (b, new)) {
                compare(comparison, &field.spot, field.old, field.new);
            }
        }
        (Kind::Words(a), Kind::Words(b)) => word_rules::compare(comparison, spot, (a, old), (b, new)),
        (Kind::Variants { .. }, Kind::Variants { .. }) => variants(comparison, spot, old, new),
        _ => type_changed(comparison, spot, old, new),
    }
    nullable(comparison, spot, old, new);
    bounds(comparison, spot, old, new);
    marks(comparison, spot, old, new);
    others(comparison, spot, old, new);
}

fn type_changed(comparison: &mut Comparison<'_>, spot: &Spot, old: &Shape<'_>, new: &Shape<'_>) {
    let (before, after) = comparison.documents();
    let (old, new) = (&without_null(old), &without_null(new));
    let relation = relation((before, old), (after, new));
    let wire = wire_severity(relation, &spot.usage);
    let (old_type, new_type) = (rust_type(before, old, &spot.hint), rust_type(after, new, &spot.hint));
    let is_words = matches!(new.clone().resolved(after).kind, Kind::Words(_));
    let rust = type_severity(spot, &old_type, &new_type, is_words);
    let is_nothing = (wire, rust) == (Severity::None, Severity::None);
    if is_nothing && canonical(before, old, 0) == canonical(after, new, 0) {
        return;
    }
    // The same values in another form are no silence either: a form may mean something to somebody.
    let is_used = !spot.usage.is_none();
    let wire = if is_nothing && is_used {
        Severity::Compatible
    } else {
        wire
    };
    let rule = match (is_format(old, new), relation) {
        (true, Relation::Wider) => "format-widened",
        (true, Relation::Narrower) => "format-narrowed",
        (true, _) => "format-changed",
        (false, Relation::Wider) => "type-widened",
        (false, Relation::Narrower) => "type-narrowed",
        (false, _) => "type-changed",
    };
    let mut change = change(comparison, rule, spot, (Some(old), Some(new)), (wire, rust));
    change = change.with_transition(Some(words(old)), Some(words(new)));
    if old_type != new_type {
        for effect in &mut change.effects {
            if effect.category == Category::Rust {
                effect.text = format!("{}: {old_type} → {new_type}", effect.text);
            }
        }
    }
    comparison.push(change);
}

fn without_null<'a>(shape: &Shape<'a>) -> Shape<'a> {
    Shape {
        is_nullable: false,
        ..shape.clone()
    }
}

/// Whether only the format of a text or an amount differs.
fn is_format(old: &Shape<'_>, new: &Shape<'_>) -> bool {
    let names = (&old.kind, &new.kind);
    matches!(names, (Kind::Scalar { name: a, .. }, Kind::Scalar { name: b, .. }) if a == b && *a != "integer")
}

/// What another Rust type means to programs: they set what is sent, and read what is received.
fn type_severity(spot: &Spot, old: &str, new: &str, is_words: bool) -> Severity {
    if old == new || spot.form == Form::ErrorBody {
        return Severity::None;
    }
    let is_set = matches!(spot.form, Form::Field | Form::Setter) && spot.usage.is_only_sent();
    match accepts(old, new, is_words) {
        _ if !is_set => Severity::CompileTime,
        Accepts::Always => Severity::Compatible,
        Accepts::Sometimes => Severity::RunTime,
        Accepts::Never => Severity::CompileTime,
    }
}

fn variants(comparison: &mut Comparison<'_>, spot: &Spot, old: &Shape<'_>, new: &Shape<'_>) {
    let (before, after) = comparison.documents();
    let (
        Kind::Variants {
            list: a,
            keyword: old_keyword,
        },
        Kind::Variants { list: b, keyword },
    ) = (&old.kind, &new.kind)
    else {
        return;
    };
    let a: Vec<_> = a.iter().map(|shape| variant(comparison, shape, true)).collect();
    let b: Vec<_> = b.iter().map(|shape| variant(comparison, shape, false)).collect();
    let gone = a.iter().any(|key| !b.contains(key));
    let come = b.iter().any(|key| !a.contains(key));
    let (rule, relation) = match (gone, come) {
        (false, false) if keyword == old_keyword => return,
        (true, false) => ("variant-removed", Relation::Narrower),
        (false, true) => ("variant-added", Relation::Wider),
        _ => ("variant-changed", relation((before, old), (after, new))),
    };
    let rust = if spot.form == Form::ErrorBody {
        Severity::None
    } else {
        Severity::CompileTime
    };
    let severities = (wire_severity(relation, &spot.usage), rust);
    let change = change(comparison, rule, spot, (Some(old), Some(new)), severities);
    comparison.push(change.with_transition(Some(words(old)), Some(words(new))));
}

/// What a variant is. A type that it names is compared for itself.
fn variant(comparison: &Comparison<'_>, shape: &Shape<'_>, is_old: bool) -> Value {
    let (before, after) = comparison.documents();
    match &shape.kind {
        Kind::Reference(name) if is_old => Value::from(comparison.types.new_name(name).unwrap_or(name)),
        Kind::Reference(name) => Value::from(*name),
        Kind::List(items) => json!({"list": variant(comparison, items, is_old), "bounds": shape.bounds}),
        Kind::Map(values) => json!({"map": variant(comparison, values, is_old), "bounds": shape.bounds}),
        _ => canonical(if is_old { before } else { after }, shape, 0),
    }
}

fn nullable(comparison: &mut Comparison<'_>, spot: &Spot, old: &Shape<'_>, new: &Shape<'_>) {
    let (rule, sent, received) = match (old.is_nullable, new.is_nullable) {
        (false, true) => ("nullable-added", Severity::Compatible, Severity::RunTime),
        (true, false) => ("nullable-removed", Severity::RunTime, Severity::Compatible),
        _ => return,
    };
    // Our client sends no null for what may be missing, and reads one like a field that is missing.
    let (wire, rust) = if spot.is_optional {
        (
            by_direction(&spot.usage, Severity::Compatible, Severity::Compatible),
            Severity::None,
        )
    } else {
        let rust = match spot.form {
            Form::ErrorBody => Severity::None,
            Form::Field | Form::Setter if spot.usage.is_only_sent() => sent,
            _ => Severity::CompileTime,
        };
        (by_direction(&spot.usage, sent, received), rust)
    };
    let change = change(comparison, rule, spot, (Some(old), Some(new)), (wire, rust));
    comparison.push(change);
}

fn bounds(comparison: &mut Comparison<'_>, spot: &Spot, old: &Shape<'_>, new: &Shape<'_>) {
    let keys: BTreeSet<_> = old.bounds.keys().chain(new.bounds.keys()).copied().collect();
    let changed = keys
        .into_iter()
        .filter(|key| old.bounds.get(key) != new.bounds.get(key));
    let changed: Vec<Difference<'_>> = changed
        .map(|key| (key, old.bounds.get(key).copied(), new.bounds.get(key).copied()))
        .collect();
    let relations: Vec<_> = changed.iter().map(|(key, a, b)| bound_relation(key, *a, *b)).collect();
    let Some(first) = relations.first() else { return };
    let relation = if relations.iter().all(|found| found == first) {
        *first
    } else {
        Relation::Other
    };
    let rule = match relation {
        Relation::Narrower => "bound-tightened",
        Relation::Wider => "bound-loosened",
        _ => "bound-changed",
    };
    let trees = comparison.documents();
    let types = (rust_type(trees.0, old, &spot.hint), rust_type(trees.1, new, &spot.hint));
    let is_type_of_its_own = |name: &String| name.starts_with("types::");
    let is_same_kind = std::mem::discriminant(&old.kind) == std::mem::discriminant(&new.kind);
    let rust = match (&types, relation) {
        ((a, b), _) if a != b && is_same_kind => type_severity(spot, a, b, false),
        ((a, _), Relation::Wider) if is_type_of_its_own(a) => Severity::Compatible,
        ((a, _), _) if is_type_of_its_own(a) => Severity::RunTime,
        _ => Severity::None,
    };
    let severities = (wire_severity(relation, &spot.usage), rust);
    let change = change(comparison, rule, spot, (Some(old), Some(new)), severities);
    comparison.push(change.with_transition(before(&changed), after(&changed)));
}

fn bound_relation(key: &str, old: Option<&Value>, new: Option<&Value>) -> Relation {
    let (old, new) = match (old, new) {
        (None, _) => return Relation::Narrower,
        (_, None) => return Relation::Wider,
        (Some(old), Some(new)) => (old.as_f64(), new.as_f64()),
    };
    let is_lower_end = key.starts_with("min");
    match (old, new) {
        _ if !key.starts_with("min") && !key.starts_with("max") => Relation::Other,
        (Some(old), Some(new)) if (new > old) == is_lower_end => Relation::Narrower,
        (Some(_), Some(_)) => Relation::Wider,
        _ => Relation::Other,
    }
}

fn marks(comparison: &mut Comparison<'_>, spot: &Spot, old: &Shape<'_>, new: &Shape<'_>) {
    let keys: BTreeSet<_> = old.marks.keys().chain(new.marks.keys()).copied().collect();
    for key in keys {
        let (a, b) = (old.marks.get(key), new.marks.get(key));
        if a == b {
            continue;
        }
        let (rule, severities) = match (key, a, b) {
            ("default", a, b) => default_changed(spot, a.is_some(), b.is_some()),
            ("deprecated", None, _) => ("deprecated", (Severity::Compatible, Severity::None)),
            ("deprecated", ..) => ("undeprecated", (Severity::Compatible, Severity::None)),
            _ => ("access-changed", (Severity::Behaviour, Severity::None)),
        };
        let severities = (by_direction(&spot.usage, severities.0, severities.0), severities.1);
        let value = |mark: Option<&&Value>| mark.map(|value| format!("{key} {}", cut(value)));
        let change = change(comparison, rule, spot, (Some(old), Some(new)), severities);
        comparison.push(change.with_transition(value(a), value(b)));
    }
}

/// The generator always sends a default, and makes no `Option` of a field that has one.
fn default_changed(spot: &Spot, was: bool, is: bool) -> (&'static str, (Severity, Severity)) {
    let rule = match (was, is) {
        (false, _) => "default-added",
        (_, false) => "default-removed",
        _ => "default-changed",
    };
    let wire = if spot.usage.is_sent {
        Severity::Behaviour
    } else {
        Severity::Compatible
    };
    let is_read = spot.form == Form::Field && !spot.usage.is_only_sent();
    let rust = if is_read && spot.is_optional && was != is {
        Severity::CompileTime
    } else {
        Severity::Behaviour
    };
    (rule, (wire, rust))
}

fn others(comparison: &mut Comparison<'_>, spot: &Spot, old: &Shape<'_>, new: &Shape<'_>) {
    let keys: BTreeSet<_> = old.others.keys().chain(new.others.keys()).copied().collect();
    let differing = keys
        .into_iter()
        .map(|key| (key, old.others.get(key).copied(), new.others.get(key).copied()));
    let differing: Vec<_> = differing.filter(|(_, a, b)| a != b).collect();
    let what = Unknown {
        subject: &spot.subject,
        category: Category::Wire,
        usage: &spot.usage,
        place: comparison.place(Some(&old.at), Some(&new.at)),
    };
    comparison.unclassified(&what, &differing);
}
