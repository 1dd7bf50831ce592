//! `enkash points allocate`: gives the coins of an event. No page documents a look-up, so the result says so where it is
//! unknown.

use enkash::{OperationId, ids::CompanyId, points::CoinAllocation};

use crate::{
    command::{Command, Context, Effect, exit_codes},
    exit::{CliError, ExitStatus},
    output::List,
    value::{self, Fields, NoFields, ValueCall},
};

const HELP: &str = concat!(
    "\
Examples:
  enkash --sandbox points allocate --user EK3FLBHN --event REFERRAL_EVENT

The event's configuration says how many coins it is worth. No page documents a
look-up of an allocation: what is unknown stays so until EnKash says.

",
    exit_codes!()
);

/// Give the coins of an event to a person
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Allocate {
    /// The person, as EnKash names them (`enkash cards --output json` has the ids)
    #[arg(long, value_name = "ID")]
    user: String,
    /// The event, whose configuration says how many coins it is worth
    #[arg(long, value_name = "NAME")]
    event: String,
    /// The company of the person; that of the settings if it is left out
    #[arg(long, value_name = "ID")]
    company: Option<String>,
    /// Your own reference, new for each allocation; one is made and shown if it is left out
    #[arg(long)]
    reference: Option<String>,
    /// Send a live call without asking
    #[arg(long)]
    yes: bool,
}

/// What is asked for. The request does not say how many coins.
struct CoinFields {
    user: String,
    event: String,
    company: String,
}

impl Fields for CoinFields {
    fn fields() -> List<Self> {
        List::<Self>::new()
            .text("user", |coins| Some(coins.user.clone()))
            .text("event", |coins| Some(coins.event.clone()))
            .text("company", |coins| Some(coins.company.clone()))
    }
}

impl Command for Allocate {
    const EFFECT: Effect = Effect::MovesValue;
    const OPERATIONS: &'static [OperationId] = &[OperationId::AllocateCoins];

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let reference = value::reference_or_new(self.reference.as_deref())?;
        let connection = context.connection().await?;
        let company = self
            .company
            .map(CompanyId::from)
            .or_else(|| connection.company().cloned());
        let company = company.ok_or_else(|| {
            CliError::bad_input(
                "missing: --company, or ENKASH_COMPANY_ID, or company_id in the profile. Nothing was sent.",
            )
        })?;
        let points = connection.enkash.points();
        let coins = CoinAllocation::new(company.clone(), self.user.as_str(), self.event.as_str(), reference);
        let ticket = points.ticket(&coins);
        let what = format!(
            "allocate the coins of event {} to user {} (how many is configured with the event)",
            self.event, self.user
        );
        let place = format!("company {company}, reference {}", ticket.reference);
        let asked = CoinFields {
            user: self.user,
            event: self.event,
            company: company.to_string(),
        };
        let call = ValueCall::new("points allocate", asked, ticket, self.reference.as_deref());
        call.confirm(&connection, (&what, &place), self.yes, context.output)
            .await?;
        let send = async { points.allocate(coins).await.map(|_| NoFields) };
        call.run(&connection, send, context.output).await
    }
}
