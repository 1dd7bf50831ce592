//! What the library promises to tests, with real servers.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

mod postgres;
mod process;
mod redis;
