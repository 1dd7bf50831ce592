//! How much memory the real binary takes for files that are made to take much. What a parent has in memory when it starts a child
//! is counted for the child too, and the tests of responses hold whole responses, so these have a process of their own.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

mod files;
#[path = "../memory/measure.rs"]
mod measure;
#[allow(dead_code, reason = "the other tests of the binary need the rest")]
#[path = "../cli/support.rs"]
mod support;
