//! Coin events and users' coins (Point Management, api-9796914 to api-9796918). What a second event of the same name, an
//! unknown event or an unknown user gets is not stated: here it is a failure in a 200.

use serde::Serialize;

use super::allocation::DUPLICATE;
use super::{Call, EnvelopeKind, OperationResponse, OperationResult, Refusal};
use crate::store::Store;
use crate::store::coins::CoinEvent;
use crate::store::id_generator::IdKind;
use crate::switches::DuplicateReference;

/// The page's words.
const ALLOCATED: &str = "Successfully allocated enkash Coins";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventRecord<'a> {
    coin_config_id: &'a str,
    configuration: &'a str,
    event: &'a str,
    amount: i64,
}

fn response(event: &CoinEvent) -> OperationResult {
    let record = EventRecord {
        coin_config_id: &event.id,
        configuration: &event.configuration,
        event: &event.event,
        amount: event.amount,
    };
    OperationResponse::new(EnvelopeKind::ResponseCode, &record)
}

/// The company of a call, which must be the caller's own.
fn company<'a>(call: &Call<'a>, named: Option<&str>) -> Result<&'a str, Refusal> {
    let caller = call.caller()?;
    if caller.card_id.is_some() {
        return Err(Refusal::failure("A card holder's log-in cannot manage coins"));
    }
    if named.is_some_and(|named| named != caller.company.id) {
        return Err(Refusal::failure("Company not found"));
    }
    Ok(&caller.company.id)
}

fn coins(call: &Call<'_>) -> Result<Option<i64>, Refusal> {
    match call.body.get("amount") {
        None => Ok(None),
        Some(_) => match call.fields().integer("amount") {
            Some(amount) if amount >= 0 => Ok(Some(amount)),
            _ => Err(Refusal::invalid("amount: is not a number of coins")),
        },
    }
}

pub(super) fn create_event(store: &mut Store, call: &Call<'_>) -> OperationResult {
    let fields = call.fields();
    let company_id = company(call, Some(fields.required("companyId")?))?;
    let name = fields.required("event")?;
    let configuration = fields.required("configuration")?.to_owned();
    let amount = coins(call)?.ok_or_else(|| Refusal::missing("amount"))?;
    if store.coins.named(company_id, name).is_some() {
        return Err(Refusal::failure("Coin event already exists"));
    }
    let id = store.ids.id(IdKind::Event);
    let event = CoinEvent {
        id,
        company_id: company_id.to_owned(),
        configuration,
        event: name.to_owned(),
        amount,
    };
    let response = response(&event);
    store.coins.add(event);
    response
}

fn not_found() -> Refusal {
    Refusal::not_found("Coin event not found")
}

pub(super) fn get_event(store: &Store, call: &Call<'_>) -> OperationResult {
    let event = store.coins.get(&call.caller()?.company.id, call.path("coinConfigId")?);
    response(event.ok_or_else(not_found)?)
}

pub(super) fn update_event(store: &mut Store, call: &Call<'_>) -> OperationResult {
    let fields = call.fields();
    let company_id = company(call, fields.text("companyId"))?;
    let amount = coins(call)?;
    let id = call.path("coinConfigId")?;
    let name = fields.text("event");
    if store.coins.get(company_id, id).is_none() {
        return Err(not_found());
    }
    if name
        .and_then(|name| store.coins.named(company_id, name))
        .is_some_and(|other| other.id != id)
    {
        return Err(Refusal::failure("Coin event already exists"));
    }
    let event = store.coins.get_mut(company_id, id).ok_or_else(not_found)?;
    if let Some(amount) = amount {
        event.amount = amount;
    }
    if let Some(configuration) = fields.text("configuration") {
        configuration.clone_into(&mut event.configuration);
    }
    if let Some(name) = name {
        name.clone_into(&mut event.event);
    }
    response(event)
}

/// Whether a user is a card holder of this company.
fn is_user_of(store: &Store, company_id: &str, user_id: &str) -> bool {
    let account = store
        .cards
        .of_user(user_id)
        .and_then(|card| store.accounts.get(&card.account_id));
    account.is_some_and(|account| account.company_id == company_id)
}

pub(super) fn allocate(store: &mut Store, call: &Call<'_>) -> OperationResult {
    let fields = call.fields();
    let company_id = company(call, Some(fields.required("companyId")?))?;
    let request_id = fields.required("requestId")?;
    let user_id = fields.required("userId")?;
    let event = store.coins.named(company_id, fields.required("event")?);
    let amount = event.ok_or_else(|| Refusal::failure("Coin event not found"))?.amount;
    if !is_user_of(store, company_id, user_id) {
        return Err(Refusal::failure("User not found"));
    }
    let duplicate = call.switches.duplicate_reference;
    if duplicate != DuplicateReference::CreditAgain && store.coins.was_requested(company_id, request_id) {
        return match duplicate {
            DuplicateReference::Refuse => Err(Refusal::failure(DUPLICATE)),
            _ => OperationResponse::new(EnvelopeKind::ResponseCode, &ALLOCATED),
        };
    }
    if !store.coins.give(company_id, request_id, user_id, amount) {
        return Err(Refusal::failure("Coin balance is too large"));
    }
    OperationResponse::new(EnvelopeKind::ResponseCode, &ALLOCATED)
}

pub(super) fn balance(store: &Store, call: &Call<'_>) -> OperationResult {
    let caller = call.caller()?;
    let user_id = call.query("userId")?;
    let own = caller.card_id.is_none() || *caller.user_id == *user_id;
    if !own || !is_user_of(store, &caller.company.id, user_id) {
        return Err(Refusal::failure("User not found"));
    }
    OperationResponse::new(EnvelopeKind::ResponseCode, &store.coins.balance(user_id))
}
