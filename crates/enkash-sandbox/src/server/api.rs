//! The routes of the Reward APIs. A call goes through here from the request's head to the response's last byte: faults before
//! the effect, the checks against the document, the operation under the lock, faults after it, the log.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request};
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, StatusCode, Uri};
use jiff::Timestamp;

use super::request_check::{self, Credential, RawRequest};
use super::response::{EncodedResponse, Encoder, plain_error, with_other_reference};
use super::wire::{ConnectionAction, NotifyIfUnread};
use super::{Shared, request_body, response_faults};
use crate::allocations::{AllocationRow, Delivery, TransactionSearch};
use crate::document::OperationSpec;
use crate::faults::{Fault, When};
use crate::log::{LogEntry, method_word};
use crate::operation::Operation;
use crate::operations::{Call, OperationResult, Refusal};
use crate::state::SandboxState;
use crate::store::logins::Caller;
use crate::switches::Switches;

const FORM: &str = "application/x-www-form-urlencoded";

/// The most violations that are kept.
#[cfg(feature = "self-check")]
const MAX_VIOLATIONS: usize = 100;

/// A call as it came in.
struct Incoming {
    shared: Arc<Shared>,
    spec: &'static OperationSpec,
    received_at: Instant,
    faults: Vec<Fault>,
    /// Of the state, when it came in.
    epoch: u64,
    parts: Parts,
    path: Result<HashMap<String, String>, Refusal>,
    body: Result<Bytes, Refusal>,
}

/// How a call ended, for the log.
#[derive(Default)]
struct CallEnd {
    carried_out: bool,
    reference: Option<String>,
    rows: Vec<AllocationRow>,
    search: Option<TransactionSearch>,
}

/// Answers a call of an operation.
pub(super) async fn handle(
    shared: Arc<Shared>,
    spec: &'static OperationSpec,
    parameters: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
) -> Response {
    let received_at = Instant::now();
    let (faults, epoch) = {
        let mut state = shared.state();
        (state.receive(spec.operation), state.epoch())
    };
    let path = match parameters {
        Ok(parameters) => Ok(parameters
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()),
        Err(_) => Err(Refusal::status(StatusCode::BAD_REQUEST, "The path is not UTF-8")),
    };
    let (parts, body) = request.into_parts();
    let body = request_body::read(body, shared.settings.body_limit)
        .await
        .map_err(|unread| Refusal::status(unread.status(), unread.to_string()));
    let delayed = faults.iter().any(|fault| matches!(fault, Fault::Delay(..)));
    let mut handle_gone = shared.ending.clone();
    let call = Incoming {
        shared,
        spec,
        received_at,
        faults,
        epoch,
        parts,
        path,
        body,
    };
    if !delayed {
        return call.run_with_faults().await;
    }
    // A server does not notice that the client gave up waiting: what was asked for takes effect all the same.
    let task = tokio::spawn(async move {
        tokio::select! {
            response = call.run_with_faults() => response,
            () = async { while handle_gone.changed().await.is_ok() {} } => Response::default(),
        }
    });
    task.await.unwrap_or_default()
}

/// Answers a request that no operation takes.
pub(super) async fn unknown(shared: Arc<Shared>, method: Method, uri: Uri, refusal: Refusal) -> Response {
    let received_at = Instant::now();
    let (status, message) = match refusal {
        Refusal::Status { status, message, .. } => (status, message),
        Refusal::Failure(message) => (StatusCode::OK, message),
    };
    let at = shared.clock.now();
    shared.state().log.add(LogEntry {
        number: 0,
        operation: None,
        method: method_word(&method),
        path: shared.document.redacted_path(uri.path()).into(),
        status: Some(status.as_u16()),
        carried_out: false,
        reference: None,
        faults: Vec::new(),
        at,
        took: received_at.elapsed(),
    });
    plain_error(status, &message).into_response()
}

