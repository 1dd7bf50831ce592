//! Faults by rule: what goes wrong, on which calls. The server asks the plan once for each call and plays what it says,
//! before the operation takes effect or after. Rules come from the library, from a file, or from `POST /_sandbox/faults`.

mod error;
pub(crate) mod kind;
mod mutation;
pub(crate) mod rule;
#[cfg(test)]
mod tests;

pub use error::FaultError;
pub(crate) use kind::{Fault, When};
pub use kind::{FaultInfo, RedirectTo};
pub use mutation::{Mutation, MutationInfo, Mutations, Position};
pub(crate) use rule::{FaultRule, check_rules};

use serde::{Deserialize, Serialize};

use crate::operation::Operation;
use crate::stored_number;

/// The rules in force, and how often each was met.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultPlan {
    rules: Vec<ActiveRule>,
    #[serde(with = "stored_number::random")]
    random: fastrand::Rng,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ActiveRule {
    rule: FaultRule,
    #[serde(deserialize_with = "stored_number::count")]
    met: u64,
    #[serde(deserialize_with = "stored_number::count")]
    fired: u64,
}

impl FaultPlan {
    pub(crate) fn new(seed: u64) -> Self {
        FaultPlan {
            rules: Vec::new(),
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// Adds a rule. It counts calls from now on.
    pub(crate) fn add(&mut self, rule: FaultRule) {
        self.rules.push(ActiveRule { rule, met: 0, fired: 0 });
    }

    /// Takes one rule away, where it still stands at this place. The others go on counting.
    #[cfg(feature = "console")]
    pub(crate) fn remove(&mut self, place: usize, rule: &FaultRule) -> bool {
        let there = self.rules.get(place).is_some_and(|active| active.rule == *rule);
        if there {
            self.rules.remove(place);
        }
        there
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// Each rule with how often it fired.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (&FaultRule, u64)> {
        self.rules.iter().map(|active| (&active.rule, active.fired))
    }

    /// The faults of one call, in the order of the rules.
    pub(crate) fn next(&mut self, operation: Operation) -> Vec<Fault> {
        let mut faults = Vec::new();
        for active in &mut self.rules {
            if !active.rule.matches(operation) {
                continue;
            }
            active.met += 1;
            if active.rule.should_fire(active.met, active.fired, &mut self.random) {
                active.fired += 1;
                faults.push(active.rule.fault().clone());
            }
        }
        faults
    }
}
