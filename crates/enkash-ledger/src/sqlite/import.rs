//! The import of a run: one transaction on a connection of its own, so that a file of a million rows takes no memory, and a
//! file with a mistake leaves nothing behind.

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use enkash::Timestamp;
use jiff::SignedDuration;
use rusqlite::{Connection, OptionalExtension, params};
use tokio::task;

use super::{
    Problem, Settings, calls,
    conflict_queries::{Queries, collect_open},
    connect,
    read::{self, Micros},
};
use crate::{
    call::CallRow,
    error::LedgerError,
    ids::RunId,
    run::{ImportedRun, NewRow, NewRun, RepeatedPayment, RunState},
    store::{Import, NAMED_PROBLEMS, REPETITION_DAYS, Result},
};

/// So much of the indexes is in memory, in KiB; SQLite takes a negative number for that.
const CACHE_KIB: i32 = -32_768;

pub(super) struct SqliteImport {
    transaction: Arc<Mutex<Transaction>>,
    place: String,
}

/// Of so many people it is remembered whether they were paid before. Without that, a person in many rows of the file would be
/// looked up among all their rows each time.
const REMEMBERED_RECIPIENTS: usize = 1 << 16;

/// Undone when it is dropped, with its connection.
struct Transaction {
    connection: Connection,
    run: NewRun,
    id: RunId,
    scope: i64,
    /// Payments after this time count as repetitions.
    recent: Timestamp,
    /// Whether the ledger has rows of other runs or calls, which need looking at.
    has_earlier: bool,
    /// Whether a row is in doubt or waits: see [`collect_open`].
    has_open: bool,
    /// Whether a row of another run or a call to them is done.
    known_recipients: HashMap<String, bool>,
    queries: Queries,
    found: ImportedRun,
}

impl SqliteImport {
    pub(super) fn begin(path: &Path, settings: Settings, place: String, run: NewRun) -> Result<Self> {
        let connection = connect(path, settings)?;
        let transaction =
            Transaction::begin(connection, run).map_err(|error| LedgerError::unavailable(&place, error))?;
        Ok(Self {
            transaction: Arc::new(Mutex::new(transaction)),
            place,
        })
    }
}

impl SqliteImport {
    /// Works on a thread that may block.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Transaction) -> std::result::Result<T, Problem> + Send + 'static,
    ) -> Result<T> {
        let transaction = Arc::clone(&self.transaction);
        let done = task::spawn_blocking(move || work(&mut transaction.lock().unwrap_or_else(PoisonError::into_inner)));
        match done.await {
            Ok(done) => done.map_err(|problem| problem.at(&self.place)),
            Err(error) => Err(LedgerError::unavailable(&self.place, error)),
        }
    }
}

#[async_trait]
impl Import for SqliteImport {
    async fn push(&mut self, rows: Vec<NewRow>) -> Result<()> {
        self.work(move |transaction| rows.iter().try_for_each(|row| transaction.push(row)))
            .await
    }

    async fn finish(&mut self, file_hash: &str) -> Result<ImportedRun> {
        let file_hash = file_hash.to_owned();
        self.work(move |transaction| {
            transaction.finish(&file_hash)?;
            Ok(transaction.found.clone())
        })
        .await
    }

    async fn commit(self: Box<Self>, approvals_needed: u32) -> Result<RunId> {
        self.work(move |transaction| Ok(transaction.commit(approvals_needed)?))
            .await
    }
}

