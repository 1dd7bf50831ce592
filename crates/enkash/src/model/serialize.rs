//! How result types write what is not theirs to write as it is. A [`Secret`](enkash_api::Secret) displays as `[redacted]`, so
//! its text is all that is ever written.

use std::fmt::Display;

use serde::Serializer;

/// What `Display` says.
pub(crate) fn text<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// The same for what may be missing.
pub(crate) fn optional_text<S: Serializer>(value: &Option<impl Display>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => text(value, serializer),
        None => serializer.serialize_none(),
    }
}
