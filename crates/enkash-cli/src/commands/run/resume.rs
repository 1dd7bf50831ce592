//! `enkash run resume`: settles what was in flight, and sends what is left.

use enkash::OperationId;

use enkash_ledger::{Ledger, RunId, Scope};

use super::parse_run;
use crate::{
    command::{Command, Context, Effect, exit_codes},
    command_line::called_as,
    exit::{CliError, ExitStatus},
    ledger,
    run::{self, SendOptions},
};

const HELP: &str = concat!(
    "\
Examples:
  enkash run resume
  enkash run resume 3 --yes
  enkash run resume --yes --concurrency 16

Without a number it is the newest run of the account that has rows left to send
and that somebody confirmed. One that nobody confirmed, because its process was
killed at the question, is shown and asked about where its number is given, and
--yes is refused for it. What was in flight when it stopped is looked up first,
all together and for --settle-within at most; what stays unknown does not stop
the run, and is not sent again. Only what was certainly not sent is sent. Where
the same person got the same amount since the run began, from another run or a
single call, nothing is sent unless --allow-duplicates says that these are
payments of their own. Where one of these is unknown, nothing is sent before it
is found out.

",
    exit_codes!()
);

/// Continue a run: look up what was in flight, then send what is left
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Resume {
    /// The run's number; the newest unfinished one without it
    #[arg(value_parser = parse_run)]
    run: Option<RunId>,
    /// Also where a person got the same amount since the run began; never while that is unknown
    #[arg(long)]
    allow_duplicates: bool,
    /// Send a live run without asking
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    options: SendOptions,
}

impl Command for Resume {
    const EFFECT: Effect = Effect::MovesValue;
    const LISTS: bool = true;
    const OPERATIONS: &'static [OperationId] = &[OperationId::CreateAllocatePoints];

    fn columns() -> Vec<&'static str> {
        run::columns()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        if context.target.dry_run.is_some() {
            return Err(CliError::bad_input(format!(
                "--dry-run shows what a new file would do; {} run show shows what a run has left. Nothing was sent.",
                called_as()
            )));
        }
        let ledger = context.ledger().await?;
        let session = context.session().await?;
        let run = match self.run {
            Some(run) => run,
            None => newest_open(&ledger, &session.connection.scope()).await?,
        };
        let options = SendOptions {
            yes: self.yes,
            ..self.options
        };
        run::continue_run(run, &session, &options, self.allow_duplicates, context.output).await
    }
}

async fn newest_open(ledger: &Ledger, scope: &Scope) -> Result<RunId, CliError> {
    let (mut below, mut unconfirmed) = (None, None);
    loop {
        let runs = ledger.runs(below, 100).await.map_err(ledger::unusable)?;
        let Some(last) = runs.last() else {
            if let Some(run) = &unconfirmed {
                return Err(run::unconfirmed(run));
            }
            return Err(CliError::bad_input(format!(
                "no run of account {} of company {} on {} has rows left to send: nothing was sent. {} run list shows all.",
                scope.account,
                scope.company,
                scope.host,
                called_as()
            )));
        };
        below = Some(last.id);
        for run in runs {
            if !run.state.is_open() || run.scope != *scope {
                continue;
            }
            if run::is_confirmed(&run) {
                return Ok(run.id);
            }
            unconfirmed = unconfirmed.or(Some(run));
        }
    }
}
