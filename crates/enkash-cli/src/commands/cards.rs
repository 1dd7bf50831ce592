//! `enkash cards`, also called `users`: the cards of the account and who holds them. Showing people is its purpose.

use enkash::{
    OperationId,
    rewards::{Card, CardSearch},
};
use serde_json::{Value, json};

use super::{EvidenceJson, note_evidence};
use crate::{
    cli,
    exit::{Exit, Failure},
    output::{Cell, Column, Format, Output, money, shortened},
    session::{Session, Target},
};

/// Names are cut here, ids and amounts nowhere.
const NAME_COLUMNS: usize = 32;

pub(super) async fn run(target: &Target, arguments: cli::Cards, output: &mut Output) -> Result<Exit, Failure> {
    let session = Session::open(target, output).await?;
    let cards = session.rewards.cards(search(arguments)).await?.into_value();
    tell(&cards, output)
}

pub(super) fn search(arguments: cli::Cards) -> CardSearch {
    arguments
        .card
        .map_or_else(CardSearch::all, |card| CardSearch::card(card.into()))
}

/// Tells cards, of whichever kind of account.
pub(super) fn tell(cards: &[Card], output: &mut Output) -> Result<Exit, Failure> {
    match output.format {
        Format::Json => output.json(&json!({
            "evidence": EvidenceJson::of(OperationId::SearchCards),
            "cards": cards.iter().map(as_json).collect::<Vec<_>>(),
        }))?,
        Format::Csv => {
            output.header(&[
                "card",
                "user",
                "account",
                "masked_number",
                "title",
                "name",
                "email",
                "mobile",
                "balance",
            ])?;
            cards.iter().try_for_each(|card| output.record(&as_cells(card)))?;
        }
        Format::Table => {
            let columns = vec![
                Column::left("card"),
                Column::right("balance"),
                Column::left("mobile"),
                Column::left("number"),
                Column::left("person"),
            ];
            let rows: Vec<_> = cards.iter().map(as_row).collect();
            output.table(columns, &rows)?;
        }
    }
    note_evidence(output, OperationId::SearchCards);
    Ok(Exit::Done)
}

fn as_json(card: &Card) -> Value {
    json!({
        "card": card.id,
        "user": card.user,
        "account": card.account,
        "masked_number": card.masked_number,
        "title": card.title,
        "name": card.name,
        "email": card.email,
        "mobile": card.mobile,
        "balance": card.balance.map(money),
    })
}

fn as_cells(card: &Card) -> [Cell<'_>; 9] {
    let personal = |text: &'_ Option<enkash::Personal>| Cell::text(text.as_ref().map(|text| text.expose().to_owned()));
    [
        Cell::text(card.id.as_ref().map(ToString::to_string)),
        Cell::text(card.user.as_ref().map(ToString::to_string)),
        Cell::text(card.account.as_ref().map(ToString::to_string)),
        personal(&card.masked_number),
        Cell::text(card.title.as_ref().map(ToString::to_string)),
        personal(&card.name),
        personal(&card.email),
        personal(&card.mobile),
        Cell::number(card.balance.map(money)),
    ]
}

fn as_row(card: &Card) -> Vec<String> {
    let missing = || "-".to_owned();
    let personal =
        |text: &Option<enkash::Personal>| text.as_ref().map_or_else(missing, |text| text.expose().to_owned());
    vec![
        card.id.as_ref().map_or_else(missing, ToString::to_string),
        card.balance.map_or_else(missing, money),
        personal(&card.mobile),
        personal(&card.masked_number),
        shortened(&personal(&card.name), NAME_COLUMNS).into_owned(),
    ]
}
