//! `enkash points event`: what an event is worth in coins. Changing one moves nothing by itself, and later allocations give
//! what it then says, so a live change asks first.

mod create;
mod show;
mod update;

use clap::ValueEnum;
use enkash::{
    OperationId,
    points::{CoinConfiguration, CoinEvent},
};
use serde_json::{Value, json};

use super::super::evidence::{self, EvidenceJson, note_evidence};
use crate::{
    command::command_table,
    confirm::{Question, confirm},
    exit::{CliError, ExitStatus},
    output::{Format, List, Output, key_value_lines},
    session::Connection,
};

pub(super) const ABOUT: &str = "The events that give coins";

pub(super) const HELP: &str = "\
Examples:
  enkash --sandbox points event create --event JOINED --coins 10
  enkash points event show WCC12345
  enkash points event update WCC12345 --coins 30";

command_table! {
    pub(crate) enum Event {
        Show(show::Show),
        Create(create::Create),
        Update(update::Update),
    }
}

/// Where the number of coins comes from. The examples of the pages send DEFAULT, their text names CUSTOM.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Configuration {
    Default,
    Custom,
}

impl From<Configuration> for CoinConfiguration {
    fn from(configuration: Configuration) -> Self {
        match configuration {
            Configuration::Default => "DEFAULT".into(),
            Configuration::Custom => "CUSTOM".into(),
        }
    }
}

/// Asks before a live change.
fn ask(connection: &Connection, intent: &str, yes: bool, output: &mut Output) -> Result<(), CliError> {
    let host = connection.host_of(OperationId::CreateCoinEvent);
    let Some(host) = host.filter(|_| !connection.is_dry_run) else {
        return Ok(());
    };
    let question = Question {
        intent: &[intent, &format!("on {host}")],
        verb: "Send it",
        why: "later allocations are worth what this event says",
    };
    confirm(output, &question, yes)
}

/// A change that may have happened although its response is missing.
fn with_uncertain_hint(error: enkash::Error, look: &str) -> CliError {
    let hint = format!("It was not repeated, and it may have happened: {look}");
    evidence::with_uncertain_hint(error, &hint)
}

/// Shows an event. `event` is `None` where it cannot be read from the response.
fn show(
    operation: OperationId,
    event: Option<&CoinEvent>,
    raw: Option<&Value>,
    output: &mut Output,
) -> Result<ExitStatus, CliError> {
    let list = List::<CoinEvent>::new()
        .text("id", |event| event.id.as_ref().map(ToString::to_string))
        .text("event", |event| event.event.clone())
        .count("coins", |event| event.coins)
        .text("configuration", |event| {
            event.configuration.as_ref().map(ToString::to_string)
        })
        .in_table("id event coins configuration");
    match output.format {
        Format::Json => {
            let mut shown = json!({
                "evidence": EvidenceJson::for_operation(operation),
                "found": event.is_some(),
                "event": event.map(|event| list.json(event)),
            });
            if let Some(raw) = raw {
                shown["raw"] = raw.clone();
            }
            output.json(&shown)?;
        }
        Format::Table | Format::Csv => match event {
            Some(event) => output.print_lines(key_value_lines(&list.pairs(event)))?,
            None => output.print_line(
                "the API reports success; the response has another form than expected: --json --raw shows it",
            )?,
        },
    }
    note_evidence(output, operation);
    // The API reports success: only reading an event without finding it misses its purpose.
    let is_read = operation == OperationId::GetCoinEvent;
    Ok(if event.is_none() && is_read {
        ExitStatus::Failure
    } else {
        ExitStatus::Done
    })
}
