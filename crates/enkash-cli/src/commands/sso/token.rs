//! `enkash sso token`: a sign-in token for the holder of a card. Whoever has it is signed in as that person,
//! so it is shown on request only.

use enkash::{EnKashCardId, OperationId};
use serde_json::json;

use super::super::{
    command::{Command, Effect},
    evidence::{EvidenceJson, note_evidence},
};
use crate::{
    exit::{Exit, Failure},
    output::{Format, Output, listing},
    session::{Session, Target},
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
    fn effect(&self) -> Effect {
        Effect::Reads
    }

    async fn run(self, target: &Target, output: &mut Output) -> Result<Exit, Failure> {
        let session = Session::open(target, output).await?;
        let (company, account) = (session.rewards.company(), session.rewards.account_id());
        let card = EnKashCardId::from(self.card);
        let answer = session.connection.enkash.sso().token(company, account, &card).await?;
        let token = answer.token();
        let revealed = token.as_ref().filter(|_| self.reveal).map(|token| token.expose());
        match output.format {
            Format::Json => output.json(&json!({
                "evidence": EvidenceJson::of(OperationId::CreateSsoToken),
                "card": card,
                "issued": token.is_some(),
                "token": revealed,
            }))?,
            Format::Table | Format::Csv => {
                let shown = match (&token, revealed) {
                    (_, Some(token)) => token,
                    (Some(_), None) => "issued; --reveal shows it",
                    (None, None) => "not found in the answer, whose form is not documented",
                };
                output.lines(listing(&[
                    ("card", Some(card.to_string())),
                    ("token", Some(shown.to_owned())),
                ]))?;
            }
        }
        note_evidence(output, OperationId::CreateSsoToken);
        // The portal said yes; without a token that can be read the command did not do what it is for.
        Ok(if token.is_some() { Exit::Done } else { Exit::Failure })
    }
}
