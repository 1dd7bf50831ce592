//! What a database must do for a ledger. Every method that writes is one transaction, committed to the disk before it returns.

use async_trait::async_trait;
use enkash::{Ticket, Timestamp};

use crate::{
    amount::Amount,
    call::{Attempt, CallRow, CommittedIntent, NewCall, Scope},
    conclusion::{Recorded, Settled},
    error::LedgerError,
    ids::{RowId, RunId},
    intended_call::IntendedCall,
    run::{
        Approval, Counts, HistoryFilter, ImportedRun, NewRow, NewRun, PaidMeanwhile, PauseReason, PendingRow, Run,
        RunLock, RunState,
    },
};

pub(crate) type Result<T> = std::result::Result<T, LedgerError>;

/// How far back a payment of the same amount to the same person counts as a repetition.
pub(crate) const REPETITION_DAYS: i64 = 7;
/// How many problems of an import are named.
pub(crate) const NAMED_PROBLEMS: usize = 100;

#[async_trait]
pub(crate) trait Store: Send + Sync + 'static {
    /// Where it is, for messages: a path, or a host and a database. No password.
    fn place(&self) -> String;

    /// What speaks against these calls, as an error; nothing is written.
    async fn check(&self, calls: &[NewCall]) -> Result<()>;

    /// Checks the calls, writes their rows and commits an intent for each, all or none.
    async fn begin(&self, calls: Vec<NewCall>, worker: &str) -> Result<Vec<CommittedIntent>>;

    /// Commits an intent for a row that is pending and is this call; `None` where it is no longer pending.
    async fn begin_row(&self, row: RowId, call: IntendedCall, worker: &str) -> Result<Option<CommittedIntent>>;

    /// Records conclusions, each compared with its attempt.
    async fn conclude(&self, conclusions: Vec<Settled>) -> Result<Vec<Recorded>>;

    /// Begins the import of a run. Nothing of it shows before it is committed.
    async fn import(&self, run: NewRun) -> Result<Box<dyn Import>>;

    /// The newest run of this file that is not canceled.
    async fn find_run(&self, scope: &Scope, command: &str, file_hash: &str) -> Result<Option<RunId>>;

    /// Newest first, below this number.
    async fn runs(&self, below: Option<RunId>, limit: u32) -> Result<Vec<Run>>;

    async fn run(&self, run: RunId) -> Result<Option<Run>>;

    async fn counts(&self, run: RunId) -> Result<Counts>;

    /// Sets the state, unless the run is canceled or finished already. Says whether it did.
    async fn set_run_state(&self, run: RunId, state: RunState, pause: Option<&PauseReason>) -> Result<bool>;

    /// Keeps what the account held before the run, once.
    async fn set_balance_before(&self, run: RunId, before: Amount) -> Result<()>;

    /// Keeps what it held when the run ended or paused, and when that was asked for.
    async fn set_balance_after(&self, run: RunId, after: Amount, asked_at: Timestamp) -> Result<()>;

    /// Rows that may be sent, by their place, above this one.
    async fn pending_rows(&self, run: RunId, after_place: u64, limit: u32) -> Result<Vec<PendingRow>>;

    /// The largest of these: line and amount.
    async fn largest_pending(&self, run: RunId) -> Result<Option<(u64, Amount)>>;

    /// Which rows of the run wait although something else was paid in their place since they came.
    async fn paid_meanwhile(&self, run: RunId) -> Result<PaidMeanwhile>;

    /// Calls every row unknown that is on its way: of this run, or of all calls outside of runs.
    async fn interrupt(&self, run: Option<RunId>) -> Result<u64>;

    /// The same for these places of a run.
    async fn interrupt_places(&self, run: RunId, first: u64, last: u64) -> Result<u64>;

    /// The connections of a database that can hand out work.
    #[cfg(feature = "worker")]
    fn pool(&self) -> Option<&enkash_postgres::deadpool_postgres::Pool> {
        None
    }

    /// Cancels every row that is pending, and the run. Says how many rows.
    async fn cancel(&self, run: RunId) -> Result<u64>;

    /// Removes a run of which nothing was ever attempted. Says whether it did.
    async fn discard(&self, run: RunId) -> Result<bool>;

    async fn lock_run(&self, run: RunId) -> Result<Option<RunLock>>;

    async fn approve(&self, run: RunId, name: &str, source: &str) -> Result<()>;

    /// Raises how many approvals the run needs.
    async fn require_approvals(&self, run: RunId, needed: u32) -> Result<()>;

    async fn approvals(&self, run: RunId) -> Result<Vec<Approval>>;

    /// Rows by their number, above this one.
    async fn history(&self, filter: &HistoryFilter, after: Option<RowId>, limit: u32) -> Result<Vec<CallRow>>;

    async fn attempts(&self, row: RowId) -> Result<Vec<Attempt>>;

    /// A person's word about a row that is unknown.
    async fn resolve(&self, row: RowId, is_done: bool, who: &str, reason: &str) -> Result<Recorded>;

    /// Gives the row the reference under which it is written out to be paid anew, and cancels it where it is pending. The
    /// reference that it has already stays. `None` where its state forbids that, or another row has its reference by now.
    async fn export_row(&self, row: RowId, new_reference: &str) -> Result<Option<String>>;

    /// Forgets people: of rows that have ended before this time. Says how many rows.
    async fn purge(&self, before: Timestamp) -> Result<u64>;

    /// Takes tickets in whose calls are in doubt, without those that are there. Says how many.
    async fn import_tickets(&self, tickets: &[Ticket]) -> Result<u64>;

    /// What a person should look at: late conclusions that contradict.
    async fn events(&self, run: Option<RunId>, limit: u32) -> Result<Vec<String>>;
}

/// A run that is being imported, in a transaction of its own: dropped, it leaves nothing behind.
#[async_trait]
pub(crate) trait Import: Send {
    async fn push(&mut self, rows: Vec<NewRow>) -> Result<()>;

    /// Once all rows are there: what was found.
    async fn finish(&mut self, file_hash: &str) -> Result<ImportedRun>;

    async fn commit(self: Box<Self>, approvals_needed: u32) -> Result<RunId>;
}
