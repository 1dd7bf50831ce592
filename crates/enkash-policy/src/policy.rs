//! The policy as types: one entry for each operation. Everything that is missing is read as the strictest value, so a
//! policy that says nothing lets nothing count and nothing be repeated.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

/// The whole file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// One entry for each operation, by operationId.
    pub operations: BTreeMap<String, OperationPolicy>,
}

/// What one operation does with value.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OperationPolicy {
    /// What happens at EnKash when it succeeds.
    pub effect: Effect,
    /// Whether it may be sent again after a failure.
    pub repeat: Repeat,
    /// Whether it may be sent again after a 401.
    #[serde(rename = "after-401")]
    pub after_401: After401,
    /// How the caller's own reference travels; `None` where the operation has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// What proves the outcome of a call that moves value.
    #[serde(default, skip_serializing_if = "is_default")]
    pub outcome: OutcomeRules,
    /// How an unknown outcome is settled.
    #[serde(default)]
    pub settlement: Settlement,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl OperationPolicy {
    /// What counts for an operation that nobody wrote an entry for: it moves value and nothing is allowed.
    pub fn strictest() -> Self {
        Self {
            effect: Effect::MovesValue,
            repeat: Repeat::Never,
            after_401: After401::Unknown,
            reference: None,
            outcome: OutcomeRules::default(),
            settlement: Settlement::default(),
            note: None,
        }
    }

    /// Whether a page promises that a response to it repeats the reference, and so names the call that it belongs to.
    pub fn is_echoed(&self) -> bool {
        let reference = self.reference.as_ref();
        reference.is_some_and(|reference| reference.echoed_as.is_some())
    }

    /// Whether one call may be handed to the transport only once.
    pub fn is_sent_once(&self) -> bool {
        self.repeat == Repeat::Never && self.after_401 == After401::Unknown
    }
}

/// What happens at EnKash when an operation succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It hands out a token.
    Authenticates,
    /// It changes nothing.
    Reads,
    /// It changes something that can be changed back and is worth nothing by itself.
    ChangesState,
    /// It moves points, coins, vouchers or money.
    MovesValue,
}

impl Effect {
    /// The word that the policy file uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authenticates => "authenticates",
            Self::Reads => "reads",
            Self::ChangesState => "changes-state",
            Self::MovesValue => "moves-value",
        }
    }
}

/// Whether an operation may be sent again after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repeat {
    /// Yes.
    Safe,
    /// Only with proof that it was not sent.
    Never,
}

impl Repeat {
    /// The word that the policy file uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Never => "never",
        }
    }
}

/// Whether an operation may be sent again after a 401.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum After401 {
    /// Once, with a newer token.
    Replay,
    /// Never: nothing says that the 401 comes before the effect.
    Unknown,
}

impl After401 {
    /// The word that the policy file uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::Unknown => "unknown",
        }
    }
}

/// How the caller's own reference travels.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Reference {
    /// The names it may be sent under; the first one is sent by default.
    pub sent_as: Vec<String>,
    /// Where the response repeats it; `None` where no page promises that.
    #[serde(default)]
    pub echoed_as: Option<String>,
}

/// What a response has to say to prove that a call happened, or that it was refused. Each list holds what counts; all
/// else proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OutcomeRules {
    /// The codes of success, as a number or a text would spell them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub success_codes: Vec<String>,
    /// The messages that may stand beside such a code, whatever their case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub success_messages: Vec<String>,
    /// What the payload of a success is. `None` where nothing is documented: then nothing is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success_payload: Option<PayloadKind>,
    /// The texts that count, where the payload of a success is a text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub success_texts: Vec<String>,
    /// The codes of a refusal, as a number or a text would spell them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusal_codes: Vec<String>,
    /// Texts beside such a code that are a plain refusal, whatever their words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusal_texts: Vec<String>,
    /// Fields beside those of the envelopes that may stand at the top of a response and say nothing; of a bulk response also
    /// in its payload and its rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_fields: Vec<String>,
}

/// What the payload of a success is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PayloadKind {
    /// A JSON object.
    Object,
    /// One of the texts of `success-texts`.
    Text,
}

impl PayloadKind {
    /// The word that the policy file uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Text => "text",
        }
    }
}

/// How an unknown outcome is settled.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settlement {
    /// How well the recipe is known to work.
    pub evidence: SettlementEvidence,
    /// So many seconds after the intent, "not found" by all steps proves that the call did not happen. `None` where it
    /// never does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absence_proves_after_seconds: Option<u64>,
    /// The look-ups to do, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<SettlementStep>,
    /// What counts in an entry that is found.
    #[serde(default, skip_serializing_if = "is_default")]
    pub entry: EntryRules,
}

/// What an entry of a look-up may say and still be a proof.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EntryRules {
    /// The good states. Any other state is no proof.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<String>,
    /// The good kinds of an entry that gives value to a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credit_kinds: Vec<String>,
    /// The good kinds of an entry that takes value from a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub debit_kinds: Vec<String>,
    /// The whole descriptions that say nothing but that it happened, beside the words of the call itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub descriptions: Vec<String>,
    /// The dates that must lie at the time of the call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub same_dates: Vec<String>,
    /// The dates that must not lie before the call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later_dates: Vec<String>,
    /// Fields beside those of the pages that may stand in an entry, or beside the list of entries, and say nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_fields: Vec<String>,
}

/// How well a settlement recipe is known to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettlementEvidence {
    /// It was seen to work.
    Verified,
    /// It should work by what the pages say.
    Unverified,
    /// There is none.
    #[default]
    None,
}

impl SettlementEvidence {
    /// The word that the policy file uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Unverified => "unverified",
            Self::None => "none",
        }
    }
}

/// One look-up of a settlement.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SettlementStep {
    /// What it finds.
    pub find: String,
    /// The operation that finds it, by operationId.
    pub operation: String,
    /// The field that it searches by.
    pub by: String,
}

impl fmt::Display for SettlementStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { find, operation, by } = self;
        write!(f, "{{find: {find}, operation: {operation}, by: {by}}}")
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
