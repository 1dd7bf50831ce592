//! The command `enkash` as people and scripts run it: the real binary, against the sandbox that is built in, one
//! that runs beside the test, or one that the binary serves. Nothing here waits for time to pass.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

mod after_all;
mod all_pages;
// It hands the command sockets in place of its output.
#[cfg(unix)]
mod broken_output;
#[cfg(unix)]
mod bulk_doubts;
// Its log-ins are counted, and only Unix keeps a token between two runs.
#[cfg(unix)]
mod cart;
// Its profile names files of secrets, which are read only where they have modes.
#[cfg(unix)]
mod catalogue;
mod confirmation;
mod discovery;
// Pages run in bash, for so long at most as coreutils' `timeout` allows.
#[cfg(target_os = "linux")]
mod docs_examples;
// It looks at the files of strikes and tokens, which Unix alone has.
#[cfg(unix)]
mod doctor;
// It types into a shell, and its runs are those of `runs`.
#[cfg(unix)]
mod doubts;
mod dry_runs;
mod escapes;
mod file_doubts;
mod files;
// It names files of secrets, which are read only where they have modes.
#[cfg(unix)]
mod fleet;
mod help;
// A shell runs them.
#[cfg(unix)]
mod help_examples;
// It makes a folder that the ledger refuses for its mode.
#[cfg(unix)]
mod history;
// Named pipes, /dev/fd and coreutils' `timeout`.
#[cfg(target_os = "linux")]
mod input_files;
// Signals.
#[cfg(unix)]
mod interrupts;
#[cfg(feature = "jq")]
mod jq;
mod ledger_calls;
mod lists;
mod live_calls;
mod live_files;
mod live_orders;
// Strikes outlive a run on Unix alone, where a file has modes.
#[cfg(unix)]
mod login_failures;
// Only those that are left out use it.
#[cfg(unix)]
mod login_server;
mod orders;
// Token and strikes are kept in files only where a file can be its owner's alone.
#[cfg(unix)]
mod persistence;
mod points;
mod presets;
// Profiles name files of secrets, which are read only where they have modes.
#[cfg(unix)]
mod profiles;
mod readme_command;
mod reads;
mod reconcile;
// It ends a recorder by a signal.
#[cfg(unix)]
mod record;
// It ends a recorder by a signal.
#[cfg(unix)]
mod replay;
// Its calls are those of `doubts`.
#[cfg(unix)]
mod resolutions;
// Its runs are those of `runs`.
#[cfg(unix)]
mod run_balances;
#[cfg(unix)]
mod run_commands;
// It ends runs by signals.
#[cfg(unix)]
mod runs;
// Its servers are those of `sandbox_state`.
#[cfg(unix)]
mod sandbox_files;
// It ends a server by a signal.
#[cfg(unix)]
mod sandbox_server;
// It ends a server by a signal.
#[cfg(unix)]
mod sandbox_state;
// Its runs are those of `runs`.
#[cfg(unix)]
mod scopes;
mod settings;
#[cfg(unix)]
mod settled_rows;
mod settlements;
#[cfg_attr(not(unix), allow(dead_code, reason = "those that are left out use the rest"))]
mod support;
// `script` of util-linux gives a command a terminal.
#[cfg(target_os = "linux")]
mod terminal;
// Its terminal is that of `script` as well.
#[cfg(target_os = "linux")]
mod unconfirmed_runs;
