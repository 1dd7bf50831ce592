//! The answer to a call that moves no value: a typed value, the raw JSON it was read from, and how well
//! the description knows its form.

use std::{
    fmt,
    ops::Deref,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use enkash_api::{EvidenceLevel, OperationId};
use serde_json::Value;

use crate::{
    envelope::json::{self, Json},
    transport::history::{Attempt, History},
};

/// A typed answer with its raw JSON. Reads like the value: `answer.balance`.
#[derive(Clone)]
pub struct Answer<T> {
    operation: OperationId,
    value: T,
    raw: RawJson,
    history: History,
}

/// JSON as it came, built only when somebody looks at it.
#[derive(Clone)]
pub(crate) struct RawJson {
    body: Bytes,
    json: OnceLock<Json>,
}

impl RawJson {
    /// A body that was read as JSON already.
    pub(crate) fn of(body: Bytes) -> Self {
        Self {
            body,
            json: OnceLock::new(),
        }
    }

    fn json(&self) -> &Json {
        self.json.get_or_init(|| json::read(&self.body).unwrap_or_default())
    }
}

impl From<Json> for RawJson {
    fn from(json: Json) -> Self {
        Self {
            body: Bytes::new(),
            json: json.into(),
        }
    }
}

impl<T> Answer<T> {
    pub(crate) fn new(operation: OperationId, value: T, raw: impl Into<RawJson>, history: History) -> Self {
        Self {
            operation,
            value,
            raw: raw.into(),
            history,
        }
    }

    /// The value itself.
    pub fn into_value(self) -> T {
        self.value
    }

    /// The JSON as it came, with fields that the description does not know. It may hold people's data.
    #[must_use]
    pub fn raw(&self) -> &Value {
        &self.raw.json().value
    }

    /// Whether an object of the answer holds a key twice: such an answer proves nothing.
    pub(crate) fn has_duplicate_keys(&self) -> bool {
        self.raw.json().has_duplicate_keys
    }

    /// How the form of this answer is known. One that is not documented may be another in production.
    #[must_use]
    pub fn evidence(&self) -> EvidenceLevel {
        self.operation.operation().evidence.response
    }

    /// Each time the call was handed to the transport, in order: one, unless a read was repeated.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.history.attempts
    }

    /// The attempts, for an error or an unknown outcome that this answer turns into.
    pub(crate) fn history(&self) -> Arc<History> {
        Arc::new(self.history.clone())
    }
}

impl Answer<()> {
    /// An answer that is read from its raw JSON.
    pub(crate) fn read_raw<T>(self, f: impl FnOnce(&Value) -> T) -> Answer<T> {
        Answer::new(self.operation, f(&self.raw.json().value), self.raw, self.history)
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
