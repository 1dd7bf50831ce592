//! The ledger in a file of SQLite: for one machine, and for as many processes on it as there are.

mod calls;
mod conflict_queries;
#[cfg(test)]
mod connection_tests;
mod file;
mod history;
mod import;
mod paid_meanwhile;
mod read;
mod row_intent;
mod runs;
mod schema;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use enkash::{Ticket, Timestamp};
use rusqlite::{Connection, MAIN_DB, OpenFlags, config::DbConfig};
use tempfile::TempDir;
use tokio::task;

use self::{file::PrivateFile, import::SqliteImport, writer::Writer};
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

/// How long to wait before a file is opened again that others are beginning.
const BUSY_WAIT: Duration = Duration::from_millis(20);

/// How the file is used.
#[derive(Clone, Copy)]
struct Settings {
    /// Whether a commit waits for the disk.
    synchronous: &'static str,
    /// How long to wait for another process that writes. The longest is the import of a large file.
    busy_timeout: Duration,
}

impl Settings {
    const DURABLE: Self = Self {
        synchronous: "FULL",
        busy_timeout: Duration::from_secs(60),
    };
    const TEMPORARY: Self = Self {
        synchronous: "OFF",
        ..Self::DURABLE
    };
}

impl Ledger {
    /// The ledger in this file, which is made where it is missing, for its owner alone. Every commit waits for the disk.
    ///
    /// What stands beside it under its name is part of it: move and copy them together, while nothing runs. An older copy does
    /// not know what was sent since, and would let it be sent again.
    ///
    /// # Errors
    ///
    /// Where the file cannot be used, belongs to others as well, or was written by a newer version.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        Ok(Self::new(SqliteStore::open(path.into(), Settings::DURABLE)?))
    }

    /// A ledger that ends with its last clone: for sandboxes and tests, where nothing is at stake. It does not wait for the
    /// disk.
    ///
    /// # Errors
    ///
    /// Where no temporary folder can be made.
    pub fn temporary() -> Result<Self> {
        let folder = tempfile::tempdir().map_err(|error| LedgerError::unavailable("a temporary ledger", error))?;
        let mut store = SqliteStore::open(folder.path().join("ledger.db"), Settings::TEMPORARY)?;
        store.folder = Some(folder);
        Ok(Self::new(store))
    }
}

struct SqliteStore {
    path: PathBuf,
    writer: Writer,
    reader: Arc<Mutex<Connection>>,
    settings: Settings,
    /// Of a temporary ledger, last: it is removed when the files are closed.
    folder: Option<TempDir>,
}

impl SqliteStore {
    fn open(path: PathBuf, settings: Settings) -> Result<Self> {
        let place = path.display().to_string();
        let file = PrivateFile::new(&path).map_err(|error| LedgerError::unavailable(&place, error))?;
        let mut connection = connect(&path, settings)?;
        schema::migrate(&mut connection, &place)?;
        let reader = connect(&path, settings)?;
        Ok(Self {
            writer: Writer::start(connection, file, place)?,
            reader: Arc::new(Mutex::new(reader)),
            path,
            settings,
            folder: None,
        })
    }

    /// Runs a query on a thread that may block, beside the writer.
    async fn read<T: Send + 'static, E: Into<Problem> + Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> std::result::Result<T, E> + Send + 'static,
    ) -> Result<T> {
        let reader = Arc::clone(&self.reader);
        let done = task::spawn_blocking(move || query(&reader.lock().unwrap_or_else(PoisonError::into_inner)));
        match done.await {
            Ok(done) => done.map_err(|problem| problem.into().at(&self.place())),
            Err(error) => Err(LedgerError::unavailable(self.place(), error)),
        }
    }

    /// Runs statements on the writer's thread.
    async fn write<T: Send + 'static, E: Into<Problem>>(
        &self,
        work: impl FnOnce(&Connection) -> std::result::Result<T, E> + Send + 'static,
    ) -> Result<T> {
        let place = self.place();
        self.writer
            .run(move |connection| work(connection).map_err(|problem| problem.into().at(&place)))
            .await
    }
}

