//! Transaction search. The filters are those of the Prepaid page with the inferred path (api-13551023), the record is the
//! one that an integrator reads; no page shows the response, so its envelope and list are those of the card search by analogy.

use jiff::SignedDuration;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value};

use super::cards::List;
use super::{Call, EnvelopeKind, Fields, OperationResponse, OperationResult, Refusal, iso};
use crate::entry_state::EntryState;
use crate::money::{self, Money};
use crate::store::Store;
use crate::store::cards::Card;
use crate::store::extra_records::ListedRecord;
use crate::store::journal::{Direction, Movement, Purpose};
use crate::switches::{TransactionFilters, TransactionLookup, TransactionWithoutCard};

/// The most rows of one response; `recordsCount` counts all that were found. The page shows no paging.
const MAX_ROWS: usize = 1_000;

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

/// A record as the filters see it.
struct Facts<'a> {
    id: &'a str,
    card_id: &'a str,
    user_id: &'a str,
    holder: &'a str,
    company: &'a str,
    status: &'a str,
    reference: &'a str,
    direction: &'a str,
    amount: Option<Decimal>,
    at: Option<Timestamp>,
}

/// The filters of a search. A filter that is absent or blank lets everything through.
#[derive(Default)]
struct Filter<'a> {
    card_id: Option<&'a str>,
    user_id: Option<&'a str>,
    holder: Option<&'a str>,
    company: Option<&'a str>,
    status: Option<&'a str>,
    references: Vec<&'a str>,
    ids: Vec<&'a str>,
    direction: Option<&'a str>,
    amount_from: Option<Decimal>,
    amount_to: Option<Decimal>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    /// References are compared without case and surrounding white space.
    is_loose: bool,
}

impl<'a> Filter<'a> {
    fn read(fields: Fields<'a>, filters: TransactionFilters) -> Result<Self, Refusal> {
        let required = Filter {
            card_id: fields.text("enKashCardId"),
            references: fields.text("pgReferenceNumber").into_iter().collect(),
            ..Filter::default()
        };
        match filters {
            TransactionFilters::Ignored => return Ok(Filter::default()),
            TransactionFilters::Required => return Ok(required),
            TransactionFilters::Applied | TransactionFilters::Loose => {}
        }
        let mut references = fields.texts("pgReferenceNumbers");
        references.extend(fields.text("pgReferenceNumber"));
        let mut ids = fields.texts("enKashTransactionIds");
        ids.extend(fields.text("enKashTransactionId"));
        Ok(Filter {
            user_id: fields.text("userId"),
            holder: fields.text("cardHolderName"),
            company: fields.text("companyName"),
            status: fields.text("status"),
            references,
            ids,
            direction: fields.text("cardTransactionType"),
            amount_from: fields.number("amountFrom"),
            amount_to: fields.number("amountTo"),
            from: fields.instant("txnDateFrom")?,
            to: fields.instant("txnDateTo")?,
            is_loose: filters == TransactionFilters::Loose,
            ..required
        })
    }

    fn lets_through(&self, facts: &Facts<'_>) -> bool {
        let is = |wanted: Option<&str>, value: &str| wanted.is_none_or(|wanted| wanted == value);
        let is_reference = |wanted: &&str| {
            *wanted == facts.reference || self.is_loose && wanted.trim().eq_ignore_ascii_case(facts.reference.trim())
        };
        is(self.card_id, facts.card_id)
            && is(self.user_id, facts.user_id)
            && is(self.holder, facts.holder)
            && is(self.company, facts.company)
            && is(self.status, facts.status)
            && is(self.direction, facts.direction)
            && (self.references.is_empty() || self.references.iter().any(is_reference))
            && (self.ids.is_empty() || self.ids.contains(&facts.id))
            && self
                .amount_from
                .is_none_or(|from| facts.amount.is_some_and(|amount| amount >= from))
            && self
                .amount_to
                .is_none_or(|to| facts.amount.is_some_and(|amount| amount <= to))
            && self.from.is_none_or(|from| facts.at.is_some_and(|at| at >= from))
            && self.to.is_none_or(|to| facts.at.is_some_and(|at| at <= to))
    }
}

/// A row of the response.
#[derive(Serialize)]
#[serde(untagged)]
enum Row<'a> {
    Transaction(Box<TransactionRecord<'a>>),
    ListedRecord(Map<String, Value>),
}

/// Who the company of a search is.
struct Company<'a> {
    id: &'a str,
    name: &'a str,
}

impl<'a> TransactionRecord<'a> {
    fn new(movement: &'a Movement, card: &'a Card, company: &Company<'a>) -> Self {
        TransactionRecord {
            id: &movement.id,
            masked_card: &card.masked_number,
            card_id: &card.id,
            user_id: &card.user_id,
            card_holder_name: &card.person.first_name,
            company_name: company.name,
            company_id: company.id,
            principal_amount: Money(movement.amount),
            balance: Money(movement.balance),
            pg_reference_number: &movement.reference,
            currency: "INR",
            card_transaction_type: movement.direction.as_str(),
            status: movement.state.transaction_word(),
            purpose: movement.purpose.as_str(),
            created_on: iso(movement.at),
            txn_date: iso(movement.at),
            modified_on: iso(movement.changed),
        }
    }
}

