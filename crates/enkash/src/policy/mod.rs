//! What each operation does with value, as a value of the client: the policy that spec/policy.yaml ships, changed by the
//! user's overlays. The pipeline, the outcome and the settlement ask it; an operation that is missing counts as moving
//! value, and nothing is allowed with it.

pub(crate) mod overlay;

use std::sync::{Arc, LazyLock};

use enkash_api::{OPERATIONS, OperationId};
use enkash_policy::OperationPolicy;

/// The policy of every operation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Policies {
    /// In the order of [`OPERATIONS`].
    entries: Vec<OperationPolicy>,
    /// Of a call of which nothing is known.
    strictest: OperationPolicy,
    document: enkash_policy::Policy,
}

impl Policies {
    /// Those that the spec ships.
    pub(crate) fn shipped() -> Arc<Self> {
        static SHIPPED: LazyLock<Arc<Policies>> = LazyLock::new(|| {
            // A document that cannot be read leaves every operation with the strictest policy; a test reads it.
            let document = serde_json::from_str(include_str!("../policy.json")).unwrap_or(enkash_policy::Policy {
                operations: Default::default(),
            });
            Arc::new(Policies::for_low_level(document))
        });
        Arc::clone(&SHIPPED)
    }

    /// Without the entries of operations that the low level has no longer: a user may have generated it without them, and an
    /// overlay that says nothing of them would be refused for what this crate ships.
    fn for_low_level(mut document: enkash_policy::Policy) -> Self {
        let is_known = |id: &str| OPERATIONS.iter().any(|operation| operation.name == id);
        document.operations.retain(|id, _| is_known(id));
        Self::new(document)
    }

    fn new(document: enkash_policy::Policy) -> Self {
        let entry = |name: &str| document.operations.get(name).cloned();
        let entries = OPERATIONS
            .iter()
            .map(|operation| entry(operation.name).unwrap_or_else(OperationPolicy::strictest))
            .collect();
        Self {
            entries,
            strictest: OperationPolicy::strictest(),
            document,
        }
    }

    /// Of one call. Where the user gave its path, nothing of what is known of the operation says that it may be repeated.
    pub(crate) fn of_call(&self, operation: OperationId, has_given_path: bool) -> &OperationPolicy {
        if has_given_path {
            &self.strictest
        } else {
            self.of(operation)
        }
    }

    pub(crate) fn of(&self, operation: OperationId) -> &OperationPolicy {
        // One entry for each operation: see `new`.
        &self.entries[operation as usize]
    }
}

#[cfg(test)]
mod tests {
    use enkash_policy::Effect;

    use super::*;

    #[test]
    fn every_operation_has_an_entry_that_can_be_read() {
        let policies = Policies::shipped();
        for operation in OPERATIONS {
            assert!(
                policies.document.operations.contains_key(operation.name),
                "{operation:?}"
            );
        }
        assert_eq!(policies.of(OperationId::CreateOrder).effect, Effect::MovesValue);
        assert_eq!(policies.of(OperationId::GetCart).effect, Effect::Reads);
    }
}
