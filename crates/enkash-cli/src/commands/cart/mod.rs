//! `enkash cart`: what a person has put together. It belongs to the person who logs in, so these commands log in as the
//! redemption user. A cart moves no value: ordering does not use it.

mod add;
mod show;
mod update;

use std::str::FromStr;

use clap::Subcommand;
use enkash::{
    OperationId,
    redemption::{CartItem, CartQuantity, CartRow},
};
use serde_json::{Value, json};

use super::{EvidenceJson, note_evidence};
use crate::{
    exit::{Exit, Failure},
    output::{Cell, Column, Format, Output, money},
    session::Target,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Cart {
    /// Show what is in the cart
    #[command(after_help = show::HELP)]
    Show,
    /// Put denominations of a product into the cart
    #[command(after_help = add::HELP)]
    Add(add::Add),
    /// Change quantities in one row of the cart
    #[command(after_help = update::HELP)]
    Update(update::Update),
}

pub(crate) const HELP: &str = "\
Examples:
  enkash --sandbox cart show
  enkash --sandbox cart add --product PC0SANDBOXBOOKS1 \\
      --item PCN0SANDBOXBK0100=2

The cart is that of the redemption user: ENKASH_REDEMPTION_USERNAME and
ENKASH_REDEMPTION_PASSWORD, or redemption_username and
redemption_password_file of a profile. The partner's log-in is not needed.";

pub(super) async fn run(target: &Target, command: Cart, output: &mut Output) -> Result<Exit, Failure> {
    match command {
        Cart::Show => show::run(target, output).await,
        Cart::Add(arguments) => add::run(target, arguments, output).await,
        Cart::Update(arguments) => update::run(target, arguments, output).await,
    }
}

/// One `CONFIG_ID=QUANTITY`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    config: String,
    quantity: i64,
}

impl FromStr for Item {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || "it is not CONFIG_ID=QUANTITY, such as PCN751457389RC1ST=2".to_owned();
        let (config, quantity) = text.split_once('=').ok_or_else(form)?;
        if config.is_empty() {
            return Err(form());
        }
        match quantity.parse() {
            Ok(quantity) if quantity >= 0 => Ok(Self {
                config: config.to_owned(),
                quantity,
            }),
            _ => Err("the quantity is not a whole number from 0".to_owned()),
        }
    }
}

/// The quantities, each denomination once: of two for one denomination only one would be sent.
fn quantities(items: Vec<Item>) -> Result<Vec<CartQuantity>, Failure> {
    let mut seen = std::collections::BTreeSet::new();
    for item in &items {
        if !seen.insert(&item.config) {
            return Err(Failure::bad_input(format!(
                "--item names {} twice. Nothing was sent.",
                item.config
            )));
        }
    }
    Ok(items
        .into_iter()
        .map(|item| CartQuantity::new(item.config, item.quantity))
        .collect())
}

/// A change whose answer is missing may have happened.
fn lost(error: enkash::Error) -> Failure {
    let may_have_happened = error.was_sent() && !error.is_refused();
    let mut failure = Failure::from(error);
    if may_have_happened {
        failure.message.push_str(
            "\nThe change was not repeated, and it may have happened. Read the cart with `enkash cart show` before you \
             change it again.",
        );
    }
    failure
}

fn tell(operation: OperationId, rows: &[CartRow], output: &mut Output) -> Result<Exit, Failure> {
    match output.format {
        Format::Json => output.json(&json!({
            "evidence": EvidenceJson::of(operation),
            "rows": rows.iter().map(as_json).collect::<Vec<_>>(),
        }))?,
        Format::Csv => {
            output.header(&[
                "row",
                "product",
                "name",
                "denomination",
                "face_value",
                "price",
                "quantity",
                "total",
            ])?;
            lines(rows).try_for_each(|(row, item)| output.record(&as_record(row, item)))?;
        }
        Format::Table => {
            let columns = vec![
                Column::right("row"),
                Column::left("product"),
                Column::left("denomination"),
                Column::right("face value"),
                Column::right("price"),
                Column::right("pieces"),
                Column::right("total"),
                Column::left("name"),
            ];
            let cells: Vec<_> = lines(rows).map(|(row, item)| as_cells(row, item)).collect();
            output.table(columns, &cells)?;
        }
    }
    note_evidence(output, operation);
    Ok(Exit::Done)
}

/// One line for each denomination; a row without any is one as well.
fn lines(rows: &[CartRow]) -> impl Iterator<Item = (&CartRow, Option<&CartItem>)> {
    rows.iter().flat_map(|row| {
        let none = row.items.is_empty().then_some((row, None));
        row.items.iter().map(move |item| (row, Some(item))).chain(none)
    })
}

fn as_json(row: &CartRow) -> Value {
    let items: Vec<_> = row
        .items
        .iter()
        .map(|item| {
            json!({
                "denomination": item.config,
                "face_value": item.face_value.map(money),
                "price": item.price.map(money),
                "quantity": item.quantity,
                "total": item.total.map(money),
            })
        })
        .collect();
    json!({
        "row": row.id,
        "user": row.user,
        "product": row.product,
        "name": row.name,
        "quantity": row.quantity,
        "amount": row.amount.map(money),
        "savings": row.savings.map(money),
        "items": items,
    })
}

fn as_record<'a>(row: &'a CartRow, item: Option<&'a CartItem>) -> [Cell<'a>; 8] {
    let number = |number: Option<i64>| Cell::number(number.map(|number| number.to_string()));
    [
        number(row.id),
        Cell::text(row.product.as_ref().map(|id| id.as_str())),
        Cell::text(row.name.as_deref()),
        Cell::text(item.map(|item| item.config.as_str())),
        Cell::number(item.and_then(|item| item.face_value).map(money)),
        Cell::number(item.and_then(|item| item.price).map(money)),
        number(item.and_then(|item| item.quantity)),
        Cell::number(item.and_then(|item| item.total).map(money)),
    ]
}

fn as_cells(row: &CartRow, item: Option<&CartItem>) -> Vec<String> {
    [
        row.id.map(|id| id.to_string()),
        row.product.as_ref().map(ToString::to_string),
        item.map(|item| item.config.to_string()),
        item.and_then(|item| item.face_value).map(money),
        item.and_then(|item| item.price).map(money),
        item.and_then(|item| item.quantity).map(|quantity| quantity.to_string()),
        item.and_then(|item| item.total).map(money),
        row.name.clone(),
    ]
    .map(|cell| cell.unwrap_or_else(|| "-".to_owned()))
    .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_an_id_and_a_whole_number() {
        let item = |text: &str| text.parse::<Item>();
        assert_eq!(
            item("PCN1=2"),
            Ok(Item {
                config: "PCN1".to_owned(),
                quantity: 2
            })
        );
        assert_eq!(item("PCN1=0").unwrap().quantity, 0);
        for wrong in ["PCN1", "=2", "PCN1=", "PCN1=-1", "PCN1=1.5", "PCN1=two"] {
            assert!(item(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_denomination_that_is_named_twice_is_refused() {
        let items = ["PCN1=1", "PCN2=1", "PCN1=3"].map(|text| text.parse().unwrap());
        let failure = quantities(items.to_vec()).unwrap_err();
        assert!(failure.message.contains("PCN1 twice"), "{}", failure.message);
        assert_eq!(quantities(items[..2].to_vec()).unwrap().len(), 2);
    }
}
