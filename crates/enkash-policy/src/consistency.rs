//! Whether a policy makes sense in itself: the rules that hold with every overlay and every permission. The generator
//! and the client refuse a policy that breaks one, because the client acts on it.

use std::fmt::Display;

use crate::{Effect, OperationPolicy, PayloadKind, Policy, Repeat, SettlementEvidence, SettlementStep};

/// The look-ups that the client has code for: what is found, the operation, and what it searches by.
pub const LOOK_UPS: [[&str; 3]; 4] = [
    ["card", "searchCards", "mobile"],
    ["reference", "searchTransactions", "pgReferenceNumber"],
    ["reference", "fetchOrderInfo", "partnerOrderReferenceId"],
    ["reference", "fetchOrderInfoByPost", "partnerOrderReferenceId"],
];

/// A field of an entry that contradicts another one, or what the client can do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contradiction {
    /// The keys of the field, and indexes of a list, below the operation.
    pub field: Vec<String>,
    /// What is wrong and what would be right.
    pub message: String,
}

/// What is wrong with one entry of a policy. `name` is what messages call the operation.
#[must_use]
pub fn contradictions(name: &str, entry: &OperationPolicy, policy: &Policy) -> Vec<Contradiction> {
    let check = EntryCheck { name, entry, policy };
    let mut found = Vec::new();
    found.extend(check.repeat());
    found.extend(check.outcome());
    found.extend(check.settlement());
    found.extend(check.reference());
    found
}

fn contradiction(field: &[&str], message: impl Into<String>) -> Contradiction {
    Contradiction {
        field: field.iter().map(|key| (*key).to_owned()).collect(),
        message: message.into(),
    }
}

struct EntryCheck<'a> {
    name: &'a str,
    entry: &'a OperationPolicy,
    policy: &'a Policy,
}

