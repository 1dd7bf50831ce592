//! Rules about parameters: in the path, the query and the headers. A parameter of the components is said once, with all
//! operations that have it.

use heck::ToUpperCamelCase;
use serde_json::{Value, json};

use super::comparison::{Comparison, Is, Unknown};
use super::finding::{Category, Change, Items, Severity};
use super::pair::Pair;
use super::relation::canonical;
use super::renames::{Named, likeness_of_names, matched};
use super::rust_names::{field_name, function_name, words};
use super::shape::Shape;
use super::spot::{Form, Spot};
use super::tree::{Node, Tree};
use super::usage::Usage;
use super::values;
use crate::spec::pointer::Pointer;

/// A parameter of an operation, or of its whole path.
#[derive(Clone, Debug)]
struct Parameter<'a> {
    name: &'a str,
    location: &'a str,
    component: Option<&'a str>,
    node: Node<'a>,
    shape: Shape<'a>,
}

/// Compares the parameters of an operation.
pub(super) fn compare(comparison: &mut Comparison<'_>, pair: &Pair<'_>) {
    let (before, after) = comparison.documents();
    let old = parameters(before, &pair.old.item, &pair.old.node);
    let new = parameters(after, &pair.new.item, &pair.new.node);
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    for a in &old {
        match new.iter().find(|b| (a.name, a.location) == (b.name, b.location)) {
            Some(b) => both(comparison, pair, a, b),
            None => gone.push(a),
        }
    }
    come.extend(
        new.iter()
            .filter(|b| old.iter().all(|a| (a.name, a.location) != (b.name, b.location))),
    );
    placeholders(comparison, pair, &mut gone, &mut come);
    moved(comparison, pair, &mut gone, &mut come);
    renamed(comparison, pair, &mut gone, &mut come);
    gone.into_iter().for_each(|a| removed(comparison, pair, a));
    come.into_iter().for_each(|b| added(comparison, pair, b));
}

fn parameters<'a>(tree: &'a Tree, item: &Node<'a>, operation: &Node<'a>) -> Vec<Parameter<'a>> {
    let mut found: Vec<Parameter<'a>> = Vec::new();
    // Those of the operation stand in place of those of the path.
    for node in operation
        .below("parameters")
        .items()
        .into_iter()
        .chain(item.below("parameters").items())
    {
        let (node, component) = tree.resolve(node);
        let (name, location) = (
            node.text("name").unwrap_or_default(),
            node.text("in").unwrap_or_default(),
        );
        if found
            .iter()
            .all(|there| (there.name, there.location) != (name, location))
        {
            found.push(Parameter {
                name,
                location,
                component,
                shape: Shape::new(tree, &node.below("schema")),
                node,
            });
        }
    }
    found
}

impl Parameter<'_> {
    fn is_required(&self) -> bool {
        self.node.flag("required") || self.location == "path"
    }

    /// How lists and special characters are written, with what is usual where nothing is said.
    fn style(&self) -> Value {
        let usual = if matches!(self.location, "query" | "cookie") {
            "form"
        } else {
            "simple"
        };
        let style = self.node.text("style").unwrap_or(usual);
        let explode = self
            .node
            .value
            .get("explode")
            .and_then(Value::as_bool)
            .unwrap_or(style == "form");
        json!([
            style,
            explode,
            self.node.flag("allowReserved"),
            self.node.flag("allowEmptyValue")
        ])
    }
}

fn spot(pair: &Pair<'_>, parameter: &Parameter<'_>, component: Option<&str>) -> Spot {
    let (id, name) = (&pair.new.id, parameter.name);
    let subject = match component {
        Some(component) => format!("parameters.{component}"),
        None => format!("{id} {} {name}", parameter.location),
    };
    Spot {
        subject,
        usage: Usage::sent(id),
        form: Form::Setter,
        hint: format!("{}{}", id.to_upper_camel_case(), name.to_upper_camel_case()),
        is_optional: !parameter.is_required(),
        items: Items {
            function: Some(format!("Client::{}", function_name(&pair.old.id))),
            member: Some(field_name(name)),
            ..Items::default()
        },
    }
}

