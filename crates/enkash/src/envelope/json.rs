//! The one reading of JSON that a rule about money rests on. It keeps what `serde_json` keeps, and says whether a key stood
//! twice: who reads such a body differently reads another answer. Outcomes, settlement, envelopes and raw answers use it.

use std::{cell::Cell, fmt};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A whole body as JSON.
#[derive(Clone, Debug, Default)]
pub(crate) struct Json {
    /// Of two values under one key, the last.
    pub(crate) value: Value,
    /// Whether an object, at any depth, holds a key twice.
    pub(crate) has_duplicate_keys: bool,
}

/// Reads one JSON value with nothing but white space around it; `None` for anything else.
pub(crate) fn read(body: &[u8]) -> Option<Json> {
    let has_duplicate_keys = Cell::new(false);
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = Strict(&has_duplicate_keys).deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(Json {
        value,
        has_duplicate_keys: has_duplicate_keys.get(),
    })
}

/// Builds a value and notes keys that stand twice.
#[derive(Clone, Copy)]
struct Strict<'a>(&'a Cell<bool>);

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = entries.next_element_seed(self)? {
            list.push(entry);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key_seed(Key)? {
            let value = entries.next_value_seed(self)?;
            if map.insert(key, value).is_some() {
                self.0.set(true);
            }
        }
        Ok(Value::Object(map))
    }
}

/// A key with its escapes resolved.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        String::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_what_serde_json_reads() {
        for body in [
            r#"{"code":0,"payload":{"a":[1,-2,3.5,true,null,"x\u00e9"],"b":{}}}"#,
            "[]",
            " 7 ",
            "\"text\"",
            "1e300",
            "18446744073709551615",
        ] {
            let json = read(body.as_bytes()).unwrap();
            assert_eq!(json.value, serde_json::from_str::<Value>(body).unwrap(), "{body}");
            assert!(!json.has_duplicate_keys, "{body}");
        }
        for body in [
            "",
            "{",
            "{} {}",
            "{}x",
            "\u{feff}{}",
            "{\"a\":1,}",
            "nan",
            "1e999",
            "{}\0",
        ] {
            assert!(read(body.as_bytes()).is_none(), "{body}");
        }
        assert!(read("[".repeat(1_000_000).as_bytes()).is_none());
    }

    #[test]
    fn a_key_that_stands_twice_is_noted_at_any_depth_and_however_it_is_spelled() {
        for body in [
            r#"{"code":0,"code":1}"#,
            r#"{"code":0,"code":0}"#,
            r#"{"code":0,"\u0063ode":1}"#,
            r#"[[{"a":{"b":1,"b":2}}]]"#,
        ] {
            assert!(read(body.as_bytes()).unwrap().has_duplicate_keys, "{body}");
        }
        assert_eq!(read(br#"{"code":0,"code":1}"#).unwrap().value["code"], 1);
    }
}
