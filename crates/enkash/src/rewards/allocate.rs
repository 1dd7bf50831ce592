//! Create And Allocate Points (page: api-9796905, api-9796911 for incentives): give points to a person,
//! who gets a card if there is none yet, and take points back. One path serves all of it; the
//! constructors keep the combinations apart that the pages describe.

use enkash_api::{
    Money, PersonalData,
    types::{self, AllocationType, TransactionCode, TransactionType},
};
use serde::Serialize;

use crate::{
    envelope::{
        Envelope,
        json::{Json, Node},
    },
    model::{
        ids::{CardTransactionId, EnKashCardId, UserId},
        person::Person,
        reference::{ClientReference, ReferenceField},
        ticket::{Direction, Intent, PointsIntent, Ticket},
    },
    outcome::Outcome,
    response::Response,
    rewards::{Rewards, person_check::CheckedPerson},
};

/// Points to give.
#[derive(Clone, Debug)]
pub struct Allocation(PointsTransfer);

/// Points to take back from a person's card.
#[derive(Clone, Debug)]
pub struct Unallocation(PointsTransfer);

#[derive(Clone, Debug)]
struct PointsTransfer {
    recipient: Recipient,
    amount: Money,
    reference: ClientReference,
}

#[derive(Clone, Debug)]
enum Recipient {
    Person(Person),
    /// A guide shows it, the page's own table does not.
    Card(EnKashCardId),
}

impl Allocation {
    /// Gives points to a person: creates the card if there is none, and tops it up otherwise.
    #[must_use]
    pub fn for_person(person: Person, amount: Money, reference: ClientReference) -> Self {
        let recipient = Recipient::Person(person);
        Self(PointsTransfer {
            recipient,
            amount,
            reference,
        })
    }

    /// Tops up a card by its id. **Inferred**: the guide doc-1039425 describes it, while the page's own table has no
    /// card id and requires a person. Prefer [`for_person`](Self::for_person).
    #[must_use]
    pub fn for_card(card: EnKashCardId, amount: Money, reference: ClientReference) -> Self {
        let recipient = Recipient::Card(card);
        Self(PointsTransfer {
            recipient,
            amount,
            reference,
        })
    }

    /// The caller's reference: store it before the call.
    #[must_use]
    pub fn reference(&self) -> &ClientReference {
        &self.0.reference
    }
}

impl Unallocation {
    /// Takes points back from a person who was checked: the API finds the person by the mobile number, and no page says
    /// what happens when the other fields belong to somebody else.
    #[must_use]
    pub fn from_person(person: CheckedPerson, amount: Money, reference: ClientReference) -> Self {
        let recipient = Recipient::Person(person.into_person());
        Self(PointsTransfer {
            recipient,
            amount,
            reference,
        })
    }

    /// The caller's reference: store it before the call.
    #[must_use]
    pub fn reference(&self) -> &ClientReference {
        &self.0.reference
    }
}

/// What the API says after a movement. Only the reference is sure to be there: it was checked. Serialised,
/// it holds the masked number of the person's card.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AllocationReceipt {
    /// The caller's reference, repeated by the API.
    pub reference: ClientReference,
    /// The person's card.
    pub card: Option<EnKashCardId>,
    /// The person, as EnKash names them.
    pub user: Option<UserId>,
    /// The movement on the card.
    pub transaction: Option<CardTransactionId>,
    /// What the card now holds for redemption (page: `otbBalance`).
    pub card_balance: Option<Money>,
    /// The card's number, masked.
    pub masked_number: Option<PersonalData>,
}

impl Rewards {
    /// Gives points (page: Create And Allocate Points, api-9796905; for incentives api-9796911).
    ///
    /// The amount must be above zero and have at most two decimals. At most one request is sent.
    ///
    /// # Cancellation
    ///
    /// Dropping the future, as `tokio::time::timeout` and `select!` do, gives neither an outcome nor a ticket. Once the request
    /// was handed over, value may have moved all the same: only a warning in the log names the reference. Give the call a
    /// [`deadline`](crate::config::CallOptions::deadline), which ends it with an outcome, and store its [`ticket`](Self::ticket) first.
    /// What was dropped is unknown: [settle](crate::Enkash::settle) it by the ticket before anything is repeated.
    pub async fn allocate(&self, allocation: Allocation) -> Outcome<Response<AllocationReceipt>> {
        self.transfer(allocation.0, Direction::Credit).await
    }

