//! `enkash account`: what the portal says of the account, its balance first of all.

use enkash::{Money, rewards::AccountDetails};
use serde_json::json;

use crate::{
    exit::{Exit, Failure},
    output::{Cell, Format, Output, listing, money},
    session::{Session, Target},
};

pub(super) async fn run(target: &Target, output: &mut Output) -> Result<Exit, Failure> {
    let session = Session::open(target, output).await?;
    let account = session.rewards.account().await?.into_value();
    match output.format {
        Format::Json => output.json(&as_json(&account))?,
        Format::Csv => as_csv(&account, output)?,
        Format::Table => {
            for line in listing(&as_pairs(&account)) {
                output.line(&line)?;
            }
        }
    }
    Ok(Exit::Done)
}

fn as_json(account: &AccountDetails) -> serde_json::Value {
    let text = |amount: Option<Money>| amount.map(money);
    json!({
        "company": account.company,
        "company_name": account.company_name,
        "account": account.account,
        "available_balance": text(account.available_balance),
        "available_card_balance": text(account.available_card_balance),
        "total_cards": account.total_cards,
        "active_cards": account.active_cards,
        "total_allocated": text(account.total_allocated),
        "total_redeemed": text(account.total_redeemed),
        "allocated_this_month": text(account.allocated_this_month),
        "redeemed_this_month": text(account.redeemed_this_month),
    })
}

/// One record, with the names of the JSON.
fn as_csv(account: &AccountDetails, output: &mut Output) -> Result<(), Failure> {
    let number = |amount: Option<Money>| Cell::number(amount.map(money));
    let count = |count: Option<i64>| Cell::number(count.map(|count| count.to_string()));
    let cells = [
        ("company", Cell::text(account.company.as_ref().map(ToString::to_string))),
        ("company_name", Cell::text(account.company_name.as_deref())),
        ("account", Cell::text(account.account.as_ref().map(ToString::to_string))),
        ("available_balance", number(account.available_balance)),
        ("available_card_balance", number(account.available_card_balance)),
        ("total_cards", count(account.total_cards)),
        ("active_cards", count(account.active_cards)),
        ("total_allocated", number(account.total_allocated)),
        ("total_redeemed", number(account.total_redeemed)),
        ("allocated_this_month", number(account.allocated_this_month)),
        ("redeemed_this_month", number(account.redeemed_this_month)),
    ];
    output.header(&cells.each_ref().map(|(name, _)| *name))?;
    output.record(&cells.map(|(_, cell)| cell))
}

fn as_pairs(account: &AccountDetails) -> Vec<(&'static str, Option<String>)> {
    let texts = [
        ("company", account.company.as_ref().map(ToString::to_string)),
        ("company name", account.company_name.clone()),
        ("account", account.account.as_ref().map(ToString::to_string)),
    ];
    let numbers = [
        ("available balance", account.available_balance.map(money)),
        ("on cards", account.available_card_balance.map(money)),
        ("allocated in all", account.total_allocated.map(money)),
        ("redeemed in all", account.total_redeemed.map(money)),
        ("allocated this month", account.allocated_this_month.map(money)),
        ("redeemed this month", account.redeemed_this_month.map(money)),
        ("cards", account.total_cards.map(|count| count.to_string())),
        ("active cards", account.active_cards.map(|count| count.to_string())),
    ];
    let widest = numbers
        .iter()
        .filter_map(|(_, number)| number.as_ref())
        .map(String::len)
        .max()
        .unwrap_or_default();
    let aligned = numbers.map(|(name, number)| (name, number.map(|number| format!("{number:>widest$}"))));
    texts.into_iter().chain(aligned).collect()
}
