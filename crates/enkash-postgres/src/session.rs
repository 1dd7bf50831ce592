//! How a statement runs: on a connection, or in the transaction that is open on it. Users write a function over a session once,
//! and call it in both.

use deadpool_postgres::{ClientWrapper, StatementCache, Transaction};
use tokio_postgres::{
    Client, Row,
    types::{FromSqlOwned, ToSql},
};

use crate::error::Error;

/// A connection, or the transaction that is open on it, with its prepared statements.
///
/// ```
/// use enkash_postgres::{Error, Session};
///
/// async fn rename(session: Session<'_>, id: i64, name: &str) -> Result<bool, Error> {
///     let sql = "UPDATE example.person SET name = $2 WHERE id = $1";
///     Ok(session.execute(sql, &[&id, &name]).await? == 1)
/// }
/// ```
#[derive(Clone, Copy)]
pub struct Session<'a> {
    client: &'a Client,
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
pub type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Session<'_> {
    /// The rows of a statement. It returns once the server has committed, where no transaction is open.
    ///
    /// # Errors
    ///
    /// Where the server refuses the statement or does not respond.
    pub async fn query(self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, Error> {
        let statement = self.cache.prepare(self.client, sql).await?;
        Ok(self.client.query(&statement, values).await?)
    }

    /// At most one row; otherwise as [`query`](Self::query).
    ///
    /// # Errors
    ///
    /// Where the server refuses the statement or does not respond, or there are more rows.
    pub async fn query_opt(self, sql: &str, values: Values<'_>) -> Result<Option<Row>, Error> {
        let statement = self.cache.prepare(self.client, sql).await?;
        Ok(self.client.query_opt(&statement, values).await?)
    }

    /// The one value of the one row; otherwise as [`query`](Self::query).
    ///
    /// # Errors
    ///
    /// Where the server refuses the statement or does not respond, or there is no such value.
    pub async fn value<T: FromSqlOwned>(self, sql: &str, values: Values<'_>) -> Result<T, Error> {
        let statement = self.cache.prepare(self.client, sql).await?;
        Ok(self.client.query_one(&statement, values).await?.try_get(0)?)
    }

    /// How many rows it changed; otherwise as [`query`](Self::query).
    ///
    /// # Errors
    ///
    /// Where the server refuses the statement or does not respond.
    pub async fn execute(self, sql: &str, values: Values<'_>) -> Result<u64, Error> {
        let statement = self.cache.prepare(self.client, sql).await?;
        Ok(self.client.execute(&statement, values).await?)
    }

    /// Runs several statements that have no values and are not worth being prepared.
    ///
    /// # Errors
    ///
    /// Where the server refuses a statement or does not respond.
    pub async fn batch_execute(self, sql: &str) -> Result<(), Error> {
        Ok(self.client.batch_execute(sql).await?)
    }
}
