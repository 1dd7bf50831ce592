//! JSON as it is written: names in their order, also one that stands twice, and numbers in their notation. `serde_json::Value`
//! keeps none of that, so what mutations change is held in this.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// How deep a body may be nested.
const MAX_DEPTH: usize = 64;

/// A value.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// A text, a number, a word, or whatever else shall stand there.
    Raw(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// A JSON text with its quotes.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl fmt::Display for Node {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comma = |position: usize| if position == 0 { "" } else { "," };
        match self {
            Node::Raw(text) => formatter.write_str(text),
            Node::List(items) => {
                formatter.write_str("[")?;
                for (position, item) in items.iter().enumerate() {
                    write!(formatter, "{}{item}", comma(position))?;
                }
                formatter.write_str("]")
            }
            Node::Object(fields) => {
                formatter.write_str("{")?;
                for (position, (name, value)) in fields.iter().enumerate() {
                    write!(formatter, "{}{}:{value}", comma(position), quoted(name))?;
                }
                formatter.write_str("}")
            }
        }
    }
}

/// The fields of an object in their order.
struct Fields(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Fields;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

impl Node {
    /// `None` where it is no JSON, or nested deeper than so many levels.
    fn read(text: &str, levels: usize) -> Option<Self> {
        let below = levels.checked_sub(1)?;
        let text = text.trim_matches([' ', '\t', '\r', '\n']);
        match text.as_bytes().first()? {
            b'{' => {
                let fields = serde_json::from_str::<Fields>(text).ok()?.0.into_iter();
                let fields = fields.map(|(name, value)| Some((name, Node::read(value.get(), below)?)));
                Some(Node::Object(fields.collect::<Option<_>>()?))
            }
            b'[' => {
                let items = serde_json::from_str::<Vec<Box<RawValue>>>(text).ok()?;
                let items = items.iter().map(|item| Node::read(item.get(), below));
                Some(Node::List(items.collect::<Option<_>>()?))
            }
            _ => {
                let raw = serde_json::from_str::<&RawValue>(text).ok()?;
                Some(Node::Raw(raw.get().to_owned()))
            }
        }
    }

    /// The values under a name or position, or all of them under `*`.
    fn children(&mut self, step: &str) -> Vec<&mut Node> {
        match self {
            Node::Raw(_) => Vec::new(),
            Node::List(items) => {
                let chosen = items.iter_mut().enumerate();
                let chosen = chosen.filter(|(position, _)| step == "*" || step.parse() == Ok(*position));
                chosen.map(|(_, item)| item).collect()
            }
            Node::Object(fields) => {
                let chosen = fields.iter_mut().filter(|(name, _)| step == "*" || name == step);
                chosen.map(|(_, value)| value).collect()
            }
        }
    }
}

/// A body. It stands alone in a list, so that the whole body has a place like every other value.
#[derive(Debug)]
pub(super) struct Tree(Node);

impl Default for Tree {
    fn default() -> Self {
        Tree(Node::List(Vec::new()))
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Node::List(body) => body.iter().try_for_each(|body| write!(formatter, "{body}")),
            other => write!(formatter, "{other}"),
        }
    }
}

impl Tree {
    pub(super) fn read(text: &str) -> Option<Self> {
        Some(Tree(Node::List(vec![Node::read(text, MAX_DEPTH)?])))
    }

    /// Calls with each value that holds the last step of a path, and with that step.
    fn holders(&mut self, path: &str, act: &mut dyn FnMut(&mut Node, &str)) {
        fn walk(node: &mut Node, steps: &[&str], act: &mut dyn FnMut(&mut Node, &str)) {
            match steps {
                [] => {}
                [last] => act(node, last),
                [first, rest @ ..] => {
                    for child in node.children(first) {
                        walk(child, rest, act);
                    }
                }
            }
        }
        let steps: Vec<&str> = std::iter::once("0")
            .chain(path.split('.').filter(|step| !step.is_empty()))
            .collect();
        walk(&mut self.0, &steps, act);
    }

