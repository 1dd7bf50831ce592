//! Takes secrets, people's data and everything unknown out of an exchange. It works by what may stay: a value is kept only where
//! the document says what it is and that it is harmless. Only what it returns can be written.

mod body;
mod headers;
mod place;
mod placeholder;
mod rules;
#[cfg(test)]
mod tests;
mod value;
mod words;

use crate::document::Document;
use crate::error::RecordingError;
use crate::exchange::{Exchange, Message};
use crate::limits::MAX_HEADERS;
use placeholder::Placeholders;
pub use rules::{Manifest, Rule};
pub use words::is_field_name;

/// Redacts exchanges, all with the same placeholders.
///
/// ```
/// use enkash_recording::{Document, Recording, Redactor};
///
/// let pairs = br#"{"request": {"method": "POST", "url": "/api/v0/partner/enKashCard/search",
///     "body": {"companyId": "CEK1PU9AOO", "nickname": "Asha"}}, "response": {"status": 200, "body": {"code": 0}}}"#;
/// let recording = Recording::from_slice(pairs)?;
/// let redactor = Redactor::new(Document::bundled()?)?;
/// let redacted = redactor.redact(&recording.exchanges[0]);
/// let body = redacted.exchange().request.body.bytes().unwrap_or_default();
/// let body = String::from_utf8_lossy(body);
/// assert!(body.contains("nickname") && !body.contains("Asha") && !body.contains("CEK1PU9AOO"));
/// # Ok::<(), enkash_recording::RecordingError>(())
/// ```
pub struct Redactor {
    document: Document,
    placeholders: Placeholders,
}

/// An exchange without secrets and people's data.
#[derive(Clone, Debug)]
pub struct RedactedExchange {
    exchange: Exchange,
    manifest: Manifest,
}

impl RedactedExchange {
    /// What is left.
    #[must_use]
    pub fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// What was done.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }
}

impl Redactor {
    /// Goes by this document. Placeholders are the same for the life of the redactor and differ from those of any other.
    ///
    /// # Errors
    ///
    /// The system gives no random bytes.
    pub fn new(document: Document) -> Result<Redactor, RecordingError> {
        Ok(Redactor {
            document,
            placeholders: Placeholders::new()?,
        })
    }

    /// The document that it goes by.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Redacts one exchange.
    #[must_use]
    pub fn redact(&self, exchange: &Exchange) -> RedactedExchange {
        let mut manifest = Manifest::default();
        let operation = self.document.find(&exchange.method, &exchange.path).known();
        let mut work = Work {
            redactor: self,
            operation,
            manifest: &mut manifest,
        };
        let request_schema = self.document.request_schema(operation);
        let response_schema = self.document.response_schema(operation, exchange.status);
        let redacted = Exchange {
            started_at: exchange.started_at,
            elapsed: exchange.elapsed,
            origin: work.origin(exchange.origin.as_deref()),
            method: work.method(&exchange.method),
            path: work.path(exchange),
            query: work.query(&exchange.query),
            request: Message {
                headers: work.headers(&exchange.request.headers),
                body: work.body(&exchange.request, request_schema),
            },
            status: exchange.status,
            response: Message {
                headers: work.headers(&exchange.response.headers),
                body: work.body(&exchange.response, response_schema),
            },
            operation: operation.map(|operation| operation.id().to_owned()),
        };
        RedactedExchange {
            exchange: redacted,
            manifest,
        }
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Redactor")
            .field("document", &self.document)
            .finish_non_exhaustive()
    }
}

/// The redaction of one exchange.
struct Work<'a> {
    redactor: &'a Redactor,
    operation: Option<&'a crate::document::DocumentedOperation>,
    manifest: &'a mut Manifest,
}

impl Work<'_> {
    fn count(&mut self, rule: Rule) {
        self.manifest.add(rule);
    }

    fn headers(&mut self, headers: &[(String, String)]) -> Vec<(String, String)> {
        headers
            .iter()
            .take(MAX_HEADERS)
            .map(|(name, value)| self.header(name, value))
            .collect()
    }
}
