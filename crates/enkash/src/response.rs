//! The response of a call that succeeded: a typed value, the raw JSON it was read from, how HTTP carried it, and how well the
//! spec knows its form. Every wrapper returns one.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use enkash_api::{EvidenceLevel, OperationId};
use http::StatusCode;
use serde_json::Value;

use crate::{
    envelope::{json, list::List},
    transport::{
        call_state::RawResponse,
        history::{Attempt, History},
    },
};

/// The headers that may be shown: they name a request or say how it was served, and hold neither a secret nor anything of a
/// person.
const SHOWN_HEADERS: [&str; 12] = [
    "age",
    "cf-ray",
    "content-length",
    "content-type",
    "date",
    "retry-after",
    "server",
    "traceparent",
    "via",
    "x-amzn-requestid",
    "x-correlation-id",
    "x-request-id",
];

/// A typed value with the response that it was read from.
///
/// ```
/// # async fn example(rewards: enkash::rewards::Rewards) -> Result<(), enkash::Error> {
/// let account = rewards.account().await?;
/// println!("{:?} left, by HTTP {}", account.value().available_balance, account.status());
/// println!("{}", account.raw()["payload"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Response<T> {
    operation: OperationId,
    value: T,
    raw: RawResponse,
    json: OnceLock<Value>,
    history: History,
}

impl<T> Response<T> {
    pub(crate) fn new(operation: OperationId, value: T, raw: RawResponse, history: History) -> Self {
        Self {
            operation,
            value,
            raw,
            json: OnceLock::new(),
            history,
        }
    }

    /// The same without its value and its body.
    pub(crate) fn head(&self) -> Response<()> {
        let raw = RawResponse {
            body: Bytes::new(),
            ..self.raw.clone()
        };
        Response::new(self.operation, (), raw, self.history.clone())
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The value itself.
    pub fn into_value(self) -> T {
        self.value
    }

    /// The same response with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Response<U> {
        Response {
            operation: self.operation,
            value: f(self.value),
            raw: self.raw,
            json: self.json,
            history: self.history,
        }
    }

    /// The JSON as it came, with fields that the spec does not know. It may hold people's data. `null` where a field that the value
    /// leaves out holds what a [`Value`] cannot: `1e999`, half a surrogate pair, or more than 128 levels.
    #[must_use]
    pub fn raw(&self) -> &Value {
        let read = || serde_json::from_slice(&self.raw.body).unwrap_or_default();
        self.json.get_or_init(read)
    }

    /// How many rows there are in all, where the response is a list and says so (page: `recordsCount`). More than the rows that
    /// it shows: the list is cut.
    #[must_use]
    pub fn total_count(&self) -> Option<u64> {
        List::from_response(self.raw())?.total_count
    }

    /// Whether an object of the response holds a key twice: such a response proves nothing.
    pub(crate) fn has_duplicate_keys(&self) -> bool {
        json::read(&self.raw.body).is_none_or(|document| document.has_duplicate_keys)
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.raw.status
    }

    /// The headers that may be shown, such as the time and the id that the server gave the request. All others are left out: a
    /// header may hold a secret.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        SHOWN_HEADERS.iter().flat_map(|name| {
            let values = self.raw.headers.get_all(*name).into_iter();
            values.filter_map(|value| Some((*name, value.to_str().ok()?)))
        })
    }

    /// How the form of this response is known. One that is not documented may be another in production.
    #[must_use]
    pub fn evidence(&self) -> EvidenceLevel {
        self.operation.operation().evidence.response
    }

    /// Each time the call was handed to the transport, in order: one, unless a read was repeated.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.history.attempts
    }

    /// The attempts, for an error or an unknown outcome that this response turns into.
    pub(crate) fn history(&self) -> Arc<History> {
        Arc::new(self.history.clone())
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("operation", &self.operation)
            .field("value", &self.value)
            .field("status", &self.raw.status)
            .finish_non_exhaustive()
    }
}
