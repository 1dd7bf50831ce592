//! `enkash history resolve`: a person's word about a call that no look-up settles. It is written down with their name, and the
//! call is never sent again by it.

use clap::ArgGroup;
use enkash_ledger::{CallRow, HistoryFilter, Ledger, Recorded, RowState, Scope};

use crate::{
    command::Context,
    confirm::{self, Question},
    exit::{CliError, ExitStatus},
    ledger, operator,
    output::Format,
    settings::Settings,
};

const HELP: &str = "\
Examples:
  enkash history resolve BONUS-2026-0042 --done \\
      --reason \"EnKash, mail of 27 November\"
  enkash history resolve BONUS-2026-0042 --not-done \\
      --reason \"EnKash, ticket 4711\"

For a call that is unknown, once EnKash has said what became of it. That a
look-up finds nothing is no reason, and neither is that no outcome was recorded:
its process may still wait for the response, so make sure that it has ended.
Before the question stand host, company and account, which must be those of the
settings where these name any, and which process sent the call, and when.

A row that is not done is not sent again by that: enkash run export writes it
with a new reference.";

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
        let row = self.unknown_row(&ledger, context.target.profile.as_deref()).await?;
        let who = operator::named(self.name.as_deref());
        let word = if self.done { "done" } else { "not done" };
        let mut intent = vec![
            format!("the call {}, {}", row.reference, row.describe()),
            format!("of {}", place(&row.scope)),
        ];
        intent.extend(last_attempt(&ledger, &row).await?);
        intent.push(format!(
            "is {word}, says {} ({}): {}",
            who.name, who.source, self.reason
        ));
        let intent: Vec<_> = intent.iter().map(String::as_str).collect();
        let question = Question {
            intent: &intent,
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
        let Scope { host, company, account } = &row.scope;
        match context.output.format {
            Format::Json => context.output.json(&serde_json::json!({
                "reference": row.reference, "state": state, "decided_by": "person", "host": host, "company": company,
                "account": account,
            }))?,
            _ => context
                .output
                .print_line(&format!("{} is {word}, by the word of {}", row.reference, who.name))?,
        }
        Ok(ExitStatus::Done)
    }

    /// The one call with the reference that is unknown, of the host, company and account that the settings name.
    async fn unknown_row(&self, ledger: &Ledger, profile: Option<&str>) -> Result<CallRow, CliError> {
        let settings = Settings::read(profile);
        let mut unknown = self.rows(ledger, vec![RowState::Unknown]).await?;
        let elsewhere: Vec<_> = unknown
            .extract_if(.., |row| !may_be_of(&row.scope, &settings))
            .collect();
        // Settings that leave something open may be of several: the one that they name in full is meant.
        let named = settings.scope();
        if unknown.len() > 1 && unknown.iter().any(|row| row.scope == named) {
            unknown.retain(|row| row.scope == named);
        }
        match (unknown.len(), elsewhere.first()) {
            (1, _) => {}
            (0, Some(row)) => {
                return Err(CliError::bad_input(format!(
                    "the call {} is of {}, and the settings name {}: nothing was written down",
                    self.reference,
                    place(&row.scope),
                    place(&settings.scope())
                )));
            }
            (count, _) => {
                let all = self.rows(ledger, Vec::new()).await?;
                let found = all
                    .iter()
                    .map(|row| format!("{} of {}", row.describe(), place(&row.scope)));
                let found: Vec<_> = found.collect();
                let found = if found.is_empty() {
                    "no such call".to_owned()
                } else {
                    found.join("; ")
                };
                let way_on = match count {
                    0 | 1 => "",
                    _ => {
                        ". Name the host, company and account of the one that is meant in the settings, such as by --profile"
                    }
                };
                return Err(CliError::bad_input(format!(
                    "{count} calls with the reference {} are unknown, and there must be one ({found}): nothing was written \
                     down{way_on}",
                    self.reference
                )));
            }
        }
        Ok(unknown.remove(0))
    }

    /// Those with the reference, the first hundred.
    async fn rows(&self, ledger: &Ledger, states: Vec<RowState>) -> Result<Vec<CallRow>, CliError> {
        let mut filter = HistoryFilter::default();
        filter.reference = Some(self.reference.clone());
        filter.states = states;
        ledger.history(&filter, None, 100).await.map_err(ledger::unusable)
    }
}

/// Whether the settings may be those of the call: neither names what the other names otherwise. An order names no company, and a call
/// that an earlier version kept no host.
fn may_be_of(scope: &Scope, settings: &Settings) -> bool {
    let (hosts, named) = (settings.call_hosts(), settings.scope());
    let mut hosts = hosts.all();
    hosts.remove("");
    let is_same = |of_call: &str, of_settings: &str| of_call.is_empty() || ["", of_call].contains(&of_settings);
    (scope.host.is_empty() || hosts.is_empty() || hosts.contains(scope.host.as_str()))
        && is_same(&scope.company, &named.company)
        && is_same(&scope.account, &named.account)
}

/// Account, company and host, as far as they are known.
fn place(scope: &Scope) -> String {
    let or = |value: &str, missing: &str| match value {
        "" => missing.to_owned(),
        value => value.to_owned(),
    };
    format!(
        "account {} of company {} on {}",
        or(&scope.account, "(none named)"),
        or(&scope.company, "(none named)"),
        or(&scope.host, "a host that is not known")
    )
}

/// Which process sent it and when, and whether that has said what it came to.
async fn last_attempt(ledger: &Ledger, row: &CallRow) -> Result<Option<String>, CliError> {
    let attempts = ledger.attempts(row.id).await.map_err(ledger::unusable)?;
    Ok(attempts.last().map(|last| {
        let sent = format!(
            "sent at {} by process {}",
            ledger::format_time(last.intended_at),
            last.worker
        );
        match last.outcome {
            Some(_) => sent,
            None => format!(
                "{sent}, which has recorded no outcome and may still wait for the response: make sure that it has ended"
            ),
        }
    }))
}
