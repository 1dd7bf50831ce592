//! The ledger as callers see it. It adds nothing to safety: the rules stand in the row's state machine, and the databases
//! enforce them.

mod runs;

use std::{fmt, future::Future, process, sync::Arc};

use enkash::{Outcome, Ticket, Timestamp};

pub use self::runs::{CheckedImport, RunImport};
use crate::{
    call::{Attempt, CallRow, CommittedIntent, NewCall},
    conclusion::{Conclusion, Recorded, Settled},
    error::LedgerError,
    ids::{RowId, RunId},
    intended_call::IntendedCall,
    run::HistoryFilter,
    store::{Result, Store},
};

/// The durable memory of calls that move value. Cheap to clone.
///
/// A call is sent only with a [`CommittedIntent`], and there is one for each row at a time, so whatever crashes, a row reaches
/// the API at most once unless it is certain that it did not.
///
/// ```
/// use enkash_ledger::{Conclusion, Ledger, NewCall, Scope};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let ticket: enkash::Ticket = serde_json::from_str(r#"{
/// #     "operation": "createAllocatePoints", "reference": "PAYROLL-42", "intended_at": "2026-11-23T09:00:00Z",
/// #     "company": "CEK1PU9AOO", "account": "CAQL8YCV3", "direction": "credit", "amount": 250.5,
/// #     "mobile": "9000000004", "card": null
/// # }"#)?;
/// let ledger = Ledger::temporary()?;
/// let scope = Scope {
///     host: "https://api.example".to_owned(),
///     company: "CEK1PU9AOO".to_owned(),
///     account: "CAQL8YCV3".to_owned(),
/// };
/// // `ticket` is what the client makes of the call: `rewards.ticket(&allocation)`.
/// let intent = ledger.begin(NewCall::new(scope.clone(), "payroll", ticket.clone())).await?;
/// // Now the call may be sent, once. Here its response is lost.
/// ledger.conclude(intent, Conclusion::given_up("no response came")).await?;
///
/// // The reference is used, so nothing pays twice.
/// let again = ledger.begin(NewCall::new(scope.clone(), "payroll", ticket.clone())).await;
/// assert!(again.unwrap_err().to_string().contains("was used before: unknown"));
///
/// // Nor does the same payment under a new reference, as long as the first is in doubt.
/// let mut same = ticket;
/// same.reference = enkash::ClientReference::generate();
/// let again = ledger.begin(NewCall::new(scope, "payroll", same)).await;
/// assert!(again.unwrap_err().to_string().contains("may or may not have happened: reference PAYROLL-42"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Ledger {
    pub(crate) store: Arc<dyn Store>,
    worker: Arc<str>,
}

impl Ledger {
    pub(crate) fn new(store: impl Store) -> Self {
        Self {
            store: Arc::new(store),
            worker: format!("{}:{}", host_name(), process::id()).into(),
        }
    }

    /// Where it is: a path, or a host and a database. No password.
    #[must_use]
    pub fn place(&self) -> String {
        self.store.place()
    }

    /// Says what speaks against these calls, and writes nothing. [`begin`](Self::begin) asks the same again.
    ///
    /// # Errors
    ///
    /// A [`Conflict`](crate::Conflict): the reference was used, or a call for the same recipient and amount is in doubt or waits
    /// in a run, unless the reference is one that somebody keeps ([`NewCall::reference_given`]). Or the ledger cannot be used.
    pub async fn check(&self, calls: &[NewCall]) -> Result<()> {
        self.store.check(calls).await
    }

