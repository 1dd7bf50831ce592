//! Runs as callers see them: their import, their rows that may be sent, where they stand, and who approved them.

use std::fmt;

use enkash::Timestamp;

use super::Ledger;
use crate::{
    amount::Amount,
    call::Scope,
    error::{Conflict, LedgerError},
    ids::RunId,
    run::{
        Approval, Counts, ImportedRun, NewRow, NewRun, PaidMeanwhile, PauseReason, PendingRow, Run, RunLock, RunState,
    },
    store::{Import, Result},
};

impl Ledger {
    /// Begins the import of a run. Nothing shows before [`CheckedImport::commit`].
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn import_run(&self, run: NewRun) -> Result<RunImport> {
        Ok(RunImport(self.store.import(run).await?))
    }

    /// The newest run of this file that is not canceled.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn find_run(&self, scope: &Scope, command: &str, file_hash: &str) -> Result<Option<RunId>> {
        self.store.find_run(scope, command, file_hash).await
    }

    /// Runs, newest first, below this number.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn runs(&self, below: Option<RunId>, limit: u32) -> Result<Vec<Run>> {
        self.store.runs(below, limit).await
    }

    /// One run.
    ///
    /// # Errors
    ///
    /// Where there is no such run, or the ledger cannot be used.
    pub async fn run(&self, run: RunId) -> Result<Run> {
        let found = self.store.run(run).await?;
        found.ok_or_else(|| LedgerError::invalid(format!("there is no run {run} in {}", self.place())))
    }

    /// The rows of a run by outcome.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn counts(&self, run: RunId) -> Result<Counts> {
        self.store.counts(run).await
    }

    /// Sets where the run stands, unless it has ended. Says whether it did.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn set_run_state(&self, run: RunId, state: RunState, pause: Option<&PauseReason>) -> Result<bool> {
        self.store.set_run_state(run, state, pause).await
    }

    /// Keeps what the account held before the run, once.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn set_balance_before(&self, run: RunId, before: Amount) -> Result<()> {
        self.store.set_balance_before(run, before).await
    }

    /// Keeps what the account held when the run ended or paused. `asked_at` is the time before it was asked for: what is concluded
    /// later may have moved value after it.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn set_balance_after(&self, run: RunId, after: Amount, asked_at: Timestamp) -> Result<()> {
        self.store.set_balance_after(run, after, asked_at).await
    }

    /// Rows of the run that may be sent, by their place, above this one.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn pending_rows(&self, run: RunId, after_place: u64, limit: u32) -> Result<Vec<PendingRow>> {
        self.store.pending_rows(run, after_place, limit).await
    }

    /// The largest of the rows that may be sent: its line and its amount.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn largest_pending(&self, run: RunId) -> Result<Option<(u64, Amount)>> {
        self.store.largest_pending(run).await
    }

    /// Which rows of the run wait although another row for the same person and amount, of another run or of none, paid or may
    /// have paid since they came. To send them pays twice, unless each is a payment of its own.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn paid_meanwhile(&self, run: RunId) -> Result<PaidMeanwhile> {
        self.store.paid_meanwhile(run).await
    }

    /// Calls every row of the run unknown that is on its way. Whoever holds the run's lock may: nobody else is sending.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn interrupt_run(&self, run: RunId) -> Result<u64> {
        self.store.interrupt(Some(run)).await
    }

    /// The same for the rows of these places, both ends included: whoever takes over a chunk may.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn interrupt_places(&self, run: RunId, first: u64, last: u64) -> Result<u64> {
        self.store.interrupt_places(run, first, last).await
    }

    /// Cancels every row of the run that is pending. Their references are free again. Says how many.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn cancel_run(&self, run: RunId) -> Result<u64> {
        self.store.cancel(run).await
    }

    /// Removes a run of which nothing was ever attempted. Says whether it did.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn discard_run(&self, run: RunId) -> Result<bool> {
        self.store.discard(run).await
    }

    /// Keeps other processes from sending this run; `None` where one does.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn lock_run(&self, run: RunId) -> Result<Option<RunLock>> {
        self.store.lock_run(run).await
    }

    /// Writes down that somebody approves the run. Upper case and white space make no other person. The ledger takes the caller's
    /// word for who that is.
    ///
    /// # Errors
    ///
    /// Where this person imported or approved it already, the name is empty, or the ledger cannot be used.
    pub async fn approve_run(&self, run: RunId, name: &str, source: &str) -> Result<()> {
        let name = name.trim();
        if name.is_empty() {
            return Err(LedgerError::invalid(format!(
                "run {run} cannot be approved by nobody: give a name"
            )));
        }
        let is_same = |other: &str| plain_name(other) == plain_name(name);
        let found = self.run(run).await?;
        if is_same(&found.created_by) {
            return Err(LedgerError::invalid(format!(
                "{name} began run {run}: another person must approve it"
            )));
        }
        if self
            .approvals(run)
            .await?
            .iter()
            .any(|approval| is_same(&approval.name))
        {
            return Err(LedgerError::invalid(format!("{name} approved run {run} before")));
        }
        self.store.approve(run, name, source).await
    }

    /// From now on at least so many other people must approve the run.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn require_approvals(&self, run: RunId, needed: u32) -> Result<()> {
        self.store.require_approvals(run, needed).await
    }

    /// Who approved the run.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn approvals(&self, run: RunId) -> Result<Vec<Approval>> {
        self.store.approvals(run).await
    }
}

