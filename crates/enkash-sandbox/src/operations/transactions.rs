//! Transaction search. The filters are those of the Prepaid page with the inferred path (api-13551023), the record is the
//! one that an integrator reads; no page shows the answer, so its envelope and list are those of the card search by analogy.

use jiff::SignedDuration;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Serialize;

use super::cards::List;
use super::{Answer, Call, Fields, Form, Outcome, Refusal, iso};
use crate::money::Money;
use crate::state::State;
use crate::state::journal::Movement;
use crate::switches::TransactionLookup;

/// The only status on the portal.
const STATUS: &str = "CREATED";

/// Most rows of one answer; `recordsCount` counts all that were found. The page shows no paging.
const ROWS: usize = 1_000;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TransactionRecord<'a> {
    #[serde(rename = "enKashCardTransactionId")]
    id: &'a str,
    masked_card: &'a str,
    #[serde(rename = "enkashCardId")]
    card_id: &'a str,
    user_id: &'a str,
    card_holder_name: &'a str,
    company_name: &'a str,
    company_id: &'a str,
    principal_amount: Money,
    balance: Money,
    pg_reference_number: &'a str,
    currency: &'static str,
    card_transaction_type: &'static str,
    status: &'static str,
    #[serde(rename = "type")]
    purpose: &'static str,
    created_on: String,
    txn_date: String,
    modified_on: String,
}

/// The filters of a search. A filter that is absent or blank lets everything through.
struct Filter<'a> {
    card_id: Option<&'a str>,
    user_id: Option<&'a str>,
    holder: Option<&'a str>,
    references: Vec<&'a str>,
    ids: Vec<&'a str>,
    direction: Option<&'a str>,
    amount_from: Option<Decimal>,
    amount_to: Option<Decimal>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    /// Nothing younger than this can be seen.
    seen_until: Timestamp,
}

impl<'a> Filter<'a> {
    fn read(fields: Fields<'a>, seen_until: Timestamp) -> Result<Self, Refusal> {
        let mut references = fields.texts("pgReferenceNumbers");
        references.extend(fields.text("pgReferenceNumber"));
        let mut ids = fields.texts("enKashTransactionIds");
        ids.extend(fields.text("enKashTransactionId"));
        Ok(Filter {
            card_id: fields.text("enKashCardId"),
            user_id: fields.text("userId"),
            holder: fields.text("cardHolderName"),
            references,
            ids,
            direction: fields.text("cardTransactionType"),
            amount_from: fields.number("amountFrom"),
            amount_to: fields.number("amountTo"),
            from: instant(fields, "txnDateFrom")?,
            to: instant(fields, "txnDateTo")?,
            seen_until,
        })
    }

    fn lets_through(&self, movement: &Movement) -> bool {
        let among = |list: &[&str], value: &str| list.is_empty() || list.contains(&value);
        movement.at <= self.seen_until
            && among(&self.references, &movement.reference)
            && among(&self.ids, &movement.id)
            && self
                .direction
                .is_none_or(|direction| direction == movement.direction.word())
            && self.amount_from.is_none_or(|from| movement.amount >= from)
            && self.amount_to.is_none_or(|to| movement.amount <= to)
            && self.from.is_none_or(|from| movement.at >= from)
            && self.to.is_none_or(|to| movement.at <= to)
    }
}

fn instant(fields: Fields<'_>, name: &str) -> Result<Option<Timestamp>, Refusal> {
    let read = |text: &str| {
        text.parse()
            .map_err(|_| Refusal::invalid(format!("{name}: is not a date and time")))
    };
    fields.text(name).map(read).transpose()
}

pub(super) fn search(state: &State, call: &Call<'_>) -> Outcome {
    let account = call.body_account(state)?;
    let fields = call.fields();
    let seen_until = match call.switches.transaction_lookup {
        TransactionLookup::Immediate => call.now,
        TransactionLookup::Delayed(by) => {
            let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
            call.now.checked_sub(by).unwrap_or(Timestamp::MIN)
        }
        TransactionLookup::Absent => Timestamp::MIN,
    };
    let filter = Filter::read(fields, seen_until)?;
    let company = state
        .accounts
        .get(&account)
        .map_or("", |account| account.company_name.as_str());
    let company_fits = fields.text("companyName").is_none_or(|name| name == company);
    let status_fits = fields.text("status").is_none_or(|status| status == STATUS);
    let movements: Box<dyn Iterator<Item = &Movement>> = match filter.card_id {
        Some(card) => Box::new(state.journal.of_card(card)),
        None => Box::new(state.journal.all()),
    };
    let mut found = Vec::new();
    for movement in movements.filter(|_| company_fits && status_fits) {
        if movement.account_id != account || !filter.lets_through(movement) {
            continue;
        }
        // What the account itself paid is no card transaction.
        let Some(card) = movement.card_id.as_ref().and_then(|id| state.cards.get(id)) else {
            continue;
        };
        let user_fits = filter.user_id.is_none_or(|user| *card.user_id == *user);
        if user_fits && filter.holder.is_none_or(|holder| card.person.first_name == holder) {
            found.push((movement, card));
        }
    }
    let records_count = found.len();
    // The newest first.
    let data: Vec<_> = found
        .into_iter()
        .rev()
        .take(ROWS)
        .map(|(movement, card)| TransactionRecord {
            id: &movement.id,
            masked_card: &card.masked_number,
            card_id: &card.id,
            user_id: &card.user_id,
            card_holder_name: &card.person.first_name,
            company_name: company,
            company_id: call.caller.map_or("", |caller| caller.company.id.as_str()),
            principal_amount: Money(movement.amount),
            balance: Money(movement.balance),
            pg_reference_number: &movement.reference,
            currency: "INR",
            card_transaction_type: movement.direction.word(),
            status: STATUS,
            purpose: movement.purpose.word(),
            created_on: iso(movement.at),
            txn_date: iso(movement.at),
            modified_on: iso(movement.at),
        })
        .collect();
    Answer::new(Form::Code, &List { records_count, data })
}
