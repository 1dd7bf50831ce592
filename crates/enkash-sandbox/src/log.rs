//! The request log: which calls came and how they ended, for assertions, for `GET /_sandbox/log` and for the console. It
//! keeps the last calls and counts them all. It holds no body, no header and no path with values in it, so no secret and
//! no person.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::time::Duration;

use http::Method;
use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::operation::Operation;

/// A call as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LogEntry {
    /// Number of the call, from 1.
    pub number: u64,
    /// The operation; `None` where no operation has this path and method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// The method; `OTHER` for one that HTTP does not define.
    pub method: &'static str,
    /// The path, as the template of its operation. Of a path that no operation has, only the leading segments that the
    /// document knows, and `…` for the rest: a value in it would be somebody's.
    pub path: Cow<'static, str>,
    /// The status that was given; `None` where the connection ended without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Whether the operation was carried out: it was not where the call was refused, or a fault came before it.
    pub carried_out: bool,
    /// The caller's reference, where the response echoes one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The faults that were played.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<&'static str>,
    /// When it came, on the sandbox's clock.
    #[serde(serialize_with = "iso")]
    pub at: Timestamp,
    /// How long its response took in real time, with the delays of faults. Milliseconds in JSON.
    #[serde(rename = "milliseconds", serialize_with = "milliseconds")]
    pub took: Duration,
}

fn milliseconds<S: Serializer>(took: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    // Microseconds are enough, and keep the number short.
    serializer.serialize_f64((took.as_secs_f64() * 1e6).round() / 1e3)
}

/// The word for a method, without an allocation.
pub(crate) fn method_word(method: &Method) -> &'static str {
    const KNOWN: [(Method, &str); 9] = [
        (Method::GET, "GET"),
        (Method::POST, "POST"),
        (Method::PATCH, "PATCH"),
        (Method::PUT, "PUT"),
        (Method::DELETE, "DELETE"),
        (Method::HEAD, "HEAD"),
        (Method::OPTIONS, "OPTIONS"),
        (Method::CONNECT, "CONNECT"),
        (Method::TRACE, "TRACE"),
    ];
    KNOWN
        .iter()
        .find(|(known, _)| known == method)
        .map_or("OTHER", |(_, word)| word)
}

fn iso<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{at:.3}"))
}

/// The last calls, and how many there were of each operation.
#[derive(Debug)]
pub(crate) struct Log {
    entries: VecDeque<LogEntry>,
    max: usize,
    last: u64,
    calls: [u64; Operation::COUNT],
}

impl Log {
    pub(crate) fn new(max: usize) -> Self {
        Log {
            entries: VecDeque::new(),
            max,
            last: 0,
            calls: [0; Operation::COUNT],
        }
    }

    /// Forgets all calls, and begins to count anew.
    pub(crate) fn clear(&mut self) {
        *self = Log::new(self.max);
    }

    /// Counts a call of an operation, when it comes in.
    pub(crate) fn count(&mut self, operation: Operation) {
        if let Some(calls) = self.calls.get_mut(operation.index()) {
            *calls += 1;
        }
    }

    /// Adds a call, when it ends. Its number is given here, and given back.
    pub(crate) fn add(&mut self, mut entry: LogEntry) -> u64 {
        self.last += 1;
        entry.number = self.last;
        if self.entries.len() >= self.max {
            self.entries.pop_front();
        }
        if self.max > 0 {
            self.entries.push_back(entry);
        }
        self.last
    }

    pub(crate) fn calls(&self, operation: Operation) -> u64 {
        self.calls.get(operation.index()).copied().unwrap_or_default()
    }

    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = &LogEntry> + ExactSizeIterator {
        self.entries.iter()
    }
}
