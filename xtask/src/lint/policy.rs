//! Rules about policy.yaml: that every operation has an entry, and that the entries make sense.

use std::fmt::Display;

use super::fields::{has_path, property_names};
use super::subject::{Answer, Site, Subject};
use crate::spec::load::POLICY;
use crate::spec::openapi_shape::PARAMETER;
use crate::spec::pointer::Pointer;
use crate::spec::suggestion::did_you_mean;
use crate::spec::{Diagnostic, Effect, OperationPolicy, Repeat, SettlementEvidence, SettlementStep};

/// The look-ups that the client has code for: what is found, the operation, and what it searches by.
const LOOK_UPS: [[&str; 3]; 4] = [
    ["card", "searchCards", "mobile"],
    ["reference", "searchTransactions", "pgReferenceNumber"],
    ["reference", "fetchOrderInfo", "partnerOrderReferenceId"],
    ["reference", "fetchOrderInfoByPost", "partnerOrderReferenceId"],
];

fn look_up([find, operation, by]: &[&str; 3]) -> String {
    format!("{{find: {find}, operation: {operation}, by: {by}}}")
}

/// An operation without an entry counts as moving value, which should be said and not happen.
///
/// An operation that a user's overlay adds has no entry and needs none: it gets the strictest policy. The same goes for
/// one whose entry a user's overlay took away.
pub(super) fn present(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let document = subject.document();
    let policies = [&subject.draft.pristine_policy, &subject.draft.policy];
    subject
        .operations
        .iter()
        .filter(|site| {
            site.id()
                .is_some_and(|id| !policies.iter().any(|policy| policy.operations.contains_key(id)))
        })
        .filter(|site| document.place(&site.at.child("operationId")).file == document.file)
        .map(|site| {
            let message = format!(
                "{} has no entry in {POLICY}, write what it does with value",
                site.name()
            );
            subject.finding(&site.at, message)
        })
        .collect()
}

/// A policy that contradicts itself or names a field that is not there settles nothing.
pub(super) fn sense(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for site in &subject.operations {
        let Some(id) = site.id() else { continue };
        let Some(policy) = subject.draft.policy.operations.get(id) else {
            continue;
        };
        let at = Pointer::root().child("operations").child(id);
        let entry = Entry {
            subject,
            site,
            policy,
            at,
        };
        findings.extend(entry.repeat());
        findings.extend(entry.settlement());
        findings.extend(entry.reference());
    }
    findings
}

struct Entry<'s, 'a> {
    subject: &'s Subject<'a>,
    site: &'s Site<'a>,
    policy: &'s OperationPolicy,
    at: Pointer,
}

impl Entry<'_, '_> {
    fn finding(&self, at: &Pointer, message: String) -> Diagnostic {
        self.subject.draft.policy_document.finding(at, message)
    }

    fn repeat(&self) -> Option<Diagnostic> {
        let consequence = match self.policy.effect {
            Effect::MovesValue => "moves value: a repetition may move it twice",
            Effect::Authenticates => "logs in: a repetition may be a strike against the account",
            Effect::Reads | Effect::ChangesState => return None,
        };
        (self.policy.repeat == Repeat::Safe).then(|| {
            let at = self.at.child("repeat");
            self.finding(
                &at,
                format!("repeat: cannot be safe, {} {consequence}", self.site.name()),
            )
        })
    }

    fn settlement(&self) -> Vec<Diagnostic> {
        let settlement = &self.policy.settlement;
        let at = self.at.child("settlement");
        let mut findings = Vec::new();
        let has_recipe = settlement.evidence != SettlementEvidence::None;
        if has_recipe == settlement.steps.is_empty() {
            let message = if has_recipe {
                "steps: missing, a settlement with evidence says how it is done"
            } else {
                "steps: there is no evidence for a settlement, so there are no steps"
            };
            findings.push(self.finding(&at, message.to_owned()));
        }
        findings.extend(self.absence());
        let steps = at.child("steps");
        let found = settlement.steps.iter().enumerate();
        findings.extend(found.filter_map(|(index, step)| self.step(&steps.index(index), step)));
        findings.extend(self.repetition(&steps, &settlement.steps));
        let finds_reference = settlement.steps.iter().any(|step| step.find == "reference");
        if finds_reference && self.policy.reference.is_none() {
            let message = format!("steps: they look for a reference, and {} has none", self.site.name());
            findings.push(self.finding(&steps, message));
        }
        if settlement.evidence == SettlementEvidence::Verified && !settlement.steps.is_empty() && !finds_reference {
            let message = "steps: none finds the reference, so there is nothing that could be verified";
            findings.push(self.finding(&steps, message.to_owned()));
        }
        findings
    }

