//! The one reading of JSON that a rule about money rests on. It borrows from the text, keeps what `serde_json` keeps, and says
//! whether a key stood twice: who reads such a body differently reads another answer. [`Json`] is how rules look into it, and
//! into a [`Value`] that somebody keeps.

use std::{borrow::Cow, cell::Cell, collections::HashSet, fmt};

use enkash_api::Money;
use serde::{
    Deserialize,
    de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor, value::StrDeserializer},
};
use serde_json::{Number, Value};

/// Whether a value says nothing: an API server may leave a field out, or send it blank.
pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A whole body as JSON.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    pub(crate) root: Node<'a>,
    /// Whether an object, at any depth that was read, holds a key twice.
    pub(crate) has_duplicate_keys: bool,
}

/// A value of a document.
#[derive(Clone, Debug)]
pub(crate) enum Node<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
    /// A list or an object that was not looked into.
    Skipped,
}

/// A value without what is in it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    Number(&'a Number),
    Text(&'a str),
    List,
    Object,
}

/// Read access to JSON.
pub(crate) trait Json: Sized {
    fn scalar(&self) -> Scalar<'_>;

    /// The value of a key; of two, the last.
    fn get(&self, name: &str) -> Option<&Self>;

    /// The keys of an object.
    fn names(&self) -> impl Iterator<Item = &str>;

    fn as_text(&self) -> Option<&str> {
        match self.scalar() {
            Scalar::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number, or a text that holds one.
    fn as_money(&self) -> Option<Money> {
        match self.scalar() {
            Scalar::Number(number) => Money::deserialize(number).ok(),
            Scalar::Text(text) => Money::deserialize(StrDeserializer::<de::value::Error>::new(text)).ok(),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self.scalar(), Scalar::Null)
    }

    /// Whether both hold the same, in whatever order their keys stand.
    fn is_same(&self, other: &Self) -> bool;

    fn is_object(&self) -> bool {
        matches!(self.scalar(), Scalar::Object)
    }
}

impl Json for Value {
    fn scalar(&self) -> Scalar<'_> {
        match self {
            Self::Null => Scalar::Null,
            Self::Bool(value) => Scalar::Bool(*value),
            Self::Number(number) => Scalar::Number(number),
            Self::String(text) => Scalar::Text(text),
            Self::Array(_) => Scalar::List,
            Self::Object(_) => Scalar::Object,
        }
    }

    fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.as_object()
            .into_iter()
            .flat_map(|fields| fields.keys().map(String::as_str))
    }

    fn is_same(&self, other: &Self) -> bool {
        self == other
    }
}

impl Json for Node<'_> {
    fn scalar(&self) -> Scalar<'_> {
        match self {
            Self::Null => Scalar::Null,
            Self::Bool(value) => Scalar::Bool(*value),
            Self::Number(number) => Scalar::Number(number),
            Self::Text(text) => Scalar::Text(text),
            Self::List(_) => Scalar::List,
            Self::Object(_) | Self::Skipped => Scalar::Object,
        }
    }

    fn get(&self, name: &str) -> Option<&Self> {
        let field = self.fields().iter().rev().find(|(known, _)| known == name);
        field.map(|(_, value)| value)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.fields().iter().map(|(name, _)| name.as_ref())
    }

    fn is_same(&self, other: &Self) -> bool {
        Value::from(self) == Value::from(other)
    }
}

impl<'a> Node<'a> {
    fn fields(&self) -> &[(Cow<'a, str>, Self)] {
        match self {
            Self::Object(fields) => fields,
            _ => &[],
        }
    }
}

impl From<&Node<'_>> for Value {
    fn from(node: &Node<'_>) -> Self {
        match node {
            Node::Null | Node::Skipped => Self::Null,
            Node::Bool(value) => Self::Bool(*value),
            Node::Number(number) => Self::Number(number.clone()),
            Node::Text(text) => Self::String(text.to_string()),
            Node::List(entries) => Self::Array(entries.iter().map(Self::from).collect()),
            Node::Object(fields) => Self::Object(
                fields
                    .iter()
                    .map(|(name, value)| (name.to_string(), value.into()))
                    .collect(),
            ),
        }
    }
}

/// Reads one JSON value with nothing but white space around it; `None` for anything else.
pub(crate) fn read(body: &[u8]) -> Option<Document<'_>> {
    read_to(body, usize::MAX)
}

/// The same, without looking into the values of the top: what they hold costs nothing.
pub(crate) fn read_top(body: &[u8]) -> Option<Document<'_>> {
    read_to(body, 1)
}

fn read_to(body: &[u8], depth: usize) -> Option<Document<'_>> {
    let has_duplicate_keys = Cell::new(false);
    let strict = Strict {
        has_duplicate_keys: &has_duplicate_keys,
        depth,
    };
    // Each text of a slice would be checked by itself.
    let mut reader = serde_json::Deserializer::from_str(std::str::from_utf8(body).ok()?);
    let root = strict.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(Document {
        root,
        has_duplicate_keys: has_duplicate_keys.get(),
    })
}

/// Builds a value and notes keys that stand twice.
#[derive(Clone, Copy)]
struct Strict<'c> {
    has_duplicate_keys: &'c Cell<bool>,
    /// How many lists and objects may still be looked into, one in the other.
    depth: usize,
}

impl<'c> Strict<'c> {
    fn deeper(self) -> Option<Self> {
        let depth = self.depth.checked_sub(1)?;
        Some(Self { depth, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node<'de>, E> {
        Ok(Number::from_f64(value).map_or(Node::Null, Node::Number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Node<'de>, A::Error> {
        let Some(deeper) = self.deeper() else {
            while entries.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Node::Skipped);
        };
        let mut list = Vec::new();
        while let Some(entry) = entries.next_element_seed(deeper)? {
            list.push(entry);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node<'de>, A::Error> {
        let Some(deeper) = self.deeper() else {
            while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Node::Skipped);
        };
        let mut fields = Vec::new();
        while let Some(Key(name)) = entries.next_key()? {
            fields.push((name, entries.next_value_seed(deeper)?));
        }
        if holds_a_key_twice(&fields) {
            self.has_duplicate_keys.set(true);
        }
        Ok(Node::Object(fields))
    }
}

fn holds_a_key_twice(fields: &[(Cow<'_, str>, Node<'_>)]) -> bool {
    /// More keys than this are not compared one with another.
    const FEW: usize = 32;
    let mut names = fields.iter().map(|(name, _)| name.as_ref());
    if fields.len() > FEW {
        let mut known = HashSet::new();
        return !names.all(|name| known.insert(name));
    }
    names
        .enumerate()
        .any(|(index, name)| fields[..index].iter().any(|(known, _)| known == name))
}

/// A key with its escapes resolved.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests;
