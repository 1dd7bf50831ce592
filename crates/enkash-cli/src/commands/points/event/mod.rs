//! `enkash points event`: what an event is worth in coins. Changing one moves nothing by itself, and later allocations give
//! what it then says, so a live change asks first.

mod create;
mod show;
mod update;

use clap::{Subcommand, ValueEnum};
use enkash::{
    OperationId,
    points::{CoinConfiguration, CoinEvent},
};
use serde_json::{Value, json};

use super::super::{EvidenceJson, note_evidence};
use crate::{
    consent::{self, Question},
    exit::{Exit, Failure},
    output::{Format, Output, listing},
    session::{Connection, Target},
};

#[derive(Debug, Subcommand)]
pub(crate) enum Event {
    /// Show an event
    #[command(after_help = show::HELP)]
    Show(show::Show),
    /// Configure a new event
    #[command(after_help = create::HELP)]
    Create(create::Create),
    /// Change an event, and with it what later allocations are worth
    #[command(after_help = update::HELP)]
    Update(update::Update),
}

pub(crate) const HELP: &str = "\
Examples:
  enkash --sandbox points event create --event JOINED --coins 10
  enkash points event show WCC12345
  enkash points event update WCC12345 --coins 30";

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

pub(super) async fn run(target: &Target, command: Event, output: &mut Output) -> Result<Exit, Failure> {
    match command {
        Event::Show(arguments) => show::run(target, arguments, output).await,
        Event::Create(arguments) => create::run(target, arguments, output).await,
        Event::Update(arguments) => update::run(target, arguments, output).await,
    }
}

/// Asks before a live change.
fn ask(connection: &Connection, intent: &str, yes: bool, output: &mut Output) -> Result<(), Failure> {
    let Some(host) = connection.live_host.as_ref().filter(|_| !connection.is_dry_run) else {
        return Ok(());
    };
    let question = Question {
        intent: &[intent, &format!("on {host}")],
        verb: "Send it",
        why: "later allocations are worth what this event says",
    };
    consent::obtain(output, &question, yes)
}

/// A change that may have happened although its answer is missing.
fn lost(error: enkash::Error, look: &str) -> Failure {
    let may_have_happened = error.was_sent() && !error.is_refused();
    let mut failure = Failure::from(error);
    if may_have_happened {
        failure
            .message
            .push_str(&format!("\nIt was not repeated, and it may have happened: {look}"));
    }
    failure
}

/// Tells an event. `event` is `None` where it cannot be read from the answer.
fn tell(
    operation: OperationId,
    event: Option<&CoinEvent>,
    raw: Option<&Value>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    match output.format {
        Format::Json => {
            let mut told = json!({
                "evidence": EvidenceJson::of(operation),
                "found": event.is_some(),
                "event": event.map(|event| json!({
                    "id": event.id,
                    "event": event.event,
                    "coins": event.coins,
                    "configuration": event.configuration,
                })),
            });
            if let (Some(raw), Some(fields)) = (raw, told.as_object_mut()) {
                fields.insert("raw".to_owned(), raw.clone());
            }
            output.json(&told)?;
        }
        Format::Table | Format::Csv => match event {
            Some(event) => {
                let configuration = event.configuration.as_ref().map(ToString::to_string);
                let pairs = [
                    ("id", event.id.as_ref().map(ToString::to_string)),
                    ("event", event.event.clone()),
                    ("coins", event.coins.map(|coins| coins.to_string())),
                    ("configuration", configuration),
                ];
                output.lines(listing(&pairs))?;
            }
            None => {
                output.line("the portal said yes; its answer has another form than expected: --json --raw shows it")?
            }
        },
    }
    note_evidence(output, operation);
    // The portal said yes: only reading an event without finding it missed its purpose.
    let is_read = operation == OperationId::GetCoinEvent;
    Ok(if event.is_none() && is_read {
        Exit::Failure
    } else {
        Exit::Done
    })
}
