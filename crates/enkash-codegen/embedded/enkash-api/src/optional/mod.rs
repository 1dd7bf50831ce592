//! What the setters of optional fields take: whatever those of required fields take, or an `Option` of it. The generated
//! builders of types call it.

use std::fmt::Display;

/// A value for an optional field, or an `Option` of one. `How` says which, and the compiler finds it.
pub trait IntoOptional<T, How> {
    /// The value of the field with this name.
    ///
    /// # Errors
    ///
    /// What was given does not fit the field.
    fn into_optional(self, field: &str) -> Result<Option<T>, String>;
}

/// How a value is given: as it is.
pub struct Plain;

/// How a value is given: in an `Option`.
pub struct Wrapped;

impl<T, V: TryInto<T, Error: Display>> IntoOptional<T, Plain> for V {
    fn into_optional(self, field: &str) -> Result<Option<T>, String> {
        let value = self.try_into();
        value
            .map(Some)
            .map_err(|error| format!("error converting supplied value for {field}: {error}"))
    }
}

impl<T, V: IntoOptional<T, Plain>> IntoOptional<T, Wrapped> for Option<V> {
    fn into_optional(self, field: &str) -> Result<Option<T>, String> {
        self.map_or(Ok(None), |value| value.into_optional(field))
    }
}

#[cfg(test)]
mod tests;
