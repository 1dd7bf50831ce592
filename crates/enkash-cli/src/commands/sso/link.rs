//! `enkash sso link`: the link that signs the holder of a card in. Whoever opens it is that person, so it is shown on request
//! only.

use clap::ValueEnum;
use enkash::{
    OperationId, Secret,
    ids::EnKashCardId,
    sso::{SsoHost, SsoLink, SsoView},
};

use super::SsoResult;
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
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
    const EFFECT: Effect = Effect::Reads;
    const OPERATIONS: &'static [OperationId] = &[OperationId::CreateSsoToken];

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
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
            .map_err(|error| CliError::bad_input(format!("{error}. Nothing was sent.")))?;
        let session = context.session().await?;
        let (company, account) = (session.rewards.company(), session.rewards.account_id());
        let card = EnKashCardId::from(self.card);
        let response = session.connection.enkash.sso().token(company, account, &card).await?;
        let link = match response.value().token() {
            Some(_) => Some(response.value().link(host, view, &self.partner)?),
            None => None,
        };
        let result = SsoResult {
            card,
            name: "link",
            value: link.as_ref().map(SsoLink::reveal),
        };
        result.show(
            self.reveal,
            "no token found in the response, whose form is not documented",
            context.output,
        )
    }
}
