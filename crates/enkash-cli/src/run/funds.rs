//! What the account holds while a run is sent: what it held at the beginning, less what was sent since. Others may spend as well, so
//! it is asked for again after a refusal.

use std::time::Duration;

use enkash_ledger::Amount;
use tokio::time::Instant;

use super::{report, stop_rule::StopReason};
use crate::session::Session;

/// After refusals the balance is asked for, and not more often than this.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// The balance, as far as it is known.
pub(super) struct Funds<'a> {
    session: &'a Session,
    /// `None` where the API does not say.
    available: Option<Amount>,
    asked: Option<Instant>,
}

impl<'a> Funds<'a> {
    pub(super) fn new(session: &'a Session, available: Option<Amount>) -> Self {
        Self {
            session,
            available,
            asked: None,
        }
    }

    /// Whether the account holds this amount, as far as is known.
    pub(super) fn cover(&self, amount: Amount) -> bool {
        self.available.is_none_or(|available| available >= amount)
    }

    pub(super) fn spend(&mut self, amount: Amount) {
        self.available = self.available.and_then(|available| available.checked_sub(amount).ok());
    }

    pub(super) fn give_back(&mut self, amount: Amount) {
        self.available = self.available.and_then(|available| available.checked_add(amount).ok());
    }

    /// Whether the account holds less than a row that was refused.
    pub(super) async fn ask_after_refusal(&mut self, amount: Amount) -> Option<StopReason> {
        let now = Instant::now();
        if self.asked.is_some_and(|asked| now < asked + ASK_EVERY) {
            return None;
        }
        self.asked = Some(now);
        let account = self.session.rewards.account().await.ok()?;
        let available = report::amount(account.value().available_balance)?;
        self.available = Some(available);
        (available < amount).then_some(StopReason::Balance)
    }
}
