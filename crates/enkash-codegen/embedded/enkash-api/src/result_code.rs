//! The API's result code, which arrives as a number on most pages and as a string on some.
//! Both envelopes carry it: as `code` and as `response_code`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

/// A result code as it arrived. `0` and `"0"` mean success; the guides say `1` for a failure.
///
/// ```
/// use enkash_api::ResultCode;
///
/// let number: ResultCode = serde_json::from_str("0").unwrap();
/// let text: ResultCode = serde_json::from_str("\"0\"").unwrap();
/// assert!(number.is_success() && text.is_success());
/// assert_eq!(serde_json::to_string(&text).unwrap(), "\"0\"");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ResultCode(Wire);

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
enum Wire {
    Number(i64),
    Text(String),
}

impl ResultCode {
    /// Whether this is the code that the documentation states for success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.as_i64() == Some(0)
    }

    /// The number, also when it came as a string; `None` for a word.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Wire::Number(number) => Some(*number),
            Wire::Text(text) => text.trim().parse().ok(),
        }
    }
}

impl From<i64> for ResultCode {
    fn from(number: i64) -> Self {
        Self(Wire::Number(number))
    }
}

impl From<&str> for ResultCode {
    fn from(text: &str) -> Self {
        Self(Wire::Text(text.to_owned()))
    }
}

impl fmt::Display for ResultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Wire::Number(number) => number.fmt(f),
            Wire::Text(text) => text.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for ResultCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = ResultCode;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a result code, as a number or a string")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<ResultCode, E> {
                Ok(number.into())
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<ResultCode, E> {
                i64::try_from(number).map(Into::into).map_err(E::custom)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ResultCode, E> {
                Ok(text.into())
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for ResultCode {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ResultCode".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"oneOf": [{"type": "integer", "format": "int64"}, {"type": "string"}]})
    }
}
