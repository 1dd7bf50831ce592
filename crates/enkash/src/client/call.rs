//! The two ways of calling: one that moves no value gives a response or an error, a call that moves value gives an outcome.
//! Every wrapper ends up in one of them; both watch the call and judge it by its state.

use std::{pin::pin, sync::Arc};

use enkash_api::{OperationId, ResponseValue};
use enkash_policy::Effect;
use http::StatusCode;
use serde::de::DeserializeOwned;
use tokio::{sync::MutexGuard, time::Instant};
use tracing::Instrument;

use crate::{
    client::{Enkash, call_guard::CallGuard},
    envelope::{
        Envelope, EnvelopeStatus,
        failure_scan::might_be_failure,
        json::{self, Json, Node},
    },
    error::{Error, MissingField},
    model::{reference::ClientReference, ticket::Ticket},
    outcome::{
        Outcome, Unknown, UnknownReason,
        classify::{CallFacts, Classification, classify},
    },
    policy::Policies,
    response::Response,
    transport::{
        call_state::{CallState, RawResponse},
        deadline::Deadline,
        history::History,
        off_path::{MAX_SMALL, is_large, off_path},
        options::CallOptions,
    },
};

impl Enkash {
    fn observe<'a>(&'a self, operation: OperationId, state: &'a CallState) -> CallGuard<'a> {
        let moves_value = self.policies().of(operation).effect == Effect::MovesValue;
        CallGuard::start(operation, self.observer(), state, moves_value)
    }

    fn low_level(&self, operation: OperationId, state: &Arc<CallState>) -> enkash_api::Client {
        self.session.clients[operation.operation().tag].for_call(Arc::clone(state))
    }

    /// A low-level client on this client's pipeline, with its options.
    pub(crate) fn raw_client(&self, operation: OperationId) -> enkash_api::Client {
        self.session.clients[operation.operation().tag].for_call(Arc::new(self.options))
    }

    /// A call that moves no value: its response, typed and raw, or an error. `read` makes the wrapper's value of the low level's,
    /// and says what a response lacks.
    pub(crate) async fn call<T, U>(
        &self,
        operation: OperationId,
        send: impl AsyncFnOnce(enkash_api::Client) -> Result<ResponseValue<T>, enkash_api::Error>,
        read: impl FnOnce(T) -> Result<U, MissingField>,
    ) -> Result<Response<U>, Error>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let state = Arc::new(CallState::new(self.options).decoded_up_to(MAX_SMALL));
        let observed = self.observe(operation, &state);
        let sending = pin!(send(self.low_level(operation, &state)));
        let sent = sending.instrument(observed.span()).await;
        let (raw, history) = state.take_result();
        let result = match raw {
            Some(raw) if is_large(raw.body.len()) => Box::pin(decode_large(operation, raw)).await,
            Some(raw) => {
                success(operation, &raw, || sent.ok().map(ResponseValue::into_inner)).map(|value| (value, raw))
            }
            None => Err(match sent {
                Err(error) => Error::no_answer(operation, &state, error),
                Ok(_) => Error::unreadable(operation, StatusCode::OK),
            }),
        };
        let result = result.and_then(|(value, raw)| {
            let value = read(value).map_err(|missing_field| Error::missing_field(operation, missing_field))?;
            Ok((value, raw))
        });
        let result = match result {
            Ok((value, raw)) => Ok(Response::new(operation, value, raw, history)),
            Err(error) => Err(error.with_history(&Arc::new(history))),
        };
        observed.finish_read(&result);
        result
    }

    /// A call that moves value: sent at most once, and classified by what was observed. `read` makes the result of a call that
    /// is done.
    pub(crate) async fn move_value<V: Send + 'static>(
        &self,
        ticket: Ticket,
        send: impl AsyncFnOnce(enkash_api::Client) -> Result<(), enkash_api::Error>,
        read: impl FnOnce(&Node<'_>) -> V + Send + 'static,
    ) -> Outcome<Response<V>> {
        let references = vec![ticket.reference.clone()];
        self.move_value_with(ticket, references, send, read, |outcome| outcome, std::slice::from_ref)
            .await
    }

    /// As [`move_value`](Self::move_value), for an operation whose outcome says less, or more, than that of the request:
    /// `conclude` makes it, and metrics, spans and warnings get the outcomes that `observed` names, one for each of the intents with
    /// these references.
    pub(crate) async fn move_value_with<V: Send + 'static, R, W>(
        &self,
        ticket: Ticket,
        references: Vec<ClientReference>,
        send: impl AsyncFnOnce(enkash_api::Client) -> Result<(), enkash_api::Error>,
        read: impl FnOnce(&Node<'_>) -> V + Send + 'static,
        conclude: impl FnOnce(Outcome<Response<V>>) -> R,
        observed: impl Fn(&R) -> &[Outcome<W>],
    ) -> R {
        let operation = ticket.operation();
        let mut options = self.options;
        let turn = match self.wait_for_echo_check(operation, &mut options).await {
            Ok(turn) => turn,
            Err(error) => return conclude(self.refuse_unsent(error, operation)),
        };
        let state = Arc::new(CallState::new(options).decoded_up_to(0));
        let guard = self.observe(operation, &state).of_intents(references);
        let sending = pin!(send(self.low_level(operation, &state)));
        let sent = sending.instrument(guard.span()).await;
        let (raw, history) = state.take_result();
        let history = Arc::new(history);
        let facts = CallFacts {
            operation,
            sent: history.sent(),
            answer: raw,
            history: Arc::clone(&history),
        };
        let policies = self.policies();
        let classification = if facts.answer.as_ref().is_some_and(|raw| is_large(raw.body.len())) {
            Box::pin(classify_large(
                facts.clone(),
                ticket.clone(),
                Arc::clone(policies),
                read,
            ))
            .await
        } else {
            let no_answer = || match sent {
                Err(error) => Error::no_answer(operation, &state, error),
                Ok(()) => Error::unreadable(operation, StatusCode::OK),
            };
            classify(&facts, &ticket, policies.of(operation), no_answer, read)
        };
        if turn.is_some() {
            self.session
                .config
                .echo_check
                .record(policies.of(operation), &classification);
        }
        let outcome = match classification {
            Classification::Done(value) => {
                let raw = facts.answer.unwrap_or_default();
                Outcome::Done(Response::new(operation, value, raw, (*history).clone()))
            }
            Classification::Refused(error) => Outcome::Refused(error),
            Classification::NotSent(error) => Outcome::NotSent(error),
            Classification::Unknown(reason) => Outcome::Unknown(self.unknown(ticket, reason, history)),
        };
        let outcome = conclude(outcome);
        guard.finish_value_call(observed(&outcome));
        outcome
    }

    /// Waits for the turn of a call that moves value, where the first one goes alone. Waiting is part of the call's own time.
    async fn wait_for_echo_check(
        &self,
        operation: OperationId,
        options: &mut CallOptions,
    ) -> Result<Option<MutexGuard<'_, ()>>, Error> {
        let echo_check = &self.session.config.echo_check;
        if echo_check.is_proven() {
            return Ok(None);
        }
        let asked = Instant::now();
        let time = self.session.config.timeouts.with(*options).operation;
        let time = Deadline::since(asked, time).at_most(options.deadline).left();
        let turn = match tokio::time::timeout(time, echo_check.wait_turn(self.policies().of(operation))).await {
            Ok(Ok(turn)) => turn,
            Ok(Err(_)) => return Err(Error::reference_not_echoed(operation)),
            Err(_) => return Err(Error::expired_before_start(operation)),
        };
        *options = options.then(CallOptions::new().operation_timeout(time.saturating_sub(asked.elapsed())));
        Ok(turn)
    }
}

