//! `enkash order create`: buys vouchers of one product and one face value.

use enkash::{OperationId, redemption::VoucherOrder};

use super::{
    super::evidence::note_evidence,
    voucher_fields::{OrderOptions, OrderResultFields},
};
use crate::{
    command::{Command, Context, Effect, exit_codes},
    exit::{CliError, ExitStatus},
    output::{List, format_money},
    value::{self, Fields, ValueCall},
};

pub(super) const HELP: &str = concat!(
    "\
Examples:
  enkash --sandbox order create --product PC0SANDBOXBOOKS1 \\
      --denomination 100 --quantity 2
  enkash --sandbox order create --product PC0SANDBOXTEA001 \\
      --denomination 250 --quantity 1 --as-user --reveal
  enkash --sandbox order undocumented --body examples/order.json \\
      --reference GIFT-2026-0007
  enkash order create --product PC0SANDBOXBOOKS1 --denomination 100 \\
      --quantity 1 --reference ORDER-2026-0042

No page says whose token orders want. The partner's is used; --as-user uses the
login of ENKASH_REDEMPTION_USERNAME and ENKASH_REDEMPTION_PASSWORD.

",
    exit_codes!()
);

/// Buy vouchers of one product and one face value
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Create {
    /// The product, as the catalogue names it
    #[arg(long, value_name = "ID")]
    product: String,
    /// The face value of one voucher, in whole rupees
    #[arg(long, value_name = "RUPEES", allow_negative_numbers = true)]
    denomination: i64,
    /// How many vouchers
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    quantity: i64,
    /// Your own reference, new for each order; one is made and shown if it is left out
    #[arg(long)]
    reference: Option<String>,
    #[command(flatten)]
    options: OrderOptions,
}

/// What is ordered.
struct OrderFields {
    product: String,
    denomination: i64,
    quantity: i64,
    /// The face values together.
    amount: Option<String>,
}

impl Fields for OrderFields {
    fn fields() -> List<Self> {
        List::<Self>::new()
            .text("product", |order| Some(order.product.clone()))
            .count("denomination", |order| Some(order.denomination))
            .count("quantity", |order| Some(order.quantity))
            .text("amount", |order| order.amount.clone())
    }

    fn listed(&self) -> Vec<(String, Option<String>)> {
        let vouchers = format!("{} of {}", self.quantity, self.denomination);
        vec![
            ("product".to_owned(), Some(self.product.clone())),
            ("vouchers".to_owned(), Some(vouchers)),
            ("amount".to_owned(), self.amount.clone()),
        ]
    }
}

impl Command for Create {
    const EFFECT: Effect = Effect::MovesValue;
    const OPERATIONS: &'static [OperationId] = &[OperationId::CreateOrder];

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let reference = value::reference_or_new(self.reference.as_deref())?;
        let (product, denomination, quantity) = (self.product, self.denomination, self.quantity);
        let order = VoucherOrder::new(product.as_str(), denomination, quantity, reference)
            .map_err(|error| CliError::bad_input(format!("{error}: nothing was sent")))?;
        let as_user = self.options.as_user;
        let (connection, redemption) = context.redemption(as_user).await?;
        let ticket = redemption.ticket(&order);
        let amount = ticket.amount().map(format_money);
        let what = format!(
            "order {quantity} vouchers of {denomination} ({} in all) of product {product}",
            amount.as_deref().unwrap_or("an unknown sum")
        );
        let place = format!("{}, reference {}", self.options.describe_login(), ticket.reference);
        let asked = OrderFields {
            product,
            denomination,
            quantity,
            amount,
        };
        let call = ValueCall::new("order create", asked, ticket, self.reference.as_deref()).with_login(as_user);
        call.confirm(&connection, (&what, &place), self.options.yes, context.output)
            .await?;
        let reveal = self.options.reveal;
        let send = async {
            let outcome = redemption.order(order).await;
            outcome.map(|response| OrderResultFields::from_response(&response, reveal))
        };
        let exit = call.run(&connection, send, context.output).await?;
        note_evidence(context.output, OperationId::CreateOrder);
        Ok(exit)
    }
}
