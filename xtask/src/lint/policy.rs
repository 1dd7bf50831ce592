//! Rules about policy.yaml: that every operation has an entry, and that the entries make sense.

use super::fields::{has_path, property_names};
use super::subject::{Answer, Site, Subject};
use crate::spec::load::POLICY;
use crate::spec::openapi_shape::PARAMETER;
use crate::spec::pointer::Pointer;
use crate::spec::suggestion::did_you_mean;
use crate::spec::{Diagnostic, Effect, OperationPolicy, Repeat, SettlementEvidence};

/// An operation without an entry counts as moving value, which should be said and not happen.
///
/// An operation that a user's overlay adds has no entry and needs none: it gets the strictest policy.
pub(super) fn present(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let document = subject.document();
    subject
        .operations
        .iter()
        .filter(|site| {
            site.id()
                .is_some_and(|id| !subject.draft.policy.operations.contains_key(id))
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
        for (index, step) in settlement.steps.iter().enumerate() {
            let effect = self
                .subject
                .draft
                .policy
                .operations
                .get(&step.operation)
                .map(|policy| policy.effect);
            if effect.is_some_and(|effect| effect != Effect::Reads) {
                let message = format!("operation: {} does more than read, so it cannot settle", step.operation);
                findings.push(self.finding(&at.child("steps").index(index).child("operation"), message));
            }
        }
        findings
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