    /// Writes the call down and commits the intent to send it.
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check). Nothing may be sent then.
    pub async fn begin(&self, call: NewCall) -> Result<CommittedIntent> {
        let begun = self.begin_all(vec![call]).await?;
        begun
            .into_iter()
            .next()
            .ok_or_else(|| LedgerError::invalid("the ledger committed no intent"))
    }

    /// The same for calls that travel in one request: all of them or none.
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check). Nothing may be sent then.
    pub async fn begin_all(&self, calls: Vec<NewCall>) -> Result<Vec<CommittedIntent>> {
        self.store.begin(calls, &self.worker).await
    }

    /// Commits the intent to send a row of a run. `None`: somebody else did, or it is no longer pending; nothing may be sent.
    ///
    /// # Errors
    ///
    /// Where the ticket is not that of the row: its reference, recipient, amount, direction, company and account must be the
    /// row's. A [`Conflict`](crate::Conflict) where other people have to approve the run first. Or the ledger cannot be used. Nothing
    /// may be sent then.
    pub async fn begin_row(&self, row: RowId, ticket: &Ticket) -> Result<Option<CommittedIntent>> {
        let call = IntendedCall::of_ticket(ticket)?;
        self.store.begin_row(row, call, &self.worker).await
    }

    /// Records how the attempt ended.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used. The row then counts as unknown.
    pub async fn conclude(&self, intent: CommittedIntent, conclusion: Conclusion) -> Result<Recorded> {
        let recorded = self.conclude_all(vec![(intent, conclusion)]).await?;
        recorded
            .into_iter()
            .next()
            .ok_or_else(|| LedgerError::invalid("the ledger recorded nothing"))
    }

    /// Records how several attempts ended, together.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used. The rows then count as unknown.
    pub async fn conclude_all(&self, conclusions: Vec<(CommittedIntent, Conclusion)>) -> Result<Vec<Recorded>> {
        let conclusions = conclusions
            .into_iter()
            .map(|(intent, conclusion)| Settled::new(intent.row, intent.attempt, conclusion))
            .collect();
        self.store.conclude(conclusions).await
    }

    /// Sends a call under a committed intent, and records its outcome before it returns it.
    ///
    /// # Errors
    ///
    /// Where the intent cannot be committed: nothing was sent. Where only the conclusion cannot be recorded, the outcome
    /// comes with the error, in the second place.
    ///
    /// # Cancellation
    ///
    /// Dropping the future leaves the intent without an outcome: value may have moved, and the call stays unknown until it is
    /// settled by its ticket. To end it in time, give the call a deadline (`CallOptions::deadline`) and let it finish.
    pub async fn send<T, F: Future<Output = Outcome<T>>>(
        &self,
        call: NewCall,
        send: impl FnOnce() -> F,
    ) -> Result<(Outcome<T>, Option<LedgerError>)> {
        let intent = self.begin(call).await?;
        let outcome = send().await;
        let recorded = self.conclude(intent, Conclusion::from_outcome(&outcome)).await;
        Ok((outcome, recorded.err()))
    }

    /// Sends a row of a run under its committed intent, and records its outcome before it returns it. `None`: as for
    /// [`begin_row`](Self::begin_row), nothing was sent.
    ///
    /// # Errors
    ///
    /// Those of [`begin_row`](Self::begin_row): nothing was sent. Where only the conclusion cannot be recorded, the outcome comes
    /// with the error, in the second place.
    pub async fn send_row<T, F: Future<Output = Outcome<T>>>(
        &self,
        row: RowId,
        ticket: &Ticket,
        send: impl FnOnce() -> F,
    ) -> Result<Option<(Outcome<T>, Option<LedgerError>)>> {
        let Some(intent) = self.begin_row(row, ticket).await? else {
            return Ok(None);
        };
        let outcome = send().await;
        let recorded = self.conclude(intent, Conclusion::from_outcome(&outcome)).await;
        Ok(Some((outcome, recorded.err())))
    }

    /// Records what look-ups prove. A conclusion that contradicts a row that has ended is kept as an event.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn settle(&self, settled: Vec<Settled>) -> Result<Vec<Recorded>> {
        self.store.conclude(settled).await
    }

    /// Calls every call outside of runs unknown that is on its way. Where its process lives, its own outcome still counts.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn interrupt_calls(&self) -> Result<u64> {
        self.store.interrupt(None).await
    }

    /// Rows by their number, above this one.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn history(&self, filter: &HistoryFilter, after: Option<RowId>, limit: u32) -> Result<Vec<CallRow>> {
        self.store.history(filter, after, limit).await
    }

    /// The attempts of a row, first to last.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn attempts(&self, row: RowId) -> Result<Vec<Attempt>> {
        self.store.attempts(row).await
    }

    /// Takes a person's word for a row that is unknown. It is never sent again by that.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn resolve(&self, row: RowId, is_done: bool, who: &str, reason: &str) -> Result<Recorded> {
        self.store.resolve(row, is_done, who, reason).await
    }

    /// Gives a row that is refused or not sent a new reference to be paid anew with, the same each time. A row that is pending
    /// is canceled by that; its own reference stays used. `None` where its state forbids it, where it is done after all
    /// ([`CallRow::is_done_after_all`]), or where its reference is that of another row by now.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn export_row(&self, row: RowId, new_reference: &str) -> Result<Option<String>> {
        self.store.export_row(row, new_reference).await
    }

    /// Forgets the people of rows that ended before this time: references, amounts and outcomes stay. Says how many rows.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn purge(&self, before: Timestamp) -> Result<u64> {
        self.store.purge(before).await
    }

    /// Takes tickets in whose calls are in doubt, without those that it has. Says how many.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn import_tickets(&self, tickets: &[Ticket]) -> Result<u64> {
        self.store.import_tickets(tickets).await
    }

    /// Late conclusions that contradict what a row ended with: a person should look. Of this run, or of all.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be used.
    pub async fn events(&self, run: Option<RunId>, limit: u32) -> Result<Vec<String>> {
        self.store.events(run, limit).await
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger")
            .field("place", &self.place())
            .finish_non_exhaustive()
    }
}

/// The name of this machine, for whoever reads who sent a row.
fn host_name() -> String {
    let named = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let named = named.or_else(|| std::env::var("COMPUTERNAME").ok());
    named.map_or_else(|| "host".to_owned(), |name| name.trim().to_owned())
}
