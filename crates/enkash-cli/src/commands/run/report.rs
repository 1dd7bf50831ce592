//! `enkash run report`: every row of a run, and what it adds up to.

use enkash_ledger::RunId;

use super::parse_run;
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    ledger,
    run::print_report,
};

const HELP: &str = "\
Examples:
  enkash run report 3
  enkash run report 3 --output csv > friday.csv
  enkash run report 3 --output json

All rows are there, also those that were not sent. The exit code is that of the
run: 0 where every row is done, else the first that applies of 4 (unknown),
3 (refused) and 6 (not sent).";

/// Show all rows of a run, with the totals and the account's balance
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Report {
    /// The run's number
    #[arg(value_parser = parse_run)]
    run: RunId,
}

impl Command for Report {
    const EFFECT: Effect = Effect::Local;
    const LISTS: bool = true;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let ledger = context.ledger().await?;
        let run = ledger.run(self.run).await.map_err(ledger::unusable)?;
        print_report(&ledger, &run, context.output).await
    }
}