/// The spot of a parameter that is on both sides: its component, where that is the same one.
fn common_spot(pair: &Pair<'_>, old: &Parameter<'_>, new: &Parameter<'_>) -> Spot {
    spot(pair, old, old.component.filter(|_| old.component == new.component))
}

fn change(
    comparison: &Comparison<'_>,
    rule: &'static str,
    spot: &Spot,
    (old, new): (Option<&Pointer>, Option<&Pointer>),
    (wire, rust): (Severity, Severity),
) -> Change {
    Change::new(rule, spot.subject.clone(), comparison.place(old, new))
        .of(&spot.usage.operations)
        .about(spot.items.clone())
        .effect(Category::Wire, wire, spot.usage.words())
        .effect(Category::Rust, rust, spot.items.path())
}

fn both(comparison: &mut Comparison<'_>, pair: &Pair<'_>, old: &Parameter<'_>, new: &Parameter<'_>) {
    let spot = common_spot(pair, old, new);
    let places = (Some(&old.node.at), Some(&new.node.at));
    let verdict = match (old.is_required(), new.is_required()) {
        (false, true) => Some(("parameter-required", Severity::RunTime)),
        (true, false) => Some(("parameter-optional", Severity::Compatible)),
        _ => None,
    };
    if let Some((rule, severity)) = verdict {
        let change = change(comparison, rule, &spot, places, (severity, severity));
        comparison.push(change);
    }
    // What stands in the path is always required, so `required: false` there says what no rule knows.
    let raw = [old, new].map(|side| side.node.value.get("required"));
    if old.location == "path" && raw.contains(&Some(&Value::Bool(false))) && raw[0] != raw[1] {
        let what = unknown(comparison, &spot, old, new);
        comparison.unclassified(&what, &[("required", raw[0], raw[1])]);
    }
    let styles = (old.style(), new.style());
    if styles.0 != styles.1 {
        let change = change(
            comparison,
            "style-changed",
            &spot,
            places,
            (Severity::RunTime, Severity::None),
        );
        comparison.push(change.with_transition(Some(styles.0.to_string()), Some(styles.1.to_string())));
    }
    let verdict = match (old.node.flag("deprecated"), new.node.flag("deprecated")) {
        (false, true) => Some("deprecated"),
        (true, false) => Some("undeprecated"),
        _ => None,
    };
    if let Some(rule) = verdict {
        let change = change(comparison, rule, &spot, places, (Severity::Compatible, Severity::None));
        comparison.push(change);
    }
    values::compare(comparison, &spot, &old.shape, &new.shape);
    let what = unknown(comparison, &spot, old, new);
    comparison.unknown_keys(&what, &old.node, &new.node, &KNOWN);
}

fn unknown<'s>(comparison: &Comparison<'_>, spot: &'s Spot, old: &Parameter<'_>, new: &Parameter<'_>) -> Unknown<'s> {
    Unknown {
        subject: &spot.subject,
        category: Category::Wire,
        usage: &spot.usage,
        place: comparison.place(Some(&old.node.at), Some(&new.node.at)),
    }
}

const KNOWN: [(&str, Is); 12] = [
    ("name", Is::Text),
    ("in", Is::Text),
    ("description", Is::Anything),
    ("required", Is::Flag),
    ("deprecated", Is::Flag),
    ("schema", Is::Map),
    ("style", Is::Text),
    ("explode", Is::Flag),
    ("allowReserved", Is::Flag),
    ("allowEmptyValue", Is::Flag),
    ("example", Is::Anything),
    ("examples", Is::Anything),
];

/// Placeholders are told by their position: their names do not travel.
fn placeholders<'p>(
    comparison: &mut Comparison<'_>,
    pair: &Pair<'_>,
    gone: &mut Vec<&'p Parameter<'p>>,
    come: &mut Vec<&'p Parameter<'p>>,
) {
    if pair.old.placeholders().len() != pair.new.placeholders().len() {
        return;
    }
    for (a, b) in pair.old.placeholders().into_iter().zip(pair.new.placeholders()) {
        let old = gone
            .iter()
            .position(|found| found.location == "path" && found.name == a);
        let new = come
            .iter()
            .position(|found| found.location == "path" && found.name == b);
        let (Some(old), Some(new)) = (old, new) else { continue };
        let (old, new) = (gone.remove(old), come.remove(new));
        rename(comparison, pair, old, new, Severity::None);
    }
}

