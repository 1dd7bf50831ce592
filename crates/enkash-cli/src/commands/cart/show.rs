//! `enkash cart show`: reads the cart.

use enkash::OperationId;

use super::show;
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
};

const HELP: &str = "\
Examples:
  enkash --sandbox cart show
  enkash --sandbox cart show --output json";

/// Show what is in the cart
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Show {}

impl Command for Show {
    const EFFECT: Effect = Effect::Reads;
    const LISTS: bool = true;
    const OPERATIONS: &'static [OperationId] = &[OperationId::GetCart];

    fn columns() -> Vec<&'static str> {
        super::list().csv_keys()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let (_connection, redemption) = context.redemption(true).await?;
        let rows = redemption.cart().await?.into_value();
        show(OperationId::GetCart, &rows, context.output)
    }
}
