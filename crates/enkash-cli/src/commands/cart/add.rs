//! `enkash cart add`: puts denominations of one product into the cart. Never repeated by itself: what a retry adds is
//! not known.

use enkash::{OperationId, ids::ProductCatalogId};

use super::{Item, quantities, show, with_uncertain_hint};
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
};

const HELP: &str = "\
Examples:
  enkash --sandbox cart add --product PC0SANDBOXBOOKS1 \\
      --item PCN0SANDBOXBK0100=2 --item PCN0SANDBOXBK0500=1
  enkash cart add --product PC7513531244A681 --item PCN751457389RC1ST=2

enkash product lists the denominations. No page says whether a quantity is the
new one or is added to what is there: look at the cart that comes back.";

/// Put denominations of a product into the cart
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Add {
    /// The product
    #[arg(long, value_name = "ID")]
    product: String,
    /// A denomination of it and how many pieces; repeat it for several
    #[arg(long = "item", value_name = "CONFIG_ID=QUANTITY", required = true)]
    items: Vec<Item>,
}

impl Command for Add {
    const EFFECT: Effect = Effect::Changes;
    const LISTS: bool = true;
    const OPERATIONS: &'static [OperationId] = &[OperationId::AddToCart];

    fn columns() -> Vec<&'static str> {
        super::list().csv_keys()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let items = quantities(self.items)?;
        let (_connection, redemption) = context.redemption(true).await?;
        let product = ProductCatalogId::from(self.product);
        let rows = redemption
            .add_to_cart(&product, &items)
            .await
            .map_err(with_uncertain_hint)?;
        show(OperationId::AddToCart, rows.value(), context.output)
    }
}
