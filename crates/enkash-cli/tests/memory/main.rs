//! How much memory the real binary takes for responses that are made to take much. The figures are the kernel's, and
//! these tests have a process of their own: what a parent has in memory when it starts a child is counted for the child too.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

mod measure;
mod responses;
mod server;
#[allow(dead_code, reason = "the other tests of the binary need the rest")]
#[path = "../cli/support.rs"]
mod support;
