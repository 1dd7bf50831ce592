//! The entries in PostgreSQL: one table, a row each. A change locks the rows of its names, in their order, so that none comes between
//! and no two wait for each other.

use std::time::Duration;

use async_trait::async_trait;
use enkash_postgres::{Address, Pool, Session, tokio_postgres::Row};
use jiff::Timestamp;
use tokio::sync::OnceCell;

use crate::{
    database::{Database, Decide, Name, Snapshot, Write},
    error::Error,
    seal::MAX_SEALED,
};

/// Few, because each process asks for a moment every few minutes.
const POOL_SIZE: usize = 2;
/// How long a change may take. Nobody gets a token meanwhile.
const CHANGE_TIMEOUT: Duration = Duration::from_secs(10);

/// How often a change begins anew. Each time it does, a row that was of no use went away.
const MAX_ROUNDS: u32 = 100;

const SCHEMA: &str = "
CREATE TABLE enkash.fleet (
    name       text PRIMARY KEY,
    value      bytea,
    expires_at timestamptz
)";
const HAS_SCHEMA: &str = "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'enkash')";
/// Whether this user may change the table, or else make it.
const HAS_RIGHTS: &str = "
SELECT coalesce(
    (SELECT has_schema_privilege(schema.oid, 'USAGE')
        AND has_table_privilege(class.oid, 'SELECT') AND has_table_privilege(class.oid, 'INSERT')
        AND has_table_privilege(class.oid, 'UPDATE') AND has_table_privilege(class.oid, 'DELETE')
     FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS schema ON schema.oid = class.relnamespace
     WHERE schema.nspname = 'enkash' AND class.relname = 'fleet'),
    (SELECT has_schema_privilege(oid, 'USAGE') AND has_schema_privilege(oid, 'CREATE')
     FROM pg_catalog.pg_namespace WHERE nspname = 'enkash'),
    has_database_privilege(current_database(), 'CREATE'))";
const IS_UNLOGGED: &str = "
SELECT EXISTS (SELECT FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS schema ON schema.oid = class.relnamespace
               WHERE schema.nspname = 'enkash' AND class.relname = 'fleet' AND class.relpersistence <> 'p')";
/// By the server's clock now, and not when the transaction began: it may have waited for a lock since.
const SELECT: &str = "
SELECT name, value, octet_length(value) AS length
FROM enkash.fleet
WHERE name = ANY ($1) AND (expires_at IS NULL OR expires_at > clock_timestamp())";
const CLOCK: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";

#[derive(Debug)]
pub(crate) struct PostgresDatabase {
    pool: Pool,
    table: OnceCell<()>,
}

impl PostgresDatabase {
    pub(crate) fn new(url: &str) -> Result<Self, Error> {
        let address = Address::parse(url, "fleet").map_err(|error| Error::invalid(error.to_string()))?;
        let place = address.place().to_owned();
        let pool = Pool::new(address, POOL_SIZE).map_err(|error| Error::unavailable(&place, error))?;
        Ok(Self {
            pool,
            table: OnceCell::new(),
        })
    }

    fn failed(&self, failure: Failure) -> Error {
        match failure {
            Failure::Database(error) => Error::unavailable(self.pool.place(), error),
            Failure::Decided(error) => error,
        }
    }

    /// Makes the table where it is missing, once for each process. Others may be making it as well.
    async fn make_table(&self) -> Result<(), Failure> {
        let make = async || {
            self.pool
                .run(CHANGE_TIMEOUT, async |client| {
                    if has_table(Session::from(&*client)).await? {
                        return Ok(());
                    }
                    let transaction = client.transaction().await?;
                    let session = Session::from(&transaction);
                    session
                        .query("SELECT pg_advisory_xact_lock(hashtextextended('enkash fleet', 0))", &[])
                        .await?;
                    if !has_table(session).await? {
                        // To make a schema takes a right that this user need not have.
                        if !session.value::<bool>(HAS_SCHEMA, &[]).await? {
                            session.batch_execute("CREATE SCHEMA enkash").await?;
                        }
                        session.batch_execute(SCHEMA).await?;
                    }
                    transaction.commit().await?;
                    Ok::<_, Failure>(())
                })
                .await
        };
        self.table.get_or_try_init(make).await.map(drop)
    }
}

async fn has_table(session: Session<'_>) -> Result<bool, enkash_postgres::Error> {
    // Asks the tables of the server, which show what others made a moment ago.
    let has_table = "SELECT EXISTS (SELECT FROM pg_catalog.pg_tables
                                    WHERE schemaname = 'enkash' AND tablename = 'fleet')";
    session.value(has_table, &[]).await
}

/// Why a change did not come about.
enum Failure {
    Database(enkash_postgres::Error),
    Decided(Error),
}

impl From<enkash_postgres::Error> for Failure {
    fn from(error: enkash_postgres::Error) -> Self {
        Self::Database(error)
    }
}

impl From<enkash_postgres::tokio_postgres::Error> for Failure {
    fn from(error: enkash_postgres::tokio_postgres::Error) -> Self {
        Self::Database(error.into())
    }
}

#[async_trait]
impl Database for PostgresDatabase {
    fn place(&self) -> &str {
        self.pool.place()
    }

    async fn read(&self, names: &[Name]) -> Result<Snapshot, Error> {
        let place = self.pool.place();
        let work = self.pool.run(CHANGE_TIMEOUT, async |client| {
            let session = Session::from(&*client);
            let rows = match has_table(session).await? {
                true => session.query(SELECT, &[&names]).await?,
                false => Vec::new(),
            };
            Ok((rows, session.value::<i64>(CLOCK, &[]).await?))
        });
        let (rows, now) = work
            .await
            .map_err(|error: enkash_postgres::Error| Error::unavailable(place, error))?;
        snapshot(place, names, rows, now)
    }

