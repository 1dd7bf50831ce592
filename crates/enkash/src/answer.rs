//! The answer to a call that moves no value: a typed value, the raw JSON it was read from, and how well
//! the description knows its form.

use std::{fmt, ops::Deref};

use enkash_api::{EvidenceLevel, OperationId};
use serde_json::Value;

/// A typed answer with its raw JSON. Reads like the value: `answer.balance`.
#[derive(Clone)]
pub struct Answer<T> {
    operation: OperationId,
    value: T,
    raw: Value,
}

impl<T> Answer<T> {
    pub(crate) fn new(operation: OperationId, value: T, raw: Value) -> Self {
        Self { operation, value, raw }
    }

    /// The value itself.
    pub fn into_value(self) -> T {
        self.value
    }

    /// The JSON as it came, with fields that the description does not know. It may hold people's data.
    #[must_use]
    pub fn raw(&self) -> &Value {
        &self.raw
    }

    /// How the form of this answer is known. One that is not documented may be another in production.
    #[must_use]
    pub fn evidence(&self) -> EvidenceLevel {
        self.operation.operation().evidence.response
    }

    pub(crate) fn try_map<U>(self, f: impl FnOnce(T) -> Option<U>) -> Result<Answer<U>, crate::Error> {
        let unreadable = || crate::Error::unreadable(self.operation, http::StatusCode::OK);
        Ok(Answer {
            operation: self.operation,
            value: f(self.value).ok_or_else(unreadable)?,
            raw: self.raw,
        })
    }
}

impl<T> Deref for Answer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("operation", &self.operation)
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}
