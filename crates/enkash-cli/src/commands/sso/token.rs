//! `enkash sso token`: a sign-in token for the holder of a card. Whoever has it is signed in as that person,
//! so it is shown on request only.

use enkash::{OperationId, ids::EnKashCardId};

use super::SsoResult;
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
};

pub(in super::super) const HELP: &str = "\
Examples:
  enkash --sandbox sso token --card EKCUQWZ8SX --reveal
  enkash --profile hrms sso token --card EKCUQWZ8SX";

/// Get a sign-in token for the holder of a card
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct SsoToken {
    /// The card of the person who shall sign in
    #[arg(long, value_name = "ID")]
    card: String,
    /// Show the token: whoever has it is signed in as that person
    #[arg(long)]
    reveal: bool,
}

impl Command for SsoToken {
    const EFFECT: Effect = Effect::Reads;
    const OPERATIONS: &'static [OperationId] = &[OperationId::CreateSsoToken];

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let session = context.session().await?;
        let (company, account) = (session.rewards.company(), session.rewards.account_id());
        let card = EnKashCardId::from(self.card);
        let response = session.connection.enkash.sso().token(company, account, &card).await?;
        let result = SsoResult {
            card,
            name: "token",
            value: response.value().token().map(|token| token.expose().to_owned()),
        };
        result.show(
            self.reveal,
            "not found in the response, whose form is not documented",
            context.output,
        )
    }
}
