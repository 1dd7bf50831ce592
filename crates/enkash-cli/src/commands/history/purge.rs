//! `enkash history purge`: forgets the people of calls that ended long ago.

use enkash::Timestamp;

use crate::{
    command::Context,
    confirm::{self, Question},
    exit::{CliError, ExitStatus},
    ledger,
    output::Format,
};

const HELP: &str = "\
Examples:
  enkash history purge --before 2026-01-01
  enkash history purge --before 2026-01-01T00:00:00Z --yes

Names, mobile numbers, addresses and tickets go; references, amounts, times and
outcomes stay, so a reference is still refused the second time. Calls that are
unknown or not sent yet keep their people: they are still needed. Afterwards a
payment of the same amount to the same person is no longer noticed.";

/// Forget the people of calls that came into the ledger before a day and have ended
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Purge {
    /// A time or a day (UTC)
    #[arg(long, value_name = "TIME", value_parser = ledger::parse_time)]
    before: Timestamp,
    /// Forget without asking
    #[arg(long)]
    yes: bool,
}

impl Purge {
    pub(super) async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let ledger = context.ledger().await?;
        let before = ledger::format_time(self.before);
        let question = Question {
            intent: &[&format!(
                "forget the people of calls before {before} in {}",
                ledger.place()
            )],
            verb: "Forget them",
            why: "it cannot be taken back",
        };
        confirm::confirm(context.output, &question, self.yes)?;
        let rows = ledger.purge(self.before).await.map_err(ledger::unusable)?;
        match context.output.format {
            Format::Json => context
                .output
                .json(&serde_json::json!({ "before": before, "purged": rows }))?,
            _ => context
                .output
                .print_line(&format!("the people of {rows} calls before {before} are forgotten"))?,
        }
        Ok(ExitStatus::Done)
    }
}
