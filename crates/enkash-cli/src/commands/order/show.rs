//! `enkash order show`: an order that is read back. Whoever has the code and the pin of a voucher can spend it, so both are
//! shown on request only.

use enkash::{Money, OperationId, redemption};
use serde_json::{Value, json};

use super::super::{
    command::{Command, Effect},
    evidence::{EvidenceJson, note_evidence},
};
use crate::{
    exit::{Exit, Failure},
    output::{Format, Output, listing, money},
    session::{Connection, Target},
};

const HELP: &str = "\
Examples:
  enkash --sandbox order show ORDER-2026-0042 --dry-run
  enkash order show ORDER-2026-0042
  enkash order show ORDER-2026-0042 --reveal --json
  enkash order show OR631764TS4UC --by-post

No page says which of the two forms a portal serves, nor whose token it wants:
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
    fn effect(&self) -> Effect {
        Effect::Reads
    }

    async fn run(self, target: &Target, output: &mut Output) -> Result<Exit, Failure> {
        let (_connection, redemption) = Connection::open_redemption(target, self.as_user, output).await?;
        let (operation, answer) = if self.by_post {
            let answer = redemption.order_info_by_post(&self.reference).await?;
            (OperationId::FetchOrderInfoByPost, answer)
        } else {
            let answer = redemption.order_info(&self.reference).await?;
            (OperationId::FetchOrderInfo, answer)
        };
        let order = answer.into_value();
        match output.format {
            Format::Json => output.json(&as_json(operation, &order, self.reveal))?,
            Format::Table | Format::Csv => as_table(&order, self.reveal, output)?,
        }
        note_evidence(output, operation);
        Ok(Exit::Done)
    }
}

fn as_json(operation: OperationId, order: &redemption::Order, reveal: bool) -> Value {
    let secret = |secret: &Option<enkash::Secret>| {
        secret
            .as_ref()
            .filter(|_| reveal)
            .map(|secret| secret.expose().to_owned())
    };
    let vouchers: Vec<_> = order
        .vouchers
        .iter()
        .map(|voucher| {
            json!({
                "code": secret(&voucher.code),
                "pin": secret(&voucher.pin),
                "expires": voucher.expires,
            })
        })
        .collect();
    let amount = |amount: Option<Money>| amount.map(money);
    json!({
        "evidence": EvidenceJson::of(operation),
        "order": order.id,
        "reference": order.partner_reference,
        "status": order.status,
        "payment_status": order.payment_status,
        "finished": order.is_finished(),
        "quantity": order.quantity,
        "total": amount(order.total),
        "paid": amount(order.paid),
        "revealed": reveal,
        "vouchers": vouchers,
    })
}

fn as_table(order: &redemption::Order, reveal: bool, output: &mut Output) -> Result<(), Failure> {
    let lines = listing(&[
        ("order", order.id.as_ref().map(ToString::to_string)),
        ("reference", order.partner_reference.clone()),
        ("status", order.status.clone()),
        ("payment", order.payment_status.clone()),
        ("quantity", order.quantity.map(|quantity| quantity.to_string())),
        ("total", order.total.map(money)),
        ("paid", order.paid.map(money)),
        ("vouchers", Some(order.vouchers.len().to_string())),
    ]);
    output.lines(lines)?;
    if order.vouchers.is_empty() {
        return Ok(());
    }
    output.line("")?;
    let secret = |secret: &Option<enkash::Secret>| match secret {
        None => "-".to_owned(),
        Some(secret) if reveal => secret.expose().to_owned(),
        Some(_) => HIDDEN.to_owned(),
    };
    let rows: Vec<_> = order
        .vouchers
        .iter()
        .map(|voucher| {
            let expires = voucher.expires.clone().unwrap_or_else(|| "-".to_owned());
            vec![secret(&voucher.code), secret(&voucher.pin), expires]
        })
        .collect();
    output.table(&["code", "pin", "expires"], &rows)
}
