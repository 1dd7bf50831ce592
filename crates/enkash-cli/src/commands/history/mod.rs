//! `enkash history`: every live call that the ledger knows, and a person's word about those that no look-up settles.

mod purge;
mod resolve;

use clap::{Subcommand, ValueEnum};
use enkash::Timestamp;
use enkash_ledger::{CallRow, HistoryFilter, RowState, RunId};

use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    ledger,
    output::List,
};

const HELP: &str = "\
Examples:
  enkash history
  enkash history --reference BONUS-2026-0042
  enkash history --run 3 --state unknown,refused --output csv
  enkash history --since 2026-11-01 --output json
  enkash history resolve BONUS-2026-0042 --done \\
      --reason \"EnKash, mail of 27 November\"
  enkash history purge --before 2026-01-01

Every live call that moves value is in the ledger before it is sent: the
reference, the amount, the person (name, mobile number, what the request needs),
the account and what became of it. It stands in the state folder, for you alone.
history purge forgets the people and keeps the rest.

It is written oldest first, the last thousand rows unless --limit says
otherwise.";

/// How many rows are read at a time.
const PAGE: u32 = 1000;

/// Show the live calls that moved value, and what became of them
#[derive(clap::Args, Debug)]
#[command(after_help = HELP, args_conflicts_with_subcommands = true)]
pub(crate) struct History {
    #[command(subcommand)]
    action: Option<Action>,
    /// Of this run
    #[arg(long)]
    run: Option<RunId>,
    /// With this reference
    #[arg(long)]
    reference: Option<String>,
    /// In one of these states
    #[arg(long, value_enum, value_delimiter = ',')]
    state: Vec<Outcome>,
    /// That came, were sent or ended since this time or day (UTC): 2026-11-27T09:00:00Z or 2026-11-27
    #[arg(long, value_name = "TIME", value_parser = ledger::parse_time)]
    since: Option<Timestamp>,
    /// At most so many, the newest
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

#[derive(Debug, Subcommand)]
enum Action {
    Resolve(resolve::Resolve),
    Purge(purge::Purge),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Outcome {
    Done,
    Refused,
    Pending,
    NotSent,
    Unknown,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Pending => "pending",
            Self::NotSent => "not sent",
            Self::Unknown => "unknown",
        }
    }

    /// The states in which rows of this outcome are.
    fn states(self) -> &'static [RowState] {
        match self {
            // Those that are done after all stand as something else.
            Self::Done => &[
                RowState::Done,
                RowState::Pending,
                RowState::Refused,
                RowState::NotDone,
                RowState::Canceled,
            ],
            Self::Refused => &[RowState::Refused],
            Self::Pending => &[RowState::Pending],
            Self::NotSent => &[RowState::Pending, RowState::NotDone, RowState::Canceled],
            Self::Unknown => &[RowState::Unknown, RowState::Sending],
        }
    }
}

impl Command for History {
    const EFFECT: Effect = Effect::Local;
    const LISTS: bool = true;

    fn columns() -> Vec<&'static str> {
        list().csv_keys()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        match self.action {
            Some(Action::Resolve(resolve)) => return resolve.run(context).await,
            Some(Action::Purge(purge)) => return purge.run(context).await,
            None => {}
        }
        let ledger = context.ledger().await?;
        let mut filter = HistoryFilter::default();
        filter.run = self.run;
        filter.reference = self.reference.clone();
        filter.states = self.state.iter().flat_map(|state| state.states()).copied().collect();
        filter.since = self.since;
        let mut last = std::collections::VecDeque::new();
        let mut after = None;
        loop {
            let rows = ledger.history(&filter, after, PAGE).await.map_err(ledger::unusable)?;
            let Some(row) = rows.last() else { break };
            after = Some(row.id);
            let is_wanted =
                |row: &CallRow| self.state.is_empty() || self.state.iter().any(|state| state.word() == row.outcome());
            for row in rows.into_iter().filter(is_wanted) {
                if last.len() == self.limit as usize {
                    last.pop_front();
                }
                last.push_back(row);
            }
        }
        let rows = list().stream(context.output);
        rows.begin(context.output)?;
        for row in &last {
            rows.row(row, context.output)?;
        }
        if last.is_empty() {
            context.output.note(&format!("no such call is in {}", ledger.place()));
        }
        Ok(ExitStatus::Done)
    }
}

fn list() -> List<CallRow> {
    List::<CallRow>::new()
        .text("reference", |row: &CallRow| Some(row.reference.clone()))
        .at_least(26)
        .text("outcome", |row| Some(row.outcome().to_owned()))
        .status()
        .at_least("not sent".len())
        .number("amount", |row| row.amount.map(|amount| amount.to_string()))
        .at_least("10000.00".len())
        .text("command", |row| Some(row.command.clone()))
        .at_least("allocate".len())
        .text("run", |row| row.run.map(|(run, _)| run.to_string()))
        .at_least(4)
        .count("line", |row| row.line.and_then(|line| line.try_into().ok()))
        .text("person", CallRow::person)
        .text("state", |row| Some(row.state.as_str().to_owned()))
        .text("decided_by", |row| {
            row.decision.map(|decision| decision.as_str().to_owned())
        })
        .count("attempts", |row| Some(row.attempts.into()))
        .text("created_at", |row| Some(ledger::format_time(row.created_at)))
        .text("intended_at", |row| row.intended_at.map(ledger::format_time))
        .text("concluded_at", |row| row.concluded_at.map(ledger::format_time))
        .text("came_out_done_at", |row| row.came_out_done_at.map(ledger::format_time))
        .text("at", |row| Some(ledger::format_time(row.last_changed_at())))
        .at_least("2026-11-27T09:00:00Z".len())
        .only_in_table()
        .text("reason", CallRow::explanation)
        .heading("")
        .text("exported_as", |row| row.exported_as.clone())
        .text("replaces", |row| row.replaces.clone())
        .text("host", |row| Some(row.scope.host.clone()))
        .text("company", |row| Some(row.scope.company.clone()))
        .text("account", |row| Some(row.scope.account.clone()))
        .in_table("at reference outcome amount command run reason")
}
