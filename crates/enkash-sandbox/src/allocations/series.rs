//! How many allocations were in each state over time, for the console's chart. It has a fixed number of steps, whatever
//! comes: when time runs past the last one, each two become one.

use jiff::{SignedDuration, Timestamp};

use super::AllocationState;

/// The most steps.
pub(crate) const MAX_STEPS: usize = 120;

/// How long the first steps are.
const FIRST_STEP: SignedDuration = SignedDuration::from_millis(50);

/// After so long without an allocation, the next one begins a new series: another run, most likely.
const QUIET: SignedDuration = SignedDuration::from_mins(1);

const STATES: usize = AllocationState::ALL.len();

/// How many came to be in each state (or, negative, left it).
type Changes = [i64; STATES];

/// The counts by state since the first allocation after a quiet time.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) start: Timestamp,
    /// When the last change came.
    pub(crate) last: Timestamp,
    /// When the last allocation came.
    last_added: Timestamp,
    /// Number of its first entry in the history.
    first: u64,
    step: SignedDuration,
    changes: Vec<Changes>,
    totals: Changes,
}

impl Default for Series {
    fn default() -> Self {
        Series::new(Timestamp::UNIX_EPOCH, 0)
    }
}

impl Series {
    fn new(start: Timestamp, first: u64) -> Self {
        Series {
            start,
            last: start,
            last_added: start,
            first,
            step: FIRST_STEP,
            changes: Vec::new(),
            totals: [0; STATES],
        }
    }

    /// The entry with this number came, in this state.
    pub(crate) fn add(&mut self, number: u64, at: Timestamp, state: AllocationState) {
        let is_apart = at < self.start || at.duration_since(self.last_added) > QUIET;
        if self.changes.is_empty() || is_apart {
            *self = Series::new(at, number);
        }
        self.last_added = self.last_added.max(at);
        self.count(at, state, 1);
    }

    /// An entry changed its state. One of an earlier series is not counted in this one.
    pub(crate) fn change(&mut self, number: u64, at: Timestamp, from: AllocationState, to: AllocationState) {
        if number < self.first {
            return;
        }
        self.count(at, from, -1);
        self.count(at, to, 1);
    }

    fn count(&mut self, at: Timestamp, state: AllocationState, by: i64) {
        let index = state as usize;
        self.totals[index] += by;
        self.changes_at(at)[index] += by;
    }

    /// The counts at the end of each step.
    pub(crate) fn counts(&self) -> Vec<Changes> {
        let mut now = [0; STATES];
        let counts = self.changes.iter().map(|changes| {
            now.iter_mut().zip(changes).for_each(|(now, change)| *now += change);
            now
        });
        counts.collect()
    }

    /// The counts now.
    pub(crate) fn totals(&self) -> Changes {
        self.totals
    }

    /// The step of an instant. One before the last change (the clock was set back) counts as that.
    fn changes_at(&mut self, at: Timestamp) -> &mut Changes {
        self.last = self.last.max(at);
        let passed = self.last.duration_since(self.start);
        let mut index = steps(passed, self.step);
        while index >= MAX_STEPS {
            self.halve();
            index = steps(passed, self.step);
        }
        if self.changes.len() <= index {
            self.changes.resize(index + 1, [0; STATES]);
        }
        &mut self.changes[index]
    }

    fn halve(&mut self) {
        self.step = self.step.saturating_add(self.step);
        let sum = |pair: &[Changes]| {
            let mut sum = [0; STATES];
            for changes in pair {
                sum.iter_mut().zip(changes).for_each(|(sum, change)| *sum += change);
            }
            sum
        };
        self.changes = self.changes.chunks(2).map(sum).collect();
    }
}

fn steps(passed: SignedDuration, step: SignedDuration) -> usize {
    usize::try_from(passed.as_nanos() / step.as_nanos().max(1)).unwrap_or(usize::MAX)
}
