//! JSON that no page describes. A response that nobody saw is an [`UndocumentedJson`]: everything that arrived is
//! there, nothing is invented, and nothing of it is printed by accident.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Any JSON value. `Debug` shows its kind and size only, because it may hold a person's data.
///
/// ```
/// use enkash_api::UndocumentedJson;
///
/// let answer: UndocumentedJson = serde_json::from_str(r#"{"payload": "opaque"}"#).unwrap();
/// assert_eq!(answer.as_value()["payload"], "opaque");
/// assert_eq!(format!("{answer:?}"), "UndocumentedJson(object of 1)");
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UndocumentedJson(Value);

impl UndocumentedJson {
    /// The value.
    #[must_use]
    pub fn as_value(&self) -> &Value {
        &self.0
    }

    /// The value itself.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.0
    }
}

impl From<Value> for UndocumentedJson {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

impl fmt::Debug for UndocumentedJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::Null => f.write_str("UndocumentedJson(null)"),
            Value::Bool(_) => f.write_str("UndocumentedJson(boolean)"),
            Value::Number(_) => f.write_str("UndocumentedJson(number)"),
            Value::String(_) => f.write_str("UndocumentedJson(string)"),
            Value::Array(items) => write!(f, "UndocumentedJson(array of {})", items.len()),
            Value::Object(fields) => write!(f, "UndocumentedJson(object of {})", fields.len()),
        }
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for UndocumentedJson {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "UndocumentedJson".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::Schema::default()
    }
}
