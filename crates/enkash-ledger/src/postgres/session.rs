//! Connections: how they are made and checked, how a statement runs on one, and what is told of a failure. Every wait ends.

use std::{fmt, io, pin::Pin, time::Duration};

use deadpool_postgres::{
    ClientWrapper, Connect, Hook, HookError, Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime,
    StatementCache, Transaction,
};
use tokio::task::JoinHandle;
use tokio_postgres::{
    Client, Config, Error, Row,
    error::SqlState,
    types::{FromSqlOwned, ToSql},
};

use super::{ANSWER_TIMEOUT, CONNECT_TIMEOUT, POOL_SIZE, REST, TRIAL_TIMEOUT, tls::Tls};
use crate::{error::LedgerError, ids::RunId};

/// What every session is set to, whatever the server's own settings are.
///
/// A commit that does not wait for the disk could be lost, and its row be sent twice. The server gives up on a machine that
/// died, and so on its locks.
const SETTINGS: &str = "
SET synchronous_commit = on;
SET default_transaction_isolation = 'read committed';
SET search_path = pg_catalog;
SET statement_timeout = '30s';
SET idle_in_transaction_session_timeout = '30s';
SET tcp_keepalives_idle = 30;
SET tcp_keepalives_interval = 10;
SET tcp_keepalives_count = 3;
";

/// Makes a session: a connection, and its settings.
struct Connector(Tls);

impl Connect for Connector {
    fn connect(
        &self,
        config: &Config,
    ) -> Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), Error>> + Send + '_>> {
        let (tls, config) = (self.0.clone(), config.clone());
        Box::pin(async move {
            let (client, connection) = config.connect(tls).await?;
            // Its error reaches whoever waits for a response.
            let task = tokio::spawn(async move { drop(connection.await) });
            client.batch_execute(SETTINGS).await?;
            Ok((client, task))
        })
    }
}

pub(super) fn pool(config: Config, tls: Tls) -> Result<Pool, impl fmt::Display> {
    let recycling_method = RecyclingMethod::Fast;
    let manager = Manager::from_connect(config, Connector(tls), ManagerConfig { recycling_method });
    Pool::builder(manager)
        .runtime(Runtime::Tokio1)
        .max_size(POOL_SIZE)
        .wait_timeout(Some(ANSWER_TIMEOUT))
        .create_timeout(Some(CONNECT_TIMEOUT))
        .recycle_timeout(Some(TRIAL_TIMEOUT))
        .queue_mode(deadpool_postgres::QueueMode::Lifo)
        // One that was just used costs no round trip; one that rested may be dead without a word.
        .pre_recycle(Hook::async_fn(|client: &mut ClientWrapper, metrics| {
            Box::pin(async move {
                if metrics.last_used() < REST {
                    return Ok(());
                }
                client.batch_execute("").await.map_err(HookError::Backend)
            })
        }))
        .build()
}

/// Gives up on work that takes too long. Its connection must not be used again.
pub(super) async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or(Err(Failure::TimedOut))
}

/// Takes the lock of a run, which lasts as long as the connection. Whoever held it a moment ago may still be leaving, so it
/// waits a little before it says no.
pub(super) async fn lock_run(client: &ClientWrapper, run: RunId) -> Result<bool, Failure> {
    // A server may be told to end sessions that are idle, as this one will be.
    let settings = "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout';
                    SET lock_timeout = '1s'";
    client.batch_execute(settings).await?;
    let name = format!("enkash ledger: run {run}");
    let locked = Session::from(client)
        .query("SELECT pg_advisory_lock(hashtextextended($1, 0))", &[&name])
        .await;
    match locked {
        Ok(_) => Ok(true),
        Err(failure) if failure.is(&SqlState::LOCK_NOT_AVAILABLE) => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// A connection, or the transaction that is open on it, with its prepared statements.
#[derive(Clone, Copy)]
pub(super) struct Session<'a> {
    pub(super) client: &'a Client,
    cache: &'a StatementCache,
}

impl<'a> From<&'a ClientWrapper> for Session<'a> {
    fn from(client: &'a ClientWrapper) -> Self {
        Self {
            client,
            cache: &client.statement_cache,
        }
    }
}

impl<'a> From<&'a Transaction<'_>> for Session<'a> {
    fn from(transaction: &'a Transaction<'_>) -> Self {
        Self {
            client: transaction.client(),
            cache: &transaction.statement_cache,
        }
    }
}

/// Values of a statement.
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Session<'_> {
    /// Returns once the server has committed, where no transaction is open.
    pub(super) async fn query(self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, Failure> {
        let statement = self.cache.prepare(self.client, sql).await?;
        Ok(self.client.query(&statement, values).await?)
    }

    /// At most one row; otherwise as [`query`](Self::query).
    pub(super) async fn query_opt(self, sql: &str, values: Values<'_>) -> Result<Option<Row>, Failure> {
        let statement = self.cache.prepare(self.client, sql).await?;
        Ok(self.client.query_opt(&statement, values).await?)
    }

    /// The one value of the one row; otherwise as [`query`](Self::query).
    pub(super) async fn value<T: FromSqlOwned>(self, sql: &str, values: Values<'_>) -> Result<T, Failure> {
        let statement = self.cache.prepare(self.client, sql).await?;
        Ok(self.client.query_one(&statement, values).await?.try_get(0)?)
    }

    /// How many rows it changed; otherwise as [`query`](Self::query).
    pub(super) async fn execute(self, sql: &str, values: Values<'_>) -> Result<u64, Failure> {
        let statement = self.cache.prepare(self.client, sql).await?;
        Ok(self.client.execute(&statement, values).await?)
    }
}

/// Why work on a connection failed.
pub(super) enum Failure {
    Database(Error),
    Ledger(LedgerError),
    TimedOut,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl From<PoolError> for Failure {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => Self::Database(error),
            _ => Self::TimedOut,
        }
    }
}

impl Failure {
    pub(super) fn is(&self, state: &SqlState) -> bool {
        matches!(self, Self::Database(error) if error.code() == Some(state))
    }

    pub(super) fn at(self, place: &str) -> LedgerError {
        match self {
            Self::Ledger(error) => error,
            Self::TimedOut => LedgerError::unavailable(
                place,
                "the server does not respond in time, or all connections are busy",
            ),
            Self::Database(error) => LedgerError::unavailable(place, describe(&error)),
        }
    }
}

/// What happened, without what the server says in its own words: those may hold the user's name or a row's content.
fn describe(error: &Error) -> String {
    let Some(code) = error.code() else {
        let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<io::Error>());
        return match cause {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        };
    };
    let text = match code.code() {
        "28000" | "28P01" => "the server refuses the login",
        "3D000" => "the server has no such database",
        "42501" => "the database does not permit that to the ledger's user",
        "53300" => "the server has no connection left",
        "53100" => "the server's disk is full",
        "53200" => "the server's memory is full",
        "40P01" => "two processes waited for each other",
        "57014" | "55P03" | "25P03" => "a statement took too long, or waited too long for another process",
        "57P01" | "57P02" | "57P03" => "the server is shutting down or starting up",
        "25006" => "the server only reads",
        "23505" | "23503" => "another process was faster",
        "22021" => "a text holds a character that the database cannot hold",
        _ => "the server reports an error",
    };
    format!("{text} (SQLSTATE {})", code.code())
}
