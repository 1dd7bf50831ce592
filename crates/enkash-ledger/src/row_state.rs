//! The state machine of a row, as data: which step leads from which states to which one. Both databases build their
//! compare-and-set from this table, and the exhaustive model searches it, so there is one machine and not three.

use serde::Serialize;

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RowState {
    /// It was never sent, or the API certainly never got it: it may be sent.
    Pending,
    /// An intent is committed. The call may be on its way, or its process may be dead.
    Sending,
    /// Value moved. Final.
    Done,
    /// The API said no. Final.
    Refused,
    /// Value may have moved or not.
    Unknown,
    /// A person says that value did not move. Final; it is never sent again.
    NotDone,
    /// It was never sent and never will be: its reference is free again, unless it was exported. Final.
    Canceled,
}

impl RowState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Sending,
        Self::Done,
        Self::Refused,
        Self::Unknown,
        Self::NotDone,
        Self::Canceled,
    ];

    /// The word in the database and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::NotDone => "not_done",
            Self::Canceled => "canceled",
        }
    }

    /// The state of this word; `None` where a newer version wrote it.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing moves it any more. What comes later and contradicts it is written down for a person.
    #[must_use]
    pub fn is_final(self) -> bool {
        Step::ALL.into_iter().all(|step| step.after(self).is_none())
    }

    /// Whether value may have moved or not: it has to be looked up before anything is paid in its place.
    #[must_use]
    pub fn is_in_doubt(self) -> bool {
        match self {
            Self::Sending | Self::Unknown => true,
            Self::Pending | Self::Done | Self::Refused | Self::NotDone | Self::Canceled => false,
        }
    }

    /// Whether it may be written out to be paid anew, under another reference. One that is pending is canceled by that.
    #[must_use]
    pub fn can_be_exported(self) -> bool {
        matches!(self, Self::Pending | Self::Refused | Self::NotDone | Self::Canceled)
    }

    /// Whether it pays, may have paid or is still to pay: a row for the same person and amount may be the same payment.
    #[must_use]
    pub(crate) fn may_pay(self) -> bool {
        match self {
            Self::Pending | Self::Sending | Self::Done | Self::Unknown => true,
            Self::Refused | Self::NotDone | Self::Canceled => false,
        }
    }

    /// Whether it paid or may have paid.
    #[must_use]
    pub(crate) fn may_have_paid(self) -> bool {
        match self {
            Self::Sending | Self::Done | Self::Unknown => true,
            Self::Pending | Self::Refused | Self::NotDone | Self::Canceled => false,
        }
    }

    /// The states that are in doubt, as the list of an SQL `IN`.
    pub(crate) fn in_doubt_list() -> String {
        Self::list_of(Self::is_in_doubt)
    }

    /// The states that this is true of, as the list of an SQL `IN`.
    pub(crate) fn list_of(is_wanted: impl Fn(Self) -> bool) -> String {
        let words: Vec<_> = Self::ALL
            .into_iter()
            .filter(|state| is_wanted(*state))
            .map(|state| format!("'{}'", state.as_str()))
            .collect();
        words.join(", ")
    }

    /// Where this step leads from here; `None` where it must not happen.
    #[must_use]
    pub fn after(self, step: Step) -> Option<Self> {
        step.after(self)
    }
}

/// Who says how a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Decision {
    /// The response to the attempt itself.
    Attempt,
    /// A look-up by a settlement recipe.
    Settlement,
    /// A person.
    Person,
}

impl Decision {
    pub(crate) const ALL: [Self; 3] = [Self::Attempt, Self::Settlement, Self::Person];

    /// The word in the database and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attempt => "attempt",
            Self::Settlement => "settlement",
            Self::Person => "person",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decision| decision.as_str() == word)
    }
}

