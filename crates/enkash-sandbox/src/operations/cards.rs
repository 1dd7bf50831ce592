//! Card search (api-9796910, api-13454278, api-9796913), and the card record that several responses share. Two forms are
//! documented for the one path: a bare card (api-24480520) and a count with a list (api-24480521).

use serde::Serialize;

use super::{Call, EnvelopeKind, OperationResponse, OperationResult, Refusal};
use crate::money::Money;
use crate::store::Store;
use crate::store::cards::Card;
use crate::switches::{CardSearch, ListCut};

/// The card record. Which of its fields a response has depends on the page.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CardRecord<'a> {
    #[serde(rename = "enKashCardId")]
    card_id: &'a str,
    user_id: &'a str,
    card_account_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    masked_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry_month: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry_year: Option<&'static str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    email: &'a str,
    mobile: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    first_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    gender: Option<&'a str>,
    #[serde(rename = "enkashCardTxnId", skip_serializing_if = "Option::is_none")]
    pub(super) transaction_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pg_reference_number: Option<&'a str>,
    /// Of a transaction that is not simply done. No page shows a status here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<&'static str>,
    pub(super) otb_balance: Money,
}

impl<'a> CardRecord<'a> {
    /// With `token` and `maskedNumber`, as the single forms have it.
    pub(super) fn whole(card: &'a Card) -> Self {
        CardRecord {
            card_id: &card.id,
            user_id: &card.user_id,
            card_account_id: &card.account_id,
            token: Some(&card.token),
            masked_number: Some(&card.masked_number),
            expiry_month: None,
            expiry_year: None,
            email: &card.person.email,
            mobile: &card.person.mobile,
            title: &card.person.title,
            first_name: &card.person.first_name,
            gender: card.person.gender.as_deref(),
            transaction_id: None,
            pg_reference_number: None,
            status: None,
            otb_balance: Money(card.balance),
        }
    }

    /// Without them and with an empty expiry, as a row of a list has it.
    fn row(card: &'a Card) -> Self {
        CardRecord {
            token: None,
            masked_number: None,
            expiry_month: Some(""),
            expiry_year: Some(""),
            ..CardRecord::whole(card)
        }
    }
}

/// A count and a list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List<T> {
    pub(super) records_count: usize,
    pub(super) data: Vec<T>,
    #[serde(flatten)]
    page: Option<Page>,
}

/// Fields that say that there are further pages. No docs page shows any; the names are the sandbox's own choice.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    page_number: usize,
    total_pages: usize,
    last: bool,
}

impl<T> List<T> {
    /// These rows of so many.
    pub(super) fn new(records_count: usize, data: Vec<T>) -> Self {
        List {
            records_count,
            data,
            page: None,
        }
    }

    /// The first rows, as many as the switch shows, and what it says of the rest.
    pub(super) fn cut(records_count: usize, mut data: Vec<T>, cut: ListCut) -> Self {
        match cut {
            ListCut::Whole => List::new(records_count, data),
            ListCut::Counted(rows) => {
                data.truncate(rows);
                List::new(records_count, data)
            }
            ListCut::Paged(rows) => {
                data.truncate(rows);
                let total_pages = records_count.div_ceil(rows.max(1));
                let page = Some(Page {
                    page_number: 0,
                    total_pages,
                    last: total_pages <= 1,
                });
                List {
                    page,
                    ..List::new(data.len(), data)
                }
            }
        }
    }
}

pub(super) fn search(store: &Store, call: &Call<'_>) -> OperationResult {
    let account = call.body_account(store)?;
    let asked = call.fields().text("enKashCardId");
    let cards: Vec<&Card> = match asked {
        Some(id) => store
            .cards
            .get(id)
            .filter(|card| card.account_id == account)
            .into_iter()
            .collect(),
        None => {
            let ids = store
                .accounts
                .get(&account)
                .into_iter()
                .flat_map(|account| &account.cards);
            ids.filter_map(|id| store.cards.get(id)).collect()
        }
    };
    let single = match call.switches.card_search {
        CardSearch::List => None,
        CardSearch::Single => Some(
            cards
                .first()
                .copied()
                .ok_or_else(|| Refusal::failure("Card not found"))?,
        ),
        CardSearch::ByRequest => match (asked, cards.as_slice()) {
            (None, [card]) => Some(*card),
            _ => None,
        },
    };
    match single {
        Some(card) => OperationResponse::new(EnvelopeKind::ResponseCode, &CardRecord::whole(card)),
        None => {
            let data: Vec<_> = cards.into_iter().map(CardRecord::row).collect();
            let list = List::cut(data.len(), data, call.switches.list_cut);
            OperationResponse::new(EnvelopeKind::Code, &list)
        }
    }
}
