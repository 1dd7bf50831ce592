//! `enkash run cancel`: what was not sent never will be, and its references are free again.

use enkash_ledger::RunId;

use super::parse_run;
use crate::{
    command::{Command, Context, Effect},
    confirm::{self, Question},
    exit::{CliError, ExitStatus},
    ledger,
    output::Format,
    run::RunTotals,
};

const HELP: &str = "\
Examples:
  enkash run cancel 3
  enkash run cancel 3 --yes

Rows that were sent stay as they are; what is unknown stays unknown, and enkash
settle looks it up. A run that a process is sending is refused: stop it first.";

/// Cancel what is left of a run: it is never sent, and its references are free again
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Cancel {
    /// The run's number
    #[arg(value_parser = parse_run)]
    run: RunId,
    /// Cancel without asking
    #[arg(long)]
    yes: bool,
}

impl Command for Cancel {
    const EFFECT: Effect = Effect::Local;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let ledger = context.ledger().await?;
        let run = ledger.run(self.run).await.map_err(ledger::unusable)?;
        let id = run.id;
        let Some(_lock) = ledger.lock_run(id).await.map_err(ledger::unusable)? else {
            return Err(CliError::bad_input(format!(
                "another process is sending run {id}: nothing was canceled. Stop that first, with Ctrl-C."
            )));
        };
        if !run.state.is_open() {
            let state = run.state.as_str();
            return Err(CliError::bad_input(format!(
                "run {id} is {state}: there is nothing to cancel"
            )));
        }
        let totals = RunTotals::read(&ledger, id).await?;
        let left = totals.counts.left.rows;
        let question = Question {
            intent: &[&format!(
                "cancel run {id} of {}: {left} rows will never be sent",
                run.file_name
            )],
            verb: "Cancel it",
            why: "a canceled row cannot be sent by this run again",
        };
        confirm::confirm(context.output, &question, self.yes)?;
        ledger.interrupt_run(id).await.map_err(ledger::unusable)?;
        let canceled = ledger.cancel_run(id).await.map_err(ledger::unusable)?;
        match context.output.format {
            Format::Json => context
                .output
                .json(&serde_json::json!({ "id": id, "state": "canceled", "canceled": canceled }))?,
            _ => context.output.print_line(&format!(
                "run {id} is canceled: {canceled} rows were not sent and never will be"
            ))?,
        }
        Ok(ExitStatus::Done)
    }
}
