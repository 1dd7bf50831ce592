//! What became of a call that moves value. `Result` cannot say "maybe", so a money call returns an
//! [`Outcome`]; the rules stand in [`judge`], in one place, and rest on what was sent and what came back.

use std::sync::Arc;

use enkash_api::OperationId;
use http::StatusCode;

use crate::{
    Answer, Error, Ticket,
    envelope::{Envelope, Verdict},
    pipeline::{Attempt, History, RawAnswer, Sent},
    policy::Policy,
};

/// What became of a call that moves value.
///
/// Only [`Done`](Self::Done), [`Refused`](Self::Refused) and [`NotSent`](Self::NotSent) are certain. After
/// [`Unknown`](Self::Unknown), never repeat the call with a new reference: look first.
#[derive(Clone, Debug)]
#[must_use = "value may have moved: look at the outcome"]
pub enum Outcome<T> {
    /// It happened: the portal said so explicitly, and repeated our reference where its pages promise that.
    Done(T),
    /// The portal accepted it and has not finished.
    Pending(Ticket),
    /// The portal said no, in its own words. Nothing moved.
    Refused(Error),
    /// It never reached the portal. It may be sent again, with the same reference.
    NotSent(Error),
    /// It may or may not have happened. The ticket is what to look it up with.
    Unknown(Unknown),
}

/// A call that may or may not have happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Unknown {
    /// What to look it up with.
    pub ticket: Ticket,
    /// Why it is not known.
    pub reason: UnknownReason,
    history: Arc<History>,
}

impl Unknown {
    pub(crate) fn new(ticket: Ticket, reason: UnknownReason, history: Arc<History>) -> Self {
        Self {
            ticket,
            reason,
            history,
        }
    }

    /// The one time that the call was handed to the transport. **Do:** log it beside the ticket.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.history.attempts
    }

    /// The same for one of several intents that travelled in one call.
    pub(crate) fn of_row(self, ticket: Ticket) -> Self {
        Self { ticket, ..self }
    }
}

/// Why an outcome is not known.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum UnknownReason {
    /// The request was sent and no answer came.
    NoAnswer(Error),
    /// An answer came that proves nothing: an undocumented status, a body that cannot be read or decrypted, or a
    /// code that is missing or contradicts another.
    UnclearAnswer(Error),
    /// The portal said yes, and repeated another reference than ours.
    OtherReference {
        /// What it repeated.
        echoed: String,
    },
    /// The portal said yes, and did not repeat our reference where its pages promise that.
    NoReference,
}

impl<T> Outcome<T> {
    /// The result, if it is certain that the call happened.
    #[must_use]
    pub fn done(&self) -> Option<&T> {
        match self {
            Self::Done(result) => Some(result),
            _ => None,
        }
    }

    /// One word: `done`, `pending`, `refused`, `not sent` or `unknown`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Pending(_) => "pending",
            Self::Refused(_) => "refused",
            Self::NotSent(_) => "not sent",
            Self::Unknown(_) => "unknown",
        }
    }

    pub(crate) fn map<U>(self, f: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Self::Done(result) => Outcome::Done(f(result)),
            Self::Pending(ticket) => Outcome::Pending(ticket),
            Self::Refused(error) => Outcome::Refused(error),
            Self::NotSent(error) => Outcome::NotSent(error),
            Self::Unknown(unknown) => Outcome::Unknown(unknown),
        }
    }
}

/// What was observed of a call: the only ground of an outcome.
pub(crate) struct Observed {
    pub(crate) operation: OperationId,
    pub(crate) sent: Sent,
    pub(crate) answer: Option<RawAnswer>,
    pub(crate) history: Arc<History>,
}

/// The rules. `error` says why there is no answer, and is asked for only where there is none.
///
/// * done: 2xx, an explicit success code, and our reference where the pages promise its echo;
/// * refused: an explicit failure code in a 2xx, or 400, 404 or 422 with a JSON object;
/// * not sent: the send guard was never passed, or its first pass failed to connect;
/// * unknown: everything else.
pub(crate) fn judge(observed: &Observed, ticket: Ticket, error: impl FnOnce() -> Error) -> Outcome<Answer<()>> {
    let (operation, history) = (observed.operation, &observed.history);
    let unknown = |ticket, reason| Outcome::Unknown(Unknown::new(ticket, reason, Arc::clone(history)));
    let Some(answer) = &observed.answer else {
        let error = error().after(history);
        return match observed.sent {
            Sent::Never | Sent::ConnectFailed => Outcome::NotSent(error),
            // It could not be decrypted.
            Sent::HandedOver if error.has_answer() => unknown(ticket, UnknownReason::UnclearAnswer(error)),
            Sent::HandedOver => unknown(ticket, UnknownReason::NoAnswer(error)),
        };
    };
    let unclear = || UnknownReason::UnclearAnswer(Error::unreadable(operation, answer.status).after(history));
    let Some(json) = answer.json().filter(serde_json::Value::is_object) else {
        return unknown(ticket, unclear());
    };
    let envelope = Envelope::of(&json);
    let refused = |code| {
        let error = Error::refused(operation, answer.status, code, envelope.message());
        Outcome::Refused(error.after(history))
    };
    match (answer.status, envelope.verdict()) {
        (status, Verdict::Failure { code }) if status.is_success() => refused(Some(code)),
        (StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY, verdict) => {
            match verdict {
                // An error status around a success code: they contradict each other.
                Verdict::Success => unknown(ticket, unclear()),
                Verdict::Failure { code } => refused(Some(code)),
                Verdict::Unclear => refused(None),
            }
        }
        (status, Verdict::Success) if status.is_success() => match echo(operation, envelope, &ticket) {
            Ok(()) => Outcome::Done(Answer::new(operation, (), json, Arc::clone(history))),
            Err(reason) => unknown(ticket, reason),
        },
        _ => unknown(ticket, unclear()),
    }
}

/// Whether the answer repeats our reference, where a page promises that it does.
fn echo(operation: OperationId, envelope: Envelope<'_>, ticket: &Ticket) -> Result<(), UnknownReason> {
    let Some(path) = Policy::of(operation)
        .reference
        .and_then(|reference| reference.echoed_as)
    else {
        return Ok(());
    };
    match envelope.at(path).and_then(serde_json::Value::as_str) {
        Some(echoed) if echoed == ticket.reference.as_str() => Ok(()),
        Some(echoed) => Err(UnknownReason::OtherReference {
            echoed: echoed.to_owned(),
        }),
        None => Err(UnknownReason::NoReference),
    }
}

#[cfg(test)]
mod tests;
