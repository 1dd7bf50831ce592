//! Giving points to one person and taking them back (api-9796905, api-9796911; guides doc-1039425, doc-1039496). The pages
//! and guides state who is found how, the echo of the reference and the words of an insufficient balance; what a repeated
//! reference does is a switch. The bulk operation uses the same steps row by row.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::Value;

use super::cards::CardRecord;
use super::{Call, EnvelopeKind, Fields, OperationResponse, OperationResult, Refusal};
use crate::entry_state::EntryState;
use crate::money;
use crate::seed::is_mobile;
use crate::store::cards::Person;
use crate::store::id_generator::IdKind;
use crate::store::journal::{Direction, Movement};
use crate::store::{MoveRefused, Store};
use crate::switches::{DuplicateReference, ReferenceSpelling};

/// The documented words (doc-1038569).
pub(super) const INSUFFICIENT: &str = "Insufficient balance in card account";

/// The Payouts code table's words for the same case; the reward pages have none.
pub(super) const DUPLICATE: &str = "Transaction ID already exists.";

/// What an allocation did, or what the response shall say it did.
pub(super) struct AllocationResult {
    pub(super) card_id: Arc<str>,
    pub(super) transaction_id: Arc<str>,
    pub(super) reference: Arc<str>,
    pub(super) balance: Decimal,
    pub(super) state: EntryState,
}

impl AllocationResult {
    /// The status that the response has, where the transaction is not simply done: the sandbox's own choice.
    pub(super) fn status(&self) -> Option<&'static str> {
        (self.state != EntryState::Done).then(|| self.state.transaction_word())
    }
}

impl From<Movement> for AllocationResult {
    fn from(movement: Movement) -> Self {
        AllocationResult {
            card_id: movement.card_id.unwrap_or_else(|| Arc::from("")),
            transaction_id: movement.id,
            reference: movement.reference,
            balance: movement.balance,
            state: movement.state,
        }
    }
}

/// Whose card it is about: one that is there, or a person to make one for.
pub(super) enum Recipient {
    Card(Arc<str>),
    New(Person),
}

pub(super) fn create_allocate(store: &mut Store, call: &Call<'_>) -> OperationResult {
    let account = call.body_account(store)?;
    let fields = call.fields();
    if fields.required("transactionCode")? != "ALLOCATION" {
        return Err(Refusal::invalid("transactionCode: only ALLOCATION moves points"));
    }
    let direction = match (fields.required("transactionType")?, fields.required("type")?) {
        ("CR", "ALLOCATE_POINT") => Direction::Credit,
        ("DR", "UNALLOCATE_POINT") => Direction::Debit,
        _ => {
            return Err(Refusal::invalid(
                "type: CR goes with ALLOCATE_POINT, DR with UNALLOCATE_POINT",
            ));
        }
    };
    let written = money::load_amount(call.text).map_err(|_| Refusal::invalid("loadAmount: is there twice"))?;
    let amount = amount(written)?;
    let reference = reference(fields, call.switches.reference_spelling)?;
    let recipient = recipient(store, fields, &account, direction)?;
    let done = allocate(store, call, &account, recipient, direction, amount, reference)?;
    let card = store
        .cards
        .get(&done.card_id)
        .ok_or_else(|| Refusal::failure("Card not found"))?;
    let mut record = CardRecord::whole(card);
    record.transaction_id = Some(&done.transaction_id);
    record.pg_reference_number = Some(&done.reference);
    record.status = done.status();
    record.otb_balance = money::Money(done.balance);
    let mut response = OperationResponse::new(EnvelopeKind::Code, &record)?;
    response.reference = Some(done.reference.clone());
    Ok(response)
}

/// An amount that can be moved. More than nothing and at most two decimals is the sandbox's own choice.
pub(super) fn amount(written: Option<Decimal>) -> Result<Decimal, Refusal> {
    let amount = written.ok_or_else(|| Refusal::invalid("loadAmount: has too many digits"))?;
    if amount <= Decimal::ZERO {
        return Err(Refusal::invalid("loadAmount: is not more than 0"));
    }
    if amount.normalize().scale() > 2 {
        return Err(Refusal::invalid("loadAmount: has more than two decimals"));
    }
    Ok(amount)
}

