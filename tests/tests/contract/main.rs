//! The contract between spec/ and the low level: what the spec says is what the client sends,
//! reads and refuses. Every test takes its cases from spec/, so a new operation is covered at once.

#![allow(
    clippy::unwrap_used,
    reason = "clippy allows it in tests, but not in the functions that they share"
)]

mod examples;
mod inferred_paths;
mod operation_table;
mod path_values;
mod redaction;
mod requests;
#[cfg(feature = "schemars")]
mod schemas;
mod seam;
mod served;
mod unknown_paths;
mod unreadable_responses;
