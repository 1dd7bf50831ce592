//! What one command does with a run, and what it asks of the API and of the ledger before it sends.

use enkash_ledger::{Amount, Ledger, Run};

use super::{SendOptions, report};
use crate::{command_line::called_as, exit::CliError, ledger, session::Session, value::AccountKind};

/// What one command does with a run.
pub(super) struct Job<'a> {
    pub(super) session: &'a Session,
    pub(super) ledger: &'a Ledger,
    pub(super) kind: AccountKind,
    pub(super) options: &'a SendOptions,
    /// Whether rows may pay what was paid since they came: each is a payment of its own.
    pub(super) allow_duplicates: bool,
}

impl Job<'_> {
    /// What can still be allocated; `None` where the API does not say.
    pub(super) async fn balance(&self) -> Result<Option<Amount>, CliError> {
        let account = self.session.rewards.account().await?;
        Ok(report::amount(account.value().available_balance))
    }

    /// What is missing, where other people must approve the run first.
    pub(super) async fn waiting_for_approval(&self, run: &Run) -> Result<Option<String>, CliError> {
        if run.approvals_needed == 0 {
            return Ok(None);
        }
        let approvals = self.ledger.approvals(run.id).await.map_err(ledger::unusable)?;
        let missing = u64::from(run.approvals_needed).saturating_sub(approvals.len() as u64);
        let (id, enkash) = (run.id, called_as());
        Ok((missing > 0).then(|| {
            format!(
                "run {id} ({} rows, {}) waits for the approval of {missing} other {}: nothing was sent. They look at it with \
                 {enkash} run show {id}, and approve it with {enkash} run approve {id}; then the same command again sends it.",
                run.rows,
                run.total,
                if missing == 1 { "person" } else { "people" }
            )
        }))
    }
}
