//! The `payload` of an envelope: the documented value on success, a text that repeats the message on
//! failure, and whatever else a server may send. Reading one never fails, so that a response to a call
//! which moved value is never lost to a decoding error.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, DeserializeOwned},
};
use serde_json::{Value, value::RawValue};

use crate::UndocumentedJson;

/// What stood in `payload`. Read it with `serde_json` and directly: it keeps the text until its shape is known, which neither
/// `#[serde(flatten)]` nor `untagged` hands on.
///
/// ```
/// use enkash_api::{Payload, types::Card};
///
/// let card: Payload<Card> = serde_json::from_str(r#"{"enKashCardId": "EKC04AZHXP"}"#).unwrap();
/// assert_eq!(card.value().unwrap().en_kash_card_id.as_deref(), Some("EKC04AZHXP"));
///
/// let failure: Payload<Card> = serde_json::from_str(r#""Insufficient balance""#).unwrap();
/// assert_eq!(failure.text(), Some("Insufficient balance"));
/// ```
#[derive(Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Payload<T> {
    /// The value that the spec documents.
    Value(T),
    /// A text: the API's failures carry one.
    Text(String),
    /// JSON of another shape, kept whole.
    Other(UndocumentedJson),
}

impl<T> Payload<T> {
    /// The documented value, if that is what came.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The documented value itself, if that is what came.
    #[must_use]
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The text, if that is what came.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<T> From<T> for Payload<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

/// The text is not shown: on some paths it may be a credential.
impl<T: fmt::Debug> fmt::Debug for Payload<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => f.debug_tuple("Value").field(value).finish(),
            Self::Text(text) => write!(f, "Text([redacted], {} characters)", text.chars().count()),
            Self::Other(json) => f.debug_tuple("Other").field(json).finish(),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Payload<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        if !json.get().starts_with('"')
            && let Ok(value) = serde_json::from_str(json.get())
        {
            return Ok(Self::Value(value));
        }
        // A text, another shape, or a key that stands twice: of two values under one key, the last counts.
        let value = serde_json::from_str(json.get()).map_err(de::Error::custom)?;
        if let Value::String(text) = value {
            return Ok(Self::Text(text));
        }
        Ok(match T::deserialize(&value) {
            Ok(decoded) => Self::Value(decoded),
            Err(_) => Self::Other(value.into()),
        })
    }
}

#[cfg(feature = "schemars")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Payload<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("PayloadOf{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let value = generator.subschema_for::<T>();
        schemars::json_schema!({"oneOf": [value, {"type": "string"}]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_fails_to_decode_and_nothing_is_lost() {
        for json in ["[1,2]", "\"text\"", "{\"a\":[true]}", "7", "[\"one\"]"] {
            let payload: Payload<Vec<i64>> = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&payload).unwrap(), json);
            let tree: Value = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::from_value::<Payload<Vec<i64>>>(tree).unwrap(), payload);
        }
    }

    #[test]
    fn of_two_values_under_one_key_the_last_counts() {
        let card = r#"{"enKashCardId": "1", "enKashCardId": "2"}"#;
        let card: Payload<crate::types::Card> = serde_json::from_str(card).unwrap();
        assert_eq!(card.value().unwrap().en_kash_card_id.as_deref(), Some("2"));
    }

    #[test]
    fn debug_shows_no_text() {
        let payload: Payload<Vec<i64>> = serde_json::from_str("\"opaque-token\"").unwrap();
        assert_eq!(format!("{payload:?}"), "Text([redacted], 12 characters)");
    }
}