    /// Takes the first value of a path away.
    pub(super) fn take_first(&mut self, path: &str) -> Option<Node> {
        let mut taken = None;
        self.holders(path, &mut |holder, step| {
            if taken.is_some() {
                return;
            }
            taken = match holder {
                Node::Raw(_) => None,
                Node::Object(fields) => {
                    let place = fields.iter().position(|(name, _)| step == "*" || name == step);
                    place.map(|place| fields.remove(place).1)
                }
                Node::List(items) => {
                    let place = if step == "*" { Some(0) } else { step.parse().ok() };
                    place
                        .filter(|place| *place < items.len())
                        .map(|place| items.remove(place))
                }
            };
        });
        taken
    }

    /// The first value of a path.
    pub(super) fn first<'a>(&'a mut self, path: &str) -> Option<&'a Node> {
        let mut node = self.0.children("0").into_iter().next()?;
        for step in path.split('.').filter(|step| !step.is_empty()) {
            node = node.children(step).into_iter().next()?;
        }
        Some(node)
    }

    pub(super) fn set(&mut self, path: &str, value: &Node) {
        self.holders(path, &mut |holder, step| {
            let mut children = holder.children(step);
            if !children.is_empty() {
                children.iter_mut().for_each(|child| **child = value.clone());
                return;
            }
            match holder {
                Node::Object(fields) if step != "*" => fields.push((step.to_owned(), value.clone())),
                Node::List(items) if step == "-" => items.push(value.clone()),
                _ => {}
            }
        });
    }

    /// Adds a value under a name, also where there is one, or at the end of a list.
    pub(super) fn put(&mut self, path: &str, value: &Node) {
        self.holders(path, &mut |holder, step| match holder {
            Node::Object(fields) => fields.push((step.to_owned(), value.clone())),
            Node::List(items) => items.push(value.clone()),
            Node::Raw(_) => {}
        });
    }

    pub(super) fn double(&mut self, path: &str, value: Option<&Node>, before: bool) {
        self.holders(path, &mut |holder, step| {
            let Node::Object(fields) = holder else { return };
            let Some(place) = fields.iter().position(|(name, _)| name == step) else {
                return;
            };
            let (name, first) = fields[place].clone();
            let second = value.cloned().unwrap_or(first);
            fields.insert(if before { place } else { place + 1 }, (name, second));
        });
    }

    pub(super) fn drop(&mut self, path: &str) {
        self.holders(path, &mut |holder, step| match holder {
            Node::Raw(_) => {}
            Node::Object(fields) => fields.retain(|(name, _)| step != "*" && name != step),
            Node::List(items) => {
                let mut position = 0;
                items.retain(|_| {
                    position += 1;
                    step != "*" && step.parse() != Ok(position - 1)
                });
            }
        });
    }

    pub(super) fn rename(&mut self, path: &str, to: &str) {
        self.holders(path, &mut |holder, step| {
            if let Node::Object(fields) = holder {
                let named = fields.iter_mut().filter(|(name, _)| name == step);
                named.for_each(|(name, _)| to.clone_into(name));
            }
        });
    }

    /// Puts another value in the place of each.
    pub(super) fn each(&mut self, path: &str, make: impl Fn(Node) -> Node) {
        self.holders(path, &mut |holder, step| {
            for child in holder.children(step) {
                let value = std::mem::replace(child, Node::Raw(String::new()));
                *child = make(value);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_again_to_the_letter() {
        for text in [
            r#"{"b":1.50,"a":[1e3,-0,"\u0041\"",{"c":null,"c":true}],"":{}}"#,
            "[]",
            "\"text\"",
            "0.0",
        ] {
            assert_eq!(Tree::read(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_json_is_not_read() {
        for text in ["", "{", "<html>", "{} {}", "nul", "{\"a\":01}"] {
            assert!(Tree::read(text).is_none(), "{text}");
        }
        assert!(Tree::read(&"[".repeat(100_000)).is_none());
        assert!(Tree::read(&("[".repeat(100_000) + &"]".repeat(100_000))).is_none());
    }
}
