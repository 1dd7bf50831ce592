//! `enkash sso link`: the link that signs the holder of a card in. Whoever opens it is that person, so it is shown on request
//! only.

use clap::ValueEnum;
use enkash::{
    EnKashCardId, OperationId, Secret,
    sso::{SsoHost, SsoLink, SsoView},
};
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

const HELP: &str = "\
Examples:
  enkash --sandbox sso link --card EKCUQWZ8SX --host uat --view employee \\
      --partner hrms --reveal
  enkash sso link --card EKC04AZHXP --host production --view admin \\
      --partner hrms --reveal

The form of the link is that of the guides. How long one works, and whether it
works twice, no page says.";

/// Make the link that signs the holder of a card in
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Link {
    /// The card of the person who shall sign in; for an administrator, the administrator's own
    #[arg(long, value_name = "ID")]
    card: String,
    /// The web host of the link; it is no host of the API
    #[arg(long, value_enum)]
    host: Host,
    /// What the person is shown
    #[arg(long, value_enum)]
    view: View,
    /// The last part of the link, such as hrms; no list of them is published
    #[arg(long, value_name = "NAME")]
    partner: String,
    /// Show the link: whoever has it is signed in as that person
    #[arg(long)]
    reveal: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Host {
    /// invoice-uat.enkash.in
    Uat,
    /// home.enkash.com
    Production,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum View {
    /// A person's own rewards
    Employee,
    /// The reward account, for an administrator of the company
    Admin,
}

impl Command for Link {
    fn effect(&self) -> Effect {
        Effect::Reads
    }

    async fn run(self, target: &Target, output: &mut Output) -> Result<Exit, Failure> {
        let host = match self.host {
            Host::Uat => SsoHost::Uat,
            Host::Production => SsoHost::Production,
        };
        let view = match self.view {
            View::Employee => SsoView::Employee,
            View::Admin => SsoView::Admin,
        };
        // No token is issued for a link that cannot be made.
        SsoLink::new(host, view, &self.partner, &Secret::new("token"))
            .map_err(|error| Failure::bad_input(format!("{error}. Nothing was sent.")))?;
        let session = Session::open(target, output).await?;
        let (company, account) = (session.rewards.company(), session.rewards.account_id());
        let card = EnKashCardId::from(self.card);
        let answer = session.connection.enkash.sso().token(company, account, &card).await?;
        let link = match answer.token() {
            Some(_) => Some(answer.link(host, view, &self.partner)?),
            None => None,
        };
        let revealed = link.as_ref().filter(|_| self.reveal).map(SsoLink::reveal);
        match output.format {
            Format::Json => output.json(&json!({
                "evidence": EvidenceJson::of(OperationId::CreateSsoToken),
                "card": card,
                "issued": link.is_some(),
                "link": revealed,
            }))?,
            Format::Table | Format::Csv => {
                let shown = match (revealed, &link) {
                    (Some(link), _) => link,
                    (None, Some(_)) => "issued; --reveal shows it".to_owned(),
                    (None, None) => "no token found in the answer, whose form is not documented".to_owned(),
                };
                output.lines(listing(&[("card", Some(card.to_string())), ("link", Some(shown))]))?;
            }
        }
        note_evidence(output, OperationId::CreateSsoToken);
        // The portal said yes; without a token that can be read the command did not do what it is for.
        Ok(if link.is_some() { Exit::Done } else { Exit::Failure })
    }
}
