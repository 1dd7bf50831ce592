//! What happened in a running sandbox: its calls, what moved, what is left, and what is wrong with either. Tests ask for it when
//! they have made their calls.

use rust_decimal::Decimal;

use super::Sandbox;
use crate::allocations::AllocationEntry;
use crate::audit::{self, Transaction};
use crate::log::LogEntry;
use crate::operation::Operation;
use crate::store::Store;
use crate::store::cards::Card;
use crate::store::journal::Movement;

impl Sandbox {
    /// How many calls of an operation came, whatever became of them.
    #[must_use]
    pub fn calls(&self, operation: Operation) -> u64 {
        self.shared.state().log.calls(operation)
    }

    /// The last calls, oldest first.
    #[must_use]
    pub fn log(&self) -> Vec<LogEntry> {
        self.shared.state().log.entries().cloned().collect()
    }

    fn count(&self, wanted: impl Fn(&Movement) -> bool) -> usize {
        self.shared
            .state()
            .store()
            .journal
            .all()
            .filter(|movement| wanted(movement))
            .count()
    }

    /// How often a card was credited under this reference. What is pending, failed or reversed does not count.
    #[must_use]
    pub fn credits(&self, reference: &str) -> usize {
        self.count(|movement| movement.signed() > Decimal::ZERO && *movement.reference == *reference)
    }

    /// How often a card was debited under this reference: points taken back, or an order paid. What failed or was reversed does
    /// not count.
    #[must_use]
    pub fn debits(&self, reference: &str) -> usize {
        self.count(|movement| movement.signed() < Decimal::ZERO && *movement.reference == *reference)
    }

    /// Every transaction that is kept, oldest first.
    #[must_use]
    pub fn transactions(&self) -> Vec<Transaction> {
        self.shared
            .state()
            .store()
            .journal
            .all()
            .map(Transaction::new)
            .collect()
    }

    /// Every allocation that is kept, oldest first: what it moved, whether a right response left for it, and whether it was
    /// looked up afterwards. As many as [`SandboxBuilder::max_transactions`](crate::SandboxBuilder::max_transactions).
    #[must_use]
    pub fn allocations(&self) -> Vec<AllocationEntry> {
        self.shared.state().allocations.entries().cloned().collect()
    }

    /// What is open for allocation in the announced account.
    #[must_use]
    pub fn account_balance(&self) -> Decimal {
        let state = self.shared.state();
        state
            .store()
            .accounts
            .get(&self.shared.credentials.card_account_id)
            .map_or(Decimal::ZERO, |account| account.available)
    }

    /// What is on the card of a person in the announced account; `None` where that person has no card.
    #[must_use]
    pub fn card_balance(&self, mobile: &str) -> Option<Decimal> {
        self.card(mobile, |card, _| card.balance)
    }

    /// How many coins a person has who has a card in the announced account; `None` where that person has no card.
    #[must_use]
    pub fn coin_balance(&self, mobile: &str) -> Option<i64> {
        self.card(mobile, |card, store| store.coins.balance(&card.user_id))
    }

    fn card<T>(&self, mobile: &str, read: impl Fn(&Card, &Store) -> T) -> Option<T> {
        let state = self.shared.state();
        let account = &self.shared.credentials.card_account_id;
        let card = state.store().cards.of_person(account, mobile)?;
        Some(read(card, state.store()))
    }

    /// What is wrong with the sums: money made or lost, a balance that is not the sum of its transactions, an overdraft.
    /// Nothing, unless the sandbox has a bug.
    #[must_use]
    pub fn audit(&self) -> Vec<String> {
        audit::check_sums(self.shared.state().store())
    }

    /// Responses that were not as the bundled document has them; nothing, unless the sandbox has a bug. Responses that a switch
    /// or a fault gave another form are not looked at. Empty where
    /// [`SandboxBuilder::check_responses`](crate::SandboxBuilder::check_responses) is off, as it is without the feature
    /// `self-check`.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.shared.state().violations.clone()
    }
}
