//! One worker of a run that is handed out: takes chunks of its rows from the ledger's database, and sends what is pending in
//! them. Any number of machines may do so at once; a row is sent by the one whose intent is committed.

use std::time::Duration;

use enkash_ledger::{HistoryFilter, Ledger, RowState, Run, RunId, RunState, worker::Chunk};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout},
};

use super::{
    SendOptions,
    execution::pause,
    report::{self, RunReport},
    send::RunSender,
    stop_rule::StopReason,
    totals::RunTotals,
};
use crate::{
    doubt,
    exit::{CliError, ExitStatus},
    interrupts::Interrupts,
    ledger,
    output::Output,
    session::Session,
};

/// How long to wait for a chunk before the runs are looked at.
const IDLE: Duration = Duration::from_secs(1);
/// After so long without a chunk, rows that are left are handed out again: their chunk may be lost.
const HAND_OUT_AGAIN: Duration = Duration::from_secs(60);

/// A worker, until it is stopped or nothing is handed out.
pub(crate) struct RunWorker<'a> {
    pub(crate) session: &'a Session,
    pub(crate) ledger: &'a Ledger,
    pub(crate) options: &'a SendOptions,
    pub(crate) until_done: bool,
}

impl RunWorker<'_> {
    pub(crate) async fn run(&self, output: &mut Output) -> Result<ExitStatus, CliError> {
        let mut interrupts = Interrupts::listen()?;
        output.keep_outcomes();
        let (sender, mut chunks) = mpsc::channel(1);
        let (stop, stopped) = oneshot::channel::<()>();
        let (ledger, scope) = (self.ledger.clone(), self.session.connection.scope());
        let engine = tokio::spawn(async move {
            let stop = async move { drop(stopped.await) };
            ledger.work(&scope, sender, stop).await
        });
        let worked = self.take_chunks(&mut chunks, &mut interrupts, output).await;
        drop(stop);
        drop(chunks);
        let ended = engine
            .await
            .map_err(|error| CliError::runtime(format!("the worker ended: {error}")))?;
        let exit = worked?;
        ended.map_err(ledger::unusable)?;
        Ok(exit)
    }

    async fn take_chunks(
        &self,
        chunks: &mut mpsc::Receiver<Chunk>,
        interrupts: &mut Interrupts,
        output: &mut Output,
    ) -> Result<ExitStatus, CliError> {
        let mut last = Instant::now();
        let mut next: Option<Chunk> = None;
        loop {
            if interrupts.count() > 0 {
                return Ok(ExitStatus::Interrupted);
            }
            let chunk = match next.take() {
                Some(chunk) => Some(chunk),
                None => tokio::select! {
                    chunk = timeout(IDLE, chunks.recv()) => match chunk {
                        Ok(Some(chunk)) => Some(chunk),
                        // The engine has ended, and says why.
                        Ok(None) => return Ok(ExitStatus::Done),
                        Err(_) => None,
                    },
                    () = interrupts.wait_for(1) => return Ok(ExitStatus::Interrupted),
                },
            };
            if let Some(chunk) = chunk {
                next = self.send_run(chunk, chunks, interrupts, output).await?;
                last = Instant::now();
                continue;
            }
            let open = self.finish_runs(last.elapsed() > HAND_OUT_AGAIN).await?;
            if self.until_done && open == 0 {
                return Ok(ExitStatus::Done);
            }
        }
    }

    /// Sends chunk after chunk of one run. Gives the first chunk of another.
    async fn send_run(
        &self,
        first: Chunk,
        chunks: &mut mpsc::Receiver<Chunk>,
        interrupts: &mut Interrupts,
        output: &mut Output,
    ) -> Result<Option<Chunk>, CliError> {
        let run = self.ledger.run(first.run).await.map_err(ledger::unusable)?;
        let account = self.session.rewards.account().await?;
        let available = report::amount(account.value().available_balance);
        let rows = self
            .ledger
            .pending_rows(run.id, first.first.saturating_sub(1), 200)
            .await
            .map_err(ledger::unusable)?;
        let report = RunReport::begin_rows(&run, &rows, output)?;
        let mut sender = RunSender::new(self.session, self.ledger, &run, self.options, &report, available)?;
        let mut chunk = first;
        loop {
            self.send_chunk(&run, chunk, &mut sender, interrupts, output).await?;
            if interrupts.count() > 0 {
                return Ok(None);
            }
            match timeout(IDLE, chunks.recv()).await {
                Ok(Some(next)) if next.run == run.id => chunk = next,
                Ok(next) => return Ok(next),
                Err(_) => return Ok(None),
            }
        }
    }

    async fn send_chunk(
        &self,
        run: &Run,
        chunk: Chunk,
        sender: &mut RunSender<'_>,
        interrupts: &mut Interrupts,
        output: &mut Output,
    ) -> Result<(), CliError> {
        let standing = self.ledger.run(run.id).await.map_err(ledger::unusable)?;
        if standing.state != RunState::HandedOut {
            // Paused, canceled, or taken back: whoever hands it out again makes new chunks.
            chunk.finish();
            return Ok(());
        }
        // What another worker left on its way is unknown. Where that worker lives, its own response still counts.
        let interrupted = self
            .ledger
            .interrupt_places(run.id, chunk.first, chunk.last)
            .await
            .map_err(ledger::unusable)?;
        if interrupted > 0 {
            output.warn(&format!(
                "{interrupted} rows of places {} to {} were on their way from another worker: they are unknown until {} \
                 finds them",
                chunk.first,
                chunk.last,
                doubt::settle()
            ));
        }
        sender.set_places(chunk.first, chunk.last);
        match sender.run(interrupts, output).await? {
            // Whoever withdrew the run hands its rows out anew.
            None | Some(StopReason::Withdrawn) => chunk.finish(),
            Some(StopReason::Interrupted) => chunk.give_back(),
            Some(reason) => {
                let pause = pause(reason.as_str(), reason.describe());
                self.ledger
                    .set_run_state(run.id, RunState::Paused, Some(&pause))
                    .await
                    .map_err(ledger::unusable)?;
                output.warn(&format!("run {} is paused: {}", run.id, reason.describe()));
                chunk.finish();
            }
        }
        self.finish_run(run.id).await?;
        Ok(())
    }

    /// Ends the runs of this account of which no row is left. Says how many are still handed out.
    async fn finish_runs(&self, hand_out_again: bool) -> Result<usize, CliError> {
        let scope = self.session.connection.scope();
        let (mut open, mut below) = (0, None);
        loop {
            let runs = self.ledger.runs(below, 100).await.map_err(ledger::unusable)?;
            let Some(last) = runs.last() else { return Ok(open) };
            below = Some(last.id);
            let is_ours = |run: &&Run| run.state == RunState::HandedOut && run.scope == scope;
            for run in runs.iter().filter(is_ours) {
                if self.finish_run(run.id).await? {
                    continue;
                }
                open += 1;
                if hand_out_again {
                    self.ledger.hand_out_again(run.id).await.map_err(ledger::unusable)?;
                }
            }
        }
    }

    /// Ends a run of which no row is left to send and none is on its way. Says whether it has ended.
    async fn finish_run(&self, run: RunId) -> Result<bool, CliError> {
        let totals = RunTotals::read(self.ledger, run).await?;
        let mut on_their_way = HistoryFilter::default();
        on_their_way.run = Some(run);
        on_their_way.states = vec![RowState::Sending];
        let sending = self
            .ledger
            .history(&on_their_way, None, 1)
            .await
            .map_err(ledger::unusable)?;
        if totals.counts.pending.rows > 0 || !sending.is_empty() {
            return Ok(false);
        }
        let (state, reason) = match totals.is_open() {
            true => (RunState::Paused, Some(StopReason::NotSent)),
            false => (RunState::Finished, None),
        };
        let pause = reason.map(|reason| pause(reason.as_str(), reason.describe()));
        self.ledger
            .set_run_state(run, state, pause.as_ref())
            .await
            .map_err(ledger::unusable)?;
        Ok(true)
    }
}
