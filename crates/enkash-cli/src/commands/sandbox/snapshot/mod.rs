//! `enkash sandbox snapshot`: the whole state of a sandbox that runs, saved and loaded, by name in the sandbox or in a file.

mod delete;
mod list;
mod load;
mod save;

use std::path::PathBuf;

use crate::command::command_table;

pub(super) const ABOUT: &str = "Save and load the whole state of a sandbox";

pub(super) const HELP: &str = "\
Examples:
  enkash sandbox snapshot save before-payday
  enkash sandbox snapshot load before-payday

A snapshot has everything that decides an answer: people, money, orders, tokens
and failed logins, the clock, switches and faults. Not the log of calls. A name
has small letters, digits, - and _; the sandbox keeps 16 snapshots, beside its
state file if it has one, and else for as long as it runs. A file is for
another sandbox with the same seed, and only its owner can read it.";

command_table! {
    pub(crate) enum SnapshotAction {
        Save(save::Save),
        Load(load::Load),
        List(list::List),
        Delete(delete::Delete),
    }
}

/// Where a snapshot is.
#[derive(clap::Args, Debug)]
#[group(required = true, multiple = false)]
struct Place {
    /// Its name in the sandbox
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// A file here instead
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}