impl Incoming {
    /// Carries the call out and plays its faults.
    async fn run_with_faults(&self) -> Response {
        self.hold_back(When::Before).await;
        if let Some(fault) = self.faults.iter().find(|fault| fault.prevents_effect()) {
            let response = response_faults::prevented_response(&self.shared, fault, &self.parts.uri);
            let body = self.body.as_deref().unwrap_or_default();
            let end = CallEnd {
                rows: AllocationRow::of_request(self.spec.operation, body, false),
                ..CallEnd::default()
            };
            self.log_call(&response, end);
            return response;
        }
        let (encoded, end) = self.execute();
        let response = response_faults::apply_response_faults(&self.shared, encoded, &self.faults, &self.parts.uri);
        // Kept before the response is held back: the client may be gone when the delay is over.
        let rows = self.log_call(&response, end);
        self.hold_back(When::After).await;
        self.release(response, rows)
    }

    /// Lets a response go. Its allocations are unknown to their caller, should nobody take it.
    fn release(&self, response: Response, rows: Range<u64>) -> Response {
        if rows.is_empty() {
            return response;
        }
        if !self.delay(When::After).is_zero() {
            let now = self.shared.clock.now();
            let mut state = self.shared.state();
            rows.clone().for_each(|row| state.allocations.release(row, now));
        }
        let shared = self.shared.clone();
        let lose = move || {
            let now = shared.clock.now();
            let mut state = shared.state();
            rows.for_each(|row| state.allocations.lose(row, now));
        };
        response.map(|body| Body::new(NotifyIfUnread::new(body, lose)))
    }

    /// How long the faults hold the call back, on this side of its effect.
    fn delay(&self, side: When) -> Duration {
        let delays = self.faults.iter().map(|fault| match fault {
            Fault::Delay(time, when) if *when == side => *time,
            _ => Duration::ZERO,
        });
        delays.fold(Duration::ZERO, Duration::saturating_add)
    }

    async fn hold_back(&self, side: When) {
        let delay = self.delay(side);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
    }

    /// Keeps a call and its allocations, and gives the numbers of those.
    fn log_call(&self, response: &Response, end: CallEnd) -> Range<u64> {
        let at = self.shared.clock.now();
        let is_reset = response.extensions().get::<ConnectionAction>() == Some(&ConnectionAction::Reset);
        let delivery = if is_reset {
            Delivery::Lost
        } else if self.faults.iter().all(Fault::leaves_response_right) {
            Delivery::Whole
        } else {
            Delivery::Spoilt
        };
        let mut state = self.shared.state();
        let call = state.log.add(LogEntry {
            number: 0,
            operation: Some(self.spec.operation),
            method: method_word(&self.spec.method),
            path: self.spec.path.as_str().into(),
            status: (!is_reset).then(|| response.status().as_u16()),
            carried_out: end.carried_out,
            reference: end.reference,
            faults: self.faults.iter().map(|fault| fault.name()).collect(),
            at,
            // The response is held back after this.
            took: self.received_at.elapsed().saturating_add(self.delay(When::After)),
        });
        if let Some(search) = end.search.filter(|_| delivery == Delivery::Whole) {
            state.allocations.look_up(call, at, &search);
        }
        let held = !self.delay(When::After).is_zero();
        let first = state.allocations.end();
        for row in end.rows {
            state.allocations.add(call, at, row, delivery, held);
        }
        first..state.allocations.end()
    }

