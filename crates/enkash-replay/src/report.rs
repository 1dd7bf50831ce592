//! What a play found: operation by operation where recording and sandbox differ, and switch by switch what makes them agree. The
//! search makes it; commands print it. It holds no value of the recording.

use std::collections::BTreeMap;

use enkash_sandbox::Switches;
use serde::Serialize;

/// A recording against the sandbox.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The switches with which the sandbox agrees most.
    #[serde(skip)]
    pub chosen: Switches,
    /// What was found of each switch.
    pub switches: Vec<SwitchChoice>,
    /// How far it agrees as it was before.
    pub before: Comparison,
    /// How far it agrees with the switches.
    pub after: Comparison,
    /// Exchanges of no operation, or of one whose path nobody saw: they were not played.
    pub unmatched: u64,
    /// Exchanges with an encrypted body: they cannot be played.
    pub encrypted: u64,
    /// Exchanges without a response.
    pub unanswered: u64,
    /// Exchanges beyond the bound.
    pub left_out: u64,
}

/// One switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SwitchChoice {
    /// Its name.
    pub name: String,
    /// The value that was chosen.
    pub value: String,
    /// Whether it differs from what was set before.
    pub is_changed: bool,
    /// Whether the recording shows anything of it: with some other value the sandbox would agree less.
    pub is_shown: bool,
    /// The values that agree as well as the chosen one.
    pub equals: Vec<String>,
}

/// How far a recording and a sandbox agree.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// Exchanges that were played.
    pub played: u64,
    /// Those with the same status, outcome and shape.
    pub same: u64,
    /// Operation by operation, by operationId.
    pub operations: BTreeMap<String, OperationReport>,
    /// How much differs: what the search makes small.
    #[serde(skip)]
    pub(crate) weight: u64,
}

/// One operation.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct OperationReport {
    /// Exchanges that were played.
    pub played: u64,
    /// Those with the same status, outcome and shape.
    pub same: u64,
    /// Other statuses: recorded, of the sandbox, and how often.
    pub statuses: Vec<(u16, u16, u64)>,
    /// How often one succeeded and the other reported a failure in a 200.
    pub outcomes: u64,
    /// What differs, field by field, and how often.
    pub fields: Vec<(FieldDifference, u64)>,
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct FieldDifference {
    /// The field, such as `payload.data[].cardId`.
    pub field: String,
    /// What it is in the recording.
    pub recorded: String,
    /// What it is in the sandbox.
    pub sandbox: String,
}

/// How one exchange compares.
pub(crate) enum Verdict {
    Same,
    OtherStatus { recorded: u16, sandbox: u16 },
    OtherOutcome,
    OtherShape(Vec<FieldDifference>),
}

/// What another status or outcome weighs, in fields.
const WHOLE_RESPONSE: u64 = 20;

/// More fields of one operation than this are counted and not named.
const MAX_FIELDS: usize = 200;

impl Comparison {
    pub(crate) fn add(&mut self, operation: &str, verdict: Verdict) {
        let report = self.operations.entry(operation.to_owned()).or_default();
        self.played += 1;
        report.played += 1;
        match verdict {
            Verdict::Same => {
                self.same += 1;
                report.same += 1;
            }
            Verdict::OtherStatus { recorded, sandbox } => {
                self.weight += WHOLE_RESPONSE;
                let mut known = report.statuses.iter_mut();
                match known.find(|(one, other, _)| (*one, *other) == (recorded, sandbox)) {
                    Some((_, _, count)) => *count += 1,
                    None => report.statuses.push((recorded, sandbox, 1)),
                }
            }
            Verdict::OtherOutcome => {
                self.weight += WHOLE_RESPONSE;
                report.outcomes += 1;
            }
            Verdict::OtherShape(differences) => {
                self.weight += differences.len() as u64;
                for difference in differences {
                    if let Some((_, count)) = report.fields.iter_mut().find(|(field, _)| *field == difference) {
                        *count += 1;
                    } else if report.fields.len() < MAX_FIELDS {
                        report.fields.push((difference, 1));
                    }
                }
            }
        }
    }
}
