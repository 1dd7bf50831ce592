//! `enkash run show`: one run, with its approvals and what a person should look at.

use enkash_ledger::RunId;
use serde_json::json;

use super::parse_run;
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    ledger,
    output::{Format, key_value_lines},
    run::RunTotals,
};

const HELP: &str = "\
Examples:
  enkash run show 3
  enkash run show 3 --output json";

/// How many events are shown.
const EVENTS: u32 = 100;

/// Show one run: where it stands and why, its counts, its approvals
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Show {
    /// The run's number
    #[arg(value_parser = parse_run)]
    run: RunId,
}

impl Command for Show {
    const EFFECT: Effect = Effect::Local;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let ledger = context.ledger().await?;
        let run = ledger.run(self.run).await.map_err(ledger::unusable)?;
        let state = ledger::run_state(&ledger, &run).await?;
        let totals = RunTotals::read(&ledger, run.id).await?;
        let approvals = ledger.approvals(run.id).await.map_err(ledger::unusable)?;
        let events = ledger.events(Some(run.id), EVENTS).await.map_err(ledger::unusable)?;
        if context.output.format == Format::Json {
            let approvals: Vec<_> = approvals
                .iter()
                .map(|approval| json!({ "name": approval.name, "source": approval.source, "at": approval.at }))
                .collect();
            context.output.json(&json!({
                "id": run.id, "state": state, "command": run.command, "file": run.file_name, "file_hash": run.file_hash,
                "pause": run.pause.as_ref().map(|pause| &pause.word), "rows": run.rows, "total": run.total,
                "counts": totals.counts, "host": run.scope.host, "company": run.scope.company,
                "account": run.scope.account, "created_by": run.created_by, "created_at": run.created_at,
                "started_at": run.started_at, "ended_at": run.ended_at, "balance_before": run.balance_before,
                "balance_after": run.balance_after, "approvals_needed": run.approvals_needed, "approvals": approvals,
                "events": events,
            }))?;
            return Ok(ExitStatus::Done);
        }
        let pause = run.pause.as_ref().map(|pause| pause.text.clone());
        let time = |at: Option<_>| at.map(ledger::format_time);
        let mut pairs: Vec<(&str, Option<String>)> = vec![
            ("run", Some(run.id.to_string())),
            ("state", Some(state.to_owned())),
            ("because", pause),
            ("command", Some(run.command.clone())),
            ("file", Some(run.file_name.clone())),
            ("sha256", Some(run.file_hash.clone())),
            ("rows", Some(run.rows.to_string())),
            ("total", Some(run.total.to_string())),
            ("account", Some(run.scope.account.clone())),
            ("company", Some(run.scope.company.clone())),
            ("host", Some(run.scope.host.clone())),
            ("created", time(Some(run.created_at))),
            ("by", Some(run.created_by.clone())),
            ("started", time(run.started_at)),
            ("ended", time(run.ended_at)),
            ("balance before", run.balance_before.map(|balance| balance.to_string())),
            ("balance after", run.balance_after.map(|balance| balance.to_string())),
        ];
        if run.approvals_needed > 0 {
            let have = format!("{} of {}", approvals.len(), run.approvals_needed);
            pairs.push(("approvals", Some(have)));
        }
        for approval in &approvals {
            let text = format!(
                "{} ({}), {}",
                approval.name,
                approval.source,
                ledger::format_time(approval.at)
            );
            pairs.push(("approved by", Some(text)));
        }
        let pairs: Vec<_> = pairs
            .into_iter()
            .filter(|(_, value)| value.is_some())
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        context.output.print_lines(key_value_lines(&pairs))?;
        context.output.print_lines(totals.describe().lines())?;
        for event in events {
            context.output.print_line(&format!("look at {event}"))?;
        }
        Ok(ExitStatus::Done)
    }
}
