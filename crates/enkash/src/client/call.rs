//! The two ways of calling: one that moves no value gives an answer or an error, a call that moves value gives an outcome.
//! Every wrapper ends up in one of them; both watch the call and judge it by its record.

use std::{pin::pin, sync::Arc};

use enkash_api::{OperationId, ResponseValue};
use enkash_policy::Effect;
use http::StatusCode;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tracing::Instrument;

use crate::{
    client::{Enkash, call_guard::ObservedCall},
    envelope::{Envelope, EnvelopeStatus, failure_scan},
    error::{Error, Lacking},
    model::ticket::Ticket,
    outcome::{
        self, Outcome, Unknown, UnknownReason,
        classify::{CallFacts, Classification, classify},
    },
    policy::Policies,
    response::{Answer, RawJson},
    transport::{
        attempt::DecodedApart,
        call_state::{CallRecord, RawAnswer},
        history::History,
        off_path::{is_large, off_path},
        options::CallOptions,
    },
};

impl Enkash {
    fn observe<'a>(&'a self, operation: OperationId, record: &'a CallRecord) -> ObservedCall<'a> {
        let moves_value = self.policies().of(operation).effect == Effect::MovesValue;
        ObservedCall::start(operation, self.observer(), record, moves_value)
    }

    fn low_level(&self, operation: OperationId, record: &Arc<CallRecord>) -> enkash_api::Client {
        self.shared.clients[operation.operation().tag].for_call(Arc::clone(record))
    }

    /// A low-level client on this client's pipeline.
    pub(crate) fn raw_client(&self, operation: OperationId) -> enkash_api::Client {
        self.shared.clients[operation.operation().tag].clone()
    }

    /// A call that moves no value: its answer, typed and raw, or an error. `read` makes the wrapper's value of the low level's,
    /// and says what an answer lacks.
    pub(crate) async fn call<T, U, E, F>(
        &self,
        operation: OperationId,
        send: F,
        read: impl FnOnce(T) -> Result<U, Lacking>,
    ) -> Result<Answer<U>, Error>
    where
        T: DeserializeOwned + Send + 'static,
        F: AsyncFnOnce(enkash_api::Client) -> Result<ResponseValue<T>, E>,
        enkash_api::Error: From<E>,
    {
        let record = Arc::new(CallRecord::new(self.options).decoded_apart());
        let observed = self.observe(operation, &record);
        let low_level = self.low_level(operation, &record);
        // Read where it arrives, and pinned here: what is handed on by value is copied each time, and these are large.
        let sending = pin!(async {
            match send(low_level).await {
                Ok(value) => Ok(read(value.into_inner())),
                Err(error) => Box::pin(decode_apart(operation, &record, error.into())).await.map(read),
            }
        });
        let decoded = sending.instrument(observed.span()).await;
        let (raw, history) = record.take_result();
        let result = match decoded {
            Ok(value) => json_of(operation, raw).and_then(|json| {
                let value = value.map_err(|lacking| Error::lacking(operation, lacking))?;
                Ok((value, json))
            }),
            Err(NoValue::Judged(error)) => Err(error),
            Err(NoValue::LowLevel(error)) => Err(match raw {
                Some(raw) => refusal(operation, &raw),
                None => Error::no_answer(operation, &record, error),
            }),
        };
        let result = match result {
            Ok((value, json)) => Ok(Answer::new(operation, value, json, history)),
            Err(error) => Err(error.after(&Arc::new(history))),
        };
        observed.end_read(&result);
        result
    }

    /// A call that moves value: sent at most once, and judged by what was observed.
    pub(crate) async fn move_value<T, E, F>(&self, ticket: Ticket, send: F) -> Outcome<Answer<()>>
    where
        F: AsyncFnOnce(enkash_api::Client) -> Result<ResponseValue<T>, E>,
        enkash_api::Error: From<E>,
    {
        self.move_value_as(ticket, send, |outcome| outcome, |outcome| outcome)
            .await
    }

    /// As [`move_value`](Self::move_value), for an operation whose outcome says less, or more, than that of the request: `read`
    /// makes it, and operators are told the outcome that `told` names.
    pub(crate) async fn move_value_as<T, E, F, R, V>(
        &self,
        ticket: Ticket,
        send: F,
        read: impl FnOnce(Outcome<Answer<()>>) -> R,
        told: impl Fn(&R) -> &Outcome<V>,
    ) -> R
    where
        F: AsyncFnOnce(enkash_api::Client) -> Result<ResponseValue<T>, E>,
        enkash_api::Error: From<E>,
    {
        let operation = ticket.operation();
        let policy = self.policies().of(operation);
        let mut options = self.options;
        let echo_check = &self.shared.common.echo_check;
        let turn = if echo_check.is_proven() {
            None
        } else {
            let asked = Instant::now();
            let time = self.shared.common.timeouts.operation_with(options);
            let turn = match tokio::time::timeout(time, echo_check.turn(policy)).await {
                Ok(Ok(turn)) => turn,
                Ok(Err(_)) => return read(self.held_back(Error::reference_not_echoed(operation), operation)),
                Err(_) => return read(self.held_back(Error::waited_too_long(operation), operation)),
            };
            // Waiting for the turn is part of the call's own time.
            options = options.then(CallOptions::new().operation_timeout(time.saturating_sub(asked.elapsed())));
            turn
        };

        let record = Arc::new(CallRecord::new(options).decoded_apart());
        let observed = self.observe(operation, &record);
        let sending = pin!(send(self.low_level(operation, &record)));
        let decoded = sending.instrument(observed.span()).await;
        let (answer, history) = record.take_result();
        let facts = CallFacts {
            operation,
            sent: history.sent(),
            answer,
            history: Arc::new(history),
        };
        let history = Arc::clone(&facts.history);
        let classification = match &facts.answer {
            Some(answer) if is_large(answer.body.len()) => {
                let policies = Arc::clone(self.policies());
                Box::pin(classify_apart(facts, ticket.clone(), policies)).await
            }
            _ => classify(&facts, &ticket, policy, || match decoded {
                Err(error) => Error::no_answer(operation, &record, error.into()),
                Ok(_) => Error::unreadable(operation, StatusCode::OK),
            }),
        };
        if turn.is_some() {
            echo_check.learn(policy, &classification);
        }
        let outcome = match classification {
            Classification::Done(json) => Outcome::Done(Answer::new(operation, (), json, (*history).clone())),
            Classification::Refused(error) => Outcome::Refused(error),
            Classification::NotSent(error) => Outcome::NotSent(error),
            Classification::Unknown(reason) => Outcome::Unknown(self.unknown(ticket, reason, history)),
        };
        let outcome = read(outcome);
        observed.end_money(told(&outcome));
        outcome
    }
}