impl Transaction {
    fn begin(connection: Connection, run: NewRun) -> rusqlite::Result<Self> {
        connection.pragma_update(None, "cache_size", CACHE_KIB)?;
        // What a statement may have to undo, one row here, is otherwise written to a file: ten calls of the system for a row.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let scope = calls::scope_id(&connection, &run.scope)?;
        let has_earlier = connection.query_row("SELECT EXISTS (SELECT 1 FROM row)", [], |row| row.get(0))?;
        let late = "SELECT EXISTS (SELECT 1 FROM row WHERE came_out_done_at IS NOT NULL)";
        let has_late = connection.query_row(late, [], |row| row.get(0))?;
        let now = Timestamp::now();
        let recent = now
            .checked_sub(SignedDuration::from_hours(24 * REPETITION_DAYS))
            .unwrap_or(now);
        let has_open = collect_open(&connection, &run, scope)?;
        connection.execute(
            "INSERT INTO run (scope, command, file_name, file_hash, rows, total, state, created_by, created_at,
                              approvals_needed)
             VALUES (?1, ?2, ?3, '', 0, 0, ?4, ?5, ?6, 0)",
            params![
                scope,
                run.command,
                run.file_name,
                RunState::Planned,
                run.created_by,
                Micros::now()
            ],
        )?;
        Ok(Self {
            id: RunId(connection.last_insert_rowid()),
            connection,
            run,
            scope,
            recent,
            has_earlier,
            has_open,
            known_recipients: HashMap::new(),
            queries: Queries::new(has_late),
            found: ImportedRun::default(),
        })
    }

    fn push(&mut self, row: &NewRow) -> std::result::Result<(), Problem> {
        // Before the row itself is there.
        let repetition = self.repetition(row)?;
        if self.has_earlier {
            self.found.known_recipients += u64::from(self.is_known(row)?);
        }
        let place = self.found.rows + 1;
        let is_new = self.insert(row, place)?;
        // What an earlier version left behind without a host counts as well.
        let used = if self.has_earlier || !is_new {
            self.used(row, is_new)?
        } else {
            None
        };
        if let Some(problem) = used {
            self.note_use(row.line, problem);
        } else if let Some(other) = repetition {
            self.note_repetition(row.line, other);
        }
        self.found.rows = place;
        self.found.total = self.found.total.checked_add(row.amount).map_err(LedgerError::from)?;
        if self.found.largest.is_none_or(|(_, largest)| row.amount > largest) {
            self.found.largest = Some((row.line, row.amount));
        }
        Ok(())
    }

    /// Says whether its reference was new. Otherwise the row is left out.
    fn insert(&self, row: &NewRow, place: u64) -> rusqlite::Result<bool> {
        let inserted = self.connection
            .prepare_cached(
                "INSERT INTO row (run, place, line, scope, command, reference, direction, recipient, request, amount, state,
                                  created_at, replaces)
                 SELECT ?1, ?2, ?3, ?4, ?5, ?6, 'credit', ?7, ?8, ?9, 'pending', ?10,
                        (SELECT reference FROM row WHERE exported_as = ?6 LIMIT 1)
                 WHERE true ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                self.id,
                i64::try_from(place).unwrap_or(i64::MAX),
                i64::try_from(row.line).unwrap_or(i64::MAX),
                self.scope,
                self.run.command,
                row.reference,
                row.recipient,
                row.request,
                row.amount,
                Micros::now()
            ])?;
        Ok(inserted == 1)
    }

    fn note_use(&mut self, line: u64, problem: Used) {
        let found = &mut self.found;
        found.reference_problems += 1;
        match problem {
            Used::InFile(first) => {
                if found.repeated_references.len() < NAMED_PROBLEMS {
                    found.repeated_references.push((line, first));
                }
            }
            Used::Before(row) => {
                if row.state.is_in_doubt() {
                    found.references_in_doubt += 1;
                } else if row.is_waiting() {
                    found.references_waiting += 1;
                } else if row.exported_as.is_some() {
                    found.references_exported += 1;
                }
                note_run(&mut found.reference_runs, &row);
                if found.used_references.len() < NAMED_PROBLEMS {
                    found.used_references.push((line, *row));
                }
            }
        }
    }

    fn note_repetition(&mut self, line: u64, other: RepeatedPayment) {
        let found = &mut self.found;
        found.repeated_payment_count += 1;
        if let RepeatedPayment::Earlier(row) = &other {
            found.payments_in_doubt += u64::from(row.state.is_in_doubt());
            found.payments_waiting += u64::from(row.is_waiting());
            note_run(&mut found.payment_runs, row);
        }
        if found.repeated_payments.len() < NAMED_PROBLEMS {
            found.repeated_payments.push((line, other));
        }
    }

    /// The row that has the reference. One in doubt is hidden by no other.
    fn used(&self, row: &NewRow, is_new: bool) -> rusqlite::Result<Option<Used>> {
        let scope = &self.run.scope;
        let found = self
            .connection
            .prepare_cached(&self.queries.used)?
            .query_row(
                params![row.reference, self.scope, is_new, scope.company, scope.account],
                read::call_row,
            )
            .optional()?;
        Ok(found.map(|found| match (found.run, found.line) {
            (Some((run, _)), Some(line)) if run == self.id => Used::InFile(line),
            _ => Used::Before(Box::new(found)),
        }))
    }

    /// Another row for the same person and amount. What is in doubt or waits is hidden by no other.
    fn repetition(&self, row: &NewRow) -> rusqlite::Result<Option<RepeatedPayment>> {
        if self.has_open {
            let open = self
                .connection
                .prepare_cached(&self.queries.open)?
                .query_row(params![row.recipient, row.amount], read::call_row)
                .optional()?;
            if let Some(open) = open {
                return Ok(Some(RepeatedPayment::Earlier(Box::new(open))));
            }
        }
        let found = self
            .connection
            .prepare_cached(&self.queries.repetition)?
            .query_row(
                params![row.recipient, row.amount, self.scope, self.id, Micros(self.recent)],
                read::call_row,
            )
            .optional()?;
        Ok(found.map(|found| match (found.run, found.line) {
            (Some((run, _)), Some(line)) if run == self.id => RepeatedPayment::InFile(line),
            _ => RepeatedPayment::Earlier(Box::new(found)),
        }))
    }

    fn is_known(&mut self, row: &NewRow) -> rusqlite::Result<bool> {
        if let Some(&is_known) = self.known_recipients.get(&row.recipient) {
            return Ok(is_known);
        }
        let is_known = self
            .connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM row WHERE recipient = ?1 AND run IS NOT ?2
                                AND (state = 'done' OR came_out_done_at IS NOT NULL))",
            )?
            .query_row(params![row.recipient, self.id], |row| row.get(0))?;
        if self.known_recipients.len() >= REMEMBERED_RECIPIENTS {
            self.known_recipients.clear();
        }
        self.known_recipients.insert(row.recipient.clone(), is_known);
        Ok(is_known)
    }

    /// Two processes that import one file at once wait for each other at `BEGIN`; the second finds the first one's run.
    fn finish(&mut self, file_hash: &str) -> rusqlite::Result<()> {
        self.found.twin = self
            .connection
            .query_row(
                "SELECT id, state FROM run WHERE file_hash = ?1 AND scope = ?2 AND command = ?3 AND state <> 'canceled'",
                params![file_hash, self.scope, self.run.command],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        self.connection.execute(
            "UPDATE run SET file_hash = ?2, rows = ?3, total = ?4 WHERE id = ?1",
            params![
                self.id,
                file_hash,
                i64::try_from(self.found.rows).unwrap_or(i64::MAX),
                self.found.total
            ],
        )?;
        Ok(())
    }

    fn commit(&self, approvals_needed: u32) -> rusqlite::Result<RunId> {
        self.connection.execute(
            "UPDATE run SET approvals_needed = ?2 WHERE id = ?1",
            params![self.id, approvals_needed],
        )?;
        self.connection.execute_batch("COMMIT")?;
        Ok(self.id)
    }
}

enum Used {
    InFile(u64),
    Before(Box<CallRow>),
}

/// Keeps the run of a row that is in doubt or waits.
fn note_run(runs: &mut BTreeSet<RunId>, row: &CallRow) {
    let is_open = row.state.is_in_doubt() || row.is_waiting();
    runs.extend(row.run.filter(|_| is_open).map(|(run, _)| run));
    if runs.len() > NAMED_PROBLEMS {
        runs.pop_last();
    }
}
