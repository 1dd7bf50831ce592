//! `enkash points event update`: changes an event.

use enkash::{OperationId, ids::CoinConfigId, points::CoinEventChange};

use super::{Configuration, ask, show, with_uncertain_hint};
use crate::{
    command::{Command, Context, Effect},
    command_line::{called_as, last_argument},
    exit::{CliError, ExitStatus},
};

const HELP: &str = "\
Examples:
  enkash --sandbox points event update WCC12345 --coins 30 --dry-run
  enkash points event update WCC12345 --coins 30 --yes
  enkash points event update WCC12345 --event JOINED --configuration custom

What is left out stays as it is, presumably: the page marks every field as
optional.";

/// Change an event, and with it what later allocations are worth
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Update {
    /// The event's id
    id: String,
    /// Another number of coins
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
    coins: Option<i64>,
    /// Another name
    #[arg(long, value_name = "NAME")]
    event: Option<String>,
    /// Another kind of configuration
    #[arg(long, value_enum, value_name = "KIND")]
    configuration: Option<Configuration>,
    /// Another company
    #[arg(long, value_name = "ID")]
    company: Option<String>,
    /// Send a live call without asking
    #[arg(long)]
    yes: bool,
}

impl Command for Update {
    const EFFECT: Effect = Effect::Changes;
    const OPERATIONS: &'static [OperationId] = &[OperationId::UpdateCoinEvent];

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let id = CoinConfigId::from(self.id);
        let mut intents = Vec::new();
        let mut change = CoinEventChange::new();
        if let Some(coins) = self.coins {
            intents.push(format!("{coins} coins"));
            change = change.coins(coins);
        }
        if let Some(event) = self.event {
            intents.push(format!("name {event}"));
            change = change.event(event);
        }
        if let Some(configuration) = self.configuration {
            let configuration = enkash::points::CoinConfiguration::from(configuration);
            intents.push(format!("configuration {configuration}"));
            change = change.configuration(configuration);
        }
        if let Some(company) = self.company {
            intents.push(format!("company {company}"));
            change = change.company(company);
        }
        if intents.is_empty() {
            return Err(CliError::bad_input(
                "nothing to change: give --coins, --event, --configuration or --company. Nothing was sent.",
            ));
        }
        let connection = context.connection().await?;
        let intent = format!("change the event {id}: {}", intents.join(", "));
        ask(&connection, &intent, self.yes, context.output)?;
        let event = connection
            .enkash
            .points()
            .update_event(&id, change)
            .await
            .map_err(|error| {
                let id = last_argument(id.as_str());
                let look = format!("read it with `{} points event show {id}`.", called_as());
                with_uncertain_hint(error, &look)
            })?;
        show(OperationId::UpdateCoinEvent, Some(event.value()), None, context.output)
    }
}
