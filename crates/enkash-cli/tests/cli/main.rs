//! The command `enkash` as people and scripts run it: the real binary, against the sandbox that is built in, one
//! that runs beside the test, or one that the binary serves. Nothing here waits for time to pass.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

mod all_pages;
mod broken_output;
mod cart;
mod catalogue;
mod confirmation;
mod discovery;
mod docs_examples;
mod doctor;
mod dry_runs;
mod escapes;
mod files;
mod fleet;
mod help;
mod history;
mod input_files;
mod interrupts;
#[cfg(feature = "jq")]
mod jq;
mod ledger_calls;
mod lists;
mod live_calls;
mod live_files;
mod live_orders;
mod login_failures;
mod login_server;
mod orders;
mod persistence;
mod points;
mod presets;
mod profiles;
mod readme_command;
mod reads;
mod reconcile;
mod record;
mod replay;
mod run_commands;
mod runs;
mod sandbox_server;
mod sandbox_state;
mod scopes;
mod settings;
mod settlements;
mod support;
mod terminal;
