//! The money of a sandbox as tests see it: its transactions, and whether every sum is right. The handle and the control
//! routes make these from the journal; nothing here changes the store.

use std::collections::HashMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::entry_state::EntryState;
use crate::money::Money;
use crate::store::Store;
use crate::store::journal::{Direction, Movement};

/// A movement of money. It names no person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Transaction {
    /// EnKash id of the transaction.
    pub id: String,
    /// Card account.
    pub card_account_id: String,
    /// Card; `None` where the account itself paid for an order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_id: Option<String>,
    /// Whether the card was credited.
    pub credit: bool,
    /// `ALLOCATE_POINT`, `UNALLOCATE_POINT`, `SALE`, `REFUND` or `REVERSAL`.
    pub purpose: &'static str,
    /// Amount, more than 0.
    #[serde(serialize_with = "exact")]
    pub amount: Decimal,
    /// What was on the card afterwards.
    #[serde(serialize_with = "exact")]
    pub balance: Decimal,
    /// The caller's reference.
    pub reference: String,
    /// How far it is.
    pub state: EntryState,
    /// When, on the sandbox's clock.
    #[serde(skip)]
    pub at: Timestamp,
}

fn exact<S: serde::Serializer>(amount: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    Money(*amount).serialize(serializer)
}

impl Transaction {
    pub(crate) fn new(movement: &Movement) -> Self {
        Transaction {
            id: movement.id.to_string(),
            card_account_id: movement.account_id.to_string(),
            card_id: movement.card_id.as_deref().map(str::to_owned),
            credit: movement.direction == Direction::Credit,
            purpose: movement.purpose.as_str(),
            amount: movement.amount,
            balance: movement.balance,
            reference: movement.reference.to_string(),
            state: movement.state,
            at: movement.at,
        }
    }
}

/// What is wrong with the sums of a store; nothing, unless the sandbox has a bug.
pub(crate) fn check_sums(store: &Store) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut total = Decimal::ZERO;
    let mut held: HashMap<&str, Decimal> = HashMap::new();
    for movement in store
        .journal
        .all()
        .filter(|movement| movement.state == EntryState::Pending)
    {
        *held.entry(&movement.account_id).or_default() += movement.amount;
    }
    for account in store.accounts.all() {
        let mut on_cards = account.on_forgotten_cards;
        for card in account.cards.iter().filter_map(|id| store.cards.get(id)) {
            let moved: Decimal = store.journal.of_card(&card.id).map(Movement::signed).sum();
            if card.carried + moved != card.balance {
                wrong.push(format!(
                    "card {} has {} and its transactions say {}",
                    card.id,
                    card.balance,
                    card.carried + moved
                ));
            }
            if card.balance < Decimal::ZERO {
                wrong.push(format!("card {} is overdrawn", card.id));
            }
            on_cards += card.balance;
        }
        if on_cards != account.on_cards {
            wrong.push(format!(
                "account {} counts {} on cards that hold {on_cards}",
                account.id, account.on_cards
            ));
        }
        let held = held.get(&*account.id).copied().unwrap_or_default();
        if held != account.held {
            wrong.push(format!(
                "account {} counts {} in pending transactions that hold {held}",
                account.id, account.held
            ));
        }
        if account.available < Decimal::ZERO {
            wrong.push(format!("account {} is overdrawn", account.id));
        }
        total += account.available + on_cards + account.held + account.redeemed;
    }
    if total != store.opening {
        wrong.push(format!("there was {} and now there is {total}", store.opening));
    }
    wrong
}
