//! `enkash points event show`: reads an event.

use enkash::{CoinConfigId, OperationId};

use super::tell;
use crate::{
    exit::{Exit, Failure},
    output::Output,
    session::{Connection, Target},
};

#[derive(clap::Args, Debug)]
pub(crate) struct Show {
    /// The event's id
    id: String,
    /// With JSON, add the answer as it came
    #[arg(long)]
    raw: bool,
}

pub(crate) const HELP: &str = "\
Examples:
  enkash --sandbox points event show WCC12345 --dry-run
  enkash points event show WCC12345
  enkash points event show WCC12345 --json --raw";

pub(super) async fn run(target: &Target, arguments: Show, output: &mut Output) -> Result<Exit, Failure> {
    let connection = Connection::open(target, output).await?;
    let answer = connection
        .enkash
        .points()
        .event(&CoinConfigId::from(arguments.id))
        .await?;
    let raw = arguments.raw.then(|| answer.raw());
    tell(OperationId::GetCoinEvent, answer.event().as_ref(), raw, output)
}
