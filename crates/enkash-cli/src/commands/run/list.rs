//! `enkash run list`: every run of the ledger, newest first.

use enkash_ledger::{Counts, Run};

use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    ledger,
    output::{self, Format},
};

const HELP: &str = "\
Examples:
  enkash run list
  enkash run list --open
  enkash run list --output json";

/// How many runs are read at a time.
const PAGE: u32 = 100;

/// List the runs, newest first
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct List {
    /// Only runs with rows that may still be sent
    #[arg(long)]
    open: bool,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 1000)]
    limit: usize,
}

struct ListedRun {
    run: Run,
    state: &'static str,
    counts: Counts,
}

impl Command for List {
    const EFFECT: Effect = Effect::Local;
    const LISTS: bool = true;

    fn columns() -> Vec<&'static str> {
        list().csv_keys()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let ledger = context.ledger().await?;
        let (mut found, mut below) = (Vec::new(), None);
        while found.len() < self.limit {
            let runs = ledger.runs(below, PAGE).await.map_err(ledger::unusable)?;
            let Some(last) = runs.last() else { break };
            below = Some(last.id);
            for run in runs.into_iter().filter(|run| !self.open || run.state.is_open()) {
                let counts = ledger.counts(run.id).await.map_err(ledger::unusable)?;
                let state = ledger::run_state(&ledger, &run).await?;
                found.push(ListedRun { run, state, counts });
            }
        }
        found.truncate(self.limit);
        let list = list();
        if context.output.format == Format::Json {
            for run in &found {
                context.output.json(&list.json(run))?;
            }
            return Ok(ExitStatus::Done);
        }
        if found.is_empty() && context.output.format == Format::Table {
            context.output.note(&format!("there is no run in {}", ledger.place()));
            return Ok(ExitStatus::Done);
        }
        list.write(&found, context.output)?;
        Ok(ExitStatus::Done)
    }
}

fn count(rows: u64) -> Option<i64> {
    rows.try_into().ok()
}

fn list() -> output::List<ListedRun> {
    output::List::<ListedRun>::new()
        .text("id", |listed: &ListedRun| Some(listed.run.id.to_string()))
        .heading("run")
        .text("state", |listed| Some(listed.state.to_owned()))
        .status()
        .text("command", |listed| Some(listed.run.command.clone()))
        .text("file", |listed| Some(listed.run.file_name.clone()))
        .count("rows", |listed| count(listed.run.rows))
        .count("done", |listed| count(listed.counts.done.rows))
        .count("refused", |listed| count(listed.counts.refused.rows))
        .count("pending", |listed| count(listed.counts.pending.rows))
        .count("unknown", |listed| count(listed.counts.unknown.rows))
        .count("not_sent", |listed| count(listed.counts.not_sent.rows))
        .heading("not sent")
        .number("total", |listed| Some(listed.run.total.to_string()))
        .number("allocated", |listed| Some(listed.counts.done.amount.to_string()))
        .text("host", |listed| Some(listed.run.scope.host.clone()))
        .text("company", |listed| Some(listed.run.scope.company.clone()))
        .text("account", |listed| Some(listed.run.scope.account.clone()))
        .text("created_at", |listed| Some(ledger::format_time(listed.run.created_at)))
        .heading("created")
        .text("created_by", |listed| Some(listed.run.created_by.clone()))
        .in_table("id state file rows done refused pending unknown not_sent total created_at")
}
