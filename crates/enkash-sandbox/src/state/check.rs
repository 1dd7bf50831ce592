//! Whether the store of a snapshot fits together, for a file may hold anything: ids that lead somewhere, and sums that add up.
//! No sum here can overflow, so whatever passes can be counted without looking again.

use std::collections::HashMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::entry_state::EntryState;
use crate::store::Store;
use crate::store::journal::Movement;

pub(super) fn check(store: &Store) -> Result<(), String> {
    let sum = |sum: Decimal, amount: Decimal| sum.checked_add(amount);
    let too_much = || "a sum is more than a number holds".to_owned();
    let mut total = Decimal::ZERO;
    let mut listed = 0;
    let mut held: HashMap<&Arc<str>, Decimal> = HashMap::new();
    let pending = store
        .journal
        .all()
        .filter(|movement| movement.state == EntryState::Pending);
    for movement in pending {
        let amount = held.entry(&movement.account_id).or_default();
        *amount = sum(*amount, movement.amount).ok_or_else(too_much)?;
    }
    for account in store.accounts.all() {
        let id = &account.id;
        let mut on_cards = account.on_forgotten_cards;
        for card_id in account.cards.iter().chain(&account.primary_card) {
            let card = store.cards.get(card_id).filter(|card| card.account_id == *id);
            card.ok_or_else(|| format!("account {id} lists a card that is not there"))?;
        }
        for card in account.cards.iter().filter_map(|card| store.cards.get(card)) {
            let mut moved = store.journal.of_card(&card.id).map(Movement::signed);
            let balance = moved.try_fold(card.carried, sum).ok_or_else(too_much)?;
            if balance != card.balance || balance < Decimal::ZERO {
                return Err(format!(
                    "the balance of card {} is not the sum of its transactions",
                    card.id
                ));
            }
            on_cards = sum(on_cards, balance).ok_or_else(too_much)?;
            listed += 1;
        }
        let held = held.get(id).copied().unwrap_or_default();
        if on_cards != account.on_cards || held != account.held || account.available < Decimal::ZERO {
            return Err(format!("the sums of account {id} are wrong"));
        }
        for part in [account.available, on_cards, held, account.redeemed] {
            total = sum(total, part).ok_or_else(too_much)?;
        }
    }
    if listed != store.cards.all().len() {
        return Err("a card is on no account, or on two".to_owned());
    }
    let is_possible = |amount: Decimal| Decimal::ZERO <= amount && amount <= store.opening;
    let movements = store.journal.all().map(|movement| movement.amount);
    if !movements
        .chain(store.orders.all().map(|order| order.paid))
        .all(is_possible)
    {
        return Err("more was moved than there is".to_owned());
    }
    if total != store.opening {
        return Err("the money is not what the seed brought".to_owned());
    }
    Ok(())
}