fn moved<'p>(
    comparison: &mut Comparison<'_>,
    pair: &Pair<'_>,
    gone: &mut Vec<&'p Parameter<'p>>,
    come: &mut Vec<&'p Parameter<'p>>,
) {
    gone.retain(|old| {
        let Some(index) = come.iter().position(|new| new.name == old.name) else {
            return true;
        };
        let new = come.remove(index);
        let spot = common_spot(pair, old, new);
        let places = (Some(&old.node.at), Some(&new.node.at));
        let change = change(
            comparison,
            "parameter-moved",
            &spot,
            places,
            (Severity::RunTime, Severity::None),
        );
        comparison.push(change.with_transition(Some(old.location.to_owned()), Some(new.location.to_owned())));
        let mut there = (*old).clone();
        there.location = new.location;
        // The usual style is that of the place; what is said beside the place is compared.
        both(comparison, pair, &there, new);
        false
    });
}

fn renamed<'p>(
    comparison: &mut Comparison<'_>,
    pair: &Pair<'_>,
    gone: &mut Vec<&'p Parameter<'p>>,
    come: &mut Vec<&'p Parameter<'p>>,
) {
    let (before, after) = comparison.documents();
    let named = |tree: &Tree, all: &[&'p Parameter<'p>]| -> Vec<(String, Named<'p>)> {
        let named = all.iter().map(|parameter| {
            let value = json!([parameter.location, canonical(tree, &parameter.shape, 0)]);
            let named = Named {
                value,
                description: parameter.node.text("description"),
                rust_name: field_name(parameter.name),
            };
            (parameter.name.to_owned(), named)
        });
        named.collect()
    };
    for (a, b) in matched(&named(before, gone), &named(after, come), likeness_of_names) {
        let old = gone
            .iter()
            .position(|found| found.name == a)
            .map(|index| gone.remove(index));
        let new = come
            .iter()
            .position(|found| found.name == b)
            .map(|index| come.remove(index));
        if let (Some(old), Some(new)) = (old, new) {
            rename(comparison, pair, old, new, Severity::RunTime);
        }
    }
}

fn rename(comparison: &mut Comparison<'_>, pair: &Pair<'_>, old: &Parameter<'_>, new: &Parameter<'_>, wire: Severity) {
    let spot = common_spot(pair, old, new);
    let rust = if field_name(old.name) == field_name(new.name) {
        Severity::None
    } else {
        Severity::CompileTime
    };
    let places = (Some(&old.node.at), Some(&new.node.at));
    let change = change(comparison, "parameter-renamed", &spot, places, (wire, rust));
    comparison.push(change.with_transition(Some(old.name.to_owned()), Some(new.name.to_owned())));
    both(comparison, pair, old, new);
}

fn removed(comparison: &mut Comparison<'_>, pair: &Pair<'_>, old: &Parameter<'_>) {
    let spot = spot(pair, old, None);
    let severities = (Severity::RunTime, Severity::CompileTime);
    let change = change(
        comparison,
        "parameter-removed",
        &spot,
        (Some(&old.node.at), None),
        severities,
    );
    comparison.push(change.with_transition(Some(words(&old.shape)), None));
}

fn added(comparison: &mut Comparison<'_>, pair: &Pair<'_>, new: &Parameter<'_>) {
    let mut spot = spot(pair, new, None);
    spot.items.function = Some(format!("Client::{}", function_name(&pair.new.id)));
    let severity = if new.is_required() {
        Severity::RunTime
    } else {
        Severity::Compatible
    };
    let change = change(
        comparison,
        "parameter-added",
        &spot,
        (None, Some(&new.node.at)),
        (severity, severity),
    );
    let word = if new.is_required() { "required" } else { "optional" };
    comparison.push(change.with_transition(None, Some(format!("{word} {}", words(&new.shape)))));
}
