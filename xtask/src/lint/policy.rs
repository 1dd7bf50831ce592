//! Rules about policy.yaml: that every operation has an entry, and that the entries make sense.

use enkash_policy::OperationPolicy;

use super::fields::{has_path, property_names};
use super::subject::{Answer, Site, Subject};
use crate::spec::Diagnostic;
use crate::spec::load::POLICY;
use crate::spec::openapi_shape::PARAMETER;
use crate::spec::pointer::Pointer;
use crate::spec::suggestion::did_you_mean;

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
        findings.extend(entry.contradictions());
        findings.extend(entry.steps());
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

    /// What is wrong with the entry whatever the spec says.
    fn contradictions(&self) -> Vec<Diagnostic> {
        let policy = &self.subject.draft.policy;
        enkash_policy::contradictions(&self.site.name().to_string(), self.policy, policy)
            .into_iter()
            .map(|found| {
                let at = found.field.iter().fold(self.at.clone(), |at, key| at.child(key));
                self.finding(&at, found.message)
            })
            .collect()
    }

    /// Steps whose operation is in the policy and no longer in the spec.
    fn steps(&self) -> Vec<Diagnostic> {
        let steps = self.at.child("settlement").child("steps");
        let exists = |id: &str| self.subject.operations.iter().any(|site| site.id() == Some(id));
        let found = self.policy.settlement.steps.iter().enumerate();
        found
            .filter(|(_, step)| {
                !exists(&step.operation) && self.subject.draft.policy.operations.contains_key(&step.operation)
            })
            .map(|(index, step)| {
                let operation = &step.operation;
                let message =
                    format!("operation: an overlay removed {operation}, so a policy overlay must remove the step");
                self.finding(&steps.index(index).child("operation"), message)
            })
            .collect()
    }

    fn reference(&self) -> Vec<Diagnostic> {
        let Some(reference) = &self.policy.reference else {
            return Vec::new();
        };
        let at = self.at.child("reference");
        let mut findings = Vec::new();
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
