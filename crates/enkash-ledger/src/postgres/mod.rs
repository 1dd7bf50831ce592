//! The ledger in PostgreSQL: for any number of machines.

mod calls;
mod failure;
mod history;
mod import;
mod paid_meanwhile;
mod read;
mod row_intent;
mod runs;
mod schema;

use std::time::Duration;

use async_trait::async_trait;
use enkash::{Ticket, Timestamp};
use enkash_postgres::{ANSWER_TIMEOUT, Address, Pool, Session, deadpool_postgres::ClientWrapper, within};

use self::{failure::Failure, import::PostgresImport};
use crate::{
    amount::Amount,
    call::{Attempt, CallRow, CommittedIntent, NewCall, Scope},
    conclusion::{Conclusion, Recorded, Settled},
    error::LedgerError,
    ids::{RowId, RunId},
    intended_call::IntendedCall,
    ledger::Ledger,
    run::{Approval, Counts, HistoryFilter, NewRun, PaidMeanwhile, PauseReason, PendingRow, Run, RunLock, RunState},
    store::{Import, Result, Store},
};

/// How many connections a ledger has, beside one for each import and each run that is being sent.
const POOL_SIZE: usize = 16;
/// How long to wait for a response where the statement is about a whole run, which may have ten million rows.
const LONG_TIMEOUT: Duration = Duration::from_secs(60 * 60);
/// How long an import may do nothing, between two batches of rows or before its commit. Others may wait for its references.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10 * 60);

impl Ledger {
    /// The ledger in this database, which needs to hold nothing yet: its tables stand in a schema `enkash`.
    ///
    /// The address is a URL, `postgresql://USER:PASSWORD@HOST/DATABASE`. TLS is used, with the certificates that this machine
    /// trusts; only a loopback address and a Unix socket are reached without it. A pooler in between must pool sessions, not
    /// transactions. Where the server fails over to a replica, that must be a synchronous one: a row whose commit is lost
    /// would be sent again.
    ///
    /// # Errors
    ///
    /// Where the address is no such URL or asks for no TLS, the database cannot be used, or a newer version wrote it. The
    /// error names the host and the database, and nothing else of the address.
    pub async fn connect(url: &str) -> Result<Self> {
        Ok(Self::new(PostgresStore::connect(url).await?))
    }
}

struct PostgresStore {
    pool: Pool,
}

/// Work on a connection of the pool.
macro_rules! on_connection {
    ($store:ident, |$client:ident| $work:expr) => {{
        let done = $store.pool.run(ANSWER_TIMEOUT, async |$client| $work.await).await;
        done.map_err(|failure: Failure| failure.at($store.pool.place()))
    }};
}

/// Work on a whole run, on a connection of its own.
macro_rules! on_own_connection {
    ($store:ident, |$client:ident| $work:expr) => {{
        let mut $client = $store.patient_client().await?;
        let done = within(LONG_TIMEOUT, $work).await;
        done.map_err(|failure| failure.at($store.pool.place()))
    }};
}

impl PostgresStore {
    async fn connect(url: &str) -> Result<Self> {
        let address = Address::parse(url, "ledger").map_err(|error| LedgerError::invalid(error.to_string()))?;
        let place = address.place().to_owned();
        let pool = Pool::new(address, POOL_SIZE).map_err(|error| LedgerError::unavailable(place, error))?;
        let store = Self { pool };
        on_connection!(store, |client| schema::prepare(client, store.pool.place()))?;
        Ok(store)
    }

    /// A connection of its own, which ends when it is dropped.
    async fn own_client(&self) -> Result<ClientWrapper> {
        let client = self.pool.own_client().await;
        client.map_err(|error| LedgerError::unavailable(self.pool.place(), error))
    }

    /// One that lets a statement take long.
    async fn patient_client(&self) -> Result<ClientWrapper> {
        let client = self.own_client().await?;
        let (limit, idle) = (LONG_TIMEOUT.as_millis(), IDLE_TIMEOUT.as_millis());
        let settings = format!("SET statement_timeout = {limit}; SET idle_in_transaction_session_timeout = {idle}");
        let set = within(ANSWER_TIMEOUT, async { Ok(client.batch_execute(&settings).await?) });
        set.await.map_err(|failure: Failure| failure.at(self.pool.place()))?;
        Ok(client)
    }
}

#[async_trait]
impl Store for PostgresStore {
    fn place(&self) -> String {
        self.pool.place().to_owned()
    }

    async fn check(&self, calls: &[NewCall]) -> Result<()> {
        on_connection!(self, |client| calls::check(Session::from(&*client), calls))
    }

    async fn begin(&self, calls: Vec<NewCall>, worker: &str) -> Result<Vec<CommittedIntent>> {
        on_connection!(self, |client| calls::begin(client, &calls, worker))
    }

    async fn begin_row(&self, row: RowId, call: IntendedCall, worker: &str) -> Result<Option<CommittedIntent>> {
        on_connection!(self, |client| row_intent::begin_row(
            Session::from(&*client),
            row,
            &call,
            worker
        ))
    }

    async fn conclude(&self, conclusions: Vec<Settled>) -> Result<Vec<Recorded>> {
        on_connection!(self, |client| calls::conclude(client, &conclusions))
    }

    async fn import(&self, run: NewRun) -> Result<Box<dyn Import>> {
        let client = self.patient_client().await?;
        let begun = within(
            ANSWER_TIMEOUT,
            PostgresImport::begin(client, self.pool.place().to_owned(), run),
        )
        .await;
        Ok(Box::new(begun.map_err(|failure| failure.at(self.pool.place()))?))
    }

