//! Rules about who may call and where: credentials, hosts, and the first tag, which decides the host in the client. What the
//! whole document says is said once for all operations without a word of their own.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::comparison::Comparison;
use super::finding::{Category, Change, Severity};
use super::pair::{Pair, change};
use super::tree::{Node, Tree};

/// Compares the access to all operations.
pub(super) fn compare(comparison: &mut Comparison<'_>, pairs: &[Pair<'_>]) {
    for rule in [security, servers] {
        let mut shared = BTreeSet::new();
        for pair in pairs {
            let inherits = [pair.old, pair.new].iter().all(|operation| {
                let own = [
                    operation.node.child("security"),
                    operation.node.child("servers"),
                    operation.item.child("servers"),
                ];
                own.iter().all(Option::is_none)
            });
            if inherits {
                shared.insert(pair.new.id.clone());
            } else {
                rule(comparison, Some(pair), &pair.usage().operations);
            }
        }
        rule(comparison, None, &shared);
    }
    for pair in pairs {
        tags(comparison, pair);
    }
}

/// A change of one operation, or of all that say nothing themselves.
fn of(
    comparison: &Comparison<'_>,
    rule: &'static str,
    pair: Option<&Pair<'_>>,
    operations: &BTreeSet<String>,
) -> Change {
    match pair {
        Some(pair) => change(comparison, rule, &pair.new.id, pair),
        None => {
            let root = comparison.new.document.root().at;
            Change::new(rule, "all operations", comparison.place(None, Some(&root))).of(operations)
        }
    }
}

fn security(comparison: &mut Comparison<'_>, pair: Option<&Pair<'_>>, operations: &BTreeSet<String>) {
    let (before, after) = comparison.documents();
    let own =
        |operation: &super::description::Operation<'_>| operation.node.child("security").map(|node| node.value.clone());
    let old = schemes(before, pair.and_then(|pair| own(pair.old)));
    let new = schemes(after, pair.and_then(|pair| own(pair.new)));
    if old == new || operations.is_empty() {
        return;
    }
    let text = |all: &BTreeSet<String>| Some(all.iter().cloned().collect::<Vec<_>>().join(" or "));
    let change = of(comparison, "security-changed", pair, operations)
        .with_transition(text(&old), text(&new))
        .effect(Category::Wire, Severity::RunTime, "requests need other credentials");
    comparison.push(change);
}

/// What proves who calls, each way with the definitions of its schemes: their names say nothing.
fn schemes(tree: &Tree, own: Option<Value>) -> BTreeSet<String> {
    let all = own.unwrap_or_else(|| tree.root().below("security").value.clone());
    let ways = all.as_array().cloned().unwrap_or_default();
    if ways.is_empty() {
        return BTreeSet::from(["nothing".to_owned()]);
    }
    let ways = ways.iter().map(|way| {
        let schemes = way.as_object().into_iter().flatten().map(|(name, scopes)| {
            let definition = tree.component("securitySchemes", name);
            let definition = definition.map(|node| tree.resolve(node).0.value.clone());
            let mut definition = definition.unwrap_or_else(|| json!({"missing": name}));
            if let Some(map) = definition.as_object_mut() {
                map.remove("description");
                map.remove("bearerFormat");
                if *scopes != json!([]) {
                    map.insert("scopes".to_owned(), scopes.clone());
                }
            }
            scheme_text(&definition)
        });
        let mut schemes: Vec<_> = schemes.collect();
        schemes.sort();
        if schemes.is_empty() {
            "nothing".to_owned()
        } else {
            schemes.join(" and ")
        }
    });
    ways.collect()
}

fn scheme_text(definition: &Value) -> String {
    match (definition["type"].as_str(), definition["scheme"].as_str()) {
        (Some("http"), Some(scheme)) if definition.as_object().map(Map::len) == Some(2) => scheme.to_owned(),
        _ => definition.to_string(),
    }
}

fn servers(comparison: &mut Comparison<'_>, pair: Option<&Pair<'_>>, operations: &BTreeSet<String>) {
    let (before, after) = comparison.documents();
    let own = |operation: &super::description::Operation<'_>| -> Option<Vec<String>> {
        let own = operation
            .node
            .child("servers")
            .or_else(|| operation.item.child("servers"));
        own.map(|node| addresses(&node))
    };
    let of_root = |tree: &Tree| addresses(&tree.root().below("servers"));
    let old = pair.and_then(|pair| own(pair.old)).unwrap_or_else(|| of_root(before));
    let new = pair.and_then(|pair| own(pair.new)).unwrap_or_else(|| of_root(after));
    if old == new || operations.is_empty() {
        return;
    }
    let gone = old.iter().any(|address| !new.contains(address));
    let come = new.iter().any(|address| !old.contains(address));
    let (rule, severity) = match (gone, come) {
        (true, false) => ("server-removed", Severity::RunTime),
        (false, true) => ("server-added", Severity::Compatible),
        _ => ("server-changed", Severity::RunTime),
    };
    let change = of(comparison, rule, pair, operations)
        .with_transition(Some(old.join(", ")), Some(new.join(", ")))
        .effect(Category::Wire, severity, "requests go to these hosts");
    comparison.push(change);
}

fn addresses(servers: &Node<'_>) -> Vec<String> {
    let servers = servers.items().into_iter().map(|server| {
        let others = server
            .entries()
            .into_iter()
            .filter(|(key, _)| *key != "url" && *key != "description");
        let others: Map<_, _> = others.map(|(key, node)| (key.to_owned(), node.value.clone())).collect();
        let url = server.text("url").unwrap_or_default();
        if others.is_empty() {
            url.to_owned()
        } else {
            format!("{url} {}", Value::Object(others))
        }
    });
    servers.collect()
}

fn tags(comparison: &mut Comparison<'_>, pair: &Pair<'_>) {
    let [old, new] = [pair.old, pair.new].map(|operation| operation.node.below("tags").texts());
    if old == new {
        return;
    }
    let is_first = old.first() != new.first();
    let (rule, severity, text) = if is_first {
        (
            "tag-changed",
            Severity::Behaviour,
            "the client takes the host and the kind of token of the first tag",
        )
    } else {
        (
            "tags-changed",
            Severity::Compatible,
            "only the first tag decides the host",
        )
    };
    let change = change(comparison, rule, &pair.new.id, pair)
        .with_transition(Some(old.join(", ")), Some(new.join(", ")))
        .effect(Category::Wire, severity, text);
    comparison.push(change);
}
