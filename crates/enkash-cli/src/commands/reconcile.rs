//! `enkash reconcile`: holds a run, or its report, against what the account lists.

use std::path::PathBuf;

use clap::ArgGroup;
use enkash::{OperationId, Timestamp};
use enkash_ledger::RunId;

use super::run::parse_run;
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    ledger,
    reconcile::{Comparison, ReportFile},
};

const HELP: &str = "\
Examples:
  enkash reconcile --run 3
  enkash reconcile --run 3 --output json
  enkash reconcile --file friday.csv --from 2026-11-27 --to 2026-11-28

It reads the account's transactions of the run's time once, a day more on both
sides because no page says in which time zone the API reads a time, and joins
them to the rows by reference. It moves nothing. A row is one of:

  paid once        listed once, with its amount
  paid twice       credited more than once
  missing          not listed
  other amount     credited with another amount
  other direction  points were taken back under its reference
  unclear          listed with something that no page or policy explains: it may
                   have failed or been taken back

First come the alarms: rows that were told done and are missing, rows that were
told otherwise and are listed, and rows that were paid twice. Then come other
differences, rows that are unknown, and transactions whose reference nobody here
knows: others may use the account. Rows that are as told need --all.

--file reads what enkash run report --output csv wrote, on any machine.

No page documents what the search answers, that a transaction carries the
reference, or how a long list is paged. A list that is cut is asked for again in
parts of its time; what stays hidden is named, and then nothing is proven.

Exit codes: 0 where every row that was told done is listed exactly once with its
amount, nothing else of the run is listed, and nothing says that the list is
cut; 4 where anything differs or is in doubt; else the code of what kept the
account from being read, as for enkash account: 1, 2, 3, 5 or 6.";

/// Compare a run with the account's transactions: who was paid, and how often
#[derive(clap::Args, Debug)]
#[command(after_help = HELP, group = ArgGroup::new("what").required(true).args(["run", "file"]))]
pub(crate) struct Reconcile {
    /// The run's number
    #[arg(long, value_parser = parse_run)]
    run: Option<RunId>,
    /// A report that was written with enkash run report --output csv
    #[arg(long, requires = "from")]
    file: Option<PathBuf>,
    /// When the calls of the report began: a time or a day (UTC)
    #[arg(long, value_name = "TIME", value_parser = ledger::parse_time, conflicts_with = "run")]
    from: Option<Timestamp>,
    /// When they ended; now without it
    #[arg(long, value_name = "TIME", value_parser = ledger::parse_time, conflicts_with = "run")]
    to: Option<Timestamp>,
    /// Show also the rows that are as they were told
    #[arg(long)]
    all: bool,
}

impl Command for Reconcile {
    const EFFECT: Effect = Effect::Reads;
    const LISTS: bool = true;
    const OPERATIONS: &'static [OperationId] = &[OperationId::SearchTransactions];

    fn columns() -> Vec<&'static str> {
        crate::reconcile::columns()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        if let Some(id) = self.run {
            let ledger = context.ledger().await?;
            let run = ledger.run(id).await.map_err(ledger::unusable)?;
            let session = context.session().await?;
            let comparison = Comparison::of_run(&ledger, &run, &session, self.all).await?;
            return comparison.show(&session, context.output).await;
        }
        let (Some(path), Some(from)) = (self.file, self.from) else {
            return Err(CliError::bad_input("name --run, or --file with --from"));
        };
        let to = self.to.unwrap_or_else(Timestamp::now);
        if to < from {
            return Err(CliError::bad_input("--to is before --from"));
        }
        let file = ReportFile::new(&path);
        let session = context.session().await?;
        let comparison = Comparison::of_report(&file, from, to, self.all);
        comparison.show(&session, context.output).await
    }
}