/// A run that is being imported. Dropped, it leaves nothing behind.
#[must_use = "an import that is not committed is gone"]
pub struct RunImport(Box<dyn Import>);

impl RunImport {
    /// Adds rows in the order of the file.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn push(&mut self, rows: Vec<NewRow>) -> Result<()> {
        self.0.push(rows).await
    }

    /// Checks the rows, once all are there, against each other and the ledger. Of two processes that import one file at
    /// once, the second waits here for the first.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn finish(mut self, file_hash: &str) -> Result<CheckedImport> {
        let found = self.0.finish(file_hash).await?;
        Ok(CheckedImport { found, import: self.0 })
    }
}

impl fmt::Debug for RunImport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RunImport")
    }
}

/// A run whose rows are checked. Dropped, it leaves nothing behind.
#[must_use = "an import that is not committed is gone"]
pub struct CheckedImport {
    found: ImportedRun,
    import: Box<dyn Import>,
}

impl CheckedImport {
    /// What was found.
    #[must_use]
    pub fn found(&self) -> &ImportedRun {
        &self.found
    }

    /// Puts the run into the ledger: planned, with so many approvals by other people needed. Without them no row of it begins
    /// ([`Ledger::begin_row`]), whoever sends it.
    ///
    /// # Errors
    ///
    /// A [`Conflict`]: a run of this file is there already, or rows pay a person an amount again that stands in the file twice,
    /// was paid within the last days, is in doubt or waits in a run ([`ImportedRun::repeated_payments`] names them). Where a
    /// reference stands twice or was used before, or the ledger cannot be used.
    pub async fn commit(self, approvals_needed: u32) -> Result<RunId> {
        self.check()?;
        if self.found.repeated_payment_count > 0 {
            return Err(self.repeats());
        }
        self.import.commit(approvals_needed).await
    }

    /// The same, also where rows pay people the same amount again: only once somebody has looked at
    /// [`ImportedRun::repeated_payments`] and says that each is a payment of its own. Of an earlier payment in doubt nobody can say
    /// that: it may be the very one that is meant.
    ///
    /// # Errors
    ///
    /// Those of [`commit`](Self::commit), but of repeated payments only for those in doubt.
    pub async fn commit_with_repetitions(self, approvals_needed: u32) -> Result<RunId> {
        self.check()?;
        if self.found.payments_in_doubt > 0 {
            return Err(self.repeats());
        }
        self.import.commit(approvals_needed).await
    }

    fn repeats(&self) -> LedgerError {
        LedgerError::conflict(Conflict::PaymentsRepeated {
            rows: self.found.repeated_payment_count,
            in_doubt: self.found.payments_in_doubt,
            waiting: self.found.payments_waiting,
        })
    }

    /// Refuses what nobody can allow.
    fn check(&self) -> Result<()> {
        if let Some((run, state)) = self.found.twin {
            return Err(LedgerError::conflict(Conflict::RunExists(run, state)));
        }
        if self.found.reference_problems > 0 {
            return Err(LedgerError::invalid(
                "references stand twice in the file or were used before",
            ));
        }
        Ok(())
    }
}

impl fmt::Debug for CheckedImport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CheckedImport").field(&self.found).finish()
    }
}

/// A name as it is compared with others.
fn plain_name(name: &str) -> String {
    let words: Vec<_> = name.split_whitespace().collect();
    words.join(" ").to_lowercase()
}
