//! How the values of one schema stand to those of another: the same, more, fewer, or others. What that breaks depends on who
//! sends them, which `direction` knows.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::shape::{Kind, Shape};
use super::tree::Tree;

/// The values of the new schema, seen from the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Same,
    /// All that were allowed, and more.
    Wider,
    /// Some of those that were allowed.
    Narrower,
    Other,
}

impl Relation {
    fn of(contains_old: bool, is_contained: bool) -> Self {
        match (contains_old, is_contained) {
            (true, true) => Self::Same,
            (true, false) => Self::Wider,
            (false, true) => Self::Narrower,
            (false, false) => Self::Other,
        }
    }
}

/// A document, and a schema of it.
pub(super) type In<'a> = (&'a Tree, &'a Shape<'a>);

/// Compares what the schemas allow on the wire.
pub(super) fn relation(old: In<'_>, new: In<'_>) -> Relation {
    Relation::of(contains(new, old, 0), contains(old, new, 0))
}

/// Whether every value of `part` is one of `whole`, as far as that can be seen.
fn contains(whole: In<'_>, part: In<'_>, depth: usize) -> bool {
    // Whoever goes round in a circle has met no difference on the way.
    if depth > 12 {
        return true;
    }
    let (whole_shape, part_shape) = (resolved(whole), resolved(part));
    let (in_whole, in_part) = (|shape| (whole.0, shape), |shape| (part.0, shape));
    if part_shape.is_nullable && !whole_shape.is_nullable && !matches!(whole_shape.kind, Kind::Any) {
        return false;
    }
    match (&whole_shape.kind, &part_shape.kind) {
        (Kind::Any, _) => true,
        (Kind::Variants { list: wholes, .. }, Kind::Variants { list: parts, .. }) => parts.iter().all(|part| {
            let found = |whole| contains(in_whole(whole), in_part(part), depth + 1);
            wholes.iter().any(found)
        }),
        (Kind::Variants { list, .. }, _) => {
            let found = |whole| contains(in_whole(whole), in_part(&part_shape), depth + 1);
            list.iter().any(found)
        }
        (
            Kind::Scalar { name, format },
            Kind::Scalar {
                name: part,
                format: part_format,
            },
        ) => scalar_contains((name, *format), (part, *part_format)),
        (Kind::Scalar { name: "string", format }, Kind::Words(_)) => is_plain_text(*format),
        (Kind::Words(whole), Kind::Words(part)) => part.iter().all(|word| whole.contains(word)),
        (Kind::List(whole), Kind::List(part)) | (Kind::Map(whole), Kind::Map(part)) => {
            contains(in_whole(whole), in_part(part), depth + 1)
        }
        (Kind::Object(a), Kind::Object(b)) => {
            let names = |object: &super::shape::Object<'_>| -> BTreeSet<String> {
                object
                    .fields
                    .iter()
                    .map(|(name, field)| format!("{name} {}", field.is_required))
                    .collect()
            };
            names(a) == names(b)
                && a.fields.iter().all(|(name, field)| {
                    let other = b.fields.get(name);
                    other.is_some_and(|other| contains(in_whole(&field.shape), in_part(&other.shape), depth + 1))
                })
        }
        _ => false,
    }
}

fn resolved<'a>((tree, shape): In<'a>) -> Shape<'a> {
    shape.clone().resolved(tree)
}

fn is_plain_text(format: Option<&str>) -> bool {
    matches!(format, None | Some("password" | "personal"))
}

fn scalar_contains(whole: (&str, Option<&str>), part: (&str, Option<&str>)) -> bool {
    let is_known = |format: Option<&str>| matches!(format, None | Some("int32" | "int64"));
    match (whole, part) {
        (("integer", whole), ("integer", part)) if !is_known(whole) || !is_known(part) => whole == part,
        (("integer", Some("int32")), ("integer", format)) => format == Some("int32"),
        (("integer" | "number", _), ("integer", _)) | (("number", _), ("number", _)) => true,
        (("string", whole), ("string", part)) => is_plain_text(whole) || whole == part,
        (whole, part) => whole == part,
    }
}

/// A schema with everything that it refers to, without words for people and without names of components: equal for schemas
/// that mean the same on the wire.
pub(super) fn canonical(tree: &Tree, shape: &Shape<'_>, depth: usize) -> Value {
    if depth > 8 {
        return json!("deeper");
    }
    let inner = |shape: &Shape<'_>| canonical(tree, shape, depth + 1);
    let shape = shape.clone().resolved(tree);
    let kind = match &shape.kind {
        Kind::Any => json!("any"),
        Kind::Reference(name) => json!({"circle": name}),
        Kind::Scalar { name, format } => json!([name, format]),
        Kind::Words(words) => json!({"words": words.iter().collect::<BTreeSet<_>>()}),
        Kind::List(items) => json!({"list": inner(items)}),
        Kind::Map(values) => json!({"map": inner(values)}),
        Kind::Variants { list, .. } => json!({"variants": list.iter().map(inner).collect::<Vec<_>>()}),
        Kind::Object(object) => {
            let fields = object.fields.iter();
            let fields = fields.map(|(name, field)| json!([name, field.is_required, inner(&field.shape)]));
            json!({"fields": fields.collect::<Vec<_>>(), "closed": object.refuses_others})
        }
    };
    json!([kind, shape.is_nullable, shape.bounds, shape.marks, shape.others])
}
