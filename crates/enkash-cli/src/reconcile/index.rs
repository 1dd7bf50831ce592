//! The rows by their references, with what the account's list says of each. It takes 32 bytes a row and no text, so that a
//! million rows fit into 32 MB; a row is found by the hash of its reference, of 128 bits under keys of this process.

use std::hash::{BuildHasher, RandomState};

use enkash::settlement::Movement;
use enkash_ledger::Amount;

use super::told::Told;

/// As many as a file of allocations has at most. It takes 320 MB.
const MAX_ROWS: usize = 10_000_000;

/// Stands for a reference.
type Key = u128;

/// What the account's list says of one row.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    key: Key,
    pub(super) amount: Amount,
    /// Transactions that gave something, however much.
    pub(super) credits: u16,
    /// Those among them that gave the row's amount.
    pub(super) same: u16,
    /// Transactions that took something back.
    pub(super) debits: u8,
    /// Transactions of which it is not clear what they moved.
    pub(super) unclear: u8,
    pub(super) told: Told,
    /// The row was canceled, and its reference has been used by another call of the ledger since.
    pub(super) is_reused: bool,
}

/// Where a row stands in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Position(usize);

pub(super) struct Index {
    hashers: [RandomState; 2],
    slots: Vec<Slot>,
}

impl Index {
    pub(super) fn new() -> Self {
        Self {
            hashers: [RandomState::new(), RandomState::new()],
            slots: Vec::new(),
        }
    }

    fn key(&self, reference: &str) -> Key {
        let [high, low] = self.hashers.each_ref().map(|hasher| hasher.hash_one(reference));
        (Key::from(high) << 64) | Key::from(low)
    }

    /// Adds a row, before [`finish`](Self::finish).
    pub(super) fn add(&mut self, reference: &str, amount: Amount, told: Told) -> Result<(), String> {
        if self.slots.len() == MAX_ROWS {
            return Err(format!("there are more than {MAX_ROWS} rows: compare them in parts"));
        }
        self.slots.push(Slot {
            key: self.key(reference),
            amount,
            credits: 0,
            same: 0,
            debits: 0,
            unclear: 0,
            told,
            is_reused: false,
        });
        Ok(())
    }

    /// Makes the rows findable. Where references stand twice, says how many.
    pub(super) fn finish(&mut self) -> Result<(), usize> {
        self.slots.sort_unstable_by_key(|slot| slot.key);
        let twice = self.slots.windows(2).filter(|pair| pair[0].key == pair[1].key).count();
        if twice == 0 { Ok(()) } else { Err(twice) }
    }

    pub(super) fn find(&self, reference: &str) -> Option<Position> {
        let key = self.key(reference);
        self.slots
            .binary_search_by_key(&key, |slot| slot.key)
            .ok()
            .map(Position)
    }

    pub(super) fn slot(&self, position: Position) -> &Slot {
        &self.slots[position.0]
    }

    pub(super) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Notes a transaction of this row. Says whether it is all that one expects of a row that is paid.
    pub(super) fn note(&mut self, position: Position, movement: Movement) -> bool {
        let slot = &mut self.slots[position.0];
        match movement {
            Movement::Credit(amount) => {
                let is_same = Amount::try_from(amount) == Ok(slot.amount);
                slot.credits = slot.credits.saturating_add(1);
                slot.same = slot.same.saturating_add(u16::from(is_same));
                return is_same && slot.credits == 1;
            }
            Movement::Debit(_) => slot.debits = slot.debits.saturating_add(1),
            _ => slot.unclear = slot.unclear.saturating_add(1),
        }
        false
    }

    /// The transactions of this row are those of another call.
    pub(super) fn note_reused(&mut self, position: Position) {
        self.slots[position.0].is_reused = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_takes_32_bytes() {
        assert_eq!(size_of::<Slot>(), 32);
    }

    #[test]
    fn a_reference_that_stands_twice_is_noticed() {
        let mut index = Index::new();
        for reference in ["A", "B", "A"] {
            index.add(reference, Amount::ZERO, Told::Done).unwrap();
        }
        assert_eq!(index.finish(), Err(1));
    }
}
