//! What each operation does with value. The table is generated from spec/policy.yaml; an operation that
//! is missing there counts as moving value, and nothing is allowed with it.

use std::time::Duration;

use enkash_api::OperationId;

use crate::policy_table::POLICIES;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) effect: Effect,
    pub(crate) repeat: Repeat,
    pub(crate) after_401: After401,
    pub(crate) reference: Option<Reference>,
    pub(crate) settlement: Settlement,
}

/// What happens on the portal when the operation succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Authenticates,
    Reads,
    ChangesState,
    MovesValue,
}

/// Whether the operation may be sent again after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    Safe,
    /// Only with proof that it was not sent.
    Never,
}

/// Whether the operation may be sent again after a 401.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After401 {
    /// Once, with a newer token.
    Replay,
    /// Never: nothing says that the 401 comes before the effect.
    Unknown,
}

/// How the caller's reference travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The names it may be sent under; the first one is the default.
    pub(crate) sent_as: &'static [&'static str],
    /// Where the answer repeats it, as a dotted path; `None` where no page promises that.
    pub(crate) echoed_as: Option<&'static str>,
}

/// How an unknown outcome is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settlement {
    pub(crate) evidence: SettlementEvidence,
    /// How long after the intent "not found" proves that it did not happen. Only of a verified recipe.
    pub(crate) absence_proves_after: Option<Duration>,
    pub(crate) steps: &'static [SettlementStep],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SettlementEvidence {
    #[allow(dead_code, reason = "the table may raise a recipe to it at any regeneration")]
    Verified,
    Unverified,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SettlementStep {
    pub(crate) find: &'static str,
    pub(crate) operation: OperationId,
    pub(crate) by: &'static str,
}

const STRICTEST: Policy = Policy {
    effect: Effect::MovesValue,
    repeat: Repeat::Never,
    after_401: After401::Unknown,
    reference: None,
    settlement: Settlement {
        evidence: SettlementEvidence::None,
        absence_proves_after: None,
        steps: &[],
    },
};

impl Policy {
    pub(crate) fn of(operation: OperationId) -> &'static Self {
        let known = POLICIES.iter().find(|(id, _)| *id == operation);
        known.map_or(&STRICTEST, |(_, policy)| policy)
    }

    /// Whether one call may pass the send guard only once.
    pub(crate) fn is_sent_once(&self) -> bool {
        self.repeat == Repeat::Never && self.after_401 == After401::Unknown
    }
}
