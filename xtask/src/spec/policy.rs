//! `spec/policy.yaml`: what each operation does with value, and how it may be repeated and settled.
//!
//! None of this is a wire fact, which is why it stands apart from the OpenAPI document. The loader reads it into
//! these types; code generation writes the high-level crate's policy table from them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::diagnostic::Diagnostic;
use super::document::Document;
use super::pointer::Pointer;
use super::shape::Shape::{Count, List, MapOf, NullOr, Object as Is, Text, Word};
use super::shape::{self, Object, Others, Shape, optional, required};
use super::suggestion::did_you_mean;

const EFFECTS: [&str; 4] = ["authenticates", "reads", "changes-state", "moves-value"];
const REPEATS: [&str; 2] = ["safe", "never"];
const AFTER_401: [&str; 2] = ["replay", "unknown"];
const SETTLEMENT_EVIDENCE: [&str; 3] = ["verified", "unverified", "none"];

static FILE: Shape = Is(&POLICY);

static POLICY: Object = Object {
    section: None,
    fields: &[required("operations", MapOf(&Is(&OPERATION)))],
    others: Others::Refused,
};

static OPERATION: Object = Object {
    section: None,
    fields: &[
        required("effect", Word(&EFFECTS)),
        required("repeat", Word(&REPEATS)),
        required("after-401", Word(&AFTER_401)),
        optional("reference", Is(&REFERENCE)),
        optional("settlement", Is(&SETTLEMENT)),
        optional("note", Text),
    ],
    others: Others::Refused,
};

static REFERENCE: Object = Object {
    section: None,
    fields: &[required("sent-as", List(&Text)), required("echoed-as", NullOr(&Text))],
    others: Others::Refused,
};

static SETTLEMENT: Object = Object {
    section: None,
    fields: &[
        required("evidence", Word(&SETTLEMENT_EVIDENCE)),
        optional("absence-proves-after-seconds", NullOr(&Count)),
        optional("steps", List(&Is(&STEP))),
    ],
    others: Others::Refused,
};

static STEP: Object = Object {
    section: None,
    fields: &[
        required("find", Text),
        required("operation", Text),
        required("by", Text),
    ],
    others: Others::Refused,
};

/// Reads the policy out of its document.
pub(crate) fn read(document: &Document) -> Result<Policy, Vec<Diagnostic>> {
    let findings = shape::check(document, &FILE).findings;
    if !findings.is_empty() {
        return Err(findings);
    }
    serde_json::from_value(document.value.clone())
        .map_err(|error| vec![document.finding(&Pointer::root(), error.to_string())])
}

/// Finds entries and settlement steps that name operations which do not exist.
pub(crate) fn unknown_operations(document: &Document, policy: &Policy, known: &[&str]) -> Vec<Diagnostic> {
    let operations = Pointer::root().child("operations");
    let unknown = |at: Pointer, name: &str| {
        (!known.contains(&name)).then(|| {
            let hint = did_you_mean(name, known.iter().copied());
            document.finding(&at, format!("{at}: there is no operation {name}{hint}"))
        })
    };
    let mut findings = Vec::new();
    for (name, entry) in &policy.operations {
        let at = operations.child(name);
        findings.extend(unknown(at.clone(), name));
        for (index, step) in entry.settlement.steps.iter().enumerate() {
            let at = at.child("settlement").child("steps").index(index).child("operation");
            findings.extend(unknown(at, &step.operation));
        }
    }
    findings
}

/// The whole file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// One entry for each operation, by operationId.
    pub operations: BTreeMap<String, OperationPolicy>,
}

/// What one operation does with value.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OperationPolicy {
    /// What happens on the portal when it succeeds.
    pub effect: Effect,
    /// Whether it may be sent again after a failure.
    pub repeat: Repeat,
    /// Whether it may be sent again after a 401.
    #[serde(rename = "after-401")]
    pub after_401: After401,
    /// How the caller's own reference travels; `None` where the operation has none.
    #[serde(default)]
    pub reference: Option<Reference>,
    /// How an unknown outcome is settled.
    #[serde(default)]
    pub settlement: Settlement,
    /// Why.
    #[serde(default)]
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
            settlement: Settlement::default(),
            note: None,
        }
    }
}

/// What happens on the portal when an operation succeeds.
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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Reference {
    /// The names it may be sent under; the first one is sent by default.
    pub sent_as: Vec<String>,
    /// Where the answer repeats it; `None` where no page promises that.
    #[serde(default)]
    pub echoed_as: Option<String>,
}

/// How an unknown outcome is settled.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settlement {
    /// How well the recipe is known to work.
    pub evidence: SettlementEvidence,
    /// So many seconds after the intent, "not found" by all steps proves that the call did not happen. `None` where it
    /// never does.
    #[serde(default)]
    pub absence_proves_after_seconds: Option<u64>,
    /// The look-ups to do, in order.
    #[serde(default)]
    pub steps: Vec<SettlementStep>,
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

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;

    use super::{AFTER_401, After401, EFFECTS, Effect, REPEATS, Repeat, SETTLEMENT_EVIDENCE, SettlementEvidence};

    fn spelled<T: DeserializeOwned, const N: usize>(words: [&str; N], as_str: fn(T) -> &'static str) {
        for word in words {
            assert_eq!(as_str(serde_json::from_value(word.into()).unwrap()), word);
        }
    }

    #[test]
    fn the_words_of_the_tables_are_those_of_the_types() {
        spelled(EFFECTS, Effect::as_str);
        spelled(REPEATS, Repeat::as_str);
        spelled(AFTER_401, After401::as_str);
        spelled(SETTLEMENT_EVIDENCE, SettlementEvidence::as_str);
    }
}
