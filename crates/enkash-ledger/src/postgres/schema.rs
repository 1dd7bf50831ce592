//! The tables, and how an older schema becomes a newer one. Migrations only go forward, and one process at a time does them.

use enkash_postgres::{Session, deadpool_postgres::ClientWrapper};

use super::failure::Failure;
use crate::error::LedgerError;

/// One entry a version, in order. An entry that was released never changes.
const MIGRATIONS: &[&str] = &[
    "
CREATE TABLE enkash.scope (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host    text NOT NULL,
    company text NOT NULL,
    account text NOT NULL,
    UNIQUE (host, company, account)
);
CREATE TABLE enkash.run (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scope            bigint NOT NULL REFERENCES enkash.scope (id),
    command          text NOT NULL,
    file_name        text NOT NULL,
    file_hash        text NOT NULL,
    rows             bigint NOT NULL,
    total            bigint NOT NULL,
    state            text NOT NULL,
    pause_word       text,
    pause_text       text,
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    started_at       timestamptz,
    ended_at         timestamptz,
    balance_before   bigint,
    balance_after    bigint,
    approvals_needed bigint NOT NULL
);
CREATE INDEX run_file ON enkash.run (file_hash);
CREATE TABLE enkash.row (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run          bigint REFERENCES enkash.run (id),
    place        bigint,
    line         bigint,
    scope        bigint NOT NULL REFERENCES enkash.scope (id),
    command      text NOT NULL,
    reference    text NOT NULL,
    direction    text NOT NULL,
    recipient    text,
    request      text,
    amount       bigint,
    state        text NOT NULL,
    attempt      bigint NOT NULL DEFAULT 0,
    decision     text,
    created_at   timestamptz NOT NULL,
    intended_at  timestamptz,
    concluded_at timestamptz,
    reason       text,
    detail       text,
    exported_as  text,
    replaces     text
);
CREATE UNIQUE INDEX row_reference ON enkash.row (reference, scope) WHERE state <> 'canceled' OR exported_as IS NOT NULL;
CREATE UNIQUE INDEX row_place ON enkash.row (run, place) WHERE run IS NOT NULL;
CREATE INDEX row_recipient ON enkash.row (recipient, amount, id) WHERE recipient IS NOT NULL;
CREATE INDEX row_open ON enkash.row (id) WHERE state IN ('sending', 'unknown');
CREATE INDEX row_exported ON enkash.row (exported_as) WHERE exported_as IS NOT NULL;
CREATE TABLE enkash.attempt (
    row         bigint NOT NULL REFERENCES enkash.row (id),
    number      bigint NOT NULL,
    worker      text NOT NULL,
    intended_at timestamptz NOT NULL,
    ticket      text,
    outcome     text,
    ended_at    timestamptz,
    reason      text,
    PRIMARY KEY (row, number)
);
CREATE TABLE enkash.approval (
    run    bigint NOT NULL REFERENCES enkash.run (id),
    name   text NOT NULL,
    source text NOT NULL,
    at     timestamptz NOT NULL,
    PRIMARY KEY (run, name)
);
CREATE TABLE enkash.event (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    row  bigint NOT NULL REFERENCES enkash.row (id),
    at   timestamptz NOT NULL,
    text text NOT NULL
);
CREATE INDEX event_row ON enkash.event (row);
",
    "
ALTER TABLE enkash.row ADD COLUMN came_out_done_at timestamptz;
UPDATE enkash.row SET came_out_done_at = came_out.at FROM (
    SELECT event.row AS id, min(at) AS at FROM enkash.event WHERE text LIKE '%came out as done' GROUP BY event.row
) AS came_out WHERE row.id = came_out.id;
CREATE INDEX row_came_out_done ON enkash.row (reference) WHERE came_out_done_at IS NOT NULL;
",
    "
ALTER TABLE enkash.run ADD COLUMN balance_after_at timestamptz;
",
];

/// Refuses a server that could lose what it committed, and brings the database to this version's schema.
pub(super) async fn prepare(client: &mut ClientWrapper, place: &str) -> Result<(), Failure> {
    let session = Session::from(&*client);
    if session.value::<String>("SELECT current_setting('fsync')", &[]).await? != "on" {
        return Err(LedgerError::unavailable(
            place,
            "the server runs with fsync = off: it could forget that a row was sent, and let it be sent again",
        )
        .into());
    }
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if version(session).await? == known {
        return Ok(());
    }
    let transaction = client.transaction().await?;
    let session = Session::from(&transaction);
    session
        .query(
            "SELECT pg_advisory_xact_lock(hashtextextended('enkash ledger: migration', 0))",
            &[],
        )
        .await?;
    // Another process may have been faster.
    let found = version(session).await?;
    if found > known {
        return Err(LedgerError::newer(place, found, known).into());
    }
    if found == 0 {
        create_version_table(session).await?;
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.batch_execute(migration).await?;
    }
    session
        .execute("UPDATE enkash.ledger_version SET version = $1", &[&known])
        .await?;
    Ok(transaction.commit().await?)
}

/// 0 where there is no ledger.
async fn version(session: Session<'_>) -> Result<i64, Failure> {
    let is_there = "SELECT EXISTS (SELECT FROM pg_catalog.pg_tables
                                   WHERE schemaname = 'enkash' AND tablename = 'ledger_version')";
    if !session.value::<bool>(is_there, &[]).await? {
        return Ok(0);
    }
    Ok(session.value("SELECT version FROM enkash.ledger_version", &[]).await?)
}

/// In a schema that may be there already: to make one takes a right that the ledger's user need not have.
async fn create_version_table(session: Session<'_>) -> Result<(), Failure> {
    let is_there = "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'enkash')";
    if !session.value::<bool>(is_there, &[]).await? {
        session.execute("CREATE SCHEMA enkash", &[]).await?;
    }
    session
        .execute("CREATE TABLE enkash.ledger_version (version bigint NOT NULL)", &[])
        .await?;
    session
        .execute("INSERT INTO enkash.ledger_version VALUES (0)", &[])
        .await?;
    Ok(())
}
