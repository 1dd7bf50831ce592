//! What is needed to find out later what became of a call that moved value. A ticket is known before the
//! call is sent, so that it can be stored first; every unknown outcome carries it, and settlement takes it.

use enkash_api::{Money, OperationId, PersonalData};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{
    ids::{CardAccountId, CompanyId, EnKashCardId, ProductCatalogId, UserId},
    reference::ClientReference,
};

/// The facts of one intent to move value. Serialise it and keep it where money is kept: it may hold a
/// person's phone number, because the API finds a person's card by nothing else.
///
/// It travels as one flat JSON object, whose `operation` is the name of the spec. `Debug` redacts the person.
///
/// ```
/// use enkash::{Ticket, ticket::Intent};
///
/// let stored = r#"{
///     "operation": "createAllocatePoints", "reference": "PAYROLL-42", "intended_at": "2026-11-23T09:00:00Z",
///     "company": "CEK1PU9AOO", "account": "CAQL8YCV3", "direction": "credit", "amount": 250.5,
///     "mobile": "9000000004", "card": null
/// }"#;
/// let ticket: Ticket = serde_json::from_str(stored)?;
/// assert!(matches!(&ticket.intent, Intent::Points(points) if points.amount.to_string() == "250.5"));
/// assert!(!format!("{ticket:?}").contains("9000000004"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Ticket {
    /// The caller's reference.
    #[serde(deserialize_with = "ClientReference::stored")]
    pub reference: ClientReference,
    /// When the call was about to be sent, by the caller's clock.
    pub intended_at: Timestamp,
    /// What was to happen.
    #[serde(flatten)]
    pub intent: Intent,
}

/// What a call was to do with value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "operation")]
#[non_exhaustive]
pub enum Intent {
    /// To give points to a person, or to take them back.
    #[serde(rename = "createAllocatePoints")]
    Points(PointsIntent),
    /// The same, as one row of a bulk request.
    #[serde(rename = "bulkCreateAllocateRewards")]
    BulkRow(PointsIntent),
    /// To buy vouchers.
    #[serde(rename = "createOrder")]
    Order(OrderIntent),
    /// To call the page "create order" (lower case), whose request nobody saw.
    #[serde(rename = "createOrderLowerCase")]
    UndocumentedOrder {},
    /// To give coins for an event.
    #[serde(rename = "allocateCoins")]
    Coins(CoinsIntent),
}

/// Points that were to go from an account to a card, or back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PointsIntent {
    /// The company that the account belongs to.
    pub company: CompanyId,
    /// The account that value was to leave or to enter.
    pub account: CardAccountId,
    /// Which way.
    pub direction: Direction,
    /// How much.
    pub amount: Money,
    /// The person's mobile number, where the intent names one.
    pub mobile: Option<PersonalData>,
    /// The person's card, where the intent names one.
    pub card: Option<EnKashCardId>,
}

/// Which way value was to move, seen from the person's card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// To the card (page: `CR`).
    Credit,
    /// From the card (page: `DR`).
    Debit,
}

impl Direction {
    /// As the API spells it.
    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::Credit => "CR",
            Self::Debit => "DR",
        }
    }
}

/// Vouchers that were to be bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OrderIntent {
    /// The product (brand).
    pub product: ProductCatalogId,
    /// The face value of one voucher, in rupees.
    pub denomination: i64,
    /// How many.
    pub quantity: i64,
}

impl OrderIntent {
    /// The face values together.
    pub(crate) fn face_value(&self) -> Option<Money> {
        self.denomination.checked_mul(self.quantity)?.to_string().parse().ok()
    }
}

/// Coins that were to be given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CoinsIntent {
    /// The company of the person.
    pub company: CompanyId,
    /// The person.
    pub user: UserId,
    /// The event, which decides how many.
    pub event: String,
}

impl Ticket {
    pub(crate) fn new(reference: ClientReference, intent: Intent) -> Self {
        Self {
            reference,
            intended_at: Timestamp::now(),
            intent,
        }
    }

    /// The operation that the call was made with.
    #[must_use]
    pub fn operation(&self) -> OperationId {
        match self.intent {
            Intent::Points(_) => OperationId::CreateAllocatePoints,
            Intent::BulkRow(_) => OperationId::BulkCreateAllocateRewards,
            Intent::Order(_) => OperationId::CreateOrder,
            Intent::UndocumentedOrder {} => OperationId::CreateOrderLowerCase,
            Intent::Coins(_) => OperationId::AllocateCoins,
        }
    }

    /// How much value was to move, in rupees or points: for an order its face values together. `None` where the request
    /// does not say it.
    #[must_use]
    pub fn amount(&self) -> Option<Money> {
        match &self.intent {
            Intent::Points(points) | Intent::BulkRow(points) => Some(points.amount),
            Intent::Order(order) => order.face_value(),
            Intent::UndocumentedOrder {} | Intent::Coins(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
