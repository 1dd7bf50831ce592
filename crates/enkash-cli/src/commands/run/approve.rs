//! `enkash run approve`: another person allows a run whose total needs that.

use enkash_ledger::RunId;

use super::parse_run;
use crate::{
    command::{Command, Context, Effect},
    confirm::{self, Question},
    exit::{CliError, ExitStatus},
    ledger, operator,
    output::Format,
};

const HELP: &str = "\
Examples:
  enkash run approve 3
  enkash run approve 3 --as \"Meera Nair\" --yes

A profile may say that runs above a total need other people (see enkash profile
--help). The approval is of these rows and this total: a changed file is another
run, which needs an approval of its own. Whoever began the run cannot approve
it.

The ledger writes down the user of the operating system, or the name after --as.
Nobody signs either: who can write to the ledger can write any name.";

/// Approve a run that another person began
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Approve {
    /// The run's number
    #[arg(value_parser = parse_run)]
    run: RunId,
    /// The name of whoever approves it, in place of the user of the operating system
    #[arg(long = "as", value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    name: Option<String>,
    /// Approve without asking
    #[arg(long)]
    yes: bool,
}

impl Command for Approve {
    const EFFECT: Effect = Effect::Local;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let ledger = context.ledger().await?;
        let run = ledger.run(self.run).await.map_err(ledger::unusable)?;
        let id = run.id;
        if !run.state.is_open() || run.approvals_needed == 0 {
            return Err(CliError::bad_input(format!(
                "run {id} is {} and needs {} approvals: there is nothing to approve",
                run.state.as_str(),
                run.approvals_needed
            )));
        }
        let who = operator::named(self.name.as_deref());
        let question = Question {
            intent: &[
                &format!(
                    "approve run {id}: {} rows of {}, {} in all",
                    run.rows, run.file_name, run.total
                ),
                &format!("file SHA-256 {}", run.file_hash),
                &format!(
                    "account {} of company {} on {}, begun by {}",
                    run.scope.account, run.scope.company, run.scope.host, run.created_by
                ),
                &format!("as {} ({})", who.name, who.source),
            ],
            verb: "Approve it",
            why: "an approved run may be sent",
        };
        confirm::confirm(context.output, &question, self.yes)?;
        ledger
            .approve_run(id, &who.name, who.source)
            .await
            .map_err(ledger::unusable)?;
        let approvals = ledger.approvals(id).await.map_err(ledger::unusable)?.len();
        match context.output.format {
            Format::Json => context.output.json(&serde_json::json!({
                "id": id, "approved_by": who.name, "approvals": approvals, "approvals_needed": run.approvals_needed,
            }))?,
            _ => context.output.print_line(&format!(
                "run {id} has {approvals} of {} approvals, the last by {}",
                run.approvals_needed, who.name
            ))?,
        }
        Ok(ExitStatus::Done)
    }
}
