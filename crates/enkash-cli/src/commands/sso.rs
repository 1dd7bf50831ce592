//! `enkash sso token`: a sign-in token for the holder of a card. Whoever has it is signed in as that person,
//! so it is shown on request only.

pub(crate) mod link;

use enkash::{EnKashCardId, OperationId};
use serde_json::json;

use super::{EvidenceJson, note_evidence};
use crate::{
    cli,
    exit::{Exit, Failure},
    output::{Format, Output, listing},
    session::{Session, Target},
};

pub(super) async fn run(target: &Target, arguments: cli::SsoToken, output: &mut Output) -> Result<Exit, Failure> {
    let session = Session::open(target, output).await?;
    let (company, account) = (session.rewards.company(), session.rewards.account_id());
    let card = EnKashCardId::from(arguments.card);
    let answer = session.connection.enkash.sso().token(company, account, &card).await?;
    let token = answer.token();
    let revealed = token.as_ref().filter(|_| arguments.reveal).map(|token| token.expose());
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
            for line in listing(&[("card", Some(card.to_string())), ("token", Some(shown.to_owned()))]) {
                output.line(&line)?;
            }
        }
    }
    note_evidence(output, OperationId::CreateSsoToken);
    // The portal said yes; without a token that can be read the command did not do what it is for.
    Ok(if token.is_some() { Exit::Done } else { Exit::Failure })
}
