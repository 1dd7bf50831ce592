//! `enkash order show`: an order that is read back. Whoever has the code and the pin of a voucher can spend it, so both are
//! shown on request only.

use enkash::{
    OperationId, Secret,
    redemption::{self, Voucher},
};

use super::super::evidence::show_record;
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    output::{Cell, Format, List},
};

const HELP: &str = "\
Examples:
  enkash --sandbox order show ORDER-2026-0042 --dry-run
  enkash order show ORDER-2026-0042
  enkash order show ORDER-2026-0042 --reveal --json
  enkash order show OR631764TS4UC --by-post

No page says which of the two forms the API serves, nor whose token it wants:
the partner's is used unless --as-user says otherwise.";

const HIDDEN: &str = "--reveal shows it";

/// Show an order; the codes and pins of its vouchers with --reveal only
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Show {
    /// The reference that the order was made with; with --by-post EnKash's own id of the order may be wanted
    reference: String,
    /// Ask by the older form of the page (POST)
    #[arg(long)]
    by_post: bool,
    /// Log in as the redemption user, not as the partner
    #[arg(long)]
    as_user: bool,
    /// Show codes and pins: whoever has them can spend the vouchers
    #[arg(long)]
    reveal: bool,
}

impl Command for Show {
    const EFFECT: Effect = Effect::Reads;
    const OPERATIONS: &'static [OperationId] = &[OperationId::FetchOrderInfo, OperationId::FetchOrderInfoByPost];

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let (_connection, redemption) = context.redemption(self.as_user).await?;
        let (operation, response) = if self.by_post {
            let response = redemption.order_info_by_post(&self.reference).await?;
            (OperationId::FetchOrderInfoByPost, response)
        } else {
            let response = redemption.order_info(&self.reference).await?;
            (OperationId::FetchOrderInfo, response)
        };
        let order = response.into_value();
        show_record(operation, &list(self.reveal), &order, context.output)?;
        if context.output.format != Format::Json && !order.vouchers.is_empty() {
            context.output.print_line("")?;
            vouchers(self.reveal).write(&order.vouchers, context.output)?;
        }
        Ok(ExitStatus::Done)
    }
}

fn list(reveal: bool) -> List<redemption::Order> {
    List::<redemption::Order>::new()
        .text("order", |order| order.id.as_ref().map(ToString::to_string))
        .text("reference", |order| order.partner_reference.clone())
        .text("status", |order| order.status.clone())
        .text("payment_status", |order| order.payment_status.clone())
        .heading("payment")
        .flag("finished", |order| Some(order.is_finished()))
        .count("quantity", |order| order.quantity)
        .amount("total", |order| order.total)
        .amount("paid", |order| order.paid)
        .flag("revealed", move |_| Some(reveal))
        .cell("vouchers", move |order| {
            Cell::json(&vouchers(reveal).json_of_all(&order.vouchers))
        })
        .count("count", |order| order.vouchers.len().try_into().ok())
        .heading("vouchers")
        .only_in_table()
        .in_table("order reference status payment_status quantity total paid count")
}

fn vouchers(reveal: bool) -> List<Voucher> {
    let revealed = move |secret: &Option<Secret>| Some(secret.as_ref().filter(|_| reveal)?.expose().to_owned());
    let shown = move |secret: &Option<Secret>| {
        let secret = secret.as_ref()?;
        Some(if reveal { secret.expose() } else { HIDDEN }.to_owned())
    };
    List::<Voucher>::new()
        .text("code", move |voucher| revealed(&voucher.code))
        .text("pin", move |voucher| revealed(&voucher.pin))
        .text("expires", |voucher| voucher.expires.clone())
        .text("shown_code", move |voucher| shown(&voucher.code))
        .heading("code")
        .only_in_table()
        .text("shown_pin", move |voucher| shown(&voucher.pin))
        .heading("pin")
        .only_in_table()
        .in_table("shown_code shown_pin expires")
}
