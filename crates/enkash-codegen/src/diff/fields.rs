//! Rules about the fields of objects. A field that comes from a part of the object, such as the envelope, is the part's affair:
//! it is said there, once.

use super::comparison::{Comparison, Unknown, by_direction};
use super::finding::{Category, Items, Severity};
use super::relation::canonical;
use super::renames::{Named, likeness_of_names, matched};
use super::rust_names::{field_name, words};
use super::shape::{Field, Object, Shape};
use super::spot::{Form, Spot, change};
use super::usage::Usage;

/// A field on both sides, whose values are to be compared.
pub(super) struct Common<'s, 'a> {
    pub(super) spot: Spot,
    pub(super) old: &'s Shape<'a>,
    pub(super) new: &'s Shape<'a>,
}

type Side<'s, 'a> = (&'s Object<'a>, &'s Shape<'a>);

/// Compares two objects, and returns the fields whose values are to be compared. The spot is that of the object.
pub(super) fn compare<'s, 'a>(
    comparison: &mut Comparison<'_>,
    spot: &Spot,
    old: Side<'s, 'a>,
    new: Side<'s, 'a>,
) -> Vec<Common<'s, 'a>> {
    let ((old, old_shape), (new, new_shape)) = (old, new);
    let mut gone: Vec<&str> = old
        .fields
        .keys()
        .copied()
        .filter(|name| !new.fields.contains_key(name))
        .collect();
    let mut come: Vec<&str> = new
        .fields
        .keys()
        .copied()
        .filter(|name| !old.fields.contains_key(name))
        .collect();
    // The part says it.
    gone.retain(|name| {
        !old.fields[name]
            .origin
            .is_some_and(|part| is_part_of(comparison, part, new))
    });
    come.retain(|name| {
        let origin = new.fields[name].origin;
        !origin.is_some_and(|part| {
            comparison
                .types
                .old_name(part)
                .is_some_and(|part| old.parts.contains(part))
        })
    });
    for (a, b) in renamed(comparison, (old, &gone), (new, &come)) {
        rename(
            comparison,
            spot,
            (&a, &old.fields[a.as_str()]),
            (&b, &new.fields[b.as_str()]),
        );
        gone.retain(|name| *name != a);
        come.retain(|name| *name != b);
    }
    for name in gone {
        removed(comparison, spot, name, &old.fields[name]);
    }
    for name in come {
        added(comparison, spot, name, &new.fields[name]);
    }
    closed(comparison, spot, (old, old_shape), (new, new_shape));
    common(comparison, spot, old, new)
}

/// The fields that are on both sides, unless a part says it.
fn common<'s, 'a>(
    comparison: &mut Comparison<'_>,
    owner: &Spot,
    old: &'s Object<'a>,
    new: &'s Object<'a>,
) -> Vec<Common<'s, 'a>> {
    let mut common = Vec::new();
    for (name, field) in &old.fields {
        let Some(other) = new.fields.get(name) else { continue };
        let is_of_part = match (field.origin, other.origin) {
            (Some(a), Some(b)) => comparison.types.are_same(a, b),
            _ => false,
        };
        if is_of_part && field.is_required == other.is_required {
            continue;
        }
        let spot = of_field(owner, name, field.is_required || other.is_required);
        required(comparison, &spot, field, other);
        if !is_of_part {
            common.push(Common {
                spot,
                old: &field.shape,
                new: &other.shape,
            });
        }
    }
    common
}

fn is_part_of(comparison: &Comparison<'_>, part: &str, object: &Object<'_>) -> bool {
    let name = comparison.types.new_name(part);
    name.is_some_and(|name| object.parts.contains(name))
}

/// The spot of a field.
fn of_field(owner: &Spot, name: &str, is_required: bool) -> Spot {
    use heck::ToUpperCamelCase;
    Spot {
        subject: format!("{}.{name}", owner.subject),
        usage: owner.usage.clone(),
        form: if owner.form == Form::ErrorBody {
            Form::ErrorBody
        } else {
            Form::Field
        },
        hint: format!("{}{}", owner.hint, name.to_upper_camel_case()),
        is_optional: !is_required,
        items: Items {
            type_name: Some(format!("types::{}", owner.hint)),
            member: Some(field_name(name)),
            function: None,
            wire_name: Some(name.to_owned()),
        },
    }
}

fn renamed(
    comparison: &Comparison<'_>,
    (old, gone): (&Object<'_>, &[&str]),
    (new, come): (&Object<'_>, &[&str]),
) -> Vec<(String, String)> {
    let (before, after) = comparison.documents();
    let named = |tree, object: &Object<'_>, name: &str| {
        let field = &object.fields[name];
        canonical(tree, &field.shape, 0)
    };
    let gone: Vec<_> = gone
        .iter()
        .map(|name| ((*name).to_owned(), described(named(before, old, name), old, name)))
        .collect();
    let come: Vec<_> = come
        .iter()
        .map(|name| ((*name).to_owned(), described(named(after, new, name), new, name)))
        .collect();
    matched(&gone, &come, likeness_of_names)
}

fn described<'a>(value: serde_json::Value, object: &Object<'a>, name: &str) -> Named<'a> {
    Named {
        value,
        description: object.fields[name].description,
        rust_name: field_name(name),
    }
}

