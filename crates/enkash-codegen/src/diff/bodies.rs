//! Rules about bodies: of requests, and of responses with their statuses, content types and headers. A response of the
//! components is said once, with all operations that have it.

use heck::ToUpperCamelCase;

use super::comparison::{Comparison, Is, Unknown};
use super::finding::{Category, Change, Items, Severity};
use super::pair::Pair;
use super::relation::canonical;
use super::rust_names::function_name;
use super::shape::Shape;
use super::spot::{Form, Spot};
use super::tree::{Node, Tree};
use super::usage::Usage;
use super::values;

/// A body on both sides, or a response without one.
struct Body<'b, 'a> {
    old: &'b Node<'a>,
    new: &'b Node<'a>,
    spot: Spot,
}

/// Compares the bodies of an operation.
pub(super) fn compare(comparison: &mut Comparison<'_>, pair: &Pair<'_>) {
    request(comparison, pair);
    let (before, after) = comparison.documents();
    let old = responses(before, &pair.old.node);
    let new = responses(after, &pair.new.node);
    let gone: Vec<_> = old
        .iter()
        .filter(|a| new.iter().all(|b| a.status != b.status))
        .collect();
    let come: Vec<_> = new
        .iter()
        .filter(|b| old.iter().all(|a| a.status != b.status))
        .collect();
    for a in &old {
        if let Some(b) = new.iter().find(|b| a.status == b.status) {
            response(comparison, pair, a, b);
        }
    }
    let successes = |all: &[&Response<'_>]| all.iter().filter(|found| found.is_success()).count();
    let is_moved = successes(&gone) == 1 && successes(&come) == 1;
    for a in &gone {
        let other = come.iter().find(|b| is_moved && a.is_success() && b.is_success());
        match other {
            Some(b) => status_changed(comparison, pair, a, b),
            None => status(comparison, pair, a, true),
        }
    }
    for b in come.iter().filter(|b| !(is_moved && b.is_success())) {
        status(comparison, pair, b, false);
    }
}

fn request(comparison: &mut Comparison<'_>, pair: &Pair<'_>) {
    let (before, after) = comparison.documents();
    let (old, _) = before.resolve(pair.old.node.below("requestBody"));
    let (new, _) = after.resolve(pair.new.node.below("requestBody"));
    let spot = Spot {
        subject: format!("{} request", pair.new.id),
        usage: Usage::sent(&pair.new.id),
        form: Form::Setter,
        hint: format!("{}Body", pair.new.id.to_upper_camel_case()),
        is_optional: false,
        items: items(&pair.old.id, Some("body")),
    };
    let simple = |rule, (old, new): (Option<&Node<'_>>, Option<&Node<'_>>), wire, rust| {
        simple_change(comparison, rule, &spot, (old, new), (wire, rust))
    };
    match (old.value.is_object(), new.value.is_object()) {
        (false, false) => return,
        (true, false) => {
            let change = simple(
                "body-removed",
                (Some(&old), None),
                Severity::RunTime,
                Severity::CompileTime,
            );
            return comparison.push(change);
        }
        (false, true) => {
            let severity = if new.flag("required") {
                Severity::RunTime
            } else {
                Severity::Compatible
            };
            let change = simple("body-added", (None, Some(&new)), severity, severity);
            return comparison.push(change);
        }
        (true, true) => {}
    }
    must_be_sent(comparison, &spot, &old, &new);
    let body = Body {
        old: &old,
        new: &new,
        spot,
    };
    content(comparison, &body);
    let known = [
        ("description", Is::Anything),
        ("required", Is::Flag),
        ("content", Is::Map),
    ];
    unknown(comparison, &body, &known);
}

fn must_be_sent(comparison: &mut Comparison<'_>, spot: &Spot, old: &Node<'_>, new: &Node<'_>) {
    // The generator takes every body for one that is required.
    let (rule, severity) = match (old.flag("required"), new.flag("required")) {
        (false, true) => ("body-required", Severity::RunTime),
        (true, false) => ("body-optional", Severity::Compatible),
        _ => return,
    };
    let change = simple_change(
        comparison,
        rule,
        spot,
        (Some(old), Some(new)),
        (severity, Severity::None),
    );
    comparison.push(change);
}

fn items(id: &str, member: Option<&str>) -> Items {
    Items {
        function: Some(format!("Client::{}", function_name(id))),
        member: member.map(str::to_owned),
        ..Items::default()
    }
}

fn simple_change(
    comparison: &Comparison<'_>,
    rule: &'static str,
    spot: &Spot,
    (old, new): (Option<&Node<'_>>, Option<&Node<'_>>),
    (wire, rust): (Severity, Severity),
) -> Change {
    let place = comparison.place(old.map(|node| &node.at), new.map(|node| &node.at));
    let rust = if spot.form == Form::ErrorBody {
        Severity::None
    } else {
        rust
    };
    Change::new(rule, spot.subject.clone(), place)
        .of(&spot.usage.operations)
        .about(spot.items.clone())
        .effect(Category::Wire, wire, spot.usage.words())
        .effect(Category::Rust, rust, spot.items.path())
}

fn unknown(comparison: &mut Comparison<'_>, body: &Body<'_, '_>, known: &[(&str, Is)]) {
    let what = Unknown {
        subject: &body.spot.subject,
        category: Category::Wire,
        usage: &body.spot.usage,
        place: comparison.place(Some(&body.old.at), Some(&body.new.at)),
    };
    comparison.unknown_keys(&what, body.old, body.new, known);
}

/// Compares the content types, and what stands under those that belong together.
fn content(comparison: &mut Comparison<'_>, body: &Body<'_, '_>) {
    let (old, new) = (body.old.below("content").entries(), body.new.below("content").entries());
    let gone: Vec<_> = old
        .iter()
        .filter(|(name, _)| new.iter().all(|(other, _)| name != other))
        .collect();
    let come: Vec<_> = new
        .iter()
        .filter(|(name, _)| old.iter().all(|(other, _)| name != other))
        .collect();
    let is_sent = body.spot.usage.is_sent;
    let (more, less) = if is_sent {
        (Severity::Compatible, Severity::RunTime)
    } else {
        (Severity::RunTime, Severity::Compatible)
    };
    let push = |comparison: &mut Comparison<'_>, rule, names: [Option<&str>; 2], wire, rust| {
        let change = simple_change(
            comparison,
            rule,
            &body.spot,
            (Some(body.old), Some(body.new)),
            (wire, rust),
        );
        let [before, after] = names.map(|name| name.map(str::to_owned));
        comparison.push(change.with_transition(before, after));
    };
    let none = Severity::None;
    match (gone.as_slice(), come.as_slice()) {
        ([], []) => {}
        ([(a, _)], []) if new.is_empty() => {
            let wire = Severity::RunTime;
            push(comparison, "body-removed", [Some(a), None], wire, Severity::CompileTime);
        }
        ([], [(b, _)]) if old.is_empty() => {
            let wire = if is_sent {
                Severity::RunTime
            } else {
                Severity::Compatible
            };
            push(comparison, "body-added", [None, Some(b)], wire, Severity::CompileTime);
        }
        ([(a, old)], [(b, new)]) => {
            push(
                comparison,
                "content-type-changed",
                [Some(a), Some(b)],
                Severity::RunTime,
                none,
            );
            media_type(comparison, body, old, new);
        }
        (gone, come) => {
            for (name, _) in gone {
                push(comparison, "content-type-removed", [Some(name), None], less, none);
            }
            for (name, _) in come {
                push(comparison, "content-type-added", [None, Some(name)], more, none);
            }
        }
    }
    for (name, old) in &old {
        if let Some((_, new)) = new.iter().find(|(other, _)| name == other) {
            media_type(comparison, body, old, new);
        }
    }
}

