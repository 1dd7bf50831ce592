//! One change of the state as the state file keeps it. A call is kept with its request and the digest of its answer; at the
//! next start it is carried out again, and has to give the same answer.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::digest::{hex, sha256};
use super::effect::{Repetition, take_effect};
use super::snapshot::Controls;
use crate::entry_state::EntryChange;
use crate::operation::Operation;
use crate::operations::{Call, LoginInputs, OperationResult, Refusal};
use crate::store::Store;
use crate::store::entries::EntryKind;
use crate::store::extra_records::{ExtraRecord, as_text};
use crate::switches::Switches;

/// A change.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Record<'a> {
    /// A call came in, and rules of faults counted it.
    Received(Operation),
    /// A call took effect, or was refused by its operation.
    Call(Box<CallRecord<'a>>),
    /// A response took its turn, while turns decide how responses look.
    Responded,
    /// What is steered changed.
    Controls(Box<Controls>),
    ExtraShown {
        account_id: Cow<'a, str>,
        #[serde(with = "as_text")]
        record: ExtraRecord,
        at: Timestamp,
    },
    ExtrasCleared,
    /// What was due by then happened.
    DueFinished {
        at: Timestamp,
    },
    /// Transactions of an account, or orders of a company, were changed by hand.
    EntriesChanged {
        kind: EntryKind,
        owner: Cow<'a, str>,
        reference: Cow<'a, str>,
        change: EntryChange,
        at: Timestamp,
    },
    TokensRevoked,
    Unlocked {
        username: Cow<'a, str>,
    },
}

/// A call, as far as it decides what happens.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CallRecord<'a> {
    operation: Operation,
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    caller: Option<Cow<'a, str>>,
    /// Of a login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    basic: Option<(Cow<'a, str>, Cow<'a, str>)>,
    /// The text of a body in JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    json: Option<Cow<'a, str>>,
    /// The fields of a body that is a form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    form: Option<Cow<'a, Value>>,
    #[serde(default, skip_serializing_if = "is_empty")]
    query: Cow<'a, HashMap<String, String>>,
    #[serde(default, skip_serializing_if = "is_empty")]
    path: Cow<'a, HashMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    partner_id: Option<Cow<'a, str>>,
    /// Of a login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_life: Option<Duration>,
    #[serde(default, skip_serializing_if = "is_false")]
    twice: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    forgives_strike: bool,
    /// Digest of the answer.
    outcome: String,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_false(value: &bool) -> bool {
    !*value
}

fn is_empty(map: &HashMap<String, String>) -> bool {
    map.is_empty()
}

/// Why a call could not be carried out again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ReplayError {
    #[error("it speaks of a login or a body that cannot be read; take a good copy of the file")]
    Unreadable,
    #[error(
        "the call does not give the answer that it gave: another build wrote the file. Start it once with that build and end it \
         with Ctrl-C, which leaves nothing to be carried out again"
    )]
    OtherAnswer,
}

impl<'a> CallRecord<'a> {
    /// A login brings what is kept of it.
    pub(super) fn new(
        call: &Call<'a>,
        login: Option<LoginInputs<'a>>,
        repetition: Repetition,
        outcome: &OperationResult,
    ) -> Self {
        let record = CallRecord {
            operation: call.operation,
            at: call.now,
            caller: call.caller.map(|caller| Cow::Borrowed(&*caller.username)),
            basic: None,
            json: None,
            form: None,
            query: Cow::default(),
            path: Cow::Borrowed(call.path),
            partner_id: None,
            token_life: None,
            twice: repetition.twice,
            forgives_strike: repetition.forgives_strike,
            outcome: digest_of(outcome),
        };
        if let Some(login) = login {
            let borrowed = |(id, secret)| (Cow::Borrowed(id), Cow::Borrowed(secret));
            return CallRecord {
                basic: login.basic.map(borrowed),
                form: Some(Cow::Owned(login.form)),
                token_life: Some(call.token_life),
                ..record
            };
        }
        let text = call.is_json.then(|| std::str::from_utf8(call.text).ok()).flatten();
        CallRecord {
            json: text.filter(|text| !text.is_empty()).map(Cow::Borrowed),
            form: (!call.is_json).then_some(Cow::Borrowed(call.body)),
            query: Cow::Borrowed(call.query),
            partner_id: call.partner_id.map(Cow::Borrowed),
            ..record
        }
    }

    /// Carries the call out again.
    pub(super) fn replay(&self, store: &mut Store, switches: &Switches) -> Result<(), ReplayError> {
        let unreadable = ReplayError::Unreadable;
        let caller = match &self.caller {
            Some(username) => Some(store.logins.of_username(username).ok_or(unreadable)?.clone()),
            None => None,
        };
        let body = match (&self.json, &self.form) {
            (Some(text), _) => serde_json::from_str(text).map_err(|_| unreadable)?,
            (None, Some(form)) => form.clone().into_owned(),
            (None, None) => Value::Null,
        };
        let call = Call {
            operation: self.operation,
            caller: caller.as_ref(),
            basic: self.basic.as_ref().map(|(id, secret)| (&**id, &**secret)),
            body: &body,
            text: self.json.as_deref().unwrap_or_default().as_bytes(),
            is_json: self.form.is_none(),
            query: &self.query,
            path: &self.path,
            partner_id: self.partner_id.as_deref(),
            now: self.at,
            switches,
            token_life: self.token_life.unwrap_or_default(),
        };
        let repetition = Repetition {
            twice: self.twice,
            forgives_strike: self.forgives_strike,
        };
        let (outcome, _) = take_effect(store, &call, repetition);
        if digest_of(&outcome) == self.outcome {
            Ok(())
        } else {
            Err(ReplayError::OtherAnswer)
        }
    }
}

/// What tells one answer from another: enough of it that no change goes unseen by chance.
fn digest_of(outcome: &OperationResult) -> String {
    let digest = match outcome {
        Ok(response) => sha256(&[b"ok", response.payload.get().as_bytes()]),
        Err(Refusal::Failure(message)) => sha256(&[b"failure", message.as_bytes()]),
        Err(Refusal::Status { status, message, .. }) => sha256(&[status.as_str().as_bytes(), message.as_bytes()]),
    };
    hex(digest.get(..8).unwrap_or(&digest))
}