    /// Who writes an overlay may expect it to replace a list.
    fn repetition<T: PartialEq + Display>(&self, list: &Pointer, entries: &[T]) -> Vec<Diagnostic> {
        let repeated = entries.iter().enumerate();
        let repeated = repeated.filter(|(index, entry)| entries[..*index].contains(entry));
        repeated
            .map(|(index, entry)| {
                let key = list.last_step();
                let remedy = "an overlay adds to a list, so remove the list first";
                self.finding(
                    &list.index(index),
                    format!("{key}: {entry} stands there twice; {remedy}"),
                )
            })
            .collect()
    }

    /// Absence proves something only where the look-up is known to be complete, and never at once.
    fn absence(&self) -> Option<Diagnostic> {
        let settlement = &self.policy.settlement;
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
        let at = self.at.child("settlement").child("absence-proves-after-seconds");
        Some(self.finding(&at, message))
    }

    fn step(&self, at: &Pointer, step: &SettlementStep) -> Option<Diagnostic> {
        let operation = step.operation.as_str();
        let mut sites = self.subject.operations.iter();
        let exists = sites.any(|site| site.id() == Some(operation));
        let policy = self.subject.draft.policy.operations.get(operation);
        let written = [step.find.as_str(), operation, step.by.as_str()];
        if !LOOK_UPS.contains(&written) {
            // A name that nobody knows is reported as such.
            let known = exists || policy.is_some();
            let look_ups: Vec<_> = LOOK_UPS.iter().map(look_up).collect();
            return known.then(|| {
                let message = format!(
                    "steps: the client has no look-up {step}; it has {}",
                    look_ups.join(", ")
                );
                self.finding(at, message)
            });
        }
        let at = at.child("operation");
        if !exists {
            let message =
                format!("operation: an overlay removed {operation}, so a policy overlay must remove the step");
            return Some(self.finding(&at, message));
        }
        // Without an entry it counts as moving value.
        let only_reads = policy.is_some_and(|policy| policy.effect == Effect::Reads);
        (!only_reads).then(|| {
            let message = format!("operation: {operation} does more than read, so it cannot settle");
            self.finding(&at, message)
        })
    }

    fn reference(&self) -> Vec<Diagnostic> {
        let Some(reference) = &self.policy.reference else {
            return Vec::new();
        };
        let at = self.at.child("reference");
        let mut findings = Vec::new();
        if reference.sent_as.is_empty() {
            findings.push(self.finding(
                &at.child("sent-as"),
                format!("sent-as: names no field of {}", self.site.name()),
            ));
        }
        findings.extend(self.repetition(&at.child("sent-as"), &reference.sent_as));
        let sent = self.sent_names();
        for (index, name) in reference.sent_as.iter().enumerate() {
            // Another rule reports a body whose fields cannot be told.
            let Some(sent) = sent.as_ref().filter(|sent| !sent.contains(name)) else {
                continue;
            };
            let hint = did_you_mean(name, sent.iter().map(String::as_str));
            let message = format!("sent-as: {name} is not sent by {}{hint}", self.site.name());
            findings.push(self.finding(&at.child("sent-as").index(index), message));
        }
        if let Some(path) = reference.echoed_as.as_deref().filter(|path| !self.is_answered(path)) {
            let message = format!("echoed-as: {path} is not in the answer of {}", self.site.name());
            findings.push(self.finding(&at.child("echoed-as"), message));
        }
        findings
    }

    /// Every name that the request can carry, unless its body is not a component.
    fn sent_names(&self) -> Option<Vec<String>> {
        let mut names = Vec::new();
        if let Some((body, _)) = self.subject.request_body(self.site) {
            let schema = self.subject.content_schema(&body)?;
            self.subject.component_name(&schema)?;
            names.extend(property_names(self.subject.document(), &schema));
        }
        let parameters = self.subject.reach(&self.site.at.child("parameters"));
        let names_of = self
            .subject
            .nodes(&PARAMETER)
            .filter(|node| parameters.iter().any(|at| node.at.is_within(at)));
        names.extend(names_of.filter_map(|node| node.map.get("name")?.as_str().map(str::to_owned)));
        Some(names)
    }

    fn is_answered(&self, path: &str) -> bool {
        let answers = self.subject.responses(self.site);
        let success = answers.iter().find(|answer| Answer::is_success(answer));
        // Another rule reports an answer without a schema.
        success
            .and_then(|answer| self.subject.content_schema(&answer.at))
            .is_none_or(|schema| has_path(self.subject.document(), &schema, path))
    }
}
