//! `enkash points event show`: reads an event.

use enkash::{CoinConfigId, OperationId};

use super::{
    super::super::command::{Command, Effect},
    show,
};
use crate::{
    exit::{Exit, Failure},
    output::Output,
    session::{Connection, Target},
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
    /// With JSON, add the answer as it came
    #[arg(long)]
    raw: bool,
}

impl Command for Show {
    fn effect(&self) -> Effect {
        Effect::Reads
    }

    async fn run(self, target: &Target, output: &mut Output) -> Result<Exit, Failure> {
        let connection = Connection::open(target, output).await?;
        let answer = connection.enkash.points().event(&CoinConfigId::from(self.id)).await?;
        let raw = self.raw.then(|| answer.raw());
        show(OperationId::GetCoinEvent, answer.event().as_ref(), raw, output)
    }
}