impl EntryCheck<'_> {
    fn repeat(&self) -> Option<Contradiction> {
        let consequence = match self.entry.effect {
            Effect::MovesValue => "moves value: a repetition may move it twice",
            Effect::Authenticates => "logs in: a repetition may be a strike against the account",
            Effect::Reads | Effect::ChangesState => return None,
        };
        (self.entry.repeat == Repeat::Safe).then(|| {
            contradiction(
                &["repeat"],
                format!("repeat: cannot be safe, {} {consequence}", self.name),
            )
        })
    }

    /// One code that says yes and no says nothing.
    fn outcome(&self) -> Vec<Contradiction> {
        let outcome = &self.entry.outcome;
        let mut found = Vec::new();
        let both = outcome
            .refusal_codes
            .iter()
            .find(|code| outcome.success_codes.contains(code));
        if let Some(code) = both {
            let message = format!("refusal-codes: {code} is one of the success-codes too");
            found.push(contradiction(&["outcome", "refusal-codes"], message));
        }
        if outcome.success_payload != Some(PayloadKind::Text) && !outcome.success_texts.is_empty() {
            let message = "success-texts: they count only where success-payload is text";
            found.push(contradiction(&["outcome", "success-texts"], message));
        }
        let lists = [
            ("success-codes", &outcome.success_codes),
            ("success-messages", &outcome.success_messages),
            ("success-texts", &outcome.success_texts),
            ("refusal-codes", &outcome.refusal_codes),
            ("refusal-texts", &outcome.refusal_texts),
            ("other-fields", &outcome.other_fields),
        ];
        for (key, list) in lists {
            found.extend(repetition(&["outcome", key], list));
        }
        found
    }

    fn settlement(&self) -> Vec<Contradiction> {
        let settlement = &self.entry.settlement;
        let mut found = Vec::new();
        let has_recipe = settlement.evidence != SettlementEvidence::None;
        if has_recipe == settlement.steps.is_empty() {
            let message = if has_recipe {
                "steps: missing, a settlement with evidence says how it is done"
            } else {
                "steps: there is no evidence for a settlement, so there are no steps"
            };
            found.push(contradiction(&["settlement"], message));
        }
        found.extend(self.absence());
        let steps = settlement.steps.iter().enumerate();
        found.extend(steps.filter_map(|(index, step)| self.step(index, step)));
        found.extend(repetition(&["settlement", "steps"], &settlement.steps));
        let finds_reference = settlement.steps.iter().any(|step| step.find == "reference");
        if finds_reference && self.entry.reference.is_none() {
            let message = format!("steps: they look for a reference, and {} has none", self.name);
            found.push(contradiction(&["settlement", "steps"], message));
        }
        if settlement.evidence == SettlementEvidence::Verified && !settlement.steps.is_empty() && !finds_reference {
            let message = "steps: none finds the reference, so there is nothing that could be verified";
            found.push(contradiction(&["settlement", "steps"], message));
        }
        found
    }

    /// Absence proves something only where the look-up is known to be complete, and never at once.
    fn absence(&self) -> Option<Contradiction> {
        let settlement = &self.entry.settlement;
        let seconds = settlement.absence_proves_after_seconds?;
        let message = if settlement.evidence != SettlementEvidence::Verified {
            format!(
                "absence-proves-after-seconds: allowed only beside evidence: verified, here it is {}; remove it, \
                 or write null in an overlay, unless EnKash confirmed that the steps find every call",
                settlement.evidence.as_str()
            )
        } else if seconds == 0 {
            "absence-proves-after-seconds: 0 would prove that a call did not happen while it is on its way; write how \
             many seconds one may take to appear"
                .to_owned()
        } else {
            return None;
        };
        Some(contradiction(&["settlement", "absence-proves-after-seconds"], message))
    }

    fn step(&self, index: usize, step: &SettlementStep) -> Option<Contradiction> {
        let operation = step.operation.as_str();
        let policy = self.policy.operations.get(operation);
        let index = index.to_string();
        let written = [step.find.as_str(), operation, step.by.as_str()];
        if !LOOK_UPS.contains(&written) {
            // A name that nobody knows is reported as such.
            return policy.map(|_| {
                let look_ups: Vec<_> = LOOK_UPS
                    .iter()
                    .map(|[find, operation, by]| format!("{{find: {find}, operation: {operation}, by: {by}}}"))
                    .collect();
                let message = format!(
                    "steps: the client has no look-up {step}; it has {}",
                    look_ups.join(", ")
                );
                contradiction(&["settlement", "steps", &index], message)
            });
        }
        // Without an entry it counts as moving value.
        let only_reads = policy.is_some_and(|policy| policy.effect == Effect::Reads);
        (!only_reads).then(|| {
            let message = format!("operation: {operation} does more than read, so it cannot settle");
            contradiction(&["settlement", "steps", &index, "operation"], message)
        })
    }

    fn reference(&self) -> Vec<Contradiction> {
        let Some(reference) = &self.entry.reference else {
            return Vec::new();
        };
        let mut found = repetition(&["reference", "sent-as"], &reference.sent_as);
        if reference.sent_as.is_empty() {
            let message = format!("sent-as: names no field of {}", self.name);
            found.insert(0, contradiction(&["reference", "sent-as"], message));
        }
        found
    }
}

/// Who writes an overlay may expect it to replace a list.
fn repetition<T: PartialEq + Display>(list: &[&str], entries: &[T]) -> Vec<Contradiction> {
    let repeated = entries.iter().enumerate();
    let repeated = repeated.filter(|(index, entry)| entries[..*index].contains(entry));
    repeated
        .map(|(index, entry)| {
            let key = list.last().copied().unwrap_or_default();
            let remedy = "an overlay adds to a list, so remove the list first";
            let index = index.to_string();
            contradiction(
                &[list, &[index.as_str()]].concat(),
                format!("{key}: {entry} stands there twice; {remedy}"),
            )
        })
        .collect()
}