impl Enkash {
    /// An outcome that nobody knows, which this client can look up.
    pub(crate) fn unknown(&self, ticket: Ticket, reason: UnknownReason, history: Arc<History>) -> Unknown {
        Unknown::new(ticket, reason, history, Arc::new(self.clone()))
    }

    /// A call that moves value and was not even begun. It is observed like any other.
    fn refuse_unsent<V>(&self, error: Error, operation: OperationId) -> Outcome<Response<V>> {
        let state = CallState::new(self.options);
        let outcome = Outcome::NotSent(error);
        self.observe(operation, &state)
            .finish_value_call(std::slice::from_ref(&outcome));
        outcome
    }
}

/// The value of a read whose response is large. All work on it is done off the async path.
async fn decode_large<T: DeserializeOwned + Send + 'static>(
    operation: OperationId,
    raw: RawResponse,
) -> Result<(T, RawResponse), Error> {
    let status = raw.status;
    let decode = move || {
        let value = success(operation, &raw, || match raw.status {
            StatusCode::OK => serde_json::from_slice(&raw.body).ok(),
            _ => None,
        })?;
        Ok((value, raw))
    };
    off_path(decode)
        .await
        .unwrap_or_else(|_| Err(Error::unreadable(operation, status)))
}

/// Classifies a call that moves value by a large response, off the async path.
async fn classify_large<V: Send + 'static>(
    facts: CallFacts,
    ticket: Ticket,
    policies: Arc<Policies>,
    read: impl FnOnce(&Node<'_>) -> V + Send + 'static,
) -> Classification<V> {
    let (operation, history) = (facts.operation, Arc::clone(&facts.history));
    let unreadable = move || Error::unreadable(operation, StatusCode::OK);
    let work = move || classify(&facts, &ticket, policies.of(operation), unreadable, read);
    off_path(work).await.unwrap_or_else(|_| {
        let error = unreadable().with_history(&history);
        Classification::Unknown(UnknownReason::UnclearAnswer(error))
    })
}

/// The value of a read, where its response is a success that can be decoded. What the response says decides; how it decodes only
/// says what is in it.
fn success<T>(operation: OperationId, raw: &RawResponse, decoded: impl FnOnce() -> Option<T>) -> Result<T, Error> {
    let refused = || Err(response_error(operation, raw));
    if !raw.status.is_success() {
        return refused();
    }
    let status = might_be_failure(&raw.body)
        .then(|| json::read_top(&raw.body))
        .flatten()
        .map(|document| Envelope::new(&document.root).status());
    if matches!(
        status,
        Some(EnvelopeStatus::Failure { .. } | EnvelopeStatus::Contradiction)
    ) {
        return refused();
    }
    decoded().map_or_else(refused, Ok)
}

/// Why a response to a read is no success.
fn response_error(operation: OperationId, answer: &RawResponse) -> Error {
    let unreadable = || Error::unreadable(operation, answer.status);
    let Some(document) = json::read_top(&answer.body) else {
        return unreadable();
    };
    let envelope = Envelope::new(&document.root);
    let is_api_error = matches!(
        answer.status,
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY
    );
    let refused = |code| Error::refused(operation, answer.status, code, envelope.message(operation), &[]);
    match envelope.status() {
        EnvelopeStatus::Failure { code } if answer.status.is_success() || is_api_error => refused(Some(code)),
        EnvelopeStatus::Contradiction => Error::unclear(operation, answer.status, "it says yes and no"),
        _ if is_api_error && document.root.is_object() => refused(None),
        _ => unreadable(),
    }
}
