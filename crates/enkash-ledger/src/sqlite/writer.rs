//! The one thread of a ledger that writes. It drains its queue into one transaction and commits that before it responds, so
//! that many rows share one wait for the disk. Each piece of work is a savepoint: one that fails undoes itself alone.

use std::thread;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::file::PrivateFile;
use crate::{error::LedgerError, store::Result};

/// How much work may wait. Whoever has more waits as well.
const QUEUE: usize = 1024;
/// How much work shares a transaction.
const GROUP: usize = 256;

/// A piece of work, with whoever waits for it.
trait Work: Send {
    /// In the transaction that is open.
    fn run(&mut self, connection: &Connection);

    /// Why it was not done, where it was not.
    fn error(&self) -> Option<LedgerError>;

    /// Once that is committed, or has failed.
    fn respond(self: Box<Self>, committed: &Result<()>);
}

struct Task<F, T> {
    work: Option<F>,
    result: Option<Result<T>>,
    sender: oneshot::Sender<Result<T>>,
    place: String,
}

impl<T: Send, F: FnOnce(&Connection) -> Result<T> + Send> Work for Task<F, T> {
    fn run(&mut self, connection: &Connection) {
        if let Some(work) = self.work.take() {
            self.result = Some(in_savepoint(connection, &self.place, work));
        }
    }

    fn error(&self) -> Option<LedgerError> {
        self.result.as_ref()?.as_ref().err().cloned()
    }

    fn respond(self: Box<Self>, committed: &Result<()>) {
        let result = match (committed, self.result) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(LedgerError::unavailable(&self.place, "the work was not done")),
            (Err(error), _) => Err(error.clone()),
        };
        // Nobody may wait any more.
        let _ = self.sender.send(result);
    }
}

/// The way to the thread, which ends with the last of these.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Work>>,
    place: String,
}

impl Writer {
    pub(super) fn start(mut connection: Connection, file: PrivateFile, place: String) -> Result<Self> {
        let (queue, work) = mpsc::channel(QUEUE);
        let name = place.clone();
        thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || write(&mut connection, &file, work, &name))
            .map_err(|error| LedgerError::unavailable(&place, error))?;
        Ok(Self { queue, place })
    }

    /// Runs this in a transaction, and returns once it is committed.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (sender, result) = oneshot::channel();
        let task = Task {
            work: Some(work),
            result: None,
            sender,
            place: self.place.clone(),
        };
        let gone = || LedgerError::unavailable(&self.place, "its writer has ended");
        self.queue.send(Box::new(task)).await.map_err(|_| gone())?;
        result.await.map_err(|_| gone())?
    }
}

fn in_savepoint<T>(connection: &Connection, place: &str, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    let run = |sql: &str| {
        let done = connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([]));
        done.map_err(|error| LedgerError::unavailable(place, error))
    };
    run("SAVEPOINT work")?;
    let result = work(connection);
    if result.is_err() && !connection.is_autocommit() {
        run("ROLLBACK TO work")?;
    }
    if !connection.is_autocommit() {
        run("RELEASE work")?;
    }
    result
}

fn write(connection: &mut Connection, file: &PrivateFile, mut queue: mpsc::Receiver<Box<dyn Work>>, place: &str) {
    while let Some(first) = queue.blocking_recv() {
        let mut group = vec![first];
        let committed = write_group(connection, file, &mut group, &mut queue, place);
        for work in group {
            work.respond(&committed);
        }
    }
}

/// Runs the group in a transaction, which everything joins that waits by then.
fn write_group(
    connection: &mut Connection,
    file: &PrivateFile,
    group: &mut Vec<Box<dyn Work>>,
    queue: &mut mpsc::Receiver<Box<dyn Work>>,
    place: &str,
) -> Result<()> {
    let unavailable = |error: rusqlite::Error| LedgerError::unavailable(place, error);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(unavailable)?;
    for work in group.iter_mut() {
        work.run(&transaction);
    }
    while group.len() < GROUP && !transaction.is_autocommit() {
        let Ok(mut work) = queue.try_recv() else { break };
        work.run(&transaction);
        group.push(work);
    }
    if transaction.is_autocommit() {
        // A full disk ends the whole transaction, and with it what the others wrote. The last one has met it.
        let reason = group.last().and_then(|work| work.error());
        return Err(reason.unwrap_or_else(|| LedgerError::unavailable(place, "the database undid the transaction")));
    }
    file.check_in_place()
        .map_err(|error| LedgerError::unavailable(place, error))?;
    transaction.commit().map_err(unavailable)
}
