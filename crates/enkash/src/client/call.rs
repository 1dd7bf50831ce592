//! The two ways of calling: one that moves no value gives an answer or an error, a call that moves value gives an outcome.
//! Every wrapper ends up in one of them; both watch the call and judge it by its record.

use std::sync::Arc;

use enkash_api::OperationId;
use http::StatusCode;
use serde_json::Value;
use tokio::time::Instant;
use tracing::Instrument;

use super::Enkash;
use crate::{
    Answer, CallOptions, Error, Outcome, Ticket, Unknown,
    answer::RawJson,
    envelope::{self, Envelope, Verdict},
    observe::ObservedCall,
    outcome::{self, Judged, Observed},
    pipeline::{CallRecord, RawAnswer},
};

impl Enkash {
    fn low_level(&self, operation: OperationId, record: &Arc<CallRecord>) -> enkash_api::Client {
        self.shared.clients[operation.operation().tag].for_call(Arc::clone(record))
    }

    /// A low-level client on this client's pipeline.
    pub(crate) fn raw_client(&self, operation: OperationId) -> enkash_api::Client {
        self.shared.clients[operation.operation().tag].clone()
    }

    /// A call that moves no value: its answer, typed and raw, or an error.
    pub(crate) async fn call<T, F>(&self, operation: OperationId, send: F) -> Result<Answer<T>, Error>
    where
        F: AsyncFnOnce(enkash_api::Client) -> Result<T, enkash_api::Error>,
    {
        let record = Arc::new(CallRecord::new(self.options));
        let observed = ObservedCall::start(operation, self.observer(), &record);
        let sending = send(self.low_level(operation, &record));
        let decoded = sending.instrument(observed.span()).await;
        let result = answer(operation, &record, decoded);
        observed.end_read(&result);
        result
    }

    /// A call that moves value: sent at most once, and judged by what was observed.
    pub(crate) async fn move_value<F>(&self, ticket: Ticket, send: F) -> Outcome<Answer<()>>
    where
        F: AsyncFnOnce(enkash_api::Client) -> Result<(), enkash_api::Error>,
    {
        self.move_value_as(ticket, send, |outcome| outcome, |outcome| outcome)
            .await
    }

    /// As [`move_value`](Self::move_value), for an operation whose outcome says less, or more, than that of the request: `read`
    /// makes it, and operators are told the outcome that `told` names.
    pub(crate) async fn move_value_as<F, R, T>(
        &self,
        ticket: Ticket,
        send: F,
        read: impl FnOnce(Outcome<Answer<()>>) -> R,
        told: impl Fn(&R) -> &Outcome<T>,
    ) -> R
    where
        F: AsyncFnOnce(enkash_api::Client) -> Result<(), enkash_api::Error>,
    {
        let operation = ticket.operation();
        let mut options = self.options;
        let echo_check = &self.shared.common.echo_check;
        let turn = if echo_check.is_proven() {
            None
        } else {
            let asked = Instant::now();
            let time = self.shared.common.timeouts.operation_with(options);
            let turn = match tokio::time::timeout(time, echo_check.turn(operation)).await {
                Ok(Ok(turn)) => turn,
                Ok(Err(_)) => return read(self.held_back(Error::reference_not_echoed(operation), operation)),
                Err(_) => return read(self.held_back(Error::waited_too_long(operation), operation)),
            };
            // Waiting for the turn is part of the call's own time.
            options = options.then(CallOptions::new().operation_timeout(time.saturating_sub(asked.elapsed())));
            turn
        };

        let record = Arc::new(CallRecord::new(options));
        let observed = ObservedCall::start(operation, self.observer(), &record);
        let sending = send(self.low_level(operation, &record));
        let decoded = sending.instrument(observed.span()).await;
        let facts = Observed {
            operation,
            sent: record.sent(),
            answer: record.answer(),
            history: Arc::new(record.history()),
        };
        let judged = outcome::judge(&facts, &ticket.reference, || match decoded {
            Err(error) => Error::no_answer(operation, &record, error),
            Ok(()) => Error::unreadable(operation, StatusCode::OK),
        });
        if turn.is_some() {
            echo_check.learn(operation, &judged);
        }
        let outcome = match judged {
            Judged::Done(json) => Outcome::Done(Answer::new(operation, (), json, facts.history)),
            Judged::Refused(error) => Outcome::Refused(error),
            Judged::NotSent(error) => Outcome::NotSent(error),
            Judged::Unknown(reason) => Outcome::Unknown(Unknown::new(ticket, reason, facts.history, self.clone())),
        };
        let outcome = read(outcome);
        observed.end_money(told(&outcome));
        outcome
    }
}

impl Enkash {
    /// A call that moves value and was not even begun. It is observed like any other.
    fn held_back(&self, error: Error, operation: OperationId) -> Outcome<Answer<()>> {
        let record = Arc::new(CallRecord::new(self.options));
        let outcome = Outcome::NotSent(error);
        ObservedCall::start(operation, self.observer(), &record).end_money(&outcome);
        outcome
    }
}

/// What a read gave. The raw answer decides; how it decodes only says what is in it.
fn answer<T>(
    operation: OperationId,
    record: &CallRecord,
    decoded: Result<T, enkash_api::Error>,
) -> Result<Answer<T>, Error> {
    let history = Arc::new(record.history());
    let judged = match (record.answer(), decoded) {
        (Some(answer), decoded) => judge_read(operation, &answer, decoded),
        (None, Err(error)) => Err(Error::no_answer(operation, record, error)),
        (None, Ok(_)) => Err(Error::unreadable(operation, StatusCode::OK)),
    };
    match judged {
        Ok((value, raw)) => Ok(Answer::new(operation, value, raw, history)),
        Err(error) => Err(error.after(&history)),
    }
}

fn judge_read<T>(
    operation: OperationId,
    answer: &RawAnswer,
    decoded: Result<T, enkash_api::Error>,
) -> Result<(T, RawJson), Error> {
    let unreadable = || Error::unreadable(operation, answer.status);
    if answer.status.is_success() && decoded.is_ok() && !is_failure(&answer.body) {
        return decoded
            .map(|value| (value, RawJson::of(answer.body.clone())))
            .map_err(|_| unreadable());
    }
    let raw: Value = answer.json().ok_or_else(unreadable)?;
    let envelope = Envelope::of(&raw);
    let is_portal_error = matches!(
        answer.status,
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY
    );
    match envelope.verdict() {
        Verdict::Failure { code } if answer.status.is_success() || is_portal_error => Err(Error::refused(
            operation,
            answer.status,
            Some(code),
            envelope.message(operation),
        )),
        _ if is_portal_error && raw.is_object() => Err(Error::refused(
            operation,
            answer.status,
            None,
            envelope.message(operation),
        )),
        _ => Err(unreadable()),
    }
}

fn is_failure(body: &[u8]) -> bool {
    envelope::may_fail(body) && matches!(envelope::verdict_of(body), Verdict::Failure { .. })
}
