//! Rules about operations: which there are, how they are called, and who may call them where. Parameters, bodies, evidence and
//! policy of an operation that is on both sides are compared from here.

use super::comparison::{Comparison, Is, Unknown};
use super::description::Operation;
use super::finding::{Category, Change, Items, Severity};
use super::pair::{Pair, change};
use super::rust_names::function_name;
use super::usage::Usage;
use super::{access, bodies, evidence, parameters, policy};

/// Compares all operations.
pub(super) fn compare(comparison: &mut Comparison<'_>) {
    let (old, new) = (comparison.old.operations(), comparison.new.operations());
    let mut pairs = Vec::new();
    for b in &new {
        let same = old.iter().find(|a| a.id == b.id);
        let same = same.or_else(|| {
            old.iter()
                .find(|a| a.route() == b.route() && new.iter().all(|b| a.id != b.id))
        });
        match same {
            Some(a) => pairs.push(Pair { old: a, new: b }),
            None => added(comparison, b),
        }
    }
    for a in old.iter().filter(|a| pairs.iter().all(|pair| pair.old.id != a.id)) {
        removed(comparison, a);
    }
    for pair in &pairs {
        both(comparison, pair);
    }
    access::compare(comparison, &pairs);
    policy::compare(comparison, &pairs, &old, &new);
}

fn both(comparison: &mut Comparison<'_>, pair: &Pair<'_>) {
    let (old, new) = (pair.old, pair.new);
    if old.id != new.id {
        let names = format!("Client::{} → {}", function_name(&old.id), function_name(&new.id));
        let change = change(comparison, "operation-renamed", &old.id, pair)
            .with_transition(Some(old.id.clone()), Some(new.id.clone()))
            .about(of_function(&old.id))
            .effect(Category::Rust, Severity::CompileTime, names);
        comparison.push(change);
    }
    route(comparison, pair);
    for (key, rule, opposite) in [("deprecated", "deprecated", "undeprecated")] {
        let rule = match (old.node.flag(key), new.node.flag(key)) {
            (false, true) => rule,
            (true, false) => opposite,
            _ => continue,
        };
        let change = change(comparison, rule, &new.id, pair).effect(Category::Wire, Severity::Compatible, "the call");
        comparison.push(change);
    }
    parameters::compare(comparison, pair);
    bodies::compare(comparison, pair);
    evidence::compare(comparison, pair);
    keys(comparison, pair);
}

fn of_function(id: &str) -> Items {
    Items {
        function: Some(format!("Client::{}", function_name(id))),
        ..Items::default()
    }
}

fn added(comparison: &mut Comparison<'_>, operation: &Operation<'_>) {
    let place = comparison.place(None, Some(&operation.node.at));
    let name = of_function(&operation.id);
    let mut change = Change::new("operation-added", &operation.id, place)
        .with_transition(None, Some(operation.route()))
        .of(&Usage::sent(&operation.id).operations)
        .effect(Category::Wire, Severity::Compatible, operation.route())
        .effect(Category::Rust, Severity::Compatible, name.path());
    if policy::entry(&comparison.new.policy, &operation.id).is_some() {
        change = change.effect(Category::Policy, Severity::Compatible, "has an entry");
    }
    comparison.push(change);
}

fn removed(comparison: &mut Comparison<'_>, operation: &Operation<'_>) {
    let place = comparison.place(Some(&operation.node.at), None);
    let name = of_function(&operation.id);
    let mut change = Change::new("operation-removed", &operation.id, place)
        .with_transition(Some(operation.route()), None)
        .of(&Usage::sent(&operation.id).operations)
        .about(name.clone())
        .effect(Category::Wire, Severity::RunTime, operation.route())
        .effect(Category::Rust, Severity::CompileTime, name.path());
    if policy::entry(&comparison.old.policy, &operation.id).is_some() {
        change = change.effect(Category::Policy, Severity::Compatible, "had an entry");
    }
    comparison.push(change);
}

fn route(comparison: &mut Comparison<'_>, pair: &Pair<'_>) {
    let (old, new) = (pair.old, pair.new);
    if old.method != new.method {
        let methods = [old.method, new.method].map(|method| Some(method.to_uppercase()));
        let [before, after] = methods;
        let change = change(comparison, "method-changed", &new.id, pair)
            .with_transition(before, after)
            .effect(Category::Wire, Severity::RunTime, "requests go out with another method");
        comparison.push(change);
    }
    let paths = [old, new].map(|operation| operation.route().split(' ').nth(1).unwrap_or_default().to_owned());
    if paths[0] == paths[1] {
        return;
    }
    let (rule, severity, text) = match (old.is_path_unknown(), new.is_path_unknown()) {
        (true, false) => ("path-found", Severity::Compatible, "works without a path from the user"),
        (false, true) => ("path-lost", Severity::RunTime, "needs a path from the user"),
        _ => ("path-changed", Severity::RunTime, "requests go to another path"),
    };
    let [before, after] = paths;
    let change = change(comparison, rule, &new.id, pair)
        .with_transition(Some(before), Some(after))
        .effect(Category::Wire, severity, text);
    comparison.push(change);
}

/// Keys of the operation and of its path that no rule knows.
fn keys(comparison: &mut Comparison<'_>, pair: &Pair<'_>) {
    let place = comparison.place(Some(&pair.old.node.at), Some(&pair.new.node.at));
    let usage = pair.usage();
    let what = Unknown {
        subject: &pair.new.id,
        category: Category::Wire,
        usage: &usage,
        place,
    };
    let known = [
        ("operationId", Is::Text),
        ("tags", Is::List),
        ("summary", Is::Anything),
        ("description", Is::Anything),
        ("externalDocs", Is::Anything),
        ("parameters", Is::List),
        ("requestBody", Is::Map),
        ("responses", Is::Map),
        ("deprecated", Is::Flag),
        ("security", Is::List),
        ("servers", Is::List),
        ("x-enkash", Is::Map),
    ];
    comparison.unknown_keys(&what, &pair.old.node, &pair.new.node, &known);
    let methods = crate::spec::pointer::METHODS.map(|method| (method, Is::Map));
    let item = [
        ("summary", Is::Anything),
        ("description", Is::Anything),
        ("parameters", Is::List),
        ("servers", Is::List),
    ];
    let known: Vec<_> = methods.into_iter().chain(item).collect();
    comparison.unknown_keys(&what, &pair.old.item, &pair.new.item, &known);
}
