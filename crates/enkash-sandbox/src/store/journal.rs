//! Every movement of money, in order. Operations write here whenever a balance changes, searches and assertions read here.
//! It keeps a bounded number of movements: what is older is folded into the balance that its card carried forward, so that
//! a card's balance stays the sum of what it carried and of its movements.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::stored_number;

use crate::entry_state::{DueChange, EntryState};

/// Direction of a movement, seen from the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Direction {
    Credit,
    Debit,
}

/// What a movement was for, in the documentation's words. The last two are those of a sibling product's schema (api-13438388).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Purpose {
    Allocate,
    Unallocate,
    Sale,
    Refund,
    Reversal,
}

impl Direction {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Direction::Credit => "CR",
            Direction::Debit => "DR",
        }
    }

    pub(crate) const fn opposite(self) -> Direction {
        match self {
            Direction::Credit => Direction::Debit,
            Direction::Debit => Direction::Credit,
        }
    }
}

impl Purpose {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Purpose::Allocate => "ALLOCATE_POINT",
            Purpose::Unallocate => "UNALLOCATE_POINT",
            Purpose::Sale => "SALE",
            Purpose::Refund => "REFUND",
            Purpose::Reversal => "REVERSAL",
        }
    }
}

/// Where points can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Open for allocation in the account.
    Available,
    /// With a pending transaction.
    Held,
    /// On the card. The card of a person who is forgotten counts here all the same.
    Card,
}

/// Where the points of an allocation, or of one taken back, are in this state.
pub(super) const fn place(direction: Direction, state: EntryState) -> Place {
    match (direction, state) {
        (_, EntryState::Pending) => Place::Held,
        (Direction::Credit, EntryState::Done) => Place::Card,
        (Direction::Debit, EntryState::Done) => Place::Available,
        (Direction::Credit, EntryState::Failed | EntryState::Reversed) => Place::Available,
        (Direction::Debit, EntryState::Failed | EntryState::Reversed) => Place::Card,
    }
}

/// One movement.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Movement {
    pub(crate) id: Arc<str>,
    pub(crate) account_id: Arc<str>,
    /// The card; `None` where the account itself paid for an order.
    pub(crate) card_id: Option<Arc<str>>,
    pub(crate) direction: Direction,
    pub(crate) purpose: Purpose,
    pub(crate) amount: Decimal,
    /// What was on the card afterwards (or in the account, where it paid).
    pub(crate) balance: Decimal,
    /// The caller's reference.
    pub(crate) reference: Arc<str>,
    pub(crate) at: Timestamp,
    pub(crate) state: EntryState,
    /// When its state changed last.
    pub(crate) changed: Timestamp,
    pub(crate) due: Option<DueChange>,
    /// A movement of its own has undone it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) has_reversal: bool,
}

impl Movement {
    pub(crate) fn is_allocation(&self) -> bool {
        matches!(self.purpose, Purpose::Allocate | Purpose::Unallocate)
    }

    /// The amount, negative where it left the card, whatever became of it.
    pub(crate) fn directed(&self) -> Decimal {
        match self.direction {
            Direction::Credit => self.amount,
            Direction::Debit => -self.amount,
        }
    }

    /// The amount as the card's balance feels it now: nothing while points that it would get are held, and nothing where it
    /// did not happen.
    pub(crate) fn signed(&self) -> Decimal {
        match (self.direction, place(self.direction, self.state)) {
            (Direction::Credit, Place::Card) => self.amount,
            (Direction::Debit, Place::Available | Place::Held) => -self.amount,
            _ => Decimal::ZERO,
        }
    }
}

/// Account and reference: the same reference on two accounts is two references. The sandbox's own choice.
type ReferenceKey = (Arc<str>, Arc<str>);

/// The movements that are kept, with what finds them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "StoredJournal")]
pub(crate) struct Journal {
    movements: VecDeque<Movement>,
    /// Number of the first movement kept.
    first: u64,
    max: usize,
    #[serde(skip)]
    by_reference: HashMap<ReferenceKey, VecDeque<u64>>,
    #[serde(skip)]
    by_card: HashMap<Arc<str>, VecDeque<u64>>,
}

/// What a snapshot has of it; what finds the movements is made anew.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredJournal {
    movements: VecDeque<Movement>,
    #[serde(deserialize_with = "stored_number::count")]
    first: u64,
    max: usize,
}

impl From<StoredJournal> for Journal {
    fn from(stored: StoredJournal) -> Self {
        let mut journal = Journal::new(stored.max);
        journal.first = stored.first;
        for movement in stored.movements {
            journal.write(movement);
        }
        journal
    }
}

impl Journal {
    /// Whether it was made for so many.
    pub(crate) const fn has_max(&self, max: usize) -> bool {
        self.max == if max == 0 { 1 } else { max }
    }

    pub(crate) fn new(max: usize) -> Self {
        Journal {
            movements: VecDeque::new(),
            first: 0,
            max: max.max(1),
            by_reference: HashMap::new(),
            by_card: HashMap::new(),
        }
    }

