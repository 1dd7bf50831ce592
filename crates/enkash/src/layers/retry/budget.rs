//! The budget of repetitions that all calls of a client share. While a portal is down, every read fails;
//! without a budget each would be sent three times, which is what keeps a portal down.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use crate::transport::call_state::CallRecord;

/// What an attempt gives back that got its answer without being a repetition.
const SUCCESS: f64 = 0.1;
/// An empty budget is full again after this, however little is called.
const REFILL: Duration = Duration::from_secs(60);

pub(super) struct Budget {
    /// In repetitions.
    capacity: f64,
    /// Nothing can be given back. Nearly every call finds it so, and then none waits for another.
    is_full: AtomicBool,
    state: Mutex<State>,
}

struct State {
    repetitions: f64,
    /// Up to when the passing of time was counted.
    counted: Instant,
}

/// A repetition that was paid for. Dropped before its attempt began, it gives the payment back: whoever cancels a call
/// that waits takes nothing from the others.
pub(super) struct Payment<'a> {
    budget: &'a Budget,
    record: &'a CallRecord,
    passes: usize,
}

impl Drop for Payment<'_> {
    fn drop(&mut self) {
        if self.record.passes() == self.passes {
            self.budget.give_back(1.0);
        }
    }
}

impl Budget {
    pub(super) fn new(repetitions: u32) -> Self {
        let capacity = f64::from(repetitions);
        Self {
            capacity,
            is_full: AtomicBool::new(true),
            state: Mutex::new(State {
                repetitions: capacity,
                counted: Instant::now(),
            }),
        }
    }

    /// Takes one repetition for this call, if there is one.
    pub(super) fn pay<'a>(&'a self, record: &'a CallRecord) -> Option<Payment<'a>> {
        let mut state = self.refilled();
        if !is_one(state.repetitions) {
            return None;
        }
        state.repetitions -= 1.0;
        self.is_full.store(false, Ordering::Release);
        Some(Payment {
            budget: self,
            record,
            passes: record.passes(),
        })
    }

    /// An attempt got an answer, so the portal is there.
    pub(super) fn succeeded(&self, was_repetition: bool) {
        self.give_back(if was_repetition { 1.0 } else { SUCCESS });
    }

    fn give_back(&self, repetitions: f64) {
        if self.is_full.load(Ordering::Acquire) {
            return;
        }
        let mut state = self.refilled();
        state.repetitions = (state.repetitions + repetitions).min(self.capacity);
        self.is_full
            .store(state.repetitions >= self.capacity, Ordering::Release);
    }

    /// The state with the time that passed counted in.
    fn refilled(&self) -> MutexGuard<'_, State> {
        // Nothing that holds the lock can leave it half changed.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let share = now.duration_since(state.counted).as_secs_f64() / REFILL.as_secs_f64();
        state.repetitions = (state.repetitions + self.capacity * share).min(self.capacity);
        state.counted = now;
        state
    }

    #[cfg(test)]
    pub(super) fn left(&self) -> f64 {
        self.refilled().repetitions
    }
}

/// Ten tenths are one, although they are not in floating point.
fn is_one(repetitions: f64) -> bool {
    repetitions > 1.0 - 1e-6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emptied(repetitions: u32) -> Budget {
        let (budget, record) = (Budget::new(repetitions), CallRecord::default());
        while let Some(_payment) = budget.pay(&record) {
            record.begin_attempt(None);
        }
        budget
    }

    fn is_about(left: f64, expected: f64) -> bool {
        (left - expected).abs() < 1e-6
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_and_a_minute_fills_it() {
        let budget = emptied(20);
        assert!(is_about(budget.left(), 0.0));
        tokio::time::advance(Duration::from_secs(30)).await;
        assert!(is_about(budget.left(), 10.0));
        tokio::time::advance(Duration::from_secs(300)).await;
        assert!(is_about(budget.left(), 20.0), "never more than it holds");
    }

    #[tokio::test(start_paused = true)]
    async fn success_gives_back() {
        let budget = emptied(2);
        budget.succeeded(true);
        assert!(is_about(budget.left(), 1.0));
        for _ in 0..10 {
            budget.succeeded(false);
        }
        assert!(budget.pay(&CallRecord::default()).is_some() && is_about(budget.left(), 2.0));
        budget.succeeded(false);
        assert!(is_about(budget.left(), 2.0), "never more than it holds");
    }

    #[tokio::test(start_paused = true)]
    async fn a_repetition_costs_only_if_it_begins() {
        let (budget, record) = (Budget::new(1), CallRecord::default());
        drop(budget.pay(&record));
        assert!(is_about(budget.left(), 1.0));
        let payment = budget.pay(&record);
        record.begin_attempt(None);
        drop(payment);
        assert!(is_about(budget.left(), 0.0));
    }

    #[tokio::test(start_paused = true)]
    async fn none_is_none() {
        let budget = Budget::new(0);
        tokio::time::advance(REFILL).await;
        assert!(budget.pay(&CallRecord::default()).is_none());
    }
}