fn media_type(comparison: &mut Comparison<'_>, body: &Body<'_, '_>, old: &Node<'_>, new: &Node<'_>) {
    let (before, after) = comparison.documents();
    let shapes = (
        Shape::new(before, &old.below("schema")),
        Shape::new(after, &new.below("schema")),
    );
    values::compare(comparison, &body.spot, &shapes.0, &shapes.1);
    let what = Unknown {
        subject: &body.spot.subject,
        category: Category::Wire,
        usage: &body.spot.usage,
        place: comparison.place(Some(&old.at), Some(&new.at)),
    };
    let known = [
        ("schema", Is::Map),
        ("example", Is::Anything),
        ("examples", Is::Anything),
    ];
    comparison.unknown_keys(&what, old, new, &known);
}

/// One response of an operation.
struct Response<'a> {
    status: &'a str,
    component: Option<&'a str>,
    node: Node<'a>,
}

impl Response<'_> {
    fn is_success(&self) -> bool {
        self.status.starts_with('2')
    }

    fn spot(&self, pair: &Pair<'_>, component: Option<&str>) -> Spot {
        let id = &pair.new.id;
        let subject = match component {
            Some(component) => format!("responses.{component}"),
            None => format!("{id} response {}", self.status),
        };
        Spot {
            subject,
            usage: Usage::received(id),
            form: if self.is_success() {
                Form::Result
            } else {
                Form::ErrorBody
            },
            hint: format!("{}Response", id.to_upper_camel_case()),
            is_optional: false,
            items: items(&pair.old.id, Some("send")),
        }
    }
}