    async fn find_run(&self, scope: &Scope, command: &str, file_hash: &str) -> Result<Option<RunId>> {
        on_connection!(self, |client| runs::find(
            Session::from(&*client),
            scope,
            command,
            file_hash
        ))
    }

    async fn runs(&self, below: Option<RunId>, limit: u32) -> Result<Vec<Run>> {
        on_connection!(self, |client| runs::list(Session::from(&*client), below, limit))
    }

    async fn run(&self, run: RunId) -> Result<Option<Run>> {
        on_connection!(self, |client| runs::get(Session::from(&*client), run))
    }

    async fn counts(&self, run: RunId) -> Result<Counts> {
        on_connection!(self, |client| runs::counts(Session::from(&*client), run))
    }

    async fn set_run_state(&self, run: RunId, state: RunState, pause: Option<&PauseReason>) -> Result<bool> {
        on_connection!(self, |client| runs::set_state(
            Session::from(&*client),
            run,
            state,
            pause
        ))
    }

    async fn set_balance_before(&self, run: RunId, before: Amount) -> Result<()> {
        on_connection!(self, |client| runs::set_balance_before(
            Session::from(&*client),
            run,
            before
        ))
    }

    async fn set_balance_after(&self, run: RunId, after: Amount, asked_at: Timestamp) -> Result<()> {
        on_connection!(self, |client| runs::set_balance_after(
            Session::from(&*client),
            run,
            after,
            asked_at
        ))
    }

    async fn pending_rows(&self, run: RunId, after_place: u64, limit: u32) -> Result<Vec<PendingRow>> {
        on_connection!(self, |client| runs::pending_rows(
            Session::from(&*client),
            run,
            after_place,
            limit
        ))
    }

    async fn largest_pending(&self, run: RunId) -> Result<Option<(u64, Amount)>> {
        on_connection!(self, |client| runs::largest_pending(Session::from(&*client), run))
    }

    async fn paid_meanwhile(&self, run: RunId) -> Result<PaidMeanwhile> {
        on_own_connection!(self, |client| paid_meanwhile::find(&mut client, run))
    }

    async fn interrupt(&self, run: Option<RunId>) -> Result<u64> {
        on_connection!(self, |client| calls::interrupt(Session::from(&*client), run))
    }

    async fn interrupt_places(&self, run: RunId, first: u64, last: u64) -> Result<u64> {
        on_connection!(self, |client| calls::interrupt_places(
            Session::from(&*client),
            run,
            first,
            last
        ))
    }

    #[cfg(feature = "worker")]
    fn pool(&self) -> Option<&enkash_postgres::deadpool_postgres::Pool> {
        Some(self.pool.as_deadpool())
    }

    async fn cancel(&self, run: RunId) -> Result<u64> {
        on_own_connection!(self, |client| runs::cancel(&mut client, run))
    }

    async fn discard(&self, run: RunId) -> Result<bool> {
        on_own_connection!(self, |client| runs::discard(&mut client, run))
    }

    async fn lock_run(&self, run: RunId) -> Result<Option<RunLock>> {
        let client = self.own_client().await?;
        let is_locked = within(ANSWER_TIMEOUT, runs::lock(&client, run)).await;
        let is_locked = is_locked.map_err(|failure| failure.at(self.pool.place()))?;
        Ok(is_locked.then(|| RunLock { held: Box::new(client) }))
    }

    async fn approve(&self, run: RunId, name: &str, source: &str) -> Result<()> {
        on_connection!(self, |client| runs::approve(Session::from(&*client), run, name, source))
    }

    async fn require_approvals(&self, run: RunId, needed: u32) -> Result<()> {
        on_connection!(self, |client| runs::require_approvals(
            Session::from(&*client),
            run,
            needed
        ))
    }

    async fn approvals(&self, run: RunId) -> Result<Vec<Approval>> {
        on_connection!(self, |client| runs::approvals(Session::from(&*client), run))
    }

    async fn history(&self, filter: &HistoryFilter, after: Option<RowId>, limit: u32) -> Result<Vec<CallRow>> {
        on_connection!(self, |client| history::rows(
            Session::from(&*client),
            filter,
            after,
            limit
        ))
    }

    async fn attempts(&self, row: RowId) -> Result<Vec<Attempt>> {
        on_connection!(self, |client| history::attempts(Session::from(&*client), row))
    }

    async fn resolve(&self, row: RowId, is_done: bool, who: &str, reason: &str) -> Result<Recorded> {
        let conclusion = Conclusion::resolved(is_done, who, reason);
        on_connection!(self, |client| calls::resolve(client, row, conclusion))
    }

    async fn export_row(&self, row: RowId, new_reference: &str) -> Result<Option<String>> {
        on_connection!(self, |client| calls::export(client, row, new_reference))
    }

    async fn purge(&self, before: Timestamp) -> Result<u64> {
        on_own_connection!(self, |client| history::purge(&mut client, before))
    }

    async fn import_tickets(&self, tickets: &[Ticket]) -> Result<u64> {
        on_connection!(self, |client| calls::import_tickets(client, tickets))
    }

    async fn events(&self, run: Option<RunId>, limit: u32) -> Result<Vec<String>> {
        on_connection!(self, |client| history::events(Session::from(&*client), run, limit))
    }
}