    /// Takes points back (page: Create And Allocate Points, api-9796905).
    ///
    /// The amount must be above zero and have at most two decimals. At most one request is sent.
    ///
    /// # Cancellation
    ///
    /// Dropping the future, as `tokio::time::timeout` and `select!` do, gives neither an outcome nor a ticket. Once the request
    /// was handed over, value may have moved all the same: only a warning in the log names the reference. Give the call a
    /// [`deadline`](crate::config::CallOptions::deadline), which ends it with an outcome, and store its [ticket](Self::unallocation_ticket) first.
    /// What was dropped is unknown: [settle](crate::Enkash::settle) it by the ticket before anything is repeated.
    pub async fn unallocate(&self, unallocation: Unallocation) -> Outcome<Response<AllocationReceipt>> {
        self.transfer(unallocation.0, Direction::Debit).await
    }

    /// What an allocation could be looked up with: store it before the call.
    #[must_use]
    pub fn ticket(&self, allocation: &Allocation) -> Ticket {
        self.transfer_ticket(&allocation.0, Direction::Credit)
    }

    /// What an unallocation could be looked up with: store it before the call.
    #[must_use]
    pub fn unallocation_ticket(&self, unallocation: &Unallocation) -> Ticket {
        self.transfer_ticket(&unallocation.0, Direction::Debit)
    }

    fn transfer_ticket(&self, transfer: &PointsTransfer, direction: Direction) -> Ticket {
        let (mobile, card) = match &transfer.recipient {
            Recipient::Person(person) => (Some(person.mobile.clone()), None),
            Recipient::Card(card) => (None, Some(card.clone())),
        };
        let intent = PointsIntent {
            company: self.company.clone(),
            account: self.account.clone(),
            direction,
            amount: transfer.amount,
            mobile,
            card,
        };
        Ticket::new(transfer.reference.clone(), Intent::Points(intent))
    }

    async fn transfer(&self, transfer: PointsTransfer, direction: Direction) -> Outcome<Response<AllocationReceipt>> {
        if let Err(error) = self.enkash.amount_rules().check_amount(transfer.amount) {
            return Outcome::NotSent(error.into());
        }
        let ticket = self.transfer_ticket(&transfer, direction);
        let reference = transfer.reference.clone();
        let body = self.body(transfer, direction);
        let partner = self.enkash.partner();
        let send = async move |client: enkash_api::Client| {
            let call = client.create_allocate_points().partner_id(partner).body(body);
            call.send().await.map(drop)
        };
        self.enkash
            .move_value(ticket, send, |response| receipt(reference, response))
            .await
    }

    fn body(&self, transfer: PointsTransfer, direction: Direction) -> types::builder::AllocatePointsRequest {
        let (direction, kind) = match direction {
            Direction::Credit => (TransactionType::Cr, AllocationType::AllocatePoint),
            Direction::Debit => (TransactionType::Dr, AllocationType::UnallocatePoint),
        };
        let mut body = types::AllocatePointsRequest::builder()
            .company_id(self.company.as_str())
            .card_account_id(self.account.as_str())
            .transaction_code(TransactionCode::Allocation)
            .transaction_type(direction)
            .type_(kind)
            .load_amount(transfer.amount);
        let field = self.enkash.amount_rules().reference_field;
        let reference = transfer.reference.as_str();
        if matches!(field, ReferenceField::UniqueReferenceNumber | ReferenceField::Both) {
            body = body.unique_reference_number(reference.to_owned());
        }
        if matches!(field, ReferenceField::UniqueReferenceNum | ReferenceField::Both) {
            body = body.unique_reference_num(reference.to_owned());
        }
        match transfer.recipient {
            Recipient::Person(person) => body
                .title(person.title)
                .first_name(person.name)
                .email(person.email)
                .mobile(person.mobile)
                .gender(person.gender),
            Recipient::Card(card) => body.enkash_card_id(card.as_str().to_owned()),
        }
    }
}

/// Reads what is there: a movement that happened is not lost to a field of another form.
fn receipt(reference: ClientReference, response: &Node<'_>) -> AllocationReceipt {
    let payload = Envelope::new(response).payload();
    let text = |name: &str| payload?.get(name)?.as_text();
    AllocationReceipt {
        reference,
        card: text("enKashCardId").map(Into::into),
        user: text("userId").map(Into::into),
        transaction: text("enkashCardTxnId").map(Into::into),
        card_balance: payload.and_then(|payload| payload.get("otbBalance")?.as_money()),
        masked_number: text("maskedNumber").map(Into::into),
    }
}
