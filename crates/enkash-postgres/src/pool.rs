//! The connections: how they are made, checked before they are used again, and given up. Every wait ends.

use std::{fmt, pin::Pin, time::Duration};

use deadpool_postgres::{
    ClientWrapper, Connect, Hook, HookError, Manager, ManagerConfig, Object, QueueMode, RecyclingMethod, Runtime,
};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config};

use crate::{
    address::{Address, CONNECT_TIMEOUT},
    error::Error,
    tls::Tls,
};

/// How long to wait for a response. The server gives up on a statement a little earlier.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(40);
/// A connection that nobody used for so long is tried before it is used.
const REST: Duration = Duration::from_secs(5);
/// How long that may take.
const TRIAL_TIMEOUT: Duration = Duration::from_secs(5);

/// What every session is set to, whatever the server's own settings are.
///
/// A commit that does not wait for the disk could be lost, and what it stood for be done twice. The server gives up on a machine
/// that died, and so on its locks.
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
    ) -> Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), tokio_postgres::Error>> + Send + '_>> {
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

/// Connections to one database.
pub struct Pool {
    pool: deadpool_postgres::Pool,
    place: String,
}

impl Pool {
    /// So many connections at most, beside those that were taken out with [`own_client`](Self::own_client). The first is made
    /// when it is needed.
    ///
    /// # Errors
    ///
    /// Where this machine's certificates cannot be used.
    pub fn new(address: Address, size: usize) -> Result<Self, Error> {
        let Address { config, place } = address;
        let tls = Tls::new().map_err(|error| Error::unavailable(error.to_string()))?;
        let recycling_method = RecyclingMethod::Fast;
        let manager = Manager::from_connect(config, Connector(tls), ManagerConfig { recycling_method });
        let pool = deadpool_postgres::Pool::builder(manager)
            .runtime(Runtime::Tokio1)
            .max_size(size)
            .wait_timeout(Some(ANSWER_TIMEOUT))
            .create_timeout(Some(CONNECT_TIMEOUT))
            .recycle_timeout(Some(TRIAL_TIMEOUT))
            .queue_mode(QueueMode::Lifo)
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
            .map_err(|error| Error::unavailable(error.to_string()))?;
        Ok(Self { pool, place })
    }

    /// Hosts and database, for messages.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The pool itself, for a library that brings its own statements.
    #[must_use]
    pub fn as_deadpool(&self) -> &deadpool_postgres::Pool {
        &self.pool
    }

    async fn client(&self, limit: Duration) -> Result<Object, Error> {
        // Connections that turn out to be dead are tried one after the other, each for a while.
        within(limit, async { Ok(self.pool.get().await?) }).await
    }

    /// A connection of its own, which ends when it is dropped.
    ///
    /// # Errors
    ///
    /// Where the server cannot be reached, or refuses the login.
    pub async fn own_client(&self) -> Result<ClientWrapper, Error> {
        Ok(Object::take(self.client(ANSWER_TIMEOUT).await?))
    }

    /// Works on a connection of the pool. Gives up where none can be had for so long, or the work takes longer. A connection whose work
    /// was given up, also by a caller who waits no longer, is closed.
    ///
    /// ```
    /// use enkash_postgres::{ANSWER_TIMEOUT, Error, Pool};
    ///
    /// async fn forget(pool: &Pool, account: &str) -> Result<(), Error> {
    ///     pool.run(ANSWER_TIMEOUT, async |client| {
    ///         let transaction = client.transaction().await?;
    ///         transaction.execute("DELETE FROM example.token WHERE account = $1", &[&account]).await?;
    ///         transaction.execute("DELETE FROM example.strike WHERE account = $1", &[&account]).await?;
    ///         Ok(transaction.commit().await?)
    ///     })
    ///     .await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// That of the work, or where no connection can be had or the time is over.
    pub async fn run<T, E: From<Error>>(
        &self,
        limit: Duration,
        work: impl AsyncFnOnce(&mut ClientWrapper) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut client = BusyClient(Some(self.client(limit.min(ANSWER_TIMEOUT)).await?));
        let Some(connection) = &mut client.0 else {
            unreachable!("it is taken at the end");
        };
        let done = tokio::time::timeout(limit, work(connection)).await;
        if done.is_ok() {
            // It goes back to the pool.
            drop(client.0.take());
        }
        done.unwrap_or_else(|_| Err(Error::timed_out().into()))
    }
}

/// A connection at work. Where the work is given up in the middle, nobody else may get what the server still sends for it.
struct BusyClient(Option<Object>);

impl Drop for BusyClient {
    fn drop(&mut self) {
        drop(self.0.take().map(Object::take));
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

/// Gives up on work that takes too long. Its connection must not be used again.
///
/// # Errors
///
/// That of the work, or where the time is over.
pub async fn within<T, E: From<Error>>(limit: Duration, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let done = tokio::time::timeout(limit, work).await;
    done.unwrap_or_else(|_| Err(Error::timed_out().into()))
}
