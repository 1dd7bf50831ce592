//! `enkash points event show`: reads an event.

use enkash::{OperationId, ids::CoinConfigId};

use super::show;
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
};

const HELP: &str = "\
Examples:
  enkash --sandbox points event show WCC12345 --dry-run
  enkash points event show WCC12345
  enkash points event show WCC12345 --json --raw";

/// Show an event
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Show {
    /// The event's id
    id: String,
    /// With JSON, add the response as it came
    #[arg(long)]
    raw: bool,
}

impl Command for Show {
    const EFFECT: Effect = Effect::Reads;
    const OPERATIONS: &'static [OperationId] = &[OperationId::GetCoinEvent];

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let connection = context.connection().await?;
        let response = connection.enkash.points().event(&CoinConfigId::from(self.id)).await?;
        let raw = self.raw.then(|| response.raw());
        show(
            OperationId::GetCoinEvent,
            response.value().event().as_ref(),
            raw,
            context.output,
        )
    }
}