fn rename(comparison: &mut Comparison<'_>, owner: &Spot, old: (&str, &Field<'_>), new: (&str, &Field<'_>)) {
    let ((old_name, old), (new_name, new)) = (old, new);
    let is_required = old.is_required || new.is_required;
    let spot = of_field(owner, old_name, is_required);
    let received = if is_required {
        Severity::RunTime
    } else {
        Severity::Behaviour
    };
    let wire = by_direction(&spot.usage, Severity::RunTime, received);
    let rust = match field_name(old_name) == field_name(new_name) {
        false => Severity::CompileTime,
        // Programs may read JSON of their own with the type.
        true if spot.usage.is_none() => Severity::Behaviour,
        true => Severity::None,
    };
    let shapes = (Some(&old.shape), Some(&new.shape));
    let change = change(comparison, "field-renamed", &spot, shapes, (wire, rust));
    comparison.push(change.with_transition(Some(old_name.to_owned()), Some(new_name.to_owned())));
    required(comparison, &of_field(owner, new_name, is_required), old, new);
}

fn removed(comparison: &mut Comparison<'_>, owner: &Spot, name: &str, field: &Field<'_>) {
    let spot = of_field(owner, name, field.is_required);
    let received = if field.is_required {
        Severity::RunTime
    } else {
        Severity::Behaviour
    };
    let severities = (
        by_direction(&spot.usage, Severity::RunTime, received),
        Severity::CompileTime,
    );
    let change = change(
        comparison,
        "field-removed",
        &spot,
        (Some(&field.shape), None),
        severities,
    );
    comparison.push(change.with_transition(Some(described_type(field)), None));
}

fn added(comparison: &mut Comparison<'_>, owner: &Spot, name: &str, field: &Field<'_>) {
    let spot = of_field(owner, name, field.is_required);
    let sent = if field.is_required {
        Severity::RunTime
    } else {
        Severity::Compatible
    };
    let rust = by_direction(&spot.usage, sent, Severity::Compatible).max(Severity::Compatible);
    let severities = (by_direction(&spot.usage, sent, Severity::Compatible), rust);
    let change = change(comparison, "field-added", &spot, (None, Some(&field.shape)), severities);
    comparison.push(change.with_transition(None, Some(described_type(field))));
}

fn described_type(field: &Field<'_>) -> String {
    let word = if field.is_required { "required" } else { "optional" };
    format!("{word} {}", words(&field.shape))
}

fn required(comparison: &mut Comparison<'_>, spot: &Spot, old: &Field<'_>, new: &Field<'_>) {
    let (rule, sent, received) = match (old.is_required, new.is_required) {
        (false, true) => ("field-required", Severity::RunTime, Severity::Compatible),
        (true, false) => ("field-optional", Severity::Compatible, Severity::RunTime),
        _ => return,
    };
    let rust = if spot.usage.is_only_sent() {
        sent
    } else {
        Severity::CompileTime
    };
    let severities = (by_direction(&spot.usage, sent, received), rust);
    let change = change(comparison, rule, spot, (Some(&old.shape), Some(&new.shape)), severities);
    comparison.push(change);
}

/// Whether other fields are refused, and what is required without being there.
fn closed(comparison: &mut Comparison<'_>, spot: &Spot, old: Side<'_, '_>, new: Side<'_, '_>) {
    let ((old, old_shape), (new, new_shape)) = (old, new);
    let shapes = (Some(old_shape), Some(new_shape));
    let verdict = match (old.refuses_others, new.refuses_others) {
        (false, true) => Some(("other-fields-refused", Severity::RunTime, Severity::Behaviour)),
        (true, false) => Some(("other-fields-allowed", Severity::Compatible, Severity::Compatible)),
        _ => None,
    };
    if let Some((rule, sent, rust)) = verdict {
        let wire = by_direction(&spot.usage, sent, Severity::Compatible);
        let change = change(comparison, rule, spot, shapes, (wire, rust));
        comparison.push(change);
    }
    if old.dangling != new.dangling {
        let of = |object: &Object<'_>| serde_json::json!(object.dangling);
        let (a, b) = (of(old), of(new));
        let what = Unknown {
            subject: &spot.subject,
            category: Category::Wire,
            usage: &Usage::default(),
            place: comparison.place(Some(&old_shape.at), Some(&new_shape.at)),
        };
        comparison.unclassified(&what, &[("required", Some(&a), Some(&b))]);
    }
}
