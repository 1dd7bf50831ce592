//! The repository's own commands: writes the generated files, runs the checks, measures. What reads spec/ and generates from it
//! is the crate `enkash-codegen`.
//!
//! The binary `xtask` is a thin shell around this library; tests use the library directly.

pub mod commands;
pub mod embedded;
pub mod generated_files;
pub mod modules;
pub mod new_operation;
pub mod packages;
pub mod site;
