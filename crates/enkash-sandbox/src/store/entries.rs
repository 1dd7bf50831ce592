//! How money moves with a transaction or an order: when it is made, and when its state changes later, by time or because
//! somebody who runs the sandbox says so. The operations, the control routes and the handle call it.
//!
//! The points of an entry are always in one place: open in the account, held by a pending entry, or on the card. A change of
//! state is a transfer between two of them, so that no sum is lost.

use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::id_generator::IdKind;
use super::journal::{Direction, Movement, Place, Purpose, place};
use super::logins::Caller;
use super::orders::Order;
use super::{MoveRefused, Store};
use crate::entry_state::{ChangeError, EntryChange, EntryCourse, EntryState};

/// A kind of entry, for the list of changes that are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum EntryKind {
    Transaction,
    Order,
}

impl Store {
    /// Moves points from a card's account to the card, or back, in the state that the course begins with.
    pub(crate) fn allocate(
        &mut self,
        card_id: &str,
        direction: Direction,
        amount: Decimal,
        reference: &str,
        course: EntryCourse,
        now: Timestamp,
    ) -> Result<Movement, MoveRefused> {
        let card = self.cards.get(card_id).ok_or(MoveRefused::Impossible)?;
        let (card_id, account_id) = (card.id.clone(), card.account_id.clone());
        let from = place(direction, EntryState::Failed);
        self.transfer(&account_id, &card_id, amount, from, place(direction, course.state))?;
        let movement = Movement {
            id: Arc::from(self.ids.id(IdKind::Transaction)),
            balance: self.cards.get(&card_id).map_or(Decimal::ZERO, |card| card.balance),
            account_id,
            card_id: Some(card_id),
            direction,
            purpose: match direction {
                Direction::Credit => Purpose::Allocate,
                Direction::Debit => Purpose::Unallocate,
            },
            amount,
            reference: Arc::from(reference),
            at: now,
            state: course.state,
            changed: now,
            due: course.due,
            has_reversal: false,
        };
        self.count_if_done(&movement);
        let (id, account_id) = (movement.id.clone(), movement.account_id.clone());
        self.write(movement.clone());
        if movement.due.is_none_or(|due| due.at > now) {
            return Ok(movement);
        }
        self.finish_due(now);
        let mut newest = self.journal.of_reference(&account_id, reference).rev();
        Ok(newest.find(|newest| newest.id == id).cloned().unwrap_or(movement))
    }

    /// Pays for an order: from the caller's card, or from the company's account where the caller is the partner. Which of
    /// the two pays is the sandbox's own choice; the documentation does not say.
    pub(crate) fn pay(
        &mut self,
        caller: &Caller,
        amount: Decimal,
        reference: &str,
        now: Timestamp,
    ) -> Result<Arc<str>, MoveRefused> {
        let take = |from: Decimal| {
            let left = from.checked_sub(amount).ok_or(MoveRefused::Impossible)?;
            if left < Decimal::ZERO {
                Err(MoveRefused::Insufficient)
            } else {
                Ok(left)
            }
        };
        let (account_id, balance) = if let Some(card_id) = &caller.card_id {
            let card = self.cards.get_mut(card_id).ok_or(MoveRefused::Impossible)?;
            let left = take(card.balance)?;
            card.balance = left;
            if let Some(account) = self.accounts.get_mut(&card.account_id) {
                account.on_cards -= amount;
            }
            (card.account_id.clone(), left)
        } else {
            let id = self
                .accounts
                .paying(&caller.company.id)
                .ok_or(MoveRefused::Impossible)?
                .id
                .clone();
            let account = self.accounts.get_mut(&id).ok_or(MoveRefused::Impossible)?;
            account.available = take(account.available)?;
            (id, account.available)
        };
        if let Some(account) = self.accounts.get_mut(&account_id) {
            account.count_redemption(amount, now);
        }
        let movement = Movement {
            id: Arc::from(self.ids.id(IdKind::Transaction)),
            account_id: account_id.clone(),
            card_id: caller.card_id.clone(),
            direction: Direction::Debit,
            purpose: Purpose::Sale,
            amount,
            balance,
            reference: Arc::from(reference),
            at: now,
            state: EntryState::Done,
            changed: now,
            due: None,
            has_reversal: false,
        };
        self.write(movement);
        Ok(account_id)
    }

