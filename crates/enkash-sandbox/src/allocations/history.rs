//! The entries in the order of their calls. It keeps a bounded number of them; those without a right response are found by
//! their reference until a search shows them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;

#[cfg(feature = "console")]
use super::series::Series;
use super::{AllocationEntry, AllocationRow, AllocationState, Delivery, Lookup, TransactionSearch};

/// The allocations of one sandbox.
#[derive(Debug)]
pub(crate) struct AllocationHistory {
    entries: VecDeque<AllocationEntry>,
    /// Number of the first entry kept.
    first: u64,
    max: usize,
    /// Numbers of the entries that are unknown, by reference.
    unknown: HashMap<Arc<str>, Vec<u64>>,
    #[cfg(feature = "console")]
    pub(crate) series: Series,
    /// The last entries that were settled: number of the search, number of the entry.
    #[cfg(feature = "console")]
    settled: VecDeque<(u64, u64)>,
}

/// How many settled entries are found by their search.
#[cfg(feature = "console")]
const MAX_SETTLED: usize = 1_000;

impl AllocationHistory {
    pub(crate) fn new(max: usize) -> Self {
        AllocationHistory {
            entries: VecDeque::new(),
            first: 0,
            max: max.max(1),
            unknown: HashMap::new(),
            #[cfg(feature = "console")]
            series: Series::default(),
            #[cfg(feature = "console")]
            settled: VecDeque::new(),
        }
    }

    /// Forgets all entries. A number that was given is not given again: a response that is still on its way has it.
    pub(crate) fn clear(&mut self) {
        let first = self.end();
        *self = AllocationHistory::new(self.max);
        self.first = first;
    }

    /// Writes a row of a call, and gives its number.
    pub(crate) fn add(&mut self, call: u64, at: Timestamp, row: AllocationRow, delivery: Delivery, held: bool) -> u64 {
        // Points that moved under a response that says no: that response is right for nobody.
        let misleading = row.refused && row.moved.is_some();
        let state = match delivery {
            Delivery::Whole if misleading => AllocationState::Unknown,
            Delivery::Whole if held => AllocationState::InFlight,
            Delivery::Whole if row.refused => AllocationState::Refused,
            Delivery::Whole => AllocationState::Done,
            Delivery::Spoilt | Delivery::Lost => AllocationState::Unknown,
        };
        let moved = row.moved;
        if self.entries.len() >= self.max {
            self.forget_oldest();
        }
        let number = self.end();
        self.entries.push_back(AllocationEntry {
            call,
            at,
            reference: row.reference,
            amount: moved.as_ref().map(|moved| moved.amount),
            movement: moved.as_ref().map(|moved| moved.movement),
            transaction_id: moved.map(|moved| moved.transaction_id),
            state,
            delivery: if misleading { Delivery::Spoilt } else { delivery },
            lookup: None,
            refused: row.refused,
        });
        if state == AllocationState::Unknown {
            self.remember_unknown(number);
        }
        #[cfg(feature = "console")]
        self.series.add(number, at, state);
        number
    }

    /// The response that a fault held back goes out.
    pub(crate) fn release(&mut self, number: u64, at: Timestamp) {
        let state = match self.get(number) {
            Some(entry) if entry.refused => AllocationState::Refused,
            _ => AllocationState::Done,
        };
        self.change(number, at, AllocationState::InFlight, state);
    }

    /// The client was gone before its response left.
    pub(crate) fn lose(&mut self, number: u64, at: Timestamp) {
        for known in [
            AllocationState::InFlight,
            AllocationState::Done,
            AllocationState::Refused,
        ] {
            if self.change(number, at, known, AllocationState::Unknown) {
                if let Some(entry) = self.get_mut(number) {
                    entry.delivery = Delivery::Lost;
                }
                self.remember_unknown(number);
            }
        }
    }

    /// Whether any entry is unknown: what searches show matters only then.
    pub(crate) fn has_unknown(&self) -> bool {
        !self.unknown.is_empty()
    }

