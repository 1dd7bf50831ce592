//! One request and its response, as read from a recording or handed over by a proxy. Whoever reads, redacts or learns from
//! calls takes these; nothing of their values is printed by `Debug`.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

/// A request and its response.
#[derive(Clone, PartialEq)]
pub struct Exchange {
    /// When the request was made.
    pub started_at: Timestamp,
    /// How long it took until the response was whole.
    pub elapsed: Duration,
    /// The scheme and host that it went to, such as `https://pay-en-uat.enkash.in`.
    pub origin: Option<String>,
    /// The method, in upper case.
    pub method: String,
    /// The path, percent-encoded as it was sent, without the query.
    pub path: String,
    /// The query, decoded, in its order.
    pub query: Vec<(String, String)>,
    /// Headers and body of the request.
    pub request: Message,
    /// The status of the response; 0 where none came.
    pub status: u16,
    /// Headers and body of the response.
    pub response: Message,
    /// The operationId, where the recording names one.
    pub operation: Option<String>,
}

/// Headers and body of a request or a response.
#[derive(Clone, Default, PartialEq)]
pub struct Message {
    /// The headers in their order, each name in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

/// What is known of a body.
#[derive(Clone, Default, PartialEq)]
pub enum Body {
    /// There was none.
    #[default]
    None,
    /// All of it.
    Bytes(Vec<u8>),
    /// There was one that is not kept.
    Omitted {
        /// Its size in bytes.
        size: u64,
        /// Why it is not kept.
        reason: String,
    },
}

impl Message {
    /// The first header of this name, in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The media type of the body in lower case, without parameters.
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(value.split(';').next()?.trim().to_ascii_lowercase())
    }
}

impl Body {
    /// The bytes, where they are known.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Body::Bytes(bytes) => Some(bytes),
            Body::None | Body::Omitted { .. } => None,
        }
    }

    /// The size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        match self {
            Body::None => 0,
            Body::Bytes(bytes) => bytes.len() as u64,
            Body::Omitted { size, .. } => *size,
        }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Exchange")
            .field("started_at", &self.started_at)
            .field("method", &self.method)
            .field("operation", &self.operation)
            .field("status", &self.status)
            .field("request", &self.request)
            .field("response", &self.response)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Message")
            .field("headers", &self.headers.len())
            .field("body", &self.body)
            .finish()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Body::None => formatter.write_str("None"),
            Body::Bytes(_) => write!(formatter, "Bytes({})", self.size()),
            Body::Omitted { size, .. } => write!(formatter, "Omitted({size})"),
        }
    }
}
