//! Get User Details and Get User Card Details (page: api-9796910, api-13454278, api-9796913): one path
//! with two documented answers, a single card or a count with a list. Both become a list.

use enkash_api::{
    Money, OperationId, PersonalData,
    types::{self, Title},
};
use serde::Serialize;

use crate::{
    error::{Error, MissingField, documented_payload},
    model::ids::{CardAccountId, EnKashCardId, UserId},
    response::Response,
    rewards::Rewards,
};

/// Which cards to list.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct CardSearch {
    card: Option<EnKashCardId>,
    client_reference: Option<String>,
}

impl CardSearch {
    /// Every card of the account.
    pub fn all() -> Self {
        Self::default()
    }

    /// One card.
    pub fn card(card: impl Into<EnKashCardId>) -> Self {
        Self {
            card: Some(card.into()),
            ..Self::default()
        }
    }

    /// Those of a reference of the caller's (page: `clientReferenceId`). **Inferred**: only a page of another product has it,
    /// and does not explain it.
    pub fn client_reference(mut self, reference: impl Into<String>) -> Self {
        self.client_reference = Some(reference.into());
        self
    }
}

/// One person's card. Every field is optional on the wire. Serialised, it holds the person's data. `Debug` shows
/// nothing of the person.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Card {
    /// The card.
    pub id: Option<EnKashCardId>,
    /// The person, as EnKash names them.
    pub user: Option<UserId>,
    /// The account that it is filled from.
    pub account: Option<CardAccountId>,
    /// The card's number, masked.
    pub masked_number: Option<PersonalData>,
    /// Salutation.
    pub title: Option<Title>,
    /// The person's name (page: `firstName`).
    pub name: Option<PersonalData>,
    /// The person's e-mail address.
    pub email: Option<PersonalData>,
    /// The person's mobile number.
    pub mobile: Option<PersonalData>,
    /// What the card holds for redemption; whether this response carries it is not known.
    pub balance: Option<Money>,
}

impl Card {
    fn from_wire(card: types::Card) -> Self {
        Self {
            id: card.en_kash_card_id.map(Into::into),
            user: card.user_id.map(Into::into),
            account: card.card_account_id.map(Into::into),
            masked_number: card.masked_number,
            title: card.title,
            name: card.first_name,
            email: card.email,
            mobile: card.mobile,
            balance: card.otb_balance,
        }
    }
}

impl Rewards {
    /// The cards of the account (page: Get User Details, Get User Card Details).
    ///
    /// No page shows how a longer list is paged: the response is what one call returns, and [`Response::total_count`] may say
    /// that there are more.
    ///
    /// # Errors
    ///
    /// The API refused, no response came, or it had neither of the documented forms.
    pub async fn cards(&self, search: CardSearch) -> Result<Response<Vec<Card>>, Error> {
        let body = types::CardSearchRequest::builder()
            .company_id(self.company.as_str())
            .card_account_id(self.account.as_str())
            .en_kash_card_id(search.card.map(|card| card.as_str().to_owned()))
            .client_reference_id(search.client_reference);
        let partner = self.enkash.partner();
        self.enkash
            .call(
                OperationId::SearchCards,
                async move |client| client.search_cards().partner_id(partner).body(body).send().await,
                |answer| cards_from(documented_payload(answer.payload)?),
            )
            .await
    }
}

/// A list stays a list; a single card becomes one of one. No card is a list of none only where the count says so, or the list
/// is there and no count says otherwise.
fn cards_from(result: types::CardSearchResult) -> Result<Vec<Card>, MissingField> {
    let count = result.records_count.unwrap_or(0);
    match result.data {
        Some(rows) if rows.is_empty() && count > 0 => return Err(MissingField("payload.data")),
        Some(rows) => return Ok(rows.into_iter().map(Card::from_wire).collect()),
        None if result.en_kash_card_id.is_some() => {}
        None if result.records_count == Some(0) => return Ok(Vec::new()),
        None => return Err(MissingField("payload.data")),
    }
    Ok(vec![Card {
        id: result.en_kash_card_id.map(Into::into),
        user: result.user_id.map(Into::into),
        account: result.card_account_id.map(Into::into),
        masked_number: result.masked_number,
        title: result.title,
        name: result.first_name,
        email: result.email,
        mobile: result.mobile,
        balance: result.otb_balance,
    }])
}
