//! A user's changes to the policy at run time: see [`EnkashBuilder::policy_overlay`](crate::EnkashBuilder::policy_overlay).

use std::sync::Arc;

use enkash_api::{OPERATIONS, OperationId};
use enkash_policy::{apply_overlay, contradictions, loosenings};
use serde_json::Value;

use crate::{envelope::json, model::invalid::InvalidInput, policy::Policies};

/// A larger text is no overlay of a policy.
const MAX_BYTES: usize = 1024 * 1024;

/// Changes to what the client takes for proof, and to what it may repeat. It is the OpenAPI Overlay file that
/// `enkash-codegen --policy-overlay` takes, with targets that are plain paths; spec/README.md of the project lists the
/// fields, and which changes loosen.
///
/// What tightens the policy is applied. What loosens it is refused, except for the operations that
/// [`allow_loosening`](Self::allow_loosening) names.
///
/// ```
/// use enkash::{OperationId, config::PolicyOverlay};
///
/// // Enkash told us in writing that code 7 is a refusal of an order.
/// let overlay = PolicyOverlay::from_json(r#"{
///     "overlay": "1.0.0", "info": {"title": "Our contract", "version": "1"},
///     "actions": [{"target": "$.operations.createOrder.outcome", "update": {"refusal-codes": ["7"]}}]
/// }"#)?
/// .allow_loosening(OperationId::CreateOrder);
/// # let builder = enkash::Enkash::builder(enkash::Hosts::new("http://127.0.0.1:1"))
/// #     .credentials(enkash::Credentials::new("a", "b", "c", "d")).partner_id("P");
/// let enkash = builder.policy_overlay(overlay).build()?;
/// # Ok::<(), enkash::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "an overlay does nothing until a builder has it"]
pub struct PolicyOverlay {
    overlay: Value,
    allowed: Vec<OperationId>,
}

impl PolicyOverlay {
    /// Reads the overlay from JSON.
    ///
    /// # Errors
    ///
    /// The text is no JSON, holds a key twice, or is larger than 1 MiB. Whether the overlay fits the policy is said when
    /// the client is built.
    pub fn from_json(text: &str) -> Result<Self, InvalidInput> {
        if text.len() > MAX_BYTES {
            return Err(InvalidInput::setting("the policy overlay is larger than 1 MiB"));
        }
        match json::read(text.as_bytes()) {
            Some(json) if !json.has_duplicate_keys => Ok(Self::from_value((&json.root).into())),
            Some(_) => Err(InvalidInput::setting("the policy overlay holds a key twice")),
            None => Err(InvalidInput::setting("the policy overlay is not JSON")),
        }
    }

    /// Takes an overlay that was read already, from YAML for instance.
    pub fn from_value(overlay: Value) -> Self {
        Self {
            overlay,
            allowed: Vec::new(),
        }
    }

    /// Allows the overlay to loosen the policy of this operation. A permission that nothing needs is an error.
    pub fn allow_loosening(mut self, operation: OperationId) -> Self {
        self.allowed.push(operation);
        self
    }
}

impl Policies {
    /// These policies with overlays applied in order.
    pub(crate) fn with_overlays(self: Arc<Self>, overlays: &[PolicyOverlay]) -> Result<Arc<Self>, InvalidInput> {
        overlays.iter().try_fold(self, |policies, overlay| {
            Ok(Arc::new(Policies::new(policies.with_overlay(overlay)?)))
        })
    }

    fn with_overlay(&self, overlay: &PolicyOverlay) -> Result<enkash_policy::Policy, InvalidInput> {
        let refuse = |problem: String| InvalidInput::setting(format!("the policy overlay cannot be used: {problem}"));
        let document = apply_overlay(&self.document, &overlay.overlay).map_err(|error| refuse(error.to_string()))?;
        if let Some(stray) = document.operations.keys().find(|id| operation(id).is_none()) {
            return Err(refuse(format!("there is no operation {stray}")));
        }
        for (id, entry) in &document.operations {
            if let Some(found) = contradictions(id, entry, &document).first() {
                let field = found.field.join(".");
                return Err(refuse(format!("operations.{id}.{field}: {}", found.message)));
            }
        }
        let found = loosenings(&self.document, &document);
        let is_allowed = |id: &str| operation(id).is_some_and(|id| overlay.allowed.contains(&id));
        if let Some(found) = found.iter().find(|found| !is_allowed(&found.operation)) {
            let (id, field) = (&found.operation, found.field);
            let (before, after, meaning) = (&found.before, &found.after, &found.meaning);
            return Err(refuse(format!(
                "{field}: {before} → {after} loosens {id}: {meaning}; to allow it, name {id} beside the overlay"
            )));
        }
        let is_used = |allowed: &OperationId| found.iter().any(|found| operation(&found.operation) == Some(*allowed));
        if let Some(unused) = overlay.allowed.iter().find(|allowed| !is_used(allowed)) {
            return Err(refuse(format!("it does not loosen {unused}, so do not allow it")));
        }
        Ok(document)
    }
}

fn operation(name: &str) -> Option<OperationId> {
    OPERATIONS
        .iter()
        .find(|operation| operation.name == name)
        .map(|operation| operation.id)
}

#[cfg(test)]
mod tests;
