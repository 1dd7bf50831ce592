//! `enkash run report`: every row of a run, and what it adds up to.

use std::path::PathBuf;

use enkash_ledger::RunId;

use super::parse_run;
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    ledger,
    run::{RunTotals, print_report, print_summary, write_page},
};

const HELP: &str = "\
Examples:
  enkash run report 3
  enkash run report 3 --output csv > friday.csv
  enkash run report 3 --output json
  enkash run report 3 --html friday.html

All rows are there, also those that were not sent, then the totals, the
account's balance before and after beside what the rows add up to, and what to
do about rows that are unknown.

--html writes one page for an auditor into a new file that only you can read: it
needs no network, has a plot of the rows over time, the approvals and the file's
hash, and the first 5,000 rows. Neither names nor mobile numbers are in it. The
totals are shown here as well.

The exit code is that of the run: 0 where every row is done, else the first that
applies of 4 (unknown), 3 (refused) and 6 (not sent).";

/// Show all rows of a run, with the totals and the account's balance
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Report {
    /// The run's number
    #[arg(value_parser = parse_run)]
    run: RunId,
    /// Write the report as one page into this new file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Command for Report {
    const EFFECT: Effect = Effect::Local;
    const LISTS: bool = true;

    fn columns() -> Vec<&'static str> {
        crate::run::columns()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let ledger = context.ledger().await?;
        let run = ledger.run(self.run).await.map_err(ledger::unusable)?;
        let Some(path) = self.html else {
            return print_report(&ledger, &run, context.output).await;
        };
        let totals = RunTotals::read(&ledger, run.id).await?;
        write_page(&ledger, &run, &totals, &path).await?;
        context.output.note(&format!("the report is in {}", path.display()));
        print_summary(&run, &totals, context.output)
    }
}
