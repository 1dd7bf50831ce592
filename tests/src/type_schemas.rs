//! The JSON Schema of every generated type, by name, as the feature `schemars` derives it. The list is
//! written by the build script from the generated sources.

use enkash_api::types;
use serde_json::Value;

/// A generated type.
pub struct TypeSchema {
    /// Its name.
    pub name: &'static str,
    /// Makes its schema.
    pub schema: fn() -> Value,
}

macro_rules! types {
    ($($module:ident::$name:ident,)*) => {
        /// Every generated type.
        pub const TYPES: &[TypeSchema] = &[$(TypeSchema {
            name: stringify!($name),
            schema: schema_of::<$module::$name>,
        }),*];
    };
}

include!(concat!(env!("OUT_DIR"), "/types.rs"));

/// The schema of one type, as JSON.
///
/// # Panics
///
/// Never: a schema is JSON.
#[must_use]
pub fn schema_of<T: schemars::JsonSchema>() -> Value {
    schemars::schema_for!(T).to_value()
}
