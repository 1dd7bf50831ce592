//! `enkash cart update`: changes quantities in one row of the cart. Never repeated by itself: whether a quantity is absolute
//! is not known.

use enkash::OperationId;

use super::{Item, quantities, show, with_uncertain_hint};
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
};

const HELP: &str = "\
Examples:
  enkash --sandbox cart update --row 1 --item PCN0SANDBOXBK0100=3 --dry-run
  enkash cart update --row 117 --item PCN751457389RC1ST=3

No page says whether a quantity is the new one or is added to what is there:
look at the cart that comes back.";

/// Change quantities in one row of the cart
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Update {
    /// The row, as `enkash cart show` numbers it
    #[arg(long, value_name = "ID")]
    row: i64,
    /// A denomination in it and how many pieces; repeat it for several
    #[arg(long = "item", value_name = "CONFIG_ID=QUANTITY", required = true)]
    items: Vec<Item>,
}

impl Command for Update {
    const EFFECT: Effect = Effect::Changes;
    const LISTS: bool = true;
    const OPERATIONS: &'static [OperationId] = &[OperationId::UpdateCart];

    fn columns() -> Vec<&'static str> {
        super::list().csv_keys()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let items = quantities(self.items)?;
        let (_connection, redemption) = context.redemption(true).await?;
        let rows = redemption
            .update_cart(self.row, &items)
            .await
            .map_err(with_uncertain_hint)?;
        show(OperationId::UpdateCart, rows.value(), context.output)
    }
}
