//! `enkash cart add`: puts denominations of one product into the cart. Never repeated by itself: what a repetition adds is
//! not known.

use enkash::{OperationId, ProductCatalogId};

use super::{Item, lost, quantities, tell};
use crate::{
    exit::{Exit, Failure},
    output::Output,
    session::{Connection, Target},
};

#[derive(clap::Args, Debug)]
pub(crate) struct Add {
    /// The product
    #[arg(long, value_name = "ID")]
    product: String,
    /// A denomination of it and how many pieces; repeat it for several
    #[arg(long = "item", value_name = "CONFIG_ID=QUANTITY", required = true)]
    items: Vec<Item>,
}

pub(crate) const HELP: &str = "\
Examples:
  enkash --sandbox cart add --product PC0SANDBOXBOOKS1 \\
      --item PCN0SANDBOXBK0100=2 --item PCN0SANDBOXBK0500=1
  enkash cart add --product PC7513531244A681 --item PCN751457389RC1ST=2

enkash product lists the denominations. No page says whether a quantity is the
new one or is added to what is there: look at the cart that comes back.";

pub(super) async fn run(target: &Target, arguments: Add, output: &mut Output) -> Result<Exit, Failure> {
    let items = quantities(arguments.items)?;
    let (_connection, redemption) = Connection::open_redemption(target, true, output).await?;
    let product = ProductCatalogId::from(arguments.product);
    let rows = redemption.add_to_cart(&product, &items).await.map_err(lost)?;
    tell(OperationId::AddToCart, &rows, output)
}