/// The caller's reference, by the name or names that the switch accepts.
pub(super) fn reference(fields: Fields<'_>, spelling: ReferenceSpelling) -> Result<&str, Refusal> {
    let number = fields.text("uniqueReferenceNumber");
    let num = fields.text("uniqueReferenceNum");
    match spelling {
        ReferenceSpelling::Either => number.or(num).ok_or_else(|| Refusal::missing("uniqueReferenceNumber")),
        ReferenceSpelling::Number => number.ok_or_else(|| Refusal::missing("uniqueReferenceNumber")),
        ReferenceSpelling::Num => num.ok_or_else(|| Refusal::missing("uniqueReferenceNum")),
    }
}

/// Whose card the body speaks of: by card id, or by mobile within the account. E-mail and mobile beside a card id validate
/// it (doc-1039425).
fn recipient(
    store: &Store,
    fields: Fields<'_>,
    account: &Arc<str>,
    direction: Direction,
) -> Result<Recipient, Refusal> {
    if let Some(id) = fields.text("enkashCardId") {
        let card = store.cards.get(id).filter(|card| &card.account_id == account);
        let card = card.ok_or_else(|| Refusal::failure("Card not found"))?;
        if fields.text("mobile").is_some_and(|mobile| mobile != card.person.mobile) {
            return Err(Refusal::invalid("mobile: is not that of the card"));
        }
        if fields
            .text("email")
            .is_some_and(|email| !email.eq_ignore_ascii_case(&card.person.email))
        {
            return Err(Refusal::invalid("email: is not that of the card"));
        }
        return Ok(Recipient::Card(card.id.clone()));
    }
    let mobile = fields.required("mobile")?;
    if let Some(card) = store.cards.of_person(account, mobile) {
        return Ok(Recipient::Card(card.id.clone()));
    }
    if direction == Direction::Debit {
        return Err(Refusal::failure("Card not found"));
    }
    if !is_mobile(mobile) {
        return Err(Refusal::invalid("mobile: is not ten digits"));
    }
    Ok(Recipient::New(Person {
        mobile: mobile.to_owned(),
        email: fields.required("email")?.to_owned(),
        title: fields.required("title")?.to_owned(),
        first_name: fields.required("firstName")?.to_owned(),
        gender: Some(fields.required("gender")?.to_owned()),
    }))
}

/// Moves the points, or does what the switch says where the reference was there before.
pub(super) fn allocate(
    store: &mut Store,
    call: &Call<'_>,
    account: &Arc<str>,
    recipient: Recipient,
    direction: Direction,
    amount: Decimal,
    reference: &str,
) -> Result<AllocationResult, Refusal> {
    let duplicate = call.switches.duplicate_reference;
    if duplicate != DuplicateReference::CreditAgain
        && let Some(first) = store.journal.first_allocation(account, reference)
    {
        let first = AllocationResult::from(first.clone());
        return match duplicate {
            DuplicateReference::Refuse => Err(Refusal::failure(DUPLICATE)),
            DuplicateReference::SuccessWithoutCredit => {
                let (card_id, balance) = match &recipient {
                    Recipient::Card(id) => (
                        id.clone(),
                        store.cards.get(id).map_or(first.balance, |card| card.balance),
                    ),
                    Recipient::New(_) => (first.card_id.clone(), first.balance),
                };
                let transaction_id = Arc::from(store.ids.id(IdKind::Transaction));
                Ok(AllocationResult {
                    card_id,
                    transaction_id,
                    balance,
                    ..first
                })
            }
            _ => Ok(first),
        };
    }
    let card = match recipient {
        Recipient::Card(id) => id,
        Recipient::New(person) => {
            // No card is made for points that are not there.
            if store
                .accounts
                .get(account)
                .is_none_or(|account| account.available < amount)
            {
                return Err(Refusal::failure(INSUFFICIENT));
            }
            store.make_card(account, person)
        }
    };
    let course = call.switches.transaction_progress.course(call.now);
    match store.allocate(&card, direction, amount, reference, course, call.now) {
        Ok(movement) => Ok(movement.into()),
        Err(MoveRefused::Insufficient) if direction == Direction::Credit => Err(Refusal::failure(INSUFFICIENT)),
        Err(MoveRefused::Insufficient) => Err(Refusal::failure("Insufficient balance in card")),
        Err(MoveRefused::Impossible) => Err(Refusal::invalid("loadAmount: is too large")),
    }
}

/// The text of a field of one row, for the bulk operation.
pub(super) fn row_text<'a>(row: &'a Value, name: &str) -> &'a str {
    Fields(row).text(name).unwrap_or_default()
}