    /// A search ended: what it shows is settled, what it asked for and did not show was looked up in vain.
    pub(crate) fn look_up(&mut self, call: u64, at: Timestamp, search: &TransactionSearch) {
        for (reference, id) in &search.shown {
            let numbers = self.unknown.get(reference.as_str()).cloned().unwrap_or_default();
            for number in numbers {
                let is_it = |entry: &AllocationEntry| entry.transaction_id.as_deref() == Some(id.as_str());
                if self.get(number).is_some_and(is_it) {
                    self.set_lookup(number, Lookup { call, at, found: true });
                    self.forget_unknown(number);
                    self.change(number, at, AllocationState::Unknown, AllocationState::Settled);
                    #[cfg(feature = "console")]
                    self.remember_settled(call, number);
                }
            }
        }
        for reference in &search.asked {
            let numbers = self.unknown.get(reference.as_str()).cloned().unwrap_or_default();
            for number in numbers {
                self.set_lookup(number, Lookup { call, at, found: false });
            }
        }
    }

    /// All entries that are kept, oldest first.
    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = &AllocationEntry> + ExactSizeIterator {
        self.entries.iter()
    }

    /// Number of the next entry.
    pub(crate) fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    fn index(&self, number: u64) -> Option<usize> {
        usize::try_from(number.checked_sub(self.first)?).ok()
    }

    fn get(&self, number: u64) -> Option<&AllocationEntry> {
        self.entries.get(self.index(number)?)
    }

    fn get_mut(&mut self, number: u64) -> Option<&mut AllocationEntry> {
        let index = self.index(number)?;
        self.entries.get_mut(index)
    }

    fn set_lookup(&mut self, number: u64, lookup: Lookup) {
        if let Some(entry) = self.get_mut(number) {
            entry.lookup = Some(lookup);
        }
    }

    /// Changes the state of an entry that has this one; `false` where it has another, or is forgotten.
    #[cfg_attr(
        not(feature = "console"),
        expect(unused_variables, reason = "the console's series has instants")
    )]
    fn change(&mut self, number: u64, at: Timestamp, from: AllocationState, to: AllocationState) -> bool {
        let Some(entry) = self.get_mut(number).filter(|entry| entry.state == from) else {
            return false;
        };
        entry.state = to;
        #[cfg(feature = "console")]
        self.series.change(number, at, from, to);
        true
    }

    fn remember_unknown(&mut self, number: u64) {
        if let Some(reference) = self.get(number).and_then(|entry| entry.reference.clone()) {
            self.unknown.entry(reference).or_default().push(number);
        }
    }

    fn forget_unknown(&mut self, number: u64) {
        let Some(reference) = self.get(number).and_then(|entry| entry.reference.clone()) else {
            return;
        };
        if let Some(numbers) = self.unknown.get_mut(&reference) {
            numbers.retain(|other| *other != number);
            if numbers.is_empty() {
                self.unknown.remove(&reference);
            }
        }
    }

    fn forget_oldest(&mut self) {
        self.forget_unknown(self.first);
        if self.entries.pop_front().is_some() {
            self.first += 1;
        }
    }
}

/// What links of the console's page need.
#[cfg(feature = "console")]
impl AllocationHistory {
    /// All entries that are kept, oldest first, each with its number.
    pub(crate) fn numbered(&self) -> impl DoubleEndedIterator<Item = (u64, &AllocationEntry)> + ExactSizeIterator {
        let first = self.first;
        let entries = self.entries.iter().enumerate();
        entries.map(move |(index, entry)| (first + index as u64, entry))
    }

    /// The entries that a call made, and those that it settled, each with its number.
    pub(crate) fn of_call(&self, call: u64) -> impl Iterator<Item = (u64, &AllocationEntry)> {
        let start = self.entries.partition_point(|entry| entry.call < call);
        let made = self.entries.range(start..).take_while(move |entry| entry.call == call);
        let made = (self.first + start as u64..).zip(made);
        let settled = self.settled.iter().filter(move |(search, _)| *search == call);
        let settled = settled.filter_map(|(_, number)| Some((*number, self.get(*number)?)));
        made.chain(settled)
    }

    fn remember_settled(&mut self, call: u64, number: u64) {
        if self.settled.len() >= MAX_SETTLED {
            self.settled.pop_front();
        }
        self.settled.push_back((call, number));
    }
}