fn facts<'a>(movement: &'a Movement, card: &'a Card, company: &Company<'a>) -> Facts<'a> {
    Facts {
        id: &movement.id,
        card_id: &card.id,
        user_id: &card.user_id,
        holder: &card.person.first_name,
        company: company.name,
        status: movement.state.transaction_word(),
        reference: &movement.reference,
        direction: movement.direction.as_str(),
        amount: Some(movement.amount),
        at: Some(movement.at),
    }
}

/// An extra record, as that of a transaction that happened would be, with what makes it differ.
fn extra_row(store: &Store, extra: &ListedRecord, company: &Company<'_>) -> Option<Map<String, Value>> {
    let record = &extra.record;
    let direction = record.direction();
    let movement = Movement {
        id: extra.id.clone(),
        account_id: extra.account_id.clone(),
        card_id: None,
        direction,
        purpose: match direction {
            Direction::Credit => Purpose::Allocate,
            Direction::Debit => Purpose::Unallocate,
        },
        amount: record.amount,
        balance: record.amount,
        reference: record.reference.as_str().into(),
        at: extra.at,
        state: EntryState::Done,
        changed: extra.at,
        due: None,
        has_reversal: false,
    };
    // Of a person who has no card yet, there is nothing to show.
    let card = store.cards.of_person(&extra.account_id, &record.mobile)?;
    let Ok(Value::Object(mut row)) = serde_json::to_value(TransactionRecord::new(&movement, card, company)) else {
        return None;
    };
    record.apply_to(&mut row);
    Some(row)
}

fn extra_facts(row: &Map<String, Value>) -> Facts<'_> {
    let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
    Facts {
        id: text("enKashCardTransactionId"),
        card_id: text("enkashCardId"),
        user_id: text("userId"),
        holder: text("cardHolderName"),
        company: text("companyName"),
        status: text("status"),
        reference: text("pgReferenceNumber"),
        direction: text("cardTransactionType"),
        amount: row
            .get("principalAmount")
            .and_then(Value::as_number)
            .and_then(|number| money::parse(&number.to_string())),
        at: text("txnDate").parse().ok(),
    }
}

/// Until when a transaction must have happened to be found.
fn seen_until(call: &Call<'_>) -> Timestamp {
    match call.switches.transaction_lookup {
        TransactionLookup::Immediate => call.now,
        TransactionLookup::Delayed(by) => {
            let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
            call.now.checked_sub(by).unwrap_or(Timestamp::MIN)
        }
        TransactionLookup::Absent => Timestamp::MIN,
    }
}

pub(super) fn search(store: &Store, call: &Call<'_>) -> OperationResult {
    let account = call.body_account(store)?;
    let fields = call.fields();
    if fields.text("enKashCardId").is_none() {
        match call.switches.transaction_without_card {
            TransactionWithoutCard::Works => {}
            TransactionWithoutCard::Refused => return Err(Refusal::missing("enKashCardId")),
            TransactionWithoutCard::Empty => {
                return OperationResponse::new(EnvelopeKind::Code, &List::<Row<'_>>::new(0, Vec::new()));
            }
        }
    }
    let filter = Filter::read(fields, call.switches.transaction_filters)?;
    let company = Company {
        id: call.caller.map_or("", |caller| caller.company.id.as_str()),
        name: store
            .accounts
            .get(&account)
            .map_or("", |account| account.company_name.as_str()),
    };
    let extra_records = store
        .extra_records
        .all()
        .rev()
        .filter(|extra| extra.account_id == account);
    let mut rows: Vec<Row<'_>> = extra_records
        .filter_map(|extra| extra_row(store, extra, &company))
        .filter(|row| filter.lets_through(&extra_facts(row)))
        .map(Row::ListedRecord)
        .collect();
    let movements: Box<dyn DoubleEndedIterator<Item = &Movement>> = match (filter.card_id, filter.references.as_slice())
    {
        (Some(card), _) => Box::new(store.journal.of_card(card)),
        (None, [reference]) if !filter.is_loose => Box::new(store.journal.of_reference(&account, reference)),
        (None, _) => Box::new(store.journal.all()),
    };
    let seen_until = seen_until(call);
    let mut records_count = rows.len();
    // The newest first.
    for movement in movements.rev() {
        if movement.account_id != account || movement.at > seen_until {
            continue;
        }
        // What the account itself paid is no card transaction.
        let Some(card) = movement.card_id.as_ref().and_then(|id| store.cards.get(id)) else {
            continue;
        };
        if !filter.lets_through(&facts(movement, card, &company)) {
            continue;
        }
        records_count += 1;
        if rows.len() < MAX_ROWS {
            rows.push(Row::Transaction(Box::new(TransactionRecord::new(
                movement, card, &company,
            ))));
        }
    }
    OperationResponse::new(
        EnvelopeKind::Code,
        &List::cut(records_count, rows, call.switches.list_cut),
    )
}
