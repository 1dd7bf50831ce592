//! The comparison of two descriptions.
//!
//! `base/` holds a small description, `pairs/` the changes of it with their verdicts: each was written before the rule, and each
//! has its mirrors (there and back; sent, received, both, unused), or says why it has none.

mod blind;
mod compiled;
mod mutations;
mod pairs;
mod random;
mod reports;
mod verdicts;
