//! `enkash cart show`: reads the cart.

use enkash::OperationId;

use super::{
    super::command::{Command, Effect},
    show,
};
use crate::{
    exit::{Exit, Failure},
    output::Output,
    session::{Connection, Target},
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
    fn effect(&self) -> Effect {
        Effect::Reads
    }

    fn lists(&self) -> bool {
        true
    }

    async fn run(self, target: &Target, output: &mut Output) -> Result<Exit, Failure> {
        let (_connection, redemption) = Connection::open_redemption(target, true, output).await?;
        let rows = redemption.cart().await?.into_value();
        show(OperationId::GetCart, &rows, output)
    }
}