impl Enkash {
    /// An outcome that nobody knows, which this client can look up.
    pub(crate) fn unknown(&self, ticket: Ticket, reason: UnknownReason, history: Arc<History>) -> Unknown {
        Unknown::new(ticket, reason, history, Arc::new(self.clone()))
    }

    /// A call that moves value and was not even begun. It is observed like any other.
    fn held_back(&self, error: Error, operation: OperationId) -> Outcome<Answer<()>> {
        let record = CallRecord::new(self.options);
        let outcome = Outcome::NotSent(error);
        self.observe(operation, &record).end_money(&outcome);
        outcome
    }
}

/// Why there is no value of a read.
enum NoValue {
    /// The answer was judged.
    Judged(Error),
    LowLevel(enkash_api::Error),
}

/// The value of an answer that the low level handed on because it is large. All work on it is done off the async path.
async fn decode_apart<T: DeserializeOwned + Send + 'static>(
    operation: OperationId,
    record: &CallRecord,
    error: enkash_api::Error,
) -> Result<T, NoValue> {
    if error.find::<DecodedApart>().is_none() {
        return Err(NoValue::LowLevel(error));
    }
    let Some(raw) = record.answer() else {
        return Err(NoValue::LowLevel(error));
    };
    let status = raw.status;
    let decode = move || {
        let decoded = match status {
            StatusCode::OK if !is_failure(&raw) => serde_json::from_slice(&raw.body).ok(),
            _ => None,
        };
        decoded.ok_or_else(|| refusal(operation, &raw))
    };
    let decoded = off_path(decode).await;
    decoded
        .unwrap_or_else(|_| Err(Error::unreadable(operation, status)))
        .map_err(NoValue::Judged)
}

/// Classifies a call that moves value by a large answer, off the async path.
async fn classify_apart(facts: CallFacts, ticket: Ticket, policies: Arc<Policies>) -> Classification {
    let (operation, history) = (facts.operation, Arc::clone(&facts.history));
    let unreadable = move || Error::unreadable(operation, StatusCode::OK);
    let classify = move || outcome::classify::classify(&facts, &ticket, policies.of(operation), unreadable);
    off_path(classify).await.unwrap_or_else(|_| {
        let error = unreadable().after(&history);
        Classification::Unknown(UnknownReason::UnclearAnswer(error))
    })
}

/// The JSON of an answer to a read, where it is one. The raw answer decides; how it decodes only says what is in it.
fn json_of(operation: OperationId, raw: Option<RawAnswer>) -> Result<RawJson, Error> {
    match raw {
        // A large one was looked at where it was decoded.
        Some(raw) if raw.status.is_success() && (is_large(raw.body.len()) || !is_failure(&raw)) => {
            Ok(RawJson::of(raw.body))
        }
        Some(raw) => Err(refusal(operation, &raw)),
        None => Err(Error::unreadable(operation, StatusCode::OK)),
    }
}

/// Why an answer to a read is none.
fn refusal(operation: OperationId, answer: &RawAnswer) -> Error {
    let unreadable = || Error::unreadable(operation, answer.status);
    let Some(raw) = answer.json() else {
        return unreadable();
    };
    let envelope = Envelope::new(&raw.value);
    let is_portal_error = matches!(
        answer.status,
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY
    );
    let refused = |code| Error::refused(operation, answer.status, code, envelope.message(operation));
    match envelope.status() {
        EnvelopeStatus::Failure { code } if answer.status.is_success() || is_portal_error => refused(Some(code)),
        EnvelopeStatus::Contradiction => Error::unclear(operation, answer.status, "it says yes and no"),
        _ if is_portal_error && raw.value.is_object() => refused(None),
        _ => unreadable(),
    }
}

/// Nearly every answer is a success, so it is read as JSON only where it may be none.
fn is_failure(answer: &RawAnswer) -> bool {
    failure_scan::may_fail(&answer.body)
        && answer.json().is_some_and(|json| {
            let status = Envelope::new(&json.value).status();
            matches!(status, EnvelopeStatus::Failure { .. } | EnvelopeStatus::Contradiction)
        })
}
