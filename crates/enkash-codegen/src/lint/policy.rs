//! Rules about policy.yaml: that every operation has an entry, and that the entries make sense.

use enkash_policy::OperationPolicy;

use super::context::{Answer, LintContext, OperationNode};
use super::fields::{has_path, property_names};
use crate::spec::Diagnostic;
use crate::spec::openapi_shape::PARAMETER;
use crate::spec::pointer::Pointer;
use crate::spec::source::POLICY;
use crate::spec::suggestion::did_you_mean;

/// An operation without an entry counts as moving value, which should be said and not happen.
///
/// An operation that a user's overlay adds has no entry and needs none: it gets the strictest policy. The same goes for
/// one whose entry a user's overlay took away.
pub(super) fn present(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let document = context.document();
    let policies = [&context.parsed.pristine_policy, &context.parsed.policy];
    context
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
            context.diagnostic(&site.at, message)
        })
        .collect()
}

/// A policy that contradicts itself or names a field that is not there settles nothing.
pub(super) fn consistency(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for site in &context.operations {
        let Some(id) = site.id() else { continue };
        let Some(policy) = context.parsed.policy.operations.get(id) else {
            continue;
        };
        let at = Pointer::root().child("operations").child(id);
        let entry = PolicyCheck {
            context,
            site,
            policy,
            at,
        };
        diagnostics.extend(entry.contradictions());
        diagnostics.extend(entry.steps());
        diagnostics.extend(entry.reference());
    }
    diagnostics
}

struct PolicyCheck<'s, 'a> {
    context: &'s LintContext<'a>,
    site: &'s OperationNode<'a>,
    policy: &'s OperationPolicy,
    at: Pointer,
}

impl PolicyCheck<'_, '_> {
    fn diagnostic(&self, at: &Pointer, message: String) -> Diagnostic {
        self.context.parsed.policy_document.diagnostic(at, message)
    }

    /// What is wrong with the entry whatever the spec says.
    fn contradictions(&self) -> Vec<Diagnostic> {
        let policy = &self.context.parsed.policy;
        enkash_policy::contradictions(&self.site.name().to_string(), self.policy, policy)
            .into_iter()
            .map(|found| {
                let at = found.field.iter().fold(self.at.clone(), |at, key| at.child(key));
                self.diagnostic(&at, found.message)
            })
            .collect()
    }

    /// Steps whose operation is in the policy and no longer in the spec.
    fn steps(&self) -> Vec<Diagnostic> {
        let steps = self.at.child("settlement").child("steps");
        let exists = |id: &str| self.context.operations.iter().any(|site| site.id() == Some(id));
        let found = self.policy.settlement.steps.iter().enumerate();
        found
            .filter(|(_, step)| {
                !exists(&step.operation) && self.context.parsed.policy.operations.contains_key(&step.operation)
            })
            .map(|(index, step)| {
                let operation = &step.operation;
                let message =
                    format!("operation: an overlay removed {operation}, so a policy overlay must remove the step");
                self.diagnostic(&steps.index(index).child("operation"), message)
            })
            .collect()
    }

    fn reference(&self) -> Vec<Diagnostic> {
        let Some(reference) = &self.policy.reference else {
            return Vec::new();
        };
        let at = self.at.child("reference");
        let mut diagnostics = Vec::new();
        let sent = self.sent_names();
        for (index, name) in reference.sent_as.iter().enumerate() {
            // Another rule reports a body whose fields cannot be told.
            let Some(sent) = sent.as_ref().filter(|sent| !sent.contains(name)) else {
                continue;
            };
            let hint = did_you_mean(name, sent.iter().map(String::as_str));
            let message = format!("sent-as: {name} is not sent by {}{hint}", self.site.name());
            diagnostics.push(self.diagnostic(&at.child("sent-as").index(index), message));
        }
        if let Some(path) = reference.echoed_as.as_deref().filter(|path| !self.is_answered(path)) {
            let message = format!("echoed-as: {path} is not in the answer of {}", self.site.name());
            diagnostics.push(self.diagnostic(&at.child("echoed-as"), message));
        }
        diagnostics
    }

    /// Every name that the request can carry, unless its body is not a component.
    fn sent_names(&self) -> Option<Vec<String>> {
        let mut names = Vec::new();
        if let Some((body, _)) = self.context.request_body(self.site) {
            let schema = self.context.content_schema(&body)?;
            self.context.component_name(&schema)?;
            names.extend(property_names(self.context.document(), &schema));
        }
        let parameters = self.context.reach(&self.site.at.child("parameters"));
        let names_of = self
            .context
            .nodes(&PARAMETER)
            .filter(|node| parameters.iter().any(|at| node.at.is_within(at)));
        names.extend(names_of.filter_map(|node| node.map.get("name")?.as_str().map(str::to_owned)));
        Some(names)
    }

    fn is_answered(&self, path: &str) -> bool {
        let answers = self.context.responses(self.site);
        let success = answers.iter().find(|answer| Answer::is_success(answer));
        // Another rule reports a response without a schema.
        success
            .and_then(|answer| self.context.content_schema(&answer.at))
            .is_none_or(|schema| has_path(self.context.document(), &schema, path))
    }
}
