//! The company's card account (api-9796909): the fields of the page's schema and of its example, in the example's envelope.

use serde::Serialize;

use super::cards::CardRecord;
use super::{Call, EnvelopeKind, OperationResponse, OperationResult, Refusal};
use crate::money::Money;
use crate::store::Store;
use rust_decimal::Decimal;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountRecord<'a> {
    card_account_id: &'a str,
    company_id: &'a str,
    company_name: &'a str,
    credit_limit: Money,
    dynamic_limit: Money,
    /// In the page's example this is minus the sum of the two balances below.
    used_credit_limit: Money,
    available_balance: Money,
    available_card_balance: Money,
    #[serde(rename = "primaryEnKashCard", skip_serializing_if = "Option::is_none")]
    primary_card: Option<CardRecord<'a>>,
    total_cards: usize,
    active_cards: usize,
    total_allocation_point: Money,
    total_redemption_point: Money,
    current_month_allocation_point: Money,
    current_month_redemption_point: Money,
}

pub(super) fn get(store: &mut Store, call: &Call<'_>) -> OperationResult {
    let id = call.body_account(store)?;
    let account = store
        .accounts
        .get_mut(&id)
        .ok_or_else(|| Refusal::not_found("Card account not found"))?;
    let month = account.month(call.now);
    let primary_card = account.primary_card.as_ref().and_then(|card| store.cards.get(card));
    OperationResponse::new(
        EnvelopeKind::ResponseCode,
        &AccountRecord {
            card_account_id: &account.id,
            company_id: &account.company_id,
            company_name: &account.company_name,
            credit_limit: Money(Decimal::ZERO),
            dynamic_limit: Money(Decimal::ZERO),
            used_credit_limit: Money(-(account.available.saturating_add(account.on_cards))),
            available_balance: Money(account.available),
            available_card_balance: Money(account.on_cards),
            primary_card: primary_card.map(CardRecord::whole),
            total_cards: account.cards.len(),
            active_cards: account.cards.len(),
            total_allocation_point: Money(account.allocated),
            total_redemption_point: Money(account.redeemed),
            current_month_allocation_point: Money(month.allocated),
            current_month_redemption_point: Money(month.redeemed),
        },
    )
}
