//! What a sandbox starts with, and what names it: a snapshot of another start is known by that. The builder makes it, and a reset goes
//! back to it.

use serde_json::Value;

use super::digest::{hex, sha256};
use crate::faults::{FaultPlan, FaultRule};
use crate::seed::Seed;
use crate::store::{Bounds, Store};
use crate::switches::Switches;

/// What a sandbox starts with, and is reset to.
#[derive(Debug, Clone)]
pub(crate) struct StartSettings {
    pub(crate) seed: Seed,
    pub(crate) rng_seed: u64,
    pub(crate) max: Bounds,
    pub(crate) switches: Switches,
    pub(crate) faults: Vec<FaultRule>,
}

impl StartSettings {
    pub(super) fn store(&self) -> Store {
        Store::new(&self.seed, self.rng_seed, self.max)
    }

    /// Names the seed and what else decides how a sandbox goes on from its start, so that a snapshot is known for another's. The
    /// random tokens are no part of it.
    pub(super) fn origin(&self) -> String {
        let mut store = self.store();
        store.ids.forget_tokens();
        // With its names in order, whatever map another crate of the program lets JSON have.
        let start = sorted(serde_json::to_value(&store).unwrap_or_default());
        hex(&sha256(&[start.to_string().as_bytes()]))
    }

    pub(super) fn fault_plan(&self) -> FaultPlan {
        let mut plan = FaultPlan::new(self.rng_seed);
        self.faults.iter().cloned().for_each(|rule| plan.add(rule));
        plan
    }
}

/// The same with the names of each object in order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut fields: Vec<_> = object.into_iter().collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(fields.into_iter().map(|(name, value)| (name, sorted(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}
