//! `enkash order undocumented`: sends the user's own body to a page whose path and form nobody knows.

use std::path::PathBuf;

use enkash::OperationId;

use super::{
    super::evidence::note_evidence,
    create::HELP,
    voucher_fields::{OrderOptions, OrderResultFields},
};
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    input_file::read_json,
    value::{self, NoFields, ValueCall},
};

/// Send your own body to the page "create order" (lower case), whose path and form nobody knows
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Undocumented {
    /// The JSON that EnKash expects from you
    #[arg(long, value_name = "FILE")]
    body: PathBuf,
    /// Your own reference, for your ledger; put it into the body where EnKash expects it
    #[arg(long)]
    reference: String,
    #[command(flatten)]
    options: OrderOptions,
}

impl Command for Undocumented {
    const EFFECT: Effect = Effect::MovesValue;
    const OPERATIONS: &'static [OperationId] = &[OperationId::CreateOrderLowerCase];

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let operation = OperationId::CreateOrderLowerCase;
        let reference = value::reference_or_new(Some(&self.reference))?;
        let path = self.body.display();
        let body = read_json(&self.body)?;
        let as_user = self.options.as_user;
        let (connection, redemption) = context.redemption(as_user).await?;
        if !connection.given_paths.contains(&operation) {
            return Err(CliError::bad_input(no_path()));
        }
        let ticket = redemption.undocumented_ticket(reference.clone());
        let what = format!("send the body in {path} to the undocumented page \"create order\"");
        let place = format!("{}, reference {reference}", self.options.describe_login());
        let call = ValueCall::new("order undocumented", NoFields, ticket, Some(&self.reference)).with_login(as_user);
        call.confirm(&connection, (&what, &place), self.options.yes, context.output)
            .await?;
        let reveal = self.options.reveal;
        let send = async {
            let outcome = redemption.undocumented_order(body, reference).await;
            outcome.map(|response| OrderResultFields::from_response(&response, reveal))
        };
        let exit = call.run(&connection, send, context.output).await?;
        note_evidence(context.output, operation);
        Ok(exit)
    }
}

fn no_path() -> String {
    let operation = OperationId::CreateOrderLowerCase.operation();
    format!(
        "no page shows the path of {0}: nothing was sent. If EnKash gave it to you, put it into a profile\n\n  \
         [profile.NAME.paths]\n  {0} = \"{1} /api/v0/…\"\n\nand name the profile with --profile. --sandbox has a path of \
         its own.",
        operation.name, operation.method
    )
}