    /// Keeps an order that is paid, and gives it back as it is then: its change may be due at once.
    pub(crate) fn add_order(&mut self, order: Order) -> Order {
        let (now, due) = (order.made, order.due);
        let (number, gone) = self.orders.add(order.clone());
        if let Some((number, due)) = gone {
            self.due.remove(&(due.at, EntryKind::Order, number));
        }
        let Some(due) = due else { return order };
        self.due.insert((due.at, EntryKind::Order, number));
        if due.at > now {
            return order;
        }
        self.finish_due(now);
        self.orders.at(number).cloned().unwrap_or(order)
    }

    /// When the first change is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, ..)| *at)
    }

    /// Lets everything happen that was due by now, in the order of its times.
    pub(crate) fn finish_due(&mut self, now: Timestamp) {
        while let Some((at, kind, number)) = self.due.first().copied().filter(|(at, ..)| *at <= now) {
            self.due.pop_first();
            // What cannot change any more stays as it is: its points are spent, or somebody changed it before.
            let _ = match kind {
                EntryKind::Transaction => {
                    let due = self.journal.at(number).and_then(|movement| movement.due);
                    due.map(|due| self.change_transaction(number, due.change, at))
                }
                EntryKind::Order => {
                    let due = self.orders.at(number).and_then(|order| order.due);
                    due.map(|due| self.change_order(number, due.change, at))
                }
            };
        }
    }

    /// Changes the allocations, and the points taken back, of a reference. Gives their number.
    pub(crate) fn change_transactions(
        &mut self,
        account_id: &Arc<str>,
        reference: &str,
        change: EntryChange,
        now: Timestamp,
    ) -> Result<usize, ChangeError> {
        let numbers = self.journal.allocations(account_id, reference);
        self.change_all(numbers, |store, number| store.change_transaction(number, change, now))
    }

    /// Changes the orders of a reference. Gives their number.
    pub(crate) fn change_orders(
        &mut self,
        company_id: &str,
        reference: &str,
        change: EntryChange,
        now: Timestamp,
    ) -> Result<usize, ChangeError> {
        let numbers = self.orders.numbers(company_id, reference);
        self.change_all(numbers, |store, number| store.change_order(number, change, now))
    }

    fn change_all(
        &mut self,
        numbers: Vec<u64>,
        mut change: impl FnMut(&mut Self, u64) -> Result<(), ChangeError>,
    ) -> Result<usize, ChangeError> {
        let (mut changed, mut refused) = (0, ChangeError::NotFound);
        for number in numbers {
            match change(self, number) {
                Ok(()) => changed += 1,
                Err(error) => refused = error,
            }
        }
        if changed == 0 { Err(refused) } else { Ok(changed) }
    }

    fn change_transaction(&mut self, number: u64, change: EntryChange, now: Timestamp) -> Result<(), ChangeError> {
        let movement = self.journal.at(number).ok_or(ChangeError::NotFound)?.clone();
        let state = movement.state.after(change).ok_or(ChangeError::WrongState)?;
        if movement.has_reversal {
            return Err(ChangeError::WrongState);
        }
        let card_id = movement.card_id.clone().ok_or(ChangeError::NotFound)?;
        let direction = movement.direction;
        let to = match change {
            EntryChange::AddReversal => place(direction, EntryState::Reversed),
            _ => place(direction, state),
        };
        self.transfer(
            &movement.account_id,
            &card_id,
            movement.amount,
            place(direction, movement.state),
            to,
        )
        .map_err(|_| ChangeError::Spent)?;
        if let Some(due) = movement.due {
            self.due.remove(&(due.at, EntryKind::Transaction, number));
        }
        let balance = self.cards.get(&card_id).map_or(Decimal::ZERO, |card| card.balance);
        let Some(kept) = self.journal.at_mut(number) else {
            return Err(ChangeError::NotFound);
        };
        kept.due = None;
        if change == EntryChange::AddReversal {
            kept.has_reversal = true;
            let reversal = Movement {
                id: Arc::from(self.ids.id(IdKind::Transaction)),
                direction: direction.opposite(),
                purpose: Purpose::Reversal,
                balance,
                at: now,
                changed: now,
                due: None,
                has_reversal: false,
                ..movement
            };
            self.write(reversal);
            return Ok(());
        }
        kept.state = state;
        kept.changed = now;
        if change == EntryChange::Finish {
            kept.balance = balance;
            let kept = kept.clone();
            self.count_if_done(&kept);
        }
        Ok(())
    }

    fn change_order(&mut self, number: u64, change: EntryChange, now: Timestamp) -> Result<(), ChangeError> {
        let order = self.orders.at_mut(number).ok_or(ChangeError::NotFound)?;
        let state = order.state.after(change).ok_or(ChangeError::WrongState)?;
        if change == EntryChange::AddReversal {
            return Err(ChangeError::WrongState);
        }
        order.state = state;
        let due = order.due.take();
        let order = order.clone();
        if let Some(due) = due {
            self.due.remove(&(due.at, EntryKind::Order, number));
        }
        if matches!(state, EntryState::Failed | EntryState::Reversed) {
            self.refund(&order, now);
        }
        Ok(())
    }

    /// Gives back what was paid for an order, to where it came from. This month's sums keep it.
    fn refund(&mut self, order: &Order, now: Timestamp) {
        let Some(account) = self.accounts.get_mut(&order.account_id) else {
            return;
        };
        account.redeemed -= order.paid;
        let card = order.card_id.as_ref().and_then(|id| self.cards.get_mut(id));
        let balance = match (&order.card_id, card) {
            (None, _) => {
                account.available += order.paid;
                account.available
            }
            (Some(_), card) => {
                account.on_cards += order.paid;
                match card {
                    Some(card) => {
                        card.balance += order.paid;
                        card.balance
                    }
                    None => {
                        account.on_forgotten_cards += order.paid;
                        Decimal::ZERO
                    }
                }
            }
        };
        let movement = Movement {
            id: Arc::from(self.ids.id(IdKind::Transaction)),
            account_id: order.account_id.clone(),
            card_id: order.card_id.clone(),
            direction: Direction::Credit,
            purpose: Purpose::Refund,
            amount: order.paid,
            balance,
            reference: Arc::from(order.reference.as_str()),
            at: now,
            state: EntryState::Done,
            changed: now,
            due: None,
            has_reversal: false,
        };
        self.write(movement);
    }

    /// Moves points between two places of an account and one of its cards.
    fn transfer(
        &mut self,
        account_id: &str,
        card_id: &str,
        amount: Decimal,
        from: Place,
        to: Place,
    ) -> Result<(), MoveRefused> {
        let account = self.accounts.get_mut(account_id).ok_or(MoveRefused::Impossible)?;
        let mut card = self.cards.get_mut(card_id);
        let (mut available, mut held, mut on_cards) = (account.available, account.held, account.on_cards);
        let mut balance = card.as_ref().map_or(account.on_forgotten_cards, |card| card.balance);
        for (place, signed) in [(from, -amount), (to, amount)] {
            let sums: &mut [&mut Decimal] = match place {
                Place::Available => &mut [&mut available],
                Place::Held => &mut [&mut held],
                Place::Card => &mut [&mut on_cards, &mut balance],
            };
            for sum in sums {
                **sum = sum.checked_add(signed).ok_or(MoveRefused::Impossible)?;
            }
        }
        if [available, held, balance].into_iter().any(|sum| sum < Decimal::ZERO) {
            return Err(MoveRefused::Insufficient);
        }
        (account.available, account.held, account.on_cards) = (available, held, on_cards);
        match &mut card {
            Some(card) => card.balance = balance,
            None => account.on_forgotten_cards = balance,
        }
        Ok(())
    }

    /// Counts an allocation in the sums of its account, when it is done.
    fn count_if_done(&mut self, movement: &Movement) {
        if movement.direction == Direction::Credit
            && movement.state == EntryState::Done
            && let Some(account) = self.accounts.get_mut(&movement.account_id)
        {
            account.count_allocation(movement.amount, movement.changed);
        }
    }

    /// Writes to the journal. The oldest, which has to go for it, is finished first if it is pending, and carried forward on
    /// its card.
    fn write(&mut self, movement: Movement) {
        if let Some(oldest) = self.journal.next_to_go() {
            let is_pending = self
                .journal
                .at(oldest)
                .is_some_and(|movement| movement.state == EntryState::Pending);
            if is_pending {
                let _ = self.change_transaction(oldest, EntryChange::Finish, movement.at);
            }
        }
        let due = movement.due;
        let (number, gone) = self.journal.write(movement);
        if let Some(due) = due {
            self.due.insert((due.at, EntryKind::Transaction, number));
        }
        let Some((gone_number, gone)) = gone else { return };
        if let Some(due) = gone.due {
            self.due.remove(&(due.at, EntryKind::Transaction, gone_number));
        }
        if let Some(card) = gone.card_id.as_ref().and_then(|id| self.cards.get_mut(id)) {
            card.carried += gone.signed();
        }
    }
}
