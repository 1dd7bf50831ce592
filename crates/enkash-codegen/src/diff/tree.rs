//! A document as the rules walk it: nodes that know their place, and references that are followed.

use serde_json::{Map, Value};

use crate::spec::document::Document;
use crate::spec::pointer::Pointer;

use super::finding::Place;

/// A file of a description; one that is not there is empty.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    Missing,
    /// A file, which knows its lines.
    File(Document),
    Value(Value),
}

/// A value, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node<'a> {
    pub(super) at: Pointer,
    pub(super) value: &'a Value,
}

static NOTHING: Value = Value::Null;

impl Tree {
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    pub(super) fn root(&self) -> Node<'_> {
        let value = match self {
            Self::Missing => &NOTHING,
            Self::File(document) => &document.value,
            Self::Value(value) => value,
        };
        Node {
            at: Pointer::root(),
            value,
        }
    }

    pub(super) fn place(&self, at: &Pointer) -> Place {
        match self {
            Self::File(document) => {
                let place = document.place(at);
                Place {
                    file: place.file.to_string(),
                    line: place.line,
                }
            }
            Self::Missing | Self::Value(_) => Place::default(),
        }
    }

    /// The node that this one refers to, with the name of the last component on the way. A circle ends where it began.
    pub(super) fn resolve<'a>(&'a self, mut node: Node<'a>) -> (Node<'a>, Option<&'a str>) {
        let mut name = None;
        for _ in 0..32 {
            let Some(reference) = node.reference() else { break };
            let Some(target) = self.target(reference) else { break };
            name = reference.rsplit('/').next();
            node = target;
        }
        (node, name)
    }

    fn target(&self, reference: &str) -> Option<Node<'_>> {
        let at = Pointer::from_valid(reference.strip_prefix('#')?);
        let value = self.root().value.pointer(at.as_str())?;
        Some(Node { at, value })
    }

    /// A named part of the components.
    pub(super) fn component(&self, section: &str, name: &str) -> Option<Node<'_>> {
        self.root().child("components")?.child(section)?.child(name)
    }

    /// The names in a section of the components.
    pub(super) fn components(&self, section: &str) -> Vec<&str> {
        let section = self.root().value.get("components").and_then(|all| all.get(section));
        let names = section.and_then(Value::as_object).into_iter().flat_map(Map::keys);
        names.map(String::as_str).collect()
    }
}

impl<'a> Node<'a> {
    pub(super) fn child(&self, key: &str) -> Option<Node<'a>> {
        let value = self.value.get(key)?;
        Some(Node {
            at: self.at.child(key),
            value,
        })
    }

    pub(super) fn reference(&self) -> Option<&'a str> {
        self.value.get("$ref").and_then(Value::as_str)
    }

    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.value.get(key).and_then(Value::as_str)
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        self.value.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(super) fn entries(&self) -> Vec<(&'a str, Node<'a>)> {
        let entries = self.value.as_object().into_iter().flatten();
        let node = |(key, value): (&'a String, &'a Value)| {
            let at = self.at.child(key);
            (key.as_str(), Node { at, value })
        };
        entries.map(node).collect()
    }

    pub(super) fn items(&self) -> Vec<Node<'a>> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        let node = |(index, value)| Node {
            at: self.at.index(index),
            value,
        };
        items.map(node).collect()
    }

    /// The node under a key, or what has no entries.
    pub(super) fn below(&self, key: &str) -> Node<'a> {
        self.child(key).unwrap_or_else(|| Node {
            at: self.at.child(key),
            value: &NOTHING,
        })
    }

    pub(super) fn texts(&self) -> Vec<&'a str> {
        let items = self.value.as_array().into_iter().flatten();
        items.filter_map(Value::as_str).collect()
    }
}
