//! The budget of retries that all calls of a client share. While an API server is down, every read fails;
//! without a budget each would be sent three times, which is what keeps an API server down.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use crate::transport::call_state::CallState;

/// What an attempt gives back that got its response without being a retry.
const SUCCESS_REFUND: f64 = 0.1;
/// An empty budget is full again after this, however little is called.
const REFILL_PERIOD: Duration = Duration::from_secs(60);

pub(super) struct RetryBudget {
    /// In retries.
    capacity: f64,
    /// Nothing can be given back. Nearly every call finds it so, and then none waits for another.
    is_full: AtomicBool,
    state: Mutex<State>,
}

struct State {
    repetitions: f64,
    /// Up to when the passing of time was counted.
    refilled_at: Instant,
}

/// A retry that was paid for. Dropped before its attempt began, it gives the payment back: whoever cancels a call
/// that waits takes nothing from the others.
pub(super) struct RetryPermit<'a> {
    budget: &'a RetryBudget,
    record: &'a CallState,
    attempt_count: usize,
}

impl Drop for RetryPermit<'_> {
    fn drop(&mut self) {
        if self.record.attempt_count() == self.attempt_count {
            self.budget.release(1.0);
        }
    }
}

impl RetryBudget {
    pub(super) fn new(repetitions: u32) -> Self {
        let capacity = f64::from(repetitions);
        Self {
            capacity,
            is_full: AtomicBool::new(true),
            state: Mutex::new(State {
                repetitions: capacity,
                refilled_at: Instant::now(),
            }),
        }
    }

    /// Takes one retry for this call, if there is one.
    pub(super) fn acquire<'a>(&'a self, record: &'a CallState) -> Option<RetryPermit<'a>> {
        let mut state = self.refilled();
        if !has_one(state.repetitions) {
            return None;
        }
        state.repetitions -= 1.0;
        self.is_full.store(false, Ordering::Release);
        Some(RetryPermit {
            budget: self,
            record,
            attempt_count: record.attempt_count(),
        })
    }

    /// An attempt got a response, so the API is there.
    pub(super) fn succeeded(&self, was_repetition: bool) {
        self.release(if was_repetition { 1.0 } else { SUCCESS_REFUND });
    }

    fn release(&self, repetitions: f64) {
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
        let share = now.duration_since(state.refilled_at).as_secs_f64() / REFILL_PERIOD.as_secs_f64();
        state.repetitions = (state.repetitions + self.capacity * share).min(self.capacity);
        state.refilled_at = now;
        state
    }

    #[cfg(test)]
    pub(super) fn left(&self) -> f64 {
        self.refilled().repetitions
    }
}

/// Ten tenths are one, although they are not in floating point.
fn has_one(repetitions: f64) -> bool {
    repetitions > 1.0 - 1e-6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emptied(repetitions: u32) -> RetryBudget {
        let (budget, record) = (RetryBudget::new(repetitions), CallState::default());
        while let Some(_payment) = budget.acquire(&record) {
            record.begin_attempt(None);
        }
        budget
    }

    fn is_about(left: f64, expected: f64) -> bool {
        (left - expected).abs() < 1e-6
    }

    #[tokio::test(start_paused = true)]
    async fn budget_refills_in_a_minute() {
        let budget = emptied(20);
        assert!(is_about(budget.left(), 0.0));
        tokio::time::advance(Duration::from_secs(30)).await;
        assert!(is_about(budget.left(), 10.0));
        tokio::time::advance(Duration::from_secs(300)).await;
        assert!(is_about(budget.left(), 20.0), "never more than it holds");
    }

    #[tokio::test(start_paused = true)]
    async fn success_refunds() {
        let budget = emptied(2);
        budget.succeeded(true);
        assert!(is_about(budget.left(), 1.0));
        for _ in 0..10 {
            budget.succeeded(false);
        }
        assert!(budget.acquire(&CallState::default()).is_some() && is_about(budget.left(), 2.0));
        budget.succeeded(false);
        assert!(is_about(budget.left(), 2.0), "never more than it holds");
    }

    #[tokio::test(start_paused = true)]
    async fn a_repetition_costs_only_if_it_begins() {
        let (budget, record) = (RetryBudget::new(1), CallState::default());
        drop(budget.acquire(&record));
        assert!(is_about(budget.left(), 1.0));
        let permit = budget.acquire(&record);
        record.begin_attempt(None);
        drop(permit);
        assert!(is_about(budget.left(), 0.0));
    }

    #[tokio::test(start_paused = true)]
    async fn zero_budget_allows_no_retry() {
        let budget = RetryBudget::new(0);
        tokio::time::advance(REFILL_PERIOD).await;
        assert!(budget.acquire(&CallState::default()).is_none());
    }
}
