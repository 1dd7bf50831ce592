//! Reads spec/, holds it to its rules and writes the generated files.
//!
//! The binary `xtask` is a thin shell around this library; tests use the library directly.

pub mod codegen;
pub mod commands;
pub mod lint;
pub mod modules;
pub mod spec;
