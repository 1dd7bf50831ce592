//! The rules of the outcome: what is known of a call, and what that proves. They list what is documented; everything else
//! proves nothing. Which codes, messages and payloads count is data of the policy. Called by the client for every
//! call that moves value, and by nobody else.

use std::{borrow::Cow, sync::Arc};

use enkash_api::OperationId;
use enkash_policy::OperationPolicy;
use enkash_policy::PayloadKind;
use http::StatusCode;

use crate::{
    envelope::{
        Envelope, EnvelopeStatus,
        json::{Json, Node, Scalar},
    },
    error::Error,
    model::ticket::{Intent, Ticket},
    outcome::{UnknownReason, facts, refusal},
    transport::{
        call_state::RawResponse,
        history::{History, SendProgress},
    },
};

/// What is known of a call: the only ground of an outcome.
#[derive(Clone)]
pub(crate) struct CallFacts {
    pub(crate) operation: OperationId,
    pub(crate) sent: SendProgress,
    pub(crate) answer: Option<RawResponse>,
    pub(crate) history: Arc<History>,
}

/// What the facts prove.
#[derive(Debug)]
pub(crate) enum Classification<V> {
    /// What was read of the response.
    Done(V),
    Refused(Error),
    NotSent(Error),
    Unknown(UnknownReason),
}

/// The rules. `error` says why there is no response, and is asked for only where there is none; `read` makes the result of a call
/// that is done.
///
/// * done: 200, one JSON object without a key twice, a documented success and nothing that contradicts it, our reference
///   where the pages promise its echo, and nothing that contradicts the call;
/// * refused: 200, 400, 404 or 422, and a JSON object that is a documented no and nothing else;
/// * not sent: the send guard was never passed, or its first pass failed to connect;
/// * unknown: everything else.
pub(crate) fn classify<V>(
    facts: &CallFacts,
    ticket: &Ticket,
    policy: &OperationPolicy,
    error: impl FnOnce() -> Error,
    read: impl FnOnce(&Node<'_>) -> V,
) -> Classification<V> {
    let history = &facts.history;
    let Some(answer) = &facts.answer else {
        let error = error().with_history(history);
        return match facts.sent {
            SendProgress::Never | SendProgress::ConnectFailed => Classification::NotSent(error),
            // It could not be decrypted.
            SendProgress::HandedOver if error.has_answer() => {
                Classification::Unknown(UnknownReason::UnclearAnswer(error))
            }
            SendProgress::HandedOver => Classification::Unknown(UnknownReason::NoAnswer(error)),
        };
    };
    let check = AnswerCheck {
        operation: facts.operation,
        status: answer.status,
        ticket,
        policy,
    };
    match check.classify(answer, read) {
        Ok(Classification::Refused(error)) => Classification::Refused(error.with_history(history)),
        Ok(classification) => classification,
        Err(problem) => {
            let error = Error::unclear(facts.operation, answer.status, problem).with_history(history);
            Classification::Unknown(UnknownReason::UnclearAnswer(error))
        }
    }
}

/// Why a response proves nothing.
type Problem = String;

struct AnswerCheck<'a> {
    operation: OperationId,
    status: StatusCode,
    ticket: &'a Ticket,
    policy: &'a OperationPolicy,
}

