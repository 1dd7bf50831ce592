//! `enkash points event create`: configures an event.

use enkash::{OperationId, ids::CompanyId, points::NewCoinEvent};

use super::{Configuration, ask, show, with_uncertain_hint};
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
};

const HELP: &str = "\
Examples:
  enkash --sandbox points event create --event JOINED --coins 10
  enkash --sandbox points event create --event JOINED --coins 10 --json
  enkash points event create --event REFERRAL_EVENT --coins 25 \\
      --configuration custom --company CEK1PU9AOO --yes";

/// Configure a new event
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Create {
    /// The event's name, such as REFERRAL_EVENT; no list is published
    #[arg(long, value_name = "NAME")]
    event: String,
    /// How many coins the event gives
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
    coins: i64,
    /// The kind of configuration
    #[arg(long, value_enum, value_name = "KIND", default_value = "default")]
    configuration: Configuration,
    /// The company that the event belongs to, if it is not the one of the settings
    #[arg(long, value_name = "ID")]
    company: Option<String>,
    /// Send a live call without asking
    #[arg(long)]
    yes: bool,
    /// With JSON, add the response as it came
    #[arg(long)]
    raw: bool,
}

impl Command for Create {
    const EFFECT: Effect = Effect::Changes;
    const OPERATIONS: &'static [OperationId] = &[OperationId::CreateCoinEvent];

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let (connection, company) = match self.company {
            Some(company) => (context.connection().await?, CompanyId::from(company)),
            None => {
                let session = context.session().await?;
                let company = session.rewards.company().clone();
                (session.connection, company)
            }
        };
        let intent = format!(
            "create the event {}, worth {} coins, for company {company}",
            self.event, self.coins,
        );
        ask(&connection, &intent, self.yes, context.output)?;
        let event = NewCoinEvent::new(company, self.event, self.coins, self.configuration);
        let response = connection.enkash.points().create_event(event).await.map_err(|error| {
            with_uncertain_hint(error, "what a second event of this name does is not known; ask EnKash.")
        })?;
        let raw = self.raw.then(|| response.raw());
        show(
            OperationId::CreateCoinEvent,
            response.value().event().as_ref(),
            raw,
            context.output,
        )
    }
}
