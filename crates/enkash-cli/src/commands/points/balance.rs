//! `enkash points balance`: how many coins a person has.

use enkash::{OperationId, UserId};
use serde_json::json;

use super::super::{
    command::{Command, Effect},
    evidence::{EvidenceJson, note_evidence},
};
use crate::{
    exit::{Exit, Failure},
    output::{Format, Output, listing},
    session::{Connection, Target},
};

const HELP: &str = "\
Examples:
  enkash --sandbox points balance --user EKCEL2FA
  enkash points balance --user EK6CYE6K --output json";

/// Show how many coins a person has
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Balance {
    /// The person, as `enkash users --json` names them
    #[arg(long, value_name = "ID")]
    user: String,
}

impl Command for Balance {
    fn effect(&self) -> Effect {
        Effect::Reads
    }

    async fn run(self, target: &Target, output: &mut Output) -> Result<Exit, Failure> {
        let connection = Connection::open(target, output).await?;
        let user = UserId::from(self.user);
        let coins = connection.enkash.points().balance(&user).await?.into_value();
        match output.format {
            Format::Json => output.json(&json!({
                "evidence": EvidenceJson::of(OperationId::GetCoinBalance),
                "user": user,
                "coins": coins,
            }))?,
            Format::Table | Format::Csv => {
                output.lines(listing(&[
                    ("user", Some(user.to_string())),
                    ("coins", Some(coins.to_string())),
                ]))?;
            }
        }
        note_evidence(output, OperationId::GetCoinBalance);
        Ok(Exit::Done)
    }
}
