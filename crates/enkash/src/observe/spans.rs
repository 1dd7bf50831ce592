//! The spans of a call and of each attempt, with the names of their fields. Nothing of a body, a query, a
//! header or a person is ever a field. Names follow OpenTelemetry's conventions where it has one.

use enkash_api::OperationId;
use reqwest::Request;
use tracing::{Span, field::Empty};

use super::{CallResult, metrics::millis};
use crate::{Attempt, AttemptResult, Error};

/// One call, from its start to its end.
pub(crate) struct CallSpan(Span);

impl CallSpan {
    pub(super) fn new(operation: OperationId) -> Self {
        let name = operation.operation().name;
        Self(tracing::info_span!(
            target: "enkash",
            "enkash.call",
            otel.name = name,
            otel.kind = "internal",
            otel.status_code = Empty,
            enkash.operation = name,
            enkash.outcome = Empty,
            enkash.attempts = Empty,
            enkash.sent = Empty,
            error.type = Empty,
        ))
    }

    pub(super) fn span(&self) -> Span {
        self.0.clone()
    }

    /// Whether somebody listens.
    pub(super) fn is_on(&self) -> bool {
        !self.0.is_none()
    }

    pub(super) fn end(&self, result: CallResult, attempts: usize, is_sent: bool, error: Option<&Error>) {
        self.0.record("enkash.outcome", result.as_str());
        self.0.record("enkash.attempts", attempts);
        self.0.record("enkash.sent", is_sent);
        if let Some(error) = error {
            self.0.record("error.type", error.word());
        }
        if !matches!(result, CallResult::Ok | CallResult::Done | CallResult::Pending) {
            self.0.record("otel.status_code", "ERROR");
        }
    }
}

/// One attempt, from being handed over to the last byte of its answer.
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
            self.span.record("error.type", result.word());
            self.span.record("otel.status_code", "ERROR");
        }
    }
}

impl Drop for AttemptSpan {
    fn drop(&mut self) {
        if !self.has_ended {
            self.close(AttemptResult::CutOff);
        }
    }
}
