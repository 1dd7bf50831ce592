//! What one command does with a run, and what it asks of the API and of the ledger before it sends.

use enkash_ledger::{Amount, Ledger, Run, RunId};

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

/// Whether somebody said yes to a run: it was begun, which takes a yes, or it waits for others, without whose yes it is not sent.
/// What a process leaves that was killed at the question is neither.
pub(crate) fn is_confirmed(run: &Run) -> bool {
    run.started_at.is_some() || run.approvals_needed > 0
}

/// Of a run that nobody confirmed.
pub(crate) fn unconfirmed(run: &Run) -> CliError {
    let (id, file) = (run.id, &run.file_name);
    CliError::bad_input(format!(
        "nobody has confirmed run {id} of {file}: nothing was sent. {}",
        advice_for_unconfirmed(id)
    ))
}

/// What a person does about such a run. To send it is not the first thing: it may be what somebody broke off.
pub(super) fn advice_for_unconfirmed(run: RunId) -> String {
    let enkash = called_as();
    format!(
        "{enkash} run cancel {run} takes it away; where somebody wants it, {enkash} run resume {run} without --yes shows it and asks, \
         at a terminal."
    )
}

pub(super) fn is_being_sent(run: RunId) -> CliError {
    CliError::not_sent(format!(
        "another process is sending run {run}: nothing was sent by this one"
    ))
}

impl Job<'_> {
    /// Refuses to hand rows out where nobody can take them, before anything of a run is there.
    #[cfg(feature = "worker")]
    pub(super) fn check_workers(&self) -> Result<(), CliError> {
        match self.options.workers {
            true => self.ledger.check_queue().map_err(ledger::unusable),
            false => Ok(()),
        }
    }

    #[cfg(not(feature = "worker"))]
    pub(super) fn check_workers(&self) -> Result<(), CliError> {
        match self.options.workers {
            true => Err(CliError::not_sent(
                "this enkash was built without workers: nothing was sent. Build it with --features worker.",
            )),
            false => Ok(()),
        }
    }

    /// Removes a run that nobody confirmed, unless another process has it for itself.
    pub(super) async fn discard(&self, run: RunId) -> Result<(), CliError> {
        let Some(_lock) = self.ledger.lock_run(run).await.map_err(ledger::unusable)? else {
            return Ok(());
        };
        // Another process may have confirmed it or removed it meanwhile.
        let found = self.ledger.run(run).await;
        if found.is_ok_and(|found| found.started_at.is_none()) {
            self.ledger.discard_run(run).await.map_err(ledger::unusable)?;
        }
        Ok(())
    }

    /// What can still be allocated; `None` where the API does not say.
    pub(super) async fn balance(&self) -> Result<Option<Amount>, CliError> {
        let account = self.session.rewards.account().await?;
        Ok(report::amount(account.value().available_balance))
    }

    /// Holds what is left of a run to the limits of this profile: whoever began it may have had another one. Gives the run with the
    /// approvals that it needs now.
    pub(super) async fn hold_to_limits(&self, run: Run, left: Amount) -> Result<Run, CliError> {
        let limits = &self.session.connection.run_limits;
        let largest = match limits.largest_row {
            Some(_) => self.ledger.largest_pending(run.id).await.map_err(ledger::unusable)?,
            None => None,
        };
        limits.check(&run.file_name, largest, left)?;
        let needed = limits.approvals_needed(left);
        if needed <= run.approvals_needed {
            return Ok(run);
        }
        // It is not changed under a process that is sending it.
        let Some(_lock) = self.ledger.lock_run(run.id).await.map_err(ledger::unusable)? else {
            return Err(is_being_sent(run.id));
        };
        let required = self.ledger.require_approvals(run.id, needed).await;
        required.map_err(ledger::unusable)?;
        self.ledger.run(run.id).await.map_err(ledger::unusable)
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