    async fn change(&self, names: &[Name], decide: &mut Decide<'_>) -> Result<(), Error> {
        let work = async {
            self.make_table().await?;
            self.pool
                .run(CHANGE_TIMEOUT, async |client| {
                    for _ in 0..MAX_ROUNDS {
                        let transaction = client.transaction().await?;
                        let session = Session::from(&transaction);
                        let Some((rows, now)) = lock(session, names).await? else {
                            // Whoever keeps locks while he makes rows could wait for somebody who waits for him.
                            transaction.rollback().await?;
                            continue;
                        };
                        let snapshot = snapshot(self.pool.place(), names, rows, now).map_err(Failure::Decided)?;
                        let writes = decide(&snapshot).map_err(Failure::Decided)?;
                        if writes.is_empty() {
                            // What waits changes nothing, and the disk is spared.
                            return Ok(transaction.rollback().await?);
                        }
                        write(session, names, &writes).await?;
                        return Ok(transaction.commit().await?);
                    }
                    let reason = "its table enkash.fleet hides rows, by a trigger or by row security";
                    Err(Failure::Decided(Error::unavailable(self.pool.place(), reason)))
                })
                .await
        };
        work.await.map_err(|failure| self.failed(failure))
    }

    async fn check_rights(&self) -> Result<(), Error> {
        let place = self.pool.place();
        let has_rights = self.pool.run(CHANGE_TIMEOUT, async |client| {
            Session::from(&*client).value::<bool>(HAS_RIGHTS, &[]).await
        });
        match has_rights.await.map_err(|error| Error::unavailable(place, error))? {
            true => Ok(()),
            false => Err(Error::unavailable(
                place,
                "its user may not change the table enkash.fleet (SELECT, INSERT, UPDATE, DELETE), or may not make it: let another \
                 user run `CREATE SCHEMA enkash` and grant this one USAGE and CREATE on it",
            )),
        }
    }

    async fn weakness(&self) -> Result<Option<String>, Error> {
        let place = self.pool.place();
        let reasons = self.pool.run(CHANGE_TIMEOUT, async |client| {
            let session = Session::from(&*client);
            let syncs = session.value::<String>("SHOW fsync", &[]).await? != "off";
            let is_emptied = session.value::<bool>(IS_UNLOGGED, &[]).await?;
            Ok([
                (!syncs).then_some("fsync is off: what was committed last is lost with the power"),
                is_emptied.then_some("the table enkash.fleet is UNLOGGED: the server empties it after a crash"),
            ])
        });
        let reasons = reasons
            .await
            .map_err(|error: enkash_postgres::Error| Error::unavailable(place, error))?;
        let reasons: Vec<_> = reasons.into_iter().flatten().collect();
        Ok(Some(reasons.join("; ")).filter(|text| !text.is_empty()))
    }
}

/// Locks a row for each name, also for one that has none yet: two who come first at once would see nothing of each other. `None` where
/// a row that was of no use went away in between.
async fn lock(session: Session<'_>, names: &[Name]) -> Result<Option<(Vec<Row>, i64)>, enkash_postgres::Error> {
    let insert = "INSERT INTO enkash.fleet (name) SELECT name FROM unnest($1::text[]) AS name ORDER BY name
                  ON CONFLICT (name) DO NOTHING";
    let lock = "SELECT name FROM enkash.fleet WHERE name = ANY ($1) ORDER BY name FOR UPDATE";
    session.execute(insert, &[&names]).await?;
    if session.query(lock, &[&names]).await?.len() < names.len() {
        return Ok(None);
    }
    let rows = session.query(SELECT, &[&names]).await?;
    Ok(Some((rows, session.value(CLOCK, &[]).await?)))
}

fn snapshot(place: &str, names: &[Name], rows: Vec<Row>, now: i64) -> Result<Snapshot, Error> {
    let mut values = vec![None; names.len()];
    for row in rows {
        let unreadable = |error| Error::unavailable(place, enkash_postgres::Error::from(error));
        let name: &str = row.try_get("name").map_err(unreadable)?;
        let length: Option<i32> = row.try_get("length").map_err(unreadable)?;
        if length.is_some_and(|length| usize::try_from(length).is_ok_and(|length| length > MAX_SEALED)) {
            return Err(Error::damaged(place, name, "is too large to be ours"));
        }
        if let Some(index) = names.iter().position(|known| known == name) {
            values[index] = row.try_get("value").map_err(unreadable)?;
        }
    }
    Ok(Snapshot {
        values,
        now: Timestamp::from_millisecond(now).map_err(|error| Error::unavailable(place, error))?,
    })
}

async fn write(session: Session<'_>, names: &[Name], writes: &[Write]) -> Result<(), enkash_postgres::Error> {
    let update = "UPDATE enkash.fleet SET value = $2, expires_at = to_timestamp($3::float8 / 1000) WHERE name = $1";
    for write in writes {
        let expires_at = write.expires_at.map(|time| time.as_millisecond() as f64);
        session
            .execute(update, &[&names[write.index], &write.value, &expires_at])
            .await?;
    }
    // What has ended is of no use. Rows that somebody works on are left: they wait for nobody.
    let purge = "DELETE FROM enkash.fleet WHERE name IN (
                     SELECT name FROM enkash.fleet
                     WHERE expires_at < clock_timestamp() AND name <> ALL ($1)
                     LIMIT 100 FOR UPDATE SKIP LOCKED)";
    session.execute(purge, &[&names]).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
