//! Whether an overlay of the document lets an operation's id stand for another call, or a call lose its id.
//!
//! The id carries the policy. So the loader compares the calls before and after the files of `--overlay`: a read may move to a
//! path that no operation has, and everything else is a loosening, which `--allow-loosening` permits by name. The table for
//! people stands in spec/README.md.

use enkash_policy::{Effect, Policy};
use serde_json::Value;

use super::document::{Document, Place};
use super::pointer::Pointer;

/// What an id stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Call {
    id: String,
    method: String,
    path: String,
    /// The first one decides the host.
    tag: String,
    at: Pointer,
}

/// A change that needs leave for an id: here of what it stands for.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    pub(crate) id: String,
    /// The key that says so: `path`, `operationId` or `tags`, or one of the policy.
    pub(crate) field: &'static str,
    pub(crate) before: String,
    pub(crate) after: String,
    /// What that does.
    pub(crate) meaning: String,
    pub(crate) place: Place,
}

/// Everything that needs leave, in the order of the document as it was.
pub(crate) fn moves(before: &Value, after: &Document, is_read: impl Fn(&str) -> bool) -> Vec<Move> {
    let (old, new) = (calls(before), calls(&after.value));
    let compared = Compared {
        old: &old,
        new: &new,
        document: after,
    };
    old.iter()
        .filter_map(|call| compared.moved(call, is_read(&call.id)))
        .collect()
}

/// Whether an operation is a read by both policies: a user's may be stricter, and leave given there is not leave here.
pub(crate) fn is_read(id: &str, policies: [&Policy; 2]) -> bool {
    policies.iter().all(|policy| {
        let operation = policy.operations.get(id);
        operation.is_some_and(|operation| operation.effect == Effect::Reads)
    })
}

struct Compared<'a> {
    old: &'a [Call],
    new: &'a [Call],
    document: &'a Document,
}

impl Compared<'_> {
    fn moved(&self, call: &Call, is_read: bool) -> Option<Move> {
        let mut same = self.new.iter().filter(|now| now.id == call.id);
        let Some(first) = same.clone().next() else {
            return self.renamed(call);
        };
        // An id that is there twice is for lint to say.
        if let Some(now) = same.find(|now| now.is_at(call)) {
            let stays = is_read || now.tag == call.tag;
            return (!stays).then(|| self.retagged(call, now));
        }
        match self.taken(first) {
            None if is_read => self.renamed(call),
            taken => Some(self.relocated(call, first, taken)),
        }
    }

    /// The operation whose path that is, if it is another one's.
    fn taken(&self, now: &Call) -> Option<&Call> {
        let others = self.old.iter().chain(self.new).filter(|other| other.id != now.id);
        let segments = segments(&now.path);
        others
            .into_iter()
            .find(|other| ends_with(&segments, &self::segments(&other.path)))
    }

    /// Another id stands where this one stood.
    fn renamed(&self, call: &Call) -> Option<Move> {
        let is_there = |now: &&Call| now.method == call.method && segments(&now.path) == segments(&call.path);
        let other = self.new.iter().filter(is_there).find(|now| now.id != call.id)?;
        Some(Move {
            id: call.id.clone(),
            field: "operationId",
            before: call.id.clone(),
            after: other.id.clone(),
            meaning: format!(
                "{} {} would be called without the policy that stands under this id",
                call.method, call.path
            ),
            place: self.document.place(&other.at.child("operationId")),
        })
    }

    fn relocated(&self, call: &Call, now: &Call, taken: Option<&Call>) -> Move {
        let shown = |call: &Call| format!("{} {}", call.method, call.path);
        let meaning = match taken {
            Some(other) => format!(
                "that is the path of {}, which would be called by the policy of {}",
                other.id, call.id
            ),
            None => "another call would be sent, judged and settled by the policy that stands under this id".to_owned(),
        };
        Move {
            id: call.id.clone(),
            field: "path",
            before: shown(call),
            after: shown(now),
            meaning,
            place: self.document.place_of_change(&now.at.child("operationId")),
        }
    }

    fn retagged(&self, call: &Call, now: &Call) -> Move {
        Move {
            id: call.id.clone(),
            field: "tags",
            before: call.tag.clone(),
            after: now.tag.clone(),
            meaning: "the tag decides the host, so another host would get the call".to_owned(),
            place: self.document.place_of_change(&now.at.child("tags")),
        }
    }
}

impl Call {
    /// Whether both are sent in the same way, whatever their ids. A placeholder may have another name.
    fn is_at(&self, other: &Self) -> bool {
        let is_placeholder = |part: &str| part.starts_with('{') && part.ends_with('}');
        let as_sent = |path: &str| -> Vec<String> {
            let parts = path
                .split('/')
                .map(|part| if is_placeholder(part) { "{}" } else { part });
            parts.map(str::to_owned).collect()
        };
        self.method == other.method && as_sent(&self.path) == as_sent(&other.path)
    }
}

/// Everything with an id, in the order of the document.
fn calls(document: &Value) -> Vec<Call> {
    let paths = document.get("paths").and_then(Value::as_object);
    let items = paths
        .into_iter()
        .flatten()
        .filter_map(|(path, item)| Some((path, item.as_object()?)));
    let operations =
        items.flat_map(|(path, item)| item.iter().map(move |(method, operation)| (path, method, operation)));
    operations
        .filter_map(|(path, method, operation)| {
            let tag = operation
                .get("tags")
                .and_then(|tags| tags.get(0))
                .and_then(Value::as_str);
            Some(Call {
                id: operation.get("operationId")?.as_str()?.to_owned(),
                method: method.to_uppercase(),
                path: path.clone(),
                tag: tag.unwrap_or_default().to_owned(),
                at: Pointer::root().child("paths").child(path).child(method),
            })
        })
        .collect()
}

/// The parts of a path as the most lenient server reads them. A placeholder can be anything, and is `None`.
fn segments(path: &str) -> Vec<Option<String>> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let parts = path.split('/').map(str::trim).filter(|part| !matches!(*part, "" | "."));
    let mut segments = Vec::new();
    for part in parts {
        match part {
            ".." => drop(segments.pop()),
            part if part.contains('{') => segments.push(None),
            part => {
                let stem = part
                    .split([';', '.'])
                    .next()
                    .filter(|stem| !stem.is_empty())
                    .unwrap_or(part);
                segments.push(Some(decoded(stem).to_lowercase()));
            }
        }
    }
    segments
}

/// `%63reate` is `create` to a server.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits
            .filter(|_| *first == b'%')
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
        {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether a path can be another one, perhaps behind a path of the host's.
fn ends_with(path: &[Option<String>], other: &[Option<String>]) -> bool {
    let Some(start) = path.len().checked_sub(other.len()) else {
        return false;
    };
    let can_be = |one: &Option<String>, other: &Option<String>| one.is_none() || other.is_none() || one == other;
    !other.is_empty() && path[start..].iter().zip(other).all(|(one, other)| can_be(one, other))
}