    /// The number of the movement that has to go for the next one.
    pub(crate) fn next_to_go(&self) -> Option<u64> {
        (self.movements.len() >= self.max).then_some(self.first)
    }

    /// Writes a movement. Gives its number, and the one that had to go for it.
    pub(crate) fn write(&mut self, movement: Movement) -> (u64, Option<(u64, Movement)>) {
        let gone = self
            .next_to_go()
            .and_then(|number| Some((number, self.forget_oldest()?)));
        let number = self.end();
        let key = (movement.account_id.clone(), movement.reference.clone());
        self.by_reference.entry(key).or_default().push_back(number);
        if let Some(card) = &movement.card_id {
            self.by_card.entry(card.clone()).or_default().push_back(number);
        }
        self.movements.push_back(movement);
        (number, gone)
    }

    fn forget_oldest(&mut self) -> Option<Movement> {
        let gone = self.movements.pop_front()?;
        self.first += 1;
        let key = (gone.account_id.clone(), gone.reference.clone());
        if let Some(numbers) = self.by_reference.get_mut(&key) {
            numbers.pop_front();
            if numbers.is_empty() {
                self.by_reference.remove(&key);
            }
        }
        if let Some(card) = &gone.card_id
            && let Some(numbers) = self.by_card.get_mut(card)
        {
            numbers.pop_front();
            if numbers.is_empty() {
                self.by_card.remove(card);
            }
        }
        Some(gone)
    }

    fn index(&self, number: u64) -> Option<usize> {
        usize::try_from(number.checked_sub(self.first)?).ok()
    }

    pub(crate) fn at(&self, number: u64) -> Option<&Movement> {
        self.movements.get(self.index(number)?)
    }

    pub(super) fn at_mut(&mut self, number: u64) -> Option<&mut Movement> {
        let index = self.index(number)?;
        self.movements.get_mut(index)
    }

    /// The first allocation (or taking back) with this reference on this account.
    pub(crate) fn first_allocation(&self, account: &Arc<str>, reference: &str) -> Option<&Movement> {
        self.of_reference(account, reference)
            .find(|movement| movement.is_allocation())
    }

    /// The numbers of the allocations (and takings back) with this reference on this account, oldest first.
    pub(super) fn allocations(&self, account: &Arc<str>, reference: &str) -> Vec<u64> {
        let numbers = self.by_reference.get(&(account.clone(), Arc::from(reference)));
        let numbers = numbers.into_iter().flatten().copied();
        numbers
            .filter(|number| self.at(*number).is_some_and(Movement::is_allocation))
            .collect()
    }

    /// The movements with this reference on this account, oldest first.
    pub(crate) fn of_reference(
        &self,
        account: &Arc<str>,
        reference: &str,
    ) -> impl DoubleEndedIterator<Item = &Movement> {
        self.by_reference
            .get(&(account.clone(), Arc::from(reference)))
            .into_iter()
            .flatten()
            .filter_map(|number| self.at(*number))
    }

    /// The movements of a card, oldest first.
    pub(crate) fn of_card(&self, card: &str) -> impl DoubleEndedIterator<Item = &Movement> {
        self.by_card
            .get(card)
            .into_iter()
            .flatten()
            .filter_map(|number| self.at(*number))
    }

    /// Number of the next movement.
    pub(crate) fn end(&self) -> u64 {
        self.first + self.movements.len() as u64
    }

    /// The movements from this number on, oldest first, each with its number.
    pub(crate) fn since(&self, number: u64) -> impl Iterator<Item = (u64, &Movement)> {
        (number.max(self.first)..self.end()).filter_map(|number| Some((number, self.at(number)?)))
    }

    /// All movements that are kept, oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Movement> + ExactSizeIterator {
        self.movements.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn movement(reference: &str, card: &str) -> Movement {
        Movement {
            id: Arc::from("T"),
            account_id: Arc::from("A"),
            card_id: Some(Arc::from(card)),
            direction: Direction::Credit,
            purpose: Purpose::Allocate,
            amount: Decimal::ONE,
            balance: Decimal::ONE,
            reference: Arc::from(reference),
            at: Timestamp::UNIX_EPOCH,
            state: EntryState::Done,
            changed: Timestamp::UNIX_EPOCH,
            due: None,
            has_reversal: false,
        }
    }

    #[test]
    fn the_oldest_goes_and_leaves_nothing_behind() {
        let mut journal = Journal::new(2);
        assert!(journal.write(movement("R1", "C1")).1.is_none());
        assert!(journal.write(movement("R2", "C2")).1.is_none());
        let (number, gone) = journal.write(movement("R2", "C2"));
        assert_eq!(
            (number, gone.map(|(number, gone)| (number, gone.reference))),
            (2, Some((0, Arc::from("R1"))))
        );
        let account = Arc::from("A");
        assert!(journal.first_allocation(&account, "R1").is_none());
        assert!(journal.first_allocation(&account, "R2").is_some());
        assert_eq!(journal.of_card("C1").count(), 0);
        assert_eq!(journal.of_card("C2").count(), 2);
        assert_eq!((journal.by_reference.len(), journal.by_card.len()), (1, 1));
    }
}
