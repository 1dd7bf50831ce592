//! One value of a record, and how each form of output writes it. Lists are built of these.

use std::borrow::Cow;

use serde::{Serialize, Serializer, ser::Error};
use serde_json::value::RawValue;

/// One value of a record.
#[derive(Debug)]
pub(crate) enum Cell {
    Missing,
    Text(String),
    /// An amount, or a count that came as text: a text in JSON, so that no reader rounds it, and a number in CSV.
    Number(String),
    /// A number in JSON as well.
    Count(i64),
    Flag(bool),
    /// Several texts: a list in JSON, one text elsewhere.
    List(Vec<String>),
    /// Any JSON, or why it cannot be written.
    Json(serde_json::Result<Box<RawValue>>),
}

impl Cell {
    pub(crate) fn json(value: &impl Serialize) -> Self {
        Self::Json(serde_json::value::to_raw_value(value))
    }

    /// As people read it; `None` where there is nothing to read.
    pub(crate) fn shown(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Missing | Self::Json(Err(_)) => None,
            Self::Text(text) | Self::Number(text) => Some(text.as_str().into()),
            Self::Count(count) => Some(count.to_string().into()),
            Self::Flag(flag) => Some(if *flag { "yes" } else { "no" }.into()),
            Self::List(texts) => Some(texts.join(", ").into()),
            Self::Json(Ok(json)) => Some(json.get().into()),
        }
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Missing => serializer.serialize_none(),
            Self::Text(text) | Self::Number(text) => serializer.serialize_str(text),
            Self::Count(count) => serializer.serialize_i64(*count),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::List(texts) => texts.serialize(serializer),
            Self::Json(Ok(json)) => json.serialize(serializer),
            Self::Json(Err(error)) => Err(S::Error::custom(error)),
        }
    }
}
