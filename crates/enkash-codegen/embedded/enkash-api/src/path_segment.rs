//! One segment of a URL's path. Codegen gives every string path parameter this type, so that a value
//! taken from somewhere else cannot lead a request to another path.

use std::{fmt, str::FromStr};

/// A value that stays inside its segment of the path: not empty, neither `.` nor `..`, and without a backslash.
///
/// Slashes and other characters that would end a segment are percent-encoded when the request is built. A
/// backslash is not, and URLs take it for a slash, so it is refused.
///
/// ```
/// use enkash_api::PathSegment;
///
/// assert!(PathSegment::try_from("WCC12345").is_ok());
/// assert!(PathSegment::try_from("..").is_err());
/// assert!(PathSegment::try_from(r"x\..\..\admin").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PathSegment(String);

/// The value would change the path that it stands in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} cannot stand in a path: a segment is not empty, neither \".\" nor \"..\", and has no backslash")]
pub struct PathSegmentError {
    value: String,
}

impl PathSegment {
    /// The value, not encoded.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PathSegment {
    type Error = PathSegmentError;

    fn try_from(value: String) -> Result<Self, PathSegmentError> {
        match value.as_str() {
            "" | "." | ".." => Err(PathSegmentError { value }),
            _ if value.contains('\\') => Err(PathSegmentError { value }),
            _ => Ok(Self(value)),
        }
    }
}

impl TryFrom<&str> for PathSegment {
    type Error = PathSegmentError;

    fn try_from(value: &str) -> Result<Self, PathSegmentError> {
        value.to_owned().try_into()
    }
}

impl FromStr for PathSegment {
    type Err = PathSegmentError;

    fn from_str(value: &str) -> Result<Self, PathSegmentError> {
        value.try_into()
    }
}

impl fmt::Display for PathSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
