//! `enkash history resolve`: a person's word about a call that no look-up settles. It is written down with their name, and the
//! call is never sent again by it.

use clap::ArgGroup;
use enkash_ledger::{HistoryFilter, Recorded, RowState};

use crate::{
    command::Context,
    confirm::{self, Question},
    exit::{CliError, ExitStatus},
    ledger, operator,
    output::Format,
};

const HELP: &str = "\
Examples:
  enkash history resolve BONUS-2026-0042 --done \\
      --reason \"EnKash, mail of 27 November\"
  enkash history resolve BONUS-2026-0042 --not-done \\
      --reason \"EnKash, ticket 4711\"

For a call that is unknown, once EnKash has said what became of it. That a
look-up finds nothing is no reason. A row that is not done is not sent again by
that: enkash run export writes it with a new reference.";

/// Write down what somebody found out about a call that is unknown
#[derive(clap::Args, Debug)]
#[command(after_help = HELP, group = ArgGroup::new("word").required(true).args(["done", "not_done"]))]
pub(crate) struct Resolve {
    /// The reference of the call
    reference: String,
    /// Value moved
    #[arg(long)]
    done: bool,
    /// Value did not move
    #[arg(long)]
    not_done: bool,
    /// Who says so, and where
    #[arg(long, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: String,
    /// The name of whoever writes it down, in place of the user of the operating system
    #[arg(long = "as", value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    name: Option<String>,
    /// Write it down without asking
    #[arg(long)]
    yes: bool,
}

impl Resolve {
    pub(super) async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let ledger = context.ledger().await?;
        ledger::interrupt_abandoned(&ledger).await?;
        let mut filter = HistoryFilter::default();
        filter.reference = Some(self.reference.clone());
        let rows = ledger.history(&filter, None, 100).await.map_err(ledger::unusable)?;
        let unknown: Vec<_> = rows.iter().filter(|row| row.state == RowState::Unknown).collect();
        let [row] = unknown.as_slice() else {
            let found: Vec<_> = rows.iter().map(enkash_ledger::CallRow::describe).collect();
            let found = if found.is_empty() {
                "no such call".to_owned()
            } else {
                found.join("; ")
            };
            return Err(CliError::bad_input(format!(
                "{} calls with the reference {} are unknown, and there must be one ({found}): nothing was written down",
                unknown.len(),
                self.reference
            )));
        };
        let who = operator::named(self.name.as_deref());
        let word = if self.done { "done" } else { "not done" };
        let question = Question {
            intent: &[
                &format!("the call {}, {}", row.reference, row.describe()),
                &format!("is {word}, says {} ({}): {}", who.name, who.source, self.reason),
            ],
            verb: "Write it down",
            why: "it cannot be taken back",
        };
        confirm::confirm(context.output, &question, self.yes)?;
        let signed = format!("{} ({})", who.name, who.source);
        let recorded = ledger
            .resolve(row.id, self.done, &signed, &self.reason)
            .await
            .map_err(ledger::unusable)?;
        let Recorded::Applied(state) = recorded else {
            return Err(CliError::bad_input(format!(
                "the call {} has ended meanwhile: nothing was written down",
                row.reference
            )));
        };
        match context.output.format {
            Format::Json => context
                .output
                .json(&serde_json::json!({ "reference": row.reference, "state": state, "decided_by": "person" }))?,
            _ => context
                .output
                .print_line(&format!("{} is {word}, by the word of {}", row.reference, who.name))?,
        }
        Ok(ExitStatus::Done)
    }
}