/// What can happen to a row. Nothing else can.
///
/// Every step but [`CommitIntent`](Self::CommitIntent) and [`Cancel`](Self::Cancel) is compared by attempt number as well:
/// a step of an older attempt changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// Someone is about to send it. Only the one whose compare-and-set succeeds may send.
    CommitIntent,
    /// The attempt's own response says done.
    AttemptDone,
    /// The attempt's own response says no.
    AttemptRefused,
    /// The attempt is certain that the API never got it.
    AttemptNotSent,
    /// The attempt does not know.
    AttemptUnknown,
    /// Nobody waits for the attempt any more: its process is gone, or its rows were taken over.
    Interrupt,
    /// Settlement proves that it happened.
    SettleDone,
    /// A verified recipe proves that it was refused.
    SettleRefused,
    /// A verified recipe proves that it did not happen.
    SettleNotSent,
    /// A person says that it happened.
    ResolveDone,
    /// A person says that it did not happen.
    ResolveNotDone,
    /// Nobody shall ever send it.
    Cancel,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 12] = [
        Self::CommitIntent,
        Self::AttemptDone,
        Self::AttemptRefused,
        Self::AttemptNotSent,
        Self::AttemptUnknown,
        Self::Interrupt,
        Self::SettleDone,
        Self::SettleRefused,
        Self::SettleNotSent,
        Self::ResolveDone,
        Self::ResolveNotDone,
        Self::Cancel,
    ];

    /// The states that it may happen in.
    #[must_use]
    pub fn sources(self) -> &'static [RowState] {
        use RowState::{Pending, Sending, Unknown};
        match self {
            Self::CommitIntent | Self::Cancel => &[Pending],
            // Late as well: whoever took the row over called it unknown meanwhile, and sent nothing.
            Self::AttemptDone | Self::AttemptRefused | Self::AttemptNotSent => &[Sending, Unknown],
            Self::AttemptUnknown | Self::Interrupt => &[Sending],
            Self::SettleDone | Self::SettleRefused | Self::SettleNotSent | Self::ResolveDone | Self::ResolveNotDone => {
                &[Unknown]
            }
        }
    }

    /// The state that it leads to.
    #[must_use]
    pub fn target(self) -> RowState {
        match self {
            Self::CommitIntent => RowState::Sending,
            Self::AttemptDone | Self::SettleDone | Self::ResolveDone => RowState::Done,
            Self::AttemptRefused | Self::SettleRefused => RowState::Refused,
            Self::AttemptNotSent | Self::SettleNotSent => RowState::Pending,
            Self::AttemptUnknown | Self::Interrupt => RowState::Unknown,
            Self::ResolveNotDone => RowState::NotDone,
            Self::Cancel => RowState::Canceled,
        }
    }

    /// Who decides, where the step ends the row.
    #[must_use]
    pub fn decision(self) -> Option<Decision> {
        match self {
            Self::AttemptDone | Self::AttemptRefused | Self::AttemptNotSent | Self::AttemptUnknown => {
                Some(Decision::Attempt)
            }
            Self::SettleDone | Self::SettleRefused | Self::SettleNotSent => Some(Decision::Settlement),
            Self::ResolveDone | Self::ResolveNotDone => Some(Decision::Person),
            Self::CommitIntent | Self::Interrupt | Self::Cancel => None,
        }
    }

    /// The states that it may happen in, as the list of an SQL `IN`.
    pub(crate) fn source_list(self) -> String {
        let words: Vec<_> = self
            .sources()
            .iter()
            .map(|state| format!("'{}'", state.as_str()))
            .collect();
        words.join(", ")
    }

    fn after(self, state: RowState) -> Option<RowState> {
        self.sources().contains(&state).then(|| self.target())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_intent_leads_to_sending_and_only_pending_leads_to_an_intent() {
        let to_sending: Vec<_> = Step::ALL
            .into_iter()
            .filter(|step| step.target() == RowState::Sending)
            .collect();
        assert_eq!(to_sending, [Step::CommitIntent]);
        assert_eq!(Step::CommitIntent.sources(), [RowState::Pending]);
    }

    #[test]
    fn only_proof_of_not_sent_leads_back_to_pending() {
        let to_pending: Vec<_> = Step::ALL
            .into_iter()
            .filter(|step| step.target() == RowState::Pending)
            .collect();
        assert_eq!(to_pending, [Step::AttemptNotSent, Step::SettleNotSent]);
    }

    #[test]
    fn final_states_stay() {
        let finals: Vec<_> = RowState::ALL.into_iter().filter(|state| state.is_final()).collect();
        assert_eq!(
            finals,
            [RowState::Done, RowState::Refused, RowState::NotDone, RowState::Canceled]
        );
    }

    #[test]
    fn what_is_in_doubt_is_neither_ended_nor_free_to_be_sent() {
        for state in RowState::ALL {
            let is_known = state.is_final() || state == RowState::Pending;
            assert_eq!(state.is_in_doubt(), !is_known, "{state:?}");
        }
    }

    #[test]
    fn every_word_is_read_back() {
        for state in RowState::ALL {
            assert_eq!(RowState::parse(state.as_str()), Some(state));
        }
        assert_eq!(RowState::parse("paid"), None);
    }
}
