//! The high-level client against the sandbox: a real HTTP server on loopback, with its faults. Nothing
//! here waits for time to pass.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod account_transactions;
mod connections;
mod encryption;
mod faults;
mod fixture;
mod given_paths;
mod observability;
mod outcomes;
mod points;
mod redemption;
mod references;
mod response_limits;
mod retries;
mod rewards;
mod send_guard;
mod settlement;
mod settlement_states;
mod timeouts;
mod tokens;
