//! `enkash order create` and `enkash order undocumented`: buy vouchers. Nobody saw the answer of these pages; what has the
//! form of an order that is read back is shown, and codes and pins only on request.

use enkash::{
    Answer, ClientReference, OperationId,
    redemption::{Ordered, VoucherOrder},
};
use serde::Serialize;

use super::super::{
    move_value::{self, Call},
    note_evidence,
};
use crate::{
    cli,
    exit::{Exit, Failure},
    input_file::read_json,
    output::{Facts, Nothing, Output, Report, money},
    session::{Connection, Target},
};

/// What was ordered.
#[derive(Serialize)]
struct Vouchers {
    product: String,
    denomination: i64,
    quantity: i64,
    /// The face values together.
    amount: Option<String>,
}

impl Facts for Vouchers {
    fn listed(&self) -> Vec<(&'static str, Option<String>)> {
        vec![
            ("product", Some(self.product.clone())),
            ("vouchers", Some(format!("{} of {}", self.quantity, self.denomination))),
            ("amount", self.amount.clone()),
        ]
    }
}

/// What the answer says, where it has the form of an order.
#[derive(Default, Serialize)]
struct Placed {
    order: Option<String>,
    vouchers: Option<Vec<Voucher>>,
}

#[derive(Serialize)]
struct Voucher {
    expires: Option<String>,
    /// `null` unless they are to be revealed.
    code: Option<String>,
    pin: Option<String>,
    #[serde(skip)]
    is_hidden: bool,
}

impl Placed {
    fn of(answer: &Answer<Ordered>, reveal: bool) -> Self {
        let shown = |secret: Option<enkash::Secret>| secret.filter(|_| reveal).map(|secret| secret.expose().to_owned());
        let vouchers = answer.order().map(|order| {
            let vouchers = order.vouchers.into_iter().map(|voucher| Voucher {
                expires: voucher.expires,
                code: shown(voucher.code),
                pin: shown(voucher.pin),
                is_hidden: !reveal,
            });
            vouchers.collect()
        });
        Self {
            order: answer.order_id().map(|id| id.to_string()),
            vouchers,
        }
    }
}

impl Facts for Placed {
    fn listed(&self) -> Vec<(&'static str, Option<String>)> {
        let mut pairs = vec![("order", self.order.clone())];
        pairs.extend(self.vouchers.iter().flatten().map(|voucher| {
            let missing = || "-".to_owned();
            let text = if voucher.is_hidden {
                "hidden; --reveal shows code and pin".to_owned()
            } else {
                let (code, pin) = (voucher.code.clone(), voucher.pin.clone());
                format!(
                    "code {}, pin {}",
                    code.unwrap_or_else(missing),
                    pin.unwrap_or_else(missing)
                )
            };
            let expires = voucher.expires.as_ref().map(|at| format!(", until {at}"));
            ("voucher", Some(text + &expires.unwrap_or_default()))
        }));
        pairs
    }
}

pub(super) async fn create(target: &Target, arguments: cli::OrderCreate, output: &mut Output) -> Result<Exit, Failure> {
    let reference = reference_of(arguments.reference.as_deref())?;
    let (product, denomination, quantity) = (arguments.product, arguments.denomination, arguments.quantity);
    let order = VoucherOrder::new(product.as_str(), denomination, quantity, reference)
        .map_err(|error| Failure::bad_input(format!("{error}: nothing was sent")))?;
    let as_user = arguments.how.as_user;
    let (connection, redemption) = Connection::open_redemption(target, as_user, output).await?;
    let ticket = redemption.ticket_of(&order);
    let amount = ticket.amount().map(money);
    let what = format!(
        "order {quantity} vouchers of {denomination} ({} in all) of product {product}",
        amount.as_deref().unwrap_or("an unknown sum")
    );
    let place = format!("{}, reference {}", log_in(as_user), ticket.reference);
    move_value::confirm(&connection, &what, &place, arguments.how.yes, output)?;
    let call = Call {
        operation: "order create",
        asked: Vouchers {
            product,
            denomination,
            quantity,
            amount,
        },
        ticket: ticket.clone(),
    };
    let reveal = arguments.how.reveal;
    let send = async {
        let outcome = redemption.order(order).await;
        Report::of(&ticket, outcome, |answer| Placed::of(&answer, reveal))
    };
    let exit = move_value::run(&connection, call, send, output).await?;
    note_evidence(output, OperationId::CreateOrder);
    Ok(exit)
}

pub(super) async fn undocumented(
    target: &Target,
    arguments: cli::OrderUndocumented,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let operation = OperationId::CreateOrderLowerCase;
    let reference = reference_of(Some(&arguments.reference))?;
    let path = arguments.body.display();
    let body = read_json(&arguments.body)?;
    let as_user = arguments.how.as_user;
    let (connection, redemption) = Connection::open_redemption(target, as_user, output).await?;
    if !connection.given_paths.contains(&operation) {
        return Err(Failure::bad_input(no_path()));
    }
    let ticket = redemption.ticket_of_undocumented(reference.clone());
    let what = format!("send the body in {path} to the undocumented page \"create order\"");
    let place = format!("{}, reference {reference}", log_in(as_user));
    move_value::confirm(&connection, &what, &place, arguments.how.yes, output)?;
    let call = Call {
        operation: "order undocumented",
        asked: Nothing::default(),
        ticket: ticket.clone(),
    };
    let reveal = arguments.how.reveal;
    let send = async {
        let outcome = redemption.undocumented_order(body, reference).await;
        Report::of(&ticket, outcome, |answer| Placed::of(&answer, reveal))
    };
    let exit = move_value::run(&connection, call, send, output).await?;
    note_evidence(output, operation);
    Ok(exit)
}

fn no_path() -> String {
    let operation = OperationId::CreateOrderLowerCase.operation();
    format!(
        "no page shows the path of {0}: nothing was sent. If your portal told you, put it into a profile\n\n  \
         [profile.NAME.paths]\n  {0} = \"{1} /api/v0/…\"\n\nand name the profile with --profile. --sandbox has a path of \
         its own.",
        operation.name, operation.method
    )
}

/// Whose token the call has, for the question.
fn log_in(as_user: bool) -> &'static str {
    if as_user {
        "as the redemption user"
    } else {
        "as the partner"
    }
}

/// The reference that was given, or a new one.
pub(in crate::commands) fn reference_of(given: Option<&str>) -> Result<ClientReference, Failure> {
    match given {
        None => Ok(ClientReference::generate()),
        Some(text) => text
            .parse()
            .map_err(|error| Failure::bad_input(format!("--reference: {error}; nothing was sent"))),
    }
}
