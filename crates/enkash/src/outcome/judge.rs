//! The rules of the outcome: what was observed of a call, and what that proves. Nothing else decides.

use std::sync::Arc;

use enkash_api::OperationId;
use http::StatusCode;
use serde_json::Value;

use super::UnknownReason;
use crate::{
    ClientReference, Error,
    envelope::{Envelope, Verdict},
    pipeline::{History, RawAnswer, Sent},
    policy::Policy,
};

/// What was observed of a call: the only ground of an outcome.
pub(crate) struct Observed {
    pub(crate) operation: OperationId,
    pub(crate) sent: Sent,
    pub(crate) answer: Option<RawAnswer>,
    pub(crate) history: Arc<History>,
}

/// What the observation proves.
#[derive(Debug)]
pub(crate) enum Judged {
    Done(Value),
    Refused(Error),
    NotSent(Error),
    Unknown(UnknownReason),
}

/// The rules. `error` says why there is no answer, and is asked for only where there is none.
///
/// * done: 2xx, an explicit success code, and our reference where the pages promise its echo;
/// * refused: an explicit failure code in a 2xx, or 400, 404 or 422 with a JSON object;
/// * not sent: the send guard was never passed, or its first pass failed to connect;
/// * unknown: everything else.
pub(crate) fn judge(observed: &Observed, reference: &ClientReference, error: impl FnOnce() -> Error) -> Judged {
    let (operation, history) = (observed.operation, &observed.history);
    let Some(answer) = &observed.answer else {
        let error = error().after(history);
        return match observed.sent {
            Sent::Never | Sent::ConnectFailed => Judged::NotSent(error),
            // It could not be decrypted.
            Sent::HandedOver if error.has_answer() => Judged::Unknown(UnknownReason::UnclearAnswer(error)),
            Sent::HandedOver => Judged::Unknown(UnknownReason::NoAnswer(error)),
        };
    };
    let unclear = || {
        let error = Error::unreadable(operation, answer.status).after(history);
        Judged::Unknown(UnknownReason::UnclearAnswer(error))
    };
    let Some(json) = answer.json().filter(Value::is_object) else {
        return unclear();
    };
    let envelope = Envelope::of(&json);
    let refused = |code| {
        let error = Error::refused(operation, answer.status, code, envelope.message(operation));
        Judged::Refused(error.after(history))
    };
    match (answer.status, envelope.verdict()) {
        (status, Verdict::Failure { code }) if status.is_success() && is_a_no(&code) => refused(Some(code)),
        (StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY, verdict) => {
            match verdict {
                // An error status around a success code: they contradict each other.
                Verdict::Success => unclear(),
                Verdict::Failure { code } => refused(Some(code)),
                Verdict::Unclear => refused(None),
            }
        }
        (status, Verdict::Success) if status.is_success() => match echo(operation, envelope, reference) {
            Ok(()) => Judged::Done(json),
            Err(reason) => Judged::Unknown(reason),
        },
        _ => unclear(),
    }
}

/// Whether the answer repeats our reference, where a page promises that it does.
fn echo(operation: OperationId, envelope: Envelope<'_>, reference: &ClientReference) -> Result<(), UnknownReason> {
    let Some(path) = Policy::of(operation)
        .reference
        .and_then(|reference| reference.echoed_as)
    else {
        return Ok(());
    };
    let echoed = match envelope.at(path) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return Err(UnknownReason::NoReference),
    };
    if echoed == reference.as_str() {
        return Ok(());
    }
    Err(UnknownReason::OtherReference { echoed })
}

/// Whether a code other than zero, in a 2xx, is the portal's no. One that says yes or "I broke" by the words of HTTP, and what is
/// no code at all, is in doubt.
fn is_a_no(code: &str) -> bool {
    if let Ok(number) = code.parse::<i64>() {
        return !matches!(number, 200..=299 | 500..=599);
    }
    let is_no_code = code.is_empty() || matches!(code, "true" | "false") || code.starts_with(['{', '[']);
    let says_yes = ["success", "ok", "created", "accepted", "pending", "processing"];
    !is_no_code && !says_yes.iter().any(|word| code.eq_ignore_ascii_case(word))
}
