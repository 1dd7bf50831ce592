//! The span of one attempt, with the names of its fields. Nothing of a body, a query, a header or a person is ever a field.
//! Names follow OpenTelemetry's conventions where it has one.

use std::time::Duration;

use enkash_api::OperationId;
use reqwest::Request;
use tracing::{Span, field::Empty};

use crate::transport::history::{Attempt, AttemptResult};

/// One attempt, from being handed over to the last byte of its response.
pub(crate) struct AttemptSpan {
    span: Span,
    has_ended: bool,
}

impl AttemptSpan {
    pub(crate) fn new(operation: OperationId, attempt: &Attempt, request: &Request) -> Self {
        let (name, url) = (operation.operation().name, request.url());
        let span = tracing::info_span!(
            target: "enkash",
            "enkash.attempt",
            otel.name = request.method().as_str(),
            otel.kind = "client",
            otel.status_code = Empty,
            enkash.operation = name,
            enkash.attempt = attempt.number,
            enkash.waited_ms = millis(attempt.waited),
            enkash.token.generation = attempt.token_generation,
            http.request.method = request.method().as_str(),
            http.request.resend_count = (attempt.number > 1).then(|| attempt.number - 1),
            http.response.status_code = Empty,
            server.address = url.host_str().unwrap_or_default(),
            server.port = url.port_or_known_default(),
            error.type = Empty,
        );
        Self { span, has_ended: false }
    }

    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    pub(crate) fn end(mut self, result: AttemptResult) {
        self.close(result);
    }

    fn close(&mut self, result: AttemptResult) {
        self.has_ended = true;
        let is_error = match result {
            AttemptResult::Answered(status) => {
                self.span.record("http.response.status_code", status.as_u16());
                status.is_client_error() || status.is_server_error()
            }
            _ => true,
        };
        if is_error {
            self.span.record("error.type", result.label());
            self.span.record("otel.status_code", "ERROR");
        }
    }
}

impl Drop for AttemptSpan {
    fn drop(&mut self) {
        if !self.has_ended {
            self.close(AttemptResult::Aborted);
        }
    }
}

/// Milliseconds for a field; fields have no wider type.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