    /// Checks the call, carries it out under the lock, and writes its response.
    fn execute(&self) -> (EncodedResponse, CallEnd) {
        let (shared, spec) = (&*self.shared, self.spec);
        let (path, body) = match (&self.path, &self.body) {
            (Ok(path), Ok(body)) => (path, body),
            (Err(refusal), _) | (_, Err(refusal)) => {
                let encoded = self.encode(&mut shared.state(), &Err(refusal.clone()), None);
                let end = CallEnd {
                    rows: AllocationRow::of_request(spec.operation, &[], true),
                    ..CallEnd::default()
                };
                return (encoded, end);
            }
        };
        let raw = RawRequest::new(&self.parts, path, body);
        let now = shared.clock.now();
        let credential = request_check::credential(spec, raw.headers);
        // The token is looked at before the body, as a real server does.
        let (switches, caller) = self.caller(&credential, now);
        let known = caller.as_ref().ok().and_then(Option::as_ref);
        let secret = known.map(|caller| caller.company.client_secret.as_str());
        let checked = credential.and_then(|credential| {
            let caller = caller.as_ref().map_err(Clone::clone)?;
            request_check::parameters(spec, &raw)?;
            let body = request_check::body(spec, &raw, switches.encryption, secret.unwrap_or_default())?;
            Ok((credential, caller.as_ref(), body))
        });
        let mut state = shared.state();
        let first_movement = state.store().journal.end();
        // As they are now, for the response too.
        let switches = *state.switches();
        let (outcome, carried_out) = match &checked {
            Ok(_) if state.epoch() != self.epoch => (Err(reset_meanwhile()), false),
            Ok((credential, caller, body)) => {
                let call = Call {
                    operation: spec.operation,
                    caller: *caller,
                    basic: credential.basic(),
                    body: &body.value,
                    text: &body.text,
                    is_json: spec.body.as_ref().is_none_or(|body| body.content_type != FORM),
                    query: &raw.query,
                    path,
                    partner_id: raw.headers.get("partnerId").and_then(|value| value.to_str().ok()),
                    now,
                    switches: &switches,
                    token_life: shared.settings.token_life,
                };
                state.carry_out(&call, &self.faults)
            }
            Err(refusal) => (Err(refusal.clone()), false),
        };
        let encoded = self.encode(&mut state, &outcome, secret);
        let text = checked.as_ref().map_or(body, |(_, _, body)| &body.text);
        let rows = AllocationRow::of_call(
            spec.operation,
            text,
            &outcome,
            state.store().journal.since(first_movement),
        );
        let is_lookup = spec.operation == Operation::SearchTransactions && state.allocations.has_unknown();
        // Reading what a search shows takes longer than others should wait.
        drop(state);
        let search = is_lookup.then(|| TransactionSearch::new(text, &outcome));
        let reference = outcome
            .ok()
            .and_then(|response| response.reference.as_deref().map(str::to_owned));
        let end = CallEnd {
            carried_out,
            reference,
            rows,
            search,
        };
        (encoded, end)
    }

    /// The switches as they are now, and who calls; `None` for a login.
    fn caller(
        &self,
        credential: &Result<Credential, Refusal>,
        now: Timestamp,
    ) -> (Switches, Result<Option<Caller>, Refusal>) {
        let state = self.shared.state();
        let caller = match credential {
            Ok(Credential::Bearer(token)) => state.store().logins.caller(token, now).cloned().map(Some),
            _ => Ok(None),
        };
        let caller = caller.map_err(|fault| request_check::bearer_refused(self.spec, fault));
        (*state.switches(), caller)
    }

    fn encode(&self, state: &mut SandboxState, outcome: &OperationResult, secret: Option<&str>) -> EncodedResponse {
        let switches = *state.switches();
        let encoder = Encoder {
            operation: self.spec.operation,
            switches: &switches,
            turn: state.take_turn(),
            secret,
        };
        let mut encoded = encoder.encode(outcome);
        #[cfg(feature = "self-check")]
        self.check_response(state, &encoded);
        let is_success = encoded.status.is_success();
        for fault in &self.faults {
            match fault {
                Fault::MutatedResponse(mutations, _) => encoded.mutate(mutations),
                Fault::OtherReference => encoded.body = with_other_reference(&encoded.body),
                _ => {}
            }
        }
        if is_success {
            encoder.encrypt(&mut encoded);
        }
        encoded
    }
}

#[cfg(feature = "self-check")]
impl Incoming {
    /// Keeps what in a response the document does not allow.
    fn check_response(&self, state: &mut SandboxState, encoded: &EncodedResponse) {
        // A sandbox that cannot keep its state says so in a status of its own.
        let is_own = encoded.status == StatusCode::SERVICE_UNAVAILABLE;
        if !self.shared.settings.check_responses || !encoded.documented_form || is_own {
            return;
        }
        let errors = self.spec.validate_response(encoded.status.as_u16(), &encoded.body);
        let errors = errors
            .into_iter()
            .map(|error| format!("{}: {error}", self.spec.operation));
        let room = MAX_VIOLATIONS.saturating_sub(state.violations.len());
        state.violations.extend(errors.take(room));
    }
}

/// A call that came before a reset is of a state that is gone. A test that resets between its cases must not meet it again.
fn reset_meanwhile() -> Refusal {
    Refusal::status(
        StatusCode::SERVICE_UNAVAILABLE,
        "The sandbox was reset while this call was in flight",
    )
}
