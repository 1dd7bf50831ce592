//! `enkash run work`: a worker that sends the rows of runs that are handed out, on any machine with the same ledger.

use enkash::OperationId;

#[cfg(feature = "worker")]
use crate::run::RunWorker;
use crate::{
    command::{Command, Context, Effect, exit_codes},
    exit::{CliError, ExitStatus},
    run::{self, SendOptions},
};

const HELP: &str = concat!(
    "\
Examples:
  enkash allocate --file examples/allocations.csv --workers
  enkash run work
  enkash run work --until-done --concurrency 16

The ledger is PostgreSQL (ENKASH_LEDGER_URL, or ledger_url_file of the profile),
and each machine has the settings of the same account. Chunks of 200 rows are
handed out by graphile_worker in that database. A worker that died, or was
paused, loses its chunk to another after about a minute; no row is sent twice by
that, because a row is sent by the one whose intent is committed. What was on
its way is unknown, and enkash settle looks it up.

Ctrl-C lets the calls in flight finish and gives the chunk back.

",
    exit_codes!()
);

/// Send rows of runs that are handed out, until it is stopped
#[derive(clap::Args, Debug)]
// What is for whoever begins a run is refused, and not shown.
#[command(
    after_help = HELP,
    mut_arg("workers", |argument| argument.hide(true)),
    mut_arg("tickets", |argument| argument.hide(true))
)]
pub(crate) struct Work {
    /// End when no run of the account is handed out any more
    #[arg(long)]
    until_done: bool,
    #[command(flatten)]
    options: SendOptions,
}

impl Command for Work {
    const EFFECT: Effect = Effect::MovesValue;
    const LISTS: bool = true;
    const OPERATIONS: &'static [OperationId] = &[OperationId::CreateAllocatePoints];

    fn columns() -> Vec<&'static str> {
        run::columns()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        if context.target.dry_run.is_some() || self.options.workers || self.options.tickets.is_some() {
            return Err(CliError::bad_input(
                "--dry-run, --tickets and --workers are for whoever begins a run: nothing was sent",
            ));
        }
        self.work(context).await
    }
}

#[cfg(feature = "worker")]
impl Work {
    async fn work(&self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let ledger = context.ledger().await?;
        let session = context.session().await?;
        let worker = RunWorker {
            session: &session,
            ledger: &ledger,
            options: &self.options,
            until_done: self.until_done,
        };
        worker.run(context.output).await
    }
}

#[cfg(not(feature = "worker"))]
impl Work {
    async fn work(&self, _context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let until = if self.until_done { " --until-done" } else { "" };
        Err(CliError::not_sent(format!(
            "this enkash was built without workers, so run work{until} sent nothing. Build it with --features worker."
        )))
    }
}
