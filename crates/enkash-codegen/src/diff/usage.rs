//! Who uses a component: which operations, in what they send or in what they receive. It decides whom a change of the component
//! breaks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::tree::Tree;
use crate::spec::pointer::METHODS;

/// Where a value travels, and for which operations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) is_sent: bool,
    pub(super) is_received: bool,
    pub(super) operations: BTreeSet<String>,
}

impl Usage {
    pub(super) fn sent(operation: &str) -> Self {
        Self {
            is_sent: true,
            is_received: false,
            operations: BTreeSet::from([operation.to_owned()]),
        }
    }

    pub(super) fn received(operation: &str) -> Self {
        Self {
            is_sent: false,
            is_received: true,
            operations: BTreeSet::from([operation.to_owned()]),
        }
    }

    pub(super) fn join(&mut self, other: &Self) {
        self.is_sent |= other.is_sent;
        self.is_received |= other.is_received;
        self.operations.extend(other.operations.iter().cloned());
    }

    pub(super) fn is_none(&self) -> bool {
        !self.is_sent && !self.is_received
    }

    /// Whether only requests have it, so that programs set it and do not read it.
    pub(super) fn is_only_sent(&self) -> bool {
        self.is_sent && !self.is_received
    }

    /// Where it travels, for people.
    pub(super) fn words(&self) -> String {
        let direction = match (self.is_sent, self.is_received) {
            (true, true) => "request and response of ",
            (true, false) => "request of ",
            (false, true) => "response of ",
            (false, false) => return "used by no operation".to_owned(),
        };
        format!("{direction}{}", shortened(&self.operations))
    }
}

/// The first names, and how many more there are.
pub(super) fn shortened(names: &BTreeSet<String>) -> String {
    const SHOWN: usize = 4;
    let first: Vec<_> = names.iter().take(SHOWN).map(String::as_str).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// The usage of every schema, by its name. One that nothing uses is missing.
pub(super) fn of_schemas(tree: &Tree) -> BTreeMap<String, Usage> {
    let mut found: BTreeMap<String, Usage> = BTreeMap::new();
    for (_, item) in tree.root().below("paths").entries() {
        for (method, operation) in item.entries() {
            let Some(id) = operation.text("operationId").filter(|_| METHODS.contains(&method)) else {
                continue;
            };
            let sent = [
                item.below("parameters"),
                operation.below("parameters"),
                operation.below("requestBody"),
            ];
            for node in sent {
                follow(tree, node.value, &Usage::sent(id), &mut found);
            }
            follow(
                tree,
                operation.below("responses").value,
                &Usage::received(id),
                &mut found,
            );
        }
    }
    found
}

fn follow(tree: &Tree, value: &Value, usage: &Usage, found: &mut BTreeMap<String, Usage>) {
    let mut next = vec![value];
    let mut seen = BTreeSet::new();
    while let Some(value) = next.pop() {
        match value {
            Value::Object(map) => {
                let Some(reference) = map.get("$ref").and_then(Value::as_str) else {
                    // Examples are data.
                    next.extend(
                        map.iter()
                            .filter(|(key, _)| *key != "example" && *key != "examples")
                            .map(|(_, v)| v),
                    );
                    continue;
                };
                if !seen.insert(reference) {
                    continue;
                }
                if let Some(name) = reference.strip_prefix("#/components/schemas/") {
                    found.entry(name.to_owned()).or_default().join(usage);
                }
                let target = reference.strip_prefix('#').and_then(|at| tree.root().value.pointer(at));
                next.extend(target);
            }
            Value::Array(values) => next.extend(values),
            _ => {}
        }
    }
}
