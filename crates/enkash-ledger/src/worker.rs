//! Many machines send one run: its rows are handed out in chunks by graphile_worker, in the ledger's own database. The engine
//! carries no safety. It may hand a chunk out twice, or to two workers at once; each row is still sent by the one whose intent
//! is committed. The command's `run work` is a worker.

use std::{collections::BTreeSet, fmt, time::Duration};

use enkash_postgres::deadpool_postgres::Pool;
use graphile_worker::{
    IntoTaskHandlerResult, JobKeyMode, JobSpec, TaskHandler, WorkerContext, WorkerOptions, WorkerUtils,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, oneshot};

use crate::{call::Scope, error::LedgerError, ids::RunId, ledger::Ledger, run::RunState, store::Result};

/// How many rows a chunk has. So many that the engine's speed does not matter.
pub const CHUNK_ROWS: u64 = 200;
/// How often a worker says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How often the workers look for one that does not.
const SWEEP: Duration = Duration::from_secs(10);
/// After so long without a sign its chunk goes to another.
const DEAD_AFTER: Duration = Duration::from_secs(30);
/// How often a worker looks for a chunk.
const POLL: Duration = Duration::from_millis(500);
/// How often a chunk may be given back: a run ends by its rows, and not by the engine's patience.
const MAX_ATTEMPTS: i16 = i16::MAX;

/// Rows of a run for one worker: those that are pending of these places.
#[derive(Debug)]
#[non_exhaustive]
pub struct Chunk {
    /// The run.
    pub run: RunId,
    /// The first place.
    pub first: u64,
    /// The last place.
    pub last: u64,
    reply: oneshot::Sender<bool>,
}

impl Chunk {
    /// The chunk is dealt with, and nobody needs to take it again.
    pub fn finish(self) {
        let _ = self.reply.send(true);
    }

    /// The chunk goes to another worker, or to this one later.
    pub fn give_back(self) {
        let _ = self.reply.send(false);
    }
}

/// What the engine's table holds of a chunk: numbers alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SendChunk {
    run: i64,
    first: u64,
    last: u64,
}

/// The way from the engine to whoever sends.
#[derive(Clone)]
struct Sink(mpsc::Sender<Chunk>);

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sink")
    }
}

impl TaskHandler for SendChunk {
    const IDENTIFIER: &'static str = "send_chunk";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let Some(Sink(chunks)) = context.get_ext::<Sink>() else {
            return Err("the worker takes no chunks".to_owned());
        };
        let (reply, finished) = oneshot::channel();
        let chunk = Chunk {
            run: RunId(self.run),
            first: self.first,
            last: self.last,
            reply,
        };
        if chunks.send(chunk).await.is_err() {
            return Err("the worker ends".to_owned());
        }
        match finished.await {
            Ok(true) => Ok(()),
            _ => Err("the chunk was given back".to_owned()),
        }
    }
}

impl Ledger {
    fn queue(&self) -> Result<&Pool> {
        let no_queue = || LedgerError::invalid("a ledger in a file has one machine: handing rows out needs PostgreSQL");
        self.store.pool().ok_or_else(no_queue)
    }

    /// Whether rows of this ledger can be handed out at all.
    ///
    /// # Errors
    ///
    /// Where it is no PostgreSQL.
    pub fn check_queue(&self) -> Result<()> {
        self.queue().map(drop)
    }

    /// Hands the run's pending rows out to the workers of its account. Says how many chunks. Done again, it hands out what is
    /// left, and no chunk waits twice.
    ///
    /// # Errors
    ///
    /// Where the ledger is no PostgreSQL, the run has ended, or the database cannot be used.
    pub async fn hand_out(&self, run: RunId) -> Result<u64> {
        self.queue()?;
        if !self.set_run_state(run, RunState::HandedOut, None).await? {
            return Err(LedgerError::invalid(format!("run {run} has ended")));
        }
        self.hand_out_again(run).await
    }

    /// The same for a run that is handed out already: a chunk may be lost. Its state stays.
    ///
    /// # Errors
    ///
    /// Where the ledger is no PostgreSQL, or the database cannot be used.
    pub async fn hand_out_again(&self, run: RunId) -> Result<u64> {
        let pool = self.queue()?.clone();
        let found = self.run(run).await?;
        let chunks = self.pending_chunks(run).await?;
        let schema = schema(&found.scope);
        let unavailable = |error: &dyn fmt::Display| LedgerError::unavailable(self.place(), error);
        let queue = WorkerUtils::new(pool, schema);
        queue.migrate().await.map_err(|error| unavailable(&error))?;
        let count = chunks.len() as u64;
        for first in chunks {
            let chunk = SendChunk {
                run: run.0,
                first,
                last: first + CHUNK_ROWS - 1,
            };
            let spec = JobSpec {
                job_key: Some(format!("{run}:{first}")),
                job_key_mode: Some(JobKeyMode::Replace),
                max_attempts: Some(MAX_ATTEMPTS),
                ..JobSpec::default()
            };
            queue.add_job(chunk, spec).await.map_err(|error| unavailable(&error))?;
        }
        Ok(count)
    }

    /// The first places of the chunks that have a pending row.
    async fn pending_chunks(&self, run: RunId) -> Result<BTreeSet<u64>> {
        let mut chunks = BTreeSet::new();
        let mut after = 0;
        loop {
            // One row of each chunk is enough.
            let rows = self.pending_rows(run, after, 1).await?;
            let Some(row) = rows.first() else { return Ok(chunks) };
            let first = (row.place - 1) / CHUNK_ROWS * CHUNK_ROWS + 1;
            chunks.insert(first);
            after = first + CHUNK_ROWS - 1;
        }
    }

    /// Takes chunks of this account's runs, one at a time, until `stop` ends. Each goes to `chunks`, and the next comes when it
    /// is finished or given back.
    ///
    /// A worker that died, or was paused, for half a minute loses its chunk to another. Where it lives on, that is safe: the
    /// rows decide.
    ///
    /// # Errors
    ///
    /// Where the ledger is no PostgreSQL, or the database cannot be used.
    pub async fn work(
        &self,
        scope: &Scope,
        chunks: mpsc::Sender<Chunk>,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        let pool = self.queue()?.clone();
        let unavailable = |error: &dyn fmt::Display| LedgerError::unavailable(self.place(), error);
        let worker = WorkerOptions::default()
            .database(pool)
            .schema(schema(scope))
            .concurrency(1)
            .poll_interval(POLL)
            .heartbeat_interval(HEARTBEAT)
            .sweep_interval(SWEEP)
            .sweep_threshold(DEAD_AFTER)
            .listen_os_shutdown_signals(false)
            .shutdown_signal(stop)
            .add_extension(Sink(chunks))
            .define_job::<SendChunk>()
            .init()
            .await
            .map_err(|error| unavailable(&error))?;
        worker.run().await.map_err(|error| unavailable(&error))
    }
}

/// The engine's tables of one account: a worker takes no rows of another's.
fn schema(scope: &Scope) -> String {
    let name = format!("{}\n{}\n{}", scope.host, scope.company, scope.account);
    let hash = Sha256::digest(name.as_bytes());
    let hex: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("enkash_work_{hex}")
}
