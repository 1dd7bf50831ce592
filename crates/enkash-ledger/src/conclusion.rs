//! How an attempt or a look-up ended, and what the ledger did with that.

use enkash::{Outcome, settlement};
use serde_json::Value;

use crate::{
    ids::RowId,
    row_state::{RowState, Step},
};

/// How an attempt or a look-up ended, as the ledger records it.
#[derive(Clone, Debug)]
pub struct Conclusion {
    pub(crate) step: Step,
    pub(crate) reason: Option<String>,
    pub(crate) detail: Option<Value>,
}

/// Why a row is unknown whose process nobody heard of. Of a single call nobody knows whether it lives.
pub(crate) const INTERRUPTED: &str =
    "no outcome was recorded: its process ended, could not write it, or may still wait for the response";

impl Conclusion {
    /// The attempt's own outcome. An outcome that is accepted and not finished is unknown: it has to be looked up.
    #[must_use]
    pub fn from_outcome<T>(outcome: &Outcome<T>) -> Self {
        let (step, reason) = match outcome {
            Outcome::Done(_) => (Step::AttemptDone, None),
            Outcome::Refused(error) => (Step::AttemptRefused, Some(error.to_string())),
            Outcome::NotSent(error) => (Step::AttemptNotSent, Some(error.to_string())),
            Outcome::Pending(_) => (
                Step::AttemptUnknown,
                Some("the API accepted it, and has not finished".to_owned()),
            ),
            Outcome::Unknown(unknown) => (Step::AttemptUnknown, Some(unknown.reason.to_string())),
        };
        Self {
            step,
            reason,
            detail: None,
        }
    }

    /// Nobody waits for the response any more: unknown.
    #[must_use]
    pub fn given_up(reason: impl Into<String>) -> Self {
        Self {
            step: Step::AttemptUnknown,
            reason: Some(reason.into()),
            detail: None,
        }
    }

    /// A person's word.
    pub(crate) fn resolved(is_done: bool, who: &str, reason: &str) -> Self {
        Self {
            step: if is_done {
                Step::ResolveDone
            } else {
                Step::ResolveNotDone
            },
            reason: Some(format!("{who}: {reason}")),
            detail: None,
        }
    }

    /// What a settlement proves; `None` where it proves nothing.
    #[must_use]
    pub fn from_settlement(outcome: &Outcome<settlement::Settled>) -> Option<Self> {
        let (step, reason) = match outcome {
            Outcome::Done(settled) => (Step::SettleDone, settled.proof.to_string()),
            Outcome::Refused(error) => (Step::SettleRefused, error.to_string()),
            Outcome::NotSent(error) => (Step::SettleNotSent, error.to_string()),
            Outcome::Pending(_) | Outcome::Unknown(_) => return None,
        };
        Some(Self {
            step,
            reason: Some(reason),
            detail: None,
        })
    }

    /// With what came back, for the report: no secret, and nothing about the person.
    #[must_use]
    pub fn detail(self, detail: Value) -> Self {
        Self {
            detail: Some(detail),
            ..self
        }
    }

    /// The state that it leads to.
    #[must_use]
    pub fn state(&self) -> RowState {
        self.step.target()
    }
}

/// A look-up's conclusion about a row.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settled {
    /// The row.
    pub row: RowId,
    /// The attempt that was looked up.
    pub attempt: u32,
    /// What the look-up proves.
    pub conclusion: Conclusion,
}

impl Settled {
    /// The conclusion about this attempt of this row.
    #[must_use]
    pub fn new(row: RowId, attempt: u32, conclusion: Conclusion) -> Self {
        Self {
            row,
            attempt,
            conclusion,
        }
    }
}

impl Settled {
    /// What a person should know, where the row stands in this state and attempt already and the conclusion changes nothing.
    pub(crate) fn contradiction(&self, state: RowState, attempt: u32) -> Option<String> {
        let late = self.conclusion.state();
        let is_word_on_value = !matches!(late, RowState::Unknown | RowState::Pending);
        let contradicts = state.is_final() && late != state && is_word_on_value;
        // It moved value, and the row may be sent again or is.
        let was_done = late == RowState::Done && (attempt != self.attempt || state == RowState::Pending);
        (contradicts || was_done).then(|| {
            format!(
                "the row is {} (attempt {attempt}), and attempt {} later came out as {}",
                state.as_str(),
                self.attempt,
                late.as_str()
            )
        })
    }
}

/// What the ledger did with a conclusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recorded {
    /// The row has the new state.
    Applied(RowState),
    /// The row has ended otherwise, or another attempt owns it; it stays as it is. Where the conclusion contradicts it, an
    /// event for a person is written down.
    Kept(RowState),
}
