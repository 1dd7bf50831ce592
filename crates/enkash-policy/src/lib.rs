#![doc = include_str!("../README.md")]

mod consistency;
mod loosening;
mod overlay;
mod policy;

pub use self::{
    consistency::{Contradiction, LOOK_UPS, contradictions},
    loosening::{Loosening, loosenings},
    overlay::{OverlayError, apply_overlay},
    policy::{
        After401, Effect, EntryRules, OperationPolicy, OutcomeRules, PayloadKind, Policy, Reference, Repeat,
        Settlement, SettlementEvidence, SettlementStep,
    },
};