fn responses<'a>(tree: &'a Tree, operation: &Node<'a>) -> Vec<Response<'a>> {
    let all = operation.below("responses").entries().into_iter();
    let all = all.map(|(status, node)| {
        let (node, component) = tree.resolve(node);
        Response {
            status,
            component,
            node,
        }
    });
    all.collect()
}

fn response(comparison: &mut Comparison<'_>, pair: &Pair<'_>, old: &Response<'_>, new: &Response<'_>) {
    let component = new.component.filter(|_| old.component == new.component);
    let body = Body {
        old: &old.node,
        new: &new.node,
        spot: new.spot(pair, component),
    };
    content(comparison, &body);
    headers(comparison, &body);
    let known = [
        ("description", Is::Anything),
        ("content", Is::Map),
        ("headers", Is::Map),
    ];
    unknown(comparison, &body, &known);
}

fn headers(comparison: &mut Comparison<'_>, body: &Body<'_, '_>) {
    let (before, after) = comparison.documents();
    let (old, new) = (body.old.below("headers").entries(), body.new.below("headers").entries());
    let names: std::collections::BTreeSet<_> = old.iter().chain(&new).map(|(name, _)| *name).collect();
    for name in names {
        let find = |all: &[(&str, Node<'_>)]| {
            all.iter()
                .find(|(other, _)| *other == name)
                .map(|(_, node)| node.at.clone())
        };
        let meaning = |tree: &Tree, root: &Node<'_>| {
            let header = tree.resolve(root.below("headers").below(name)).0;
            header.value.is_object().then(|| {
                let shape = Shape::new(tree, &header.below("schema"));
                serde_json::json!([
                    canonical(tree, &shape, 0),
                    header.flag("required"),
                    header.flag("deprecated")
                ])
            })
        };
        let (a, b) = (meaning(before, body.old), meaning(after, body.new));
        let (rule, severity) = match (&a, &b) {
            (None, Some(_)) => ("header-added", Severity::Compatible),
            (Some(_), None) => ("header-removed", Severity::Behaviour),
            _ if a != b => ("header-changed", Severity::Behaviour),
            _ => continue,
        };
        let place = comparison.place(find(&old).as_ref(), find(&new).as_ref());
        let change = Change::new(rule, format!("{} {name}", body.spot.subject), place)
            .of(&body.spot.usage.operations)
            .effect(Category::Wire, severity, body.spot.usage.words());
        comparison.push(change);
    }
}

fn status_changed(comparison: &mut Comparison<'_>, pair: &Pair<'_>, old: &Response<'_>, new: &Response<'_>) {
    let spot = old.spot(pair, None);
    let nodes = (Some(&old.node), Some(&new.node));
    let change = simple_change(
        comparison,
        "status-changed",
        &spot,
        nodes,
        (Severity::RunTime, Severity::None),
    );
    comparison.push(change.with_transition(Some(old.status.to_owned()), Some(new.status.to_owned())));
    response(comparison, pair, old, new);
}

fn status(comparison: &mut Comparison<'_>, pair: &Pair<'_>, response: &Response<'_>, is_gone: bool) {
    let spot = response.spot(pair, None);
    let node = Some(&response.node);
    let (rule, nodes, severity) = match (is_gone, response.is_success()) {
        (true, true) => ("status-removed", (node, None), Severity::RunTime),
        // An answer with this status is not documented any more, so its body is not read.
        (true, false) => ("status-removed", (node, None), Severity::Behaviour),
        (false, true) => ("status-added", (None, node), Severity::RunTime),
        (false, false) => ("status-added", (None, node), Severity::Compatible),
    };
    let change = simple_change(comparison, rule, &spot, nodes, (severity, Severity::None));
    comparison.push(change);
}
