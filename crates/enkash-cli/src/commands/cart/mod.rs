//! `enkash cart`: what a person has put together. It belongs to the person who logs in, so these commands log in as the
//! redemption user. A cart moves no value: ordering does not use it.

mod add;
mod show;
mod update;

use std::str::FromStr;

use enkash::{
    OperationId,
    redemption::{CartItem, CartLineInput, CartRow},
};
use serde_json::{Value, json};

use super::evidence::{self, EvidenceJson, note_evidence};
use crate::{
    command::command_table,
    command_line::called_as,
    exit::{CliError, ExitStatus},
    output::{Format, List, Output, format_money},
};

pub(super) const ABOUT: &str = "The cart of the redemption user";

pub(super) const HELP: &str = "\
Examples:
  enkash --sandbox cart show
  enkash --sandbox cart add --product PC0SANDBOXBOOKS1 \\
      --item PCN0SANDBOXBK0100=2

The cart is that of the redemption user: ENKASH_REDEMPTION_USERNAME and
ENKASH_REDEMPTION_PASSWORD, or redemption_username and
redemption_password_file of a profile. The partner's login is not needed.";

command_table! {
    pub(crate) enum Cart {
        Show(show::Show),
        Add(add::Add),
        Update(update::Update),
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
fn quantities(items: Vec<Item>) -> Result<Vec<CartLineInput>, CliError> {
    let mut seen = std::collections::BTreeSet::new();
    for item in &items {
        if !seen.insert(&item.config) {
            return Err(CliError::bad_input(format!(
                "--item names {} twice. Nothing was sent.",
                item.config
            )));
        }
    }
    Ok(items
        .into_iter()
        .map(|item| CartLineInput::new(item.config, item.quantity))
        .collect())
}

/// A change whose response is missing may have happened.
fn with_uncertain_hint(error: enkash::Error) -> CliError {
    evidence::with_uncertain_hint(
        error,
        &format!(
            "The change was not repeated, and it may have happened. Read the cart with `{} cart show` before you change it again.",
            called_as()
        ),
    )
}

fn show(operation: OperationId, rows: &[CartRow], output: &mut Output) -> Result<ExitStatus, CliError> {
    if output.format == Format::Json {
        output.json(&json!({
            "evidence": EvidenceJson::for_operation(operation),
            "rows": rows.iter().map(as_json).collect::<Vec<_>>(),
        }))?;
    } else {
        list().write(&lines(rows).collect::<Vec<_>>(), output)?;
    }
    note_evidence(output, operation);
    Ok(ExitStatus::Done)
}

/// A row, and one denomination in it.
type Line<'a> = (&'a CartRow, Option<&'a CartItem>);

/// One line for each denomination; a row without any is one as well.
fn lines(rows: &[CartRow]) -> impl Iterator<Item = Line<'_>> {
    rows.iter().flat_map(|row| {
        let none = row.items.is_empty().then_some((row, None));
        row.items.iter().map(move |item| (row, Some(item))).chain(none)
    })
}

fn as_json(row: &CartRow) -> Value {
    let items = list();
    json!({
        "row": row.id,
        "user": row.user,
        "product": row.product,
        "name": row.name,
        "quantity": row.quantity,
        "amount": row.amount.map(format_money),
        "savings": row.savings.map(format_money),
        "items": items.json_of_all(&row.items.iter().map(|item| (row, Some(item))).collect::<Vec<_>>()),
    })
}

/// A line; in JSON the part of it that is the denomination's.
fn list<'a>() -> List<Line<'a>> {
    List::<Line<'a>>::new()
        .count("row", |(row, _): &Line<'_>| row.id)
        .not_in_json()
        .text("product", |(row, _)| row.product.as_ref().map(ToString::to_string))
        .not_in_json()
        .text("name", |(row, _)| row.name.clone())
        .not_in_json()
        .text("denomination", |(_, item)| Some(item.as_ref()?.config.to_string()))
        .amount("face_value", |(_, item)| item.as_ref()?.face_value)
        .amount("price", |(_, item)| item.as_ref()?.price)
        .count("quantity", |(_, item)| item.as_ref()?.quantity)
        .heading("pieces")
        .amount("total", |(_, item)| item.as_ref()?.total)
        .in_table("row product denomination face_value price quantity total name")
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
