//! `enkash run`: the runs of files that the ledger knows.

mod approve;
mod cancel;
mod export;
mod list;
mod report;
mod resume;
mod show;
mod work;

use enkash_ledger::RunId;

use crate::command::command_table;

pub(super) const ABOUT: &str = "The runs of files: list, show, resume, work, cancel, approve, report, export";

pub(super) const HELP: &str = "\
Examples:
  enkash run list
  enkash run show 3
  enkash run resume --yes
  enkash run report 3 --output csv > friday.csv
  enkash run report 3 --html friday.html
  enkash run export 3 --state refused,not-sent --to rest.csv
  enkash run approve 3
  enkash run cancel 3

enkash allocate --file begins a run, and the same command again continues it.
The ledger stands in the state folder (ENKASH_STATE_DIR, or the platform's:
enkash doctor names it). A run is one of:

  planned    in the ledger, nothing was sent: it waits for approvals, or nobody
             has confirmed it
  running    a process is sending it
  handed_out workers are sending it (enkash run work)
  interrupted  its process ended in the middle: resume it
  paused     it stopped by itself or was stopped: run show says why
  finished   no row is left to send
  canceled   what was not sent never will be

docs/runs.md is the guide, from the file to the proof.";

command_table! {
    pub(crate) enum Run {
        List(list::List),
        Show(show::Show),
        Resume(resume::Resume),
        Cancel(cancel::Cancel),
        Approve(approve::Approve),
        Report(report::Report),
        Export(export::Export),
        Work(work::Work),
    }
}

pub(super) fn parse_run(text: &str) -> Result<RunId, String> {
    text.parse()
        .map_err(|_| "a run is a number, which the command run list shows".to_owned())
}
