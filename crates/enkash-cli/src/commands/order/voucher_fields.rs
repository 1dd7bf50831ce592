//! What `order create` and `order undocumented` share: their options, and what their response says. Nobody has seen the response of
//! these pages; what has the form of an order that is read back is shown, and codes and pins only on request.

use enkash::{Response, redemption::OrderReceipt};
use serde::Serialize;

use crate::{
    output::{Cell, List},
    value::Fields,
};

// A doc comment would become the text of the command.
#[derive(clap::Args, Debug)]
pub(super) struct OrderOptions {
    /// Use the login of the redemption user, not the partner's
    #[arg(long)]
    pub(super) as_user: bool,
    /// Show codes and pins of vouchers: whoever has them can spend them
    #[arg(long)]
    pub(super) reveal: bool,
    /// Send a live call without asking
    #[arg(long)]
    pub(super) yes: bool,
}

impl OrderOptions {
    /// Whose token the call has, for the question.
    pub(super) fn describe_login(&self) -> &'static str {
        if self.as_user {
            "as the redemption user"
        } else {
            "as the partner"
        }
    }
}

/// What the response says, where it has the form of an order.
#[derive(Default)]
pub(super) struct OrderResultFields {
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

impl OrderResultFields {
    pub(super) fn from_response(response: &Response<OrderReceipt>, reveal: bool) -> Self {
        let shown = |secret: Option<enkash::Secret>| secret.filter(|_| reveal).map(|secret| secret.expose().to_owned());
        let vouchers = response.value().order().map(|order| {
            let vouchers = order.vouchers.into_iter().map(|voucher| Voucher {
                expires: voucher.expires,
                code: shown(voucher.code),
                pin: shown(voucher.pin),
                is_hidden: !reveal,
            });
            vouchers.collect()
        });
        Self {
            order: response.value().order_id().map(|id| id.to_string()),
            vouchers,
        }
    }
}

impl Fields for OrderResultFields {
    fn fields() -> List<Self> {
        List::<Self>::new()
            .text("order", |result| result.order.clone())
            .cell("vouchers", |result| {
                result.vouchers.as_ref().map_or(Cell::Missing, Cell::json)
            })
    }

    fn listed(&self) -> Vec<(String, Option<String>)> {
        let mut pairs = vec![("order".to_owned(), self.order.clone())];
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
            ("voucher".to_owned(), Some(text + &expires.unwrap_or_default()))
        }));
        pairs
    }
}
