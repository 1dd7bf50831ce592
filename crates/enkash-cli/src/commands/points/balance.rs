//! `enkash points balance`: how many coins a person has.

use enkash::{OperationId, ids::UserId};

use super::super::evidence::show_record;
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    output::List,
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
    const EFFECT: Effect = Effect::Reads;
    const OPERATIONS: &'static [OperationId] = &[OperationId::GetCoinBalance];

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let connection = context.connection().await?;
        let user = UserId::from(self.user);
        let coins = connection.enkash.points().balance(&user).await?.into_value();
        let list = List::<(UserId, i64)>::new()
            .text("user", |(user, _)| Some(user.to_string()))
            .count("coins", |(_, coins)| Some(*coins))
            .in_table("user coins");
        show_record(OperationId::GetCoinBalance, &list, &(user, coins), context.output)?;
        Ok(ExitStatus::Done)
    }
}
