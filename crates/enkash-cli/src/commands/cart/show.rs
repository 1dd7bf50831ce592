//! `enkash cart show`: reads the cart.

use enkash::OperationId;

use super::tell;
use crate::{
    exit::{Exit, Failure},
    output::Output,
    session::{Connection, Target},
};

pub(crate) const HELP: &str = "\
Examples:
  enkash --sandbox cart show
  enkash --sandbox cart show --output json";

pub(super) async fn run(target: &Target, output: &mut Output) -> Result<Exit, Failure> {
    let (_connection, redemption) = Connection::open_redemption(target, true, output).await?;
    let rows = redemption.cart().await?.into_value();
    tell(OperationId::GetCart, &rows, output)
}