/// Why work on a connection failed.
enum Problem {
    Database(rusqlite::Error),
    Ledger(LedgerError),
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl Problem {
    fn at(self, place: &str) -> LedgerError {
        match self {
            Self::Database(error) => LedgerError::unavailable(place, error),
            Self::Ledger(error) => error,
        }
    }
}

/// Opens the file, which is there. Nothing is written before it is known that it is a ledger or empty.
fn connect(path: &Path, settings: Settings) -> Result<Connection> {
    let unavailable = |reason: &str| LedgerError::unavailable(path.display().to_string(), reason);
    let open = || -> rusqlite::Result<_> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(settings.busy_timeout)?;
        if connection.is_readonly(MAIN_DB)? {
            return Ok(Err(unavailable("it is read-only")));
        }
        if schema::is_of_another_program(&connection)? {
            return Ok(Err(unavailable("it is the database of another program")));
        }
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", settings.synchronous)?;
        // On macOS, through the drive's own memory as well.
        connection.pragma_update(None, "fullfsync", true)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // What is forgotten of people is overwritten: otherwise it would stand in the file until its place is needed.
        connection.query_row("PRAGMA secure_delete = ON", [], |_| Ok(()))?;
        connection.set_prepared_statement_cache_capacity(64);
        // Or SQLite prepares a statement anew for each value that is bound, which is most of the time of an import.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(Ok(connection))
    };
    let started = Instant::now();
    loop {
        match open() {
            // Of several that begin one file SQLite refuses some at once, without its busy timeout.
            Err(error) if is_busy(&error) && started.elapsed() < settings.busy_timeout => thread::sleep(BUSY_WAIT),
            opened => return opened.unwrap_or_else(|error| Err(unavailable(&error.to_string()))),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
}

#[async_trait]
impl Store for SqliteStore {
    fn place(&self) -> String {
        match &self.folder {
            Some(_) => "of the sandbox".to_owned(),
            None => self.path.display().to_string(),
        }
    }

    async fn check(&self, calls: &[NewCall]) -> Result<()> {
        let calls = calls.to_vec();
        self.read(move |connection| calls::check(connection, &calls)).await
    }

    async fn begin(&self, calls: Vec<NewCall>, worker: &str) -> Result<Vec<CommittedIntent>> {
        let worker = worker.to_owned();
        self.write(move |connection| calls::begin(connection, &calls, &worker))
            .await
    }

    async fn begin_row(&self, row: RowId, call: IntendedCall, worker: &str) -> Result<Option<CommittedIntent>> {
        let worker = worker.to_owned();
        self.write(move |connection| row_intent::begin_row(connection, row, &call, &worker))
            .await
    }

    async fn conclude(&self, conclusions: Vec<Settled>) -> Result<Vec<Recorded>> {
        self.write(move |connection| {
            conclusions
                .iter()
                .map(|settled| calls::conclude(connection, settled))
                .collect::<std::result::Result<_, _>>()
        })
        .await
    }

    async fn import(&self, run: NewRun) -> Result<Box<dyn Import>> {
        let (path, settings, place) = (self.path.clone(), self.settings, self.place());
        let begun = task::spawn_blocking(move || SqliteImport::begin(&path, settings, place, run));
        let import = begun
            .await
            .map_err(|error| LedgerError::unavailable(self.place(), error))??;
        Ok(Box::new(import))
    }

    async fn find_run(&self, scope: &Scope, command: &str, file_hash: &str) -> Result<Option<RunId>> {
        let (scope, command, file_hash) = (scope.clone(), command.to_owned(), file_hash.to_owned());
        self.read(move |connection| runs::find(connection, &scope, &command, &file_hash))
            .await
    }

    async fn runs(&self, below: Option<RunId>, limit: u32) -> Result<Vec<Run>> {
        self.read(move |connection| runs::list(connection, below, limit)).await
    }

    async fn run(&self, run: RunId) -> Result<Option<Run>> {
        self.read(move |connection| runs::get(connection, run)).await
    }

    async fn counts(&self, run: RunId) -> Result<Counts> {
        self.read(move |connection| runs::counts(connection, run)).await
    }

    async fn set_run_state(&self, run: RunId, state: RunState, pause: Option<&PauseReason>) -> Result<bool> {
        let pause = pause.cloned();
        self.write(move |connection| runs::set_state(connection, run, state, pause.as_ref()))
            .await
    }

    async fn set_balance_before(&self, run: RunId, before: Amount) -> Result<()> {
        self.write(move |connection| runs::set_balance_before(connection, run, before))
            .await
    }

    async fn set_balance_after(&self, run: RunId, after: Amount, asked_at: Timestamp) -> Result<()> {
        self.write(move |connection| runs::set_balance_after(connection, run, after, asked_at))
            .await
    }

    async fn pending_rows(&self, run: RunId, after_place: u64, limit: u32) -> Result<Vec<PendingRow>> {
        self.read(move |connection| runs::pending_rows(connection, run, after_place, limit))
            .await
    }

    async fn largest_pending(&self, run: RunId) -> Result<Option<(u64, Amount)>> {
        self.read(move |connection| runs::largest_pending(connection, run))
            .await
    }

    async fn paid_meanwhile(&self, run: RunId) -> Result<PaidMeanwhile> {
        self.read(move |connection| paid_meanwhile::find(connection, run)).await
    }

    async fn interrupt(&self, run: Option<RunId>) -> Result<u64> {
        self.write(move |connection| calls::interrupt(connection, run)).await
    }

    async fn interrupt_places(&self, run: RunId, first: u64, last: u64) -> Result<u64> {
        self.write(move |connection| calls::interrupt_places(connection, run, first, last))
            .await
    }

    async fn cancel(&self, run: RunId) -> Result<u64> {
        self.write(move |connection| runs::cancel(connection, run)).await
    }

    async fn discard(&self, run: RunId) -> Result<bool> {
        self.write(move |connection| runs::discard(connection, run)).await
    }

    async fn lock_run(&self, run: RunId) -> Result<Option<RunLock>> {
        let mut path = self.path.clone().into_os_string();
        path.push(format!(".run-{run}.lock"));
        let locked = task::spawn_blocking(move || file::lock(Path::new(&path))).await;
        let locked = locked.map_err(|error| LedgerError::unavailable(self.place(), error))?;
        let locked = locked.map_err(|error| LedgerError::unavailable(self.place(), error))?;
        Ok(locked.map(|file| RunLock { held: Box::new(file) }))
    }

    async fn approve(&self, run: RunId, name: &str, source: &str) -> Result<()> {
        let (name, source) = (name.to_owned(), source.to_owned());
        self.write(move |connection| runs::approve(connection, run, &name, &source))
            .await
    }

    async fn require_approvals(&self, run: RunId, needed: u32) -> Result<()> {
        self.write(move |connection| runs::require_approvals(connection, run, needed))
            .await
    }

    async fn approvals(&self, run: RunId) -> Result<Vec<Approval>> {
        self.read(move |connection| runs::approvals(connection, run)).await
    }

    async fn history(&self, filter: &HistoryFilter, after: Option<RowId>, limit: u32) -> Result<Vec<CallRow>> {
        let filter = filter.clone();
        self.read(move |connection| history::rows(connection, &filter, after, limit))
            .await
    }

    async fn attempts(&self, row: RowId) -> Result<Vec<Attempt>> {
        self.read(move |connection| history::attempts(connection, row)).await
    }

    async fn resolve(&self, row: RowId, is_done: bool, who: &str, reason: &str) -> Result<Recorded> {
        let conclusion = Conclusion::resolved(is_done, who, reason);
        self.write(move |connection| calls::resolve(connection, row, conclusion))
            .await
    }

    async fn export_row(&self, row: RowId, new_reference: &str) -> Result<Option<String>> {
        let new_reference = new_reference.to_owned();
        self.write(move |connection| calls::export(connection, row, &new_reference))
            .await
    }

    async fn purge(&self, before: Timestamp) -> Result<u64> {
        self.write(move |connection| history::purge(connection, before)).await
    }

    async fn import_tickets(&self, tickets: &[Ticket]) -> Result<u64> {
        let tickets = tickets.to_vec();
        self.write(move |connection| calls::import_tickets(connection, &tickets))
            .await
    }

    async fn events(&self, run: Option<RunId>, limit: u32) -> Result<Vec<String>> {
        self.read(move |connection| history::events(connection, run, limit))
            .await
    }
}
