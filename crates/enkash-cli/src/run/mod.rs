//! Runs: the rows of one file, each sent by a call of its own, over as many processes as it takes. A run lives in the ledger;
//! here it is imported, confirmed, sent, paused and reported. `allocate --file` begins one or continues it, and the commands
//! of `run` do the rest.

mod balance;
mod conflicts;
mod execution;
mod file;
mod funds;
mod job;
mod page;
mod report;
mod request;
mod send;
mod sent_row;
mod start;
mod stop_rule;
mod totals;
mod unknown_rows;
#[cfg(feature = "worker")]
mod work;

use std::{path::PathBuf, time::Duration};

#[cfg(feature = "worker")]
pub(crate) use self::work::RunWorker;
pub(crate) use self::{
    conflicts::check_rows,
    job::{is_confirmed, unconfirmed},
    page::write_page,
    report::{columns, print_report, print_summary},
    start::{continue_run, start_file},
    totals::RunTotals,
};
use crate::duration;

/// The person of a row, as the ledger keeps it; `None` where it holds something else.
pub(crate) fn parse_request(json: &str) -> Option<enkash::Person> {
    request::RowRequest::parse(json)
}

/// How a run is sent.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct SendOptions {
    /// How many calls may be on their way at once
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) concurrency: u16,
    /// Go on where many rows are unknown; no other reason to stop is lifted
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// Send although the account holds less than the rows that are left; pauses when it is used up
    #[arg(long)]
    pub(crate) allow_short: bool,
    /// Send no row here: hand them out to enkash run work, on any number of machines
    #[arg(long)]
    pub(crate) workers: bool,
    /// How long what is unknown is looked up before more is sent, all of it together: 30s, 2m; 0s looks once
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration::parse)]
    pub(crate) settle_within: Duration,
    /// Write each ticket into this new file before its call as well
    #[arg(long, value_name = "FILE")]
    pub(crate) tickets: Option<PathBuf>,
    /// Whether the question is answered already.
    #[arg(skip)]
    pub(crate) yes: bool,
}

impl SendOptions {
    /// The name of a flag that is set, where it must not be.
    pub(crate) fn first_flag(&self) -> Option<&'static str> {
        let flags = [
            (self.keep_going, "--keep-going"),
            (self.allow_short, "--allow-short"),
            (self.workers, "--workers"),
            (self.tickets.is_some(), "--tickets"),
        ];
        flags.into_iter().find_map(|(is_set, name)| is_set.then_some(name))
    }
}

/// How the file of a run is taken in.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ImportOptions {
    /// Also where a person gets the same amount twice: in the file, within seven days, while one waits, or since the run began. Never where
    /// the other one is in doubt.
    pub(crate) allow_duplicates: bool,
    /// Never the continuation of a run of the same file.
    pub(crate) new_run: bool,
}