impl AnswerCheck<'_> {
    fn classify<V>(
        &self,
        answer: &RawResponse,
        read: impl FnOnce(&Node<'_>) -> V,
    ) -> Result<Classification<V>, Problem> {
        let may_refuse = matches!(
            self.status,
            StatusCode::OK | StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY
        );
        if !may_refuse {
            return Err("no page shows this status".to_owned());
        }
        let json = answer.json().ok_or("it is not one JSON text")?;
        if !json.root.is_object() {
            return Err("it is not a JSON object".to_owned());
        }
        if json.has_duplicate_keys {
            return Err("it holds a key twice".to_owned());
        }
        let outcome = &self.policy.outcome;
        let envelope = Envelope::new(&json.root);
        if envelope.unknown_field(&outcome.other_fields).is_some() {
            return Err("a field stands beside those of the envelope that no page shows".to_owned());
        }
        if envelope.has_error_response() {
            return Err("it names an error in `errorResponse`, which no page of this API has".to_owned());
        }
        if envelope.payloads_disagree() {
            return Err("`payload` and `paylod` disagree".to_owned());
        }
        let Some(code) = envelope.codes().next() else {
            return Err("it has no result code".to_owned());
        };
        let all_in = |list: &[String]| envelope.codes().all(|code| list.iter().any(|known| *known == code));
        if all_in(&outcome.success_codes) {
            return match self.status {
                StatusCode::OK => self.success(&json.root, read),
                _ => Err("a code of success stands in a response of an error status".to_owned()),
            };
        }
        if all_in(&outcome.refusal_codes) {
            refusal::check(envelope, outcome, self.ticket.reference.as_str())?;
            let message = envelope.message(self.operation);
            let (code, listed) = (Some(code.into_owned()), &outcome.refusal_texts);
            let error = Error::refused(self.operation, self.status, code, message, listed);
            return Ok(Classification::Refused(error));
        }
        Err("its result code is documented neither as a success nor as a refusal".to_owned())
    }

    /// A response whose codes say that the call happened.
    fn success<V>(&self, root: &Node<'_>, read: impl FnOnce(&Node<'_>) -> V) -> Result<Classification<V>, Problem> {
        let envelope = Envelope::new(root);
        // First, because a missing echo stops all further calls.
        if let Err(reason) = self.echo(envelope) {
            return Ok(Classification::Unknown(reason));
        }
        self.check_messages(envelope)?;
        self.check_payload(envelope.payload())?;
        Ok(Classification::Done(read(root)))
    }

    /// Whether the response repeats our reference, where a page promises that it does.
    fn echo(&self, envelope: Envelope<'_, Node<'_>>) -> Result<(), UnknownReason> {
        let reference = self.policy.reference.as_ref();
        let Some(path) = reference.and_then(|reference| reference.echoed_as.as_deref()) else {
            return Ok(());
        };
        let echoed = match envelope.at(path).map(Json::scalar) {
            Some(Scalar::Text(text)) => Cow::Borrowed(text),
            Some(Scalar::Number(number)) => number.to_string().into(),
            _ => return Err(UnknownReason::NoReference),
        };
        if echoed == self.ticket.reference.as_str() {
            return Ok(());
        }
        Err(UnknownReason::OtherReference {
            echoed: echoed.into_owned(),
        })
    }

    fn check_messages(&self, envelope: Envelope<'_, Node<'_>>) -> Result<(), Problem> {
        let good = &self.policy.outcome.success_messages;
        let is_good = |message: &Node<'_>| {
            let text = message.as_text();
            text.is_some_and(|text| good.iter().any(|word| word.eq_ignore_ascii_case(text)))
        };
        match envelope.messages().all(is_good) {
            true => Ok(()),
            false => Err("a message stands beside the code of success that no page shows there".to_owned()),
        }
    }

    fn check_payload(&self, payload: Option<&Node<'_>>) -> Result<(), Problem> {
        let outcome = &self.policy.outcome;
        match (outcome.success_payload, payload) {
            (Some(PayloadKind::Object), Some(payload)) if payload.is_object() => self.check_object(payload),
            (Some(PayloadKind::Text), Some(payload))
                if payload
                    .as_text()
                    .is_some_and(|text| outcome.success_texts.iter().any(|known| known == text)) =>
            {
                Ok(())
            }
            (None, _) => Err("no page shows how this call is answered".to_owned()),
            _ => Err("its payload is not what the pages show for a success".to_owned()),
        }
    }

    /// Nothing in the payload may say that the call failed, or that another call is meant.
    fn check_object(&self, payload: &Node<'_>) -> Result<(), Problem> {
        let inner = Envelope::new(payload);
        match inner.status() {
            EnvelopeStatus::Success => self.check_messages(inner)?,
            EnvelopeStatus::Absent if !inner.has_failure_sign() => {}
            _ => return Err("its payload has a result of its own, which is no success".to_owned()),
        }
        let mut against = facts::contradictions(payload, self.ticket, &self.policy.settlement.entry);
        let is_order = matches!(self.ticket.intent, Intent::Order(_) | Intent::UndocumentedOrder {});
        if is_order && states_are_texts(payload) {
            // A state that is no success leaves an order pending: the wrapper says so.
            against.retain(|name| *name != "status");
        }
        match against.is_empty() {
            true => Ok(()),
            false => Err(format!("it repeats the call with another {}", against.join(", "))),
        }
    }
}

fn states_are_texts(payload: &Node<'_>) -> bool {
    let mut states = facts::ORDER_STATES.iter().filter_map(|name| payload.get(name));
    states.all(|state| state.as_text().is_some() || state.is_null())
}
