//! The tables, and how an older file becomes a newer one. Migrations only go forward.

use rusqlite::{Connection, TransactionBehavior};

use crate::{error::LedgerError, store::Result};

/// One entry a version, in order. An entry that was released never changes.
const MIGRATIONS: &[&str] = &[
    "
CREATE TABLE scope (
    id      INTEGER PRIMARY KEY,
    host    TEXT NOT NULL,
    company TEXT NOT NULL,
    account TEXT NOT NULL,
    UNIQUE (host, company, account)
) STRICT;
CREATE TABLE run (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    scope            INTEGER NOT NULL REFERENCES scope (id),
    command          TEXT NOT NULL,
    file_name        TEXT NOT NULL,
    file_hash        TEXT NOT NULL,
    rows             INTEGER NOT NULL,
    total            INTEGER NOT NULL,
    state            TEXT NOT NULL,
    pause_word       TEXT,
    pause_text       TEXT,
    created_by       TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    started_at       INTEGER,
    ended_at         INTEGER,
    balance_before   INTEGER,
    balance_after    INTEGER,
    approvals_needed INTEGER NOT NULL
) STRICT;
CREATE INDEX run_file ON run (file_hash);
CREATE TABLE row (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    run          INTEGER REFERENCES run (id),
    place        INTEGER,
    line         INTEGER,
    scope        INTEGER NOT NULL REFERENCES scope (id),
    command      TEXT NOT NULL,
    reference    TEXT NOT NULL,
    direction    TEXT NOT NULL,
    recipient    TEXT,
    request      TEXT,
    amount       INTEGER,
    state        TEXT NOT NULL,
    attempt      INTEGER NOT NULL DEFAULT 0,
    decision     TEXT,
    created_at   INTEGER NOT NULL,
    intended_at  INTEGER,
    concluded_at INTEGER,
    reason       TEXT,
    detail       TEXT,
    exported_as  TEXT,
    replaces     TEXT
) STRICT;
CREATE UNIQUE INDEX row_reference ON row (reference, scope) WHERE state <> 'canceled' OR exported_as IS NOT NULL;
CREATE UNIQUE INDEX row_place ON row (run, place) WHERE run IS NOT NULL;
CREATE INDEX row_recipient ON row (recipient, amount) WHERE recipient IS NOT NULL;
CREATE INDEX row_open ON row (state) WHERE state IN ('sending', 'unknown');
CREATE INDEX row_exported ON row (exported_as) WHERE exported_as IS NOT NULL;
CREATE TABLE attempt (
    row         INTEGER NOT NULL REFERENCES row (id),
    number      INTEGER NOT NULL,
    worker      TEXT NOT NULL,
    intended_at INTEGER NOT NULL,
    ticket      TEXT,
    outcome     TEXT,
    ended_at    INTEGER,
    reason      TEXT,
    PRIMARY KEY (row, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE approval (
    run    INTEGER NOT NULL REFERENCES run (id),
    name   TEXT NOT NULL,
    source TEXT NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE event (
    id   INTEGER PRIMARY KEY,
    row  INTEGER NOT NULL REFERENCES row (id),
    at   INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
",
    "
ALTER TABLE row ADD COLUMN came_out_done_at INTEGER;
UPDATE row SET came_out_done_at = came_out.at FROM (
    SELECT row AS id, min(at) AS at FROM event WHERE text LIKE '%came out as done' GROUP BY row
) AS came_out WHERE row.id = came_out.id;
CREATE INDEX row_came_out_done ON row (reference) WHERE came_out_done_at IS NOT NULL;
",
    "
ALTER TABLE run ADD COLUMN balance_after_at INTEGER;
",
];

/// Marks the file as a ledger, in its header: `ENKL`.
const APPLICATION: i64 = 0x454e_4b4c;

/// Whether something stands in the file that no ledger has written.
pub(super) fn is_of_another_program(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT application_id <> ?1 AND EXISTS (SELECT 1 FROM sqlite_master) FROM pragma_application_id",
        [APPLICATION],
        |row| row.get(0),
    )
}

/// Brings the file to this version's schema.
pub(super) fn migrate(connection: &mut Connection, place: &str) -> Result<()> {
    let unavailable = |error: rusqlite::Error| LedgerError::unavailable(place, error);
    let version = |connection: &Connection| -> rusqlite::Result<i64> {
        connection.query_row("PRAGMA user_version", [], |row| row.get(0))
    };
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found = version(connection).map_err(unavailable)?;
    if found > known {
        return Err(LedgerError::newer(place, found, known));
    }
    if found == known {
        return Ok(());
    }
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(unavailable)?;
    // Another process may have been faster.
    let found = version(&transaction).map_err(unavailable)?;
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(migration).map_err(unavailable)?;
    }
    transaction
        .pragma_update(None, "application_id", APPLICATION)
        .map_err(unavailable)?;
    transaction
        .pragma_update(None, "user_version", known.max(found))
        .map_err(unavailable)?;
    transaction.commit().map_err(unavailable)
}
