//! What is wrong with a value that a program gives: a setting of a builder, or a field of a call. The layers below the client
//! return it; [`Error`](crate::Error) holds it for everybody who calls the API.

use std::fmt;

/// A value that cannot be right. **Do:** correct what the text names.
///
/// ```
/// let problem = enkash::Person::new("Ms", "Asha", "asha@example.com", "9000", "F").unwrap_err();
/// assert_eq!(problem.field(), Some("mobile"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidInput {
    field: Option<&'static str>,
    problem: String,
}

impl InvalidInput {
    /// A setting of a builder; the text names it.
    pub(crate) fn setting(problem: impl Into<String>) -> Self {
        Self {
            field: None,
            problem: problem.into(),
        }
    }

    /// A field of a call.
    pub(crate) fn field_of_call(field: &'static str, problem: impl Into<String>) -> Self {
        Self {
            field: Some(field),
            problem: problem.into(),
        }
    }

    /// The field of the call, or `None` for a setting of a builder.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        self.field
    }
}

impl fmt::Display for InvalidInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = self.field {
            write!(f, "{field} ")?;
        }
        f.write_str(&self.problem)
    }
}

impl std::error::Error for InvalidInput {}
