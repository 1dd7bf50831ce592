//! The one function that calls serde_yaml.
//!
//! serde_yaml is archived upstream, so nothing else in the repository may know it: the day it has to go, this file
//! changes and no other. [`super::document`] calls it after [`super::positions`] has looked at the text.

use serde_json::{Map, Value};

/// Why a text could not be read.
#[derive(Debug)]
pub(crate) struct YamlError {
    /// The line, where the parser knows it.
    pub(crate) line: Option<usize>,
    /// What the parser says.
    pub(crate) message: String,
}

/// Reads YAML as JSON: merge keys (`<<`) are applied, and what JSON cannot hold is an error.
pub(crate) fn to_json(text: &str) -> Result<Value, YamlError> {
    let mut yaml: serde_yaml::Value = serde_yaml::from_str(text).map_err(from_parser)?;
    yaml.apply_merge().map_err(from_parser)?;
    convert(yaml).map_err(|message| YamlError { line: None, message })
}

fn from_parser(error: serde_yaml::Error) -> YamlError {
    YamlError {
        line: error.location().map(|location| location.line()),
        message: error.to_string(),
    }
}

fn convert(yaml: serde_yaml::Value) -> Result<Value, String> {
    Ok(match yaml {
        serde_yaml::Value::Null => Value::Null,
        serde_yaml::Value::Bool(value) => Value::Bool(value),
        serde_yaml::Value::String(value) => Value::String(value),
        serde_yaml::Value::Number(value) => number(&value)?,
        serde_yaml::Value::Sequence(values) => Value::Array(values.into_iter().map(convert).collect::<Result<_, _>>()?),
        serde_yaml::Value::Mapping(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                let serde_yaml::Value::String(key) = key else {
                    return Err("a key is not a text: write it in quotes".to_owned());
                };
                object.insert(key, convert(value)?);
            }
            Value::Object(object)
        }
        serde_yaml::Value::Tagged(tagged) => {
            return Err(format!("the tag {} has no meaning here: remove it", tagged.tag));
        }
    })
}

fn number(value: &serde_yaml::Number) -> Result<Value, String> {
    if let Some(value) = value.as_u64() {
        return Ok(value.into());
    }
    if let Some(value) = value.as_i64() {
        return Ok(value.into());
    }
    value
        .as_f64()
        .and_then(serde_json::Number::from_f64)
        .map(Value::Number)
        .ok_or_else(|| format!("{value} is not a number that JSON can hold"))
}
