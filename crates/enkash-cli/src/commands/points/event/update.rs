//! `enkash points event update`: changes an event.

use enkash::{CoinConfigId, OperationId, points::CoinEventChange};

use super::{Configuration, ask, lost, tell};
use crate::{
    exit::{Exit, Failure},
    output::Output,
    session::{Connection, Target},
};

#[derive(clap::Args, Debug)]
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

pub(crate) const HELP: &str = "\
Examples:
  enkash --sandbox points event update WCC12345 --coins 30 --dry-run
  enkash points event update WCC12345 --coins 30 --yes
  enkash points event update WCC12345 --event JOINED --configuration custom

What is left out stays as it is, presumably: the page marks every field as
optional.";

pub(super) async fn run(target: &Target, arguments: Update, output: &mut Output) -> Result<Exit, Failure> {
    let id = CoinConfigId::from(arguments.id);
    let mut intents = Vec::new();
    let mut change = CoinEventChange::new();
    if let Some(coins) = arguments.coins {
        intents.push(format!("{coins} coins"));
        change = change.coins(coins);
    }
    if let Some(event) = arguments.event {
        intents.push(format!("name {event}"));
        change = change.event(event);
    }
    if let Some(configuration) = arguments.configuration {
        let configuration = enkash::points::CoinConfiguration::from(configuration);
        intents.push(format!("configuration {configuration}"));
        change = change.configuration(configuration);
    }
    if let Some(company) = arguments.company {
        intents.push(format!("company {company}"));
        change = change.company(company);
    }
    if intents.is_empty() {
        return Err(Failure::bad_input(
            "nothing to change: give --coins, --event, --configuration or --company. Nothing was sent.",
        ));
    }
    let connection = Connection::open(target, output).await?;
    let intent = format!("change the event {id}: {}", intents.join(", "));
    ask(&connection, &intent, arguments.yes, output)?;
    let event = connection
        .enkash
        .points()
        .update_event(&id, change)
        .await
        .map_err(|error| {
            let look = format!("read it with `enkash points event show {id}`.");
            lost(error, &look)
        })?;
    tell(OperationId::UpdateCoinEvent, Some(&event), None, output)
}
