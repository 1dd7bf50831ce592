//! Sends a run that is confirmed: the lock, what is in flight from before, the rows, and at the end what became of them and how
//! to go on. A job is made by `start`.

use enkash::Timestamp;
use enkash_ledger::{Amount, LedgerError, PauseReason, Run, RunId, RunState};

use super::{
    balance::BalanceCheck,
    job::{self, Job},
    report::{RunReport, print_report},
    send::RunSender,
    stop_rule::StopReason,
    totals::RunTotals,
    unknown_rows,
};
use crate::{
    command_line::called_as,
    exit::{CliError, ExitStatus},
    interrupts::Interrupts,
    ledger,
    output::Output,
};

/// How many rows stand for the widths of all.
const WIDTH_ROWS: u32 = 500;

impl Job<'_> {
    /// `interrupts` are listened to since before the question: none of them is lost.
    pub(super) async fn send(
        &self,
        run: RunId,
        interrupts: &mut Interrupts,
        output: &mut Output,
    ) -> Result<ExitStatus, CliError> {
        let found = self.ledger.run(run).await.map_err(ledger::unusable)?;
        if let Some(waiting) = self.waiting_for_approval(&found).await? {
            return Err(CliError::not_sent(waiting));
        }
        let Some(_lock) = self.ledger.lock_run(run).await.map_err(ledger::unusable)? else {
            return Err(job::is_being_sent(run));
        };
        // Another process may have had it until a moment ago.
        let found = self.ledger.run(run).await.map_err(ledger::unusable)?;
        if !found.state.is_open() {
            return self.report_ended(&found, output).await;
        }
        let is_interrupted = self.ledger.interrupt_run(run).await.map_err(ledger::unusable)? > 0;
        let was_started = found.started_at.is_some() || is_interrupted;
        if self.options.workers {
            return self.hand_out(&found, was_started, output).await;
        }
        if !self
            .ledger
            .set_run_state(run, RunState::Running, None)
            .await
            .map_err(ledger::unusable)?
        {
            let ended = self.ledger.run(run).await.map_err(ledger::unusable)?;
            return self.report_ended(&ended, output).await;
        }
        match self.session.connection.is_live() {
            true => output.keep_outcomes(),
            false => output.keep_outcomes_for_readers(),
        }
        if was_started {
            let within = self.options.settle_within;
            tokio::select! {
                settled = unknown_rows::settle(self.session, self.ledger, run, within, output) => settled?,
                // What was not looked up stays unknown, and nothing is sent.
                () = interrupts.wait_for(1) => {}
            }
        }
        let sent = self.send_rows(&found, interrupts, output).await;
        let (stopped, failure) = match sent {
            Ok(stopped) => (stopped, None),
            Err(failure) => (None, Some(failure)),
        };
        self.end(&found, stopped, failure, interrupts, output).await
    }

    /// Nothing is left to send: says what the run came to.
    pub(super) async fn report_ended(&self, run: &Run, output: &mut Output) -> Result<ExitStatus, CliError> {
        output.note(&format!(
            "run {} of {} is {} since {}: nothing is sent, and this is its report",
            run.id,
            run.file_name,
            run.state.as_str(),
            ledger::format_time(run.ended_at.unwrap_or(run.created_at))
        ));
        print_report(self.ledger, run, output).await
    }

    /// Leaves the rows to workers on other machines.
    #[cfg(feature = "worker")]
    async fn hand_out(&self, run: &Run, was_started: bool, output: &mut Output) -> Result<ExitStatus, CliError> {
        let before = self.balance().await?;
        self.keep_balance_before(run.id, before).await?;
        if was_started {
            let within = self.options.settle_within;
            unknown_rows::settle(self.session, self.ledger, run.id, within, output).await?;
        }
        let chunks = self.ledger.hand_out(run.id).await.map_err(ledger::unusable)?;
        match output.format {
            crate::output::Format::Json => {
                output.json(&serde_json::json!({"type": "handed_out", "run": run.id, "chunks": chunks}))?
            }
            _ => output.print_line(&format!(
                "run {} is handed out in {chunks} chunks: {} run work sends them, on any machine with this ledger",
                run.id,
                called_as()
            ))?,
        }
        Ok(ExitStatus::Done)
    }

    #[cfg(not(feature = "worker"))]
    async fn hand_out(&self, _run: &Run, _was_started: bool, _output: &mut Output) -> Result<ExitStatus, CliError> {
        self.check_workers().map(|()| ExitStatus::Done)
    }

    async fn send_rows(
        &self,
        run: &Run,
        interrupts: &mut Interrupts,
        output: &mut Output,
    ) -> Result<Option<StopReason>, CliError> {
        let before = self.balance().await?;
        self.keep_balance_before(run.id, before).await?;
        let first = self
            .ledger
            .pending_rows(run.id, 0, WIDTH_ROWS)
            .await
            .map_err(ledger::unusable)?;
        let report = RunReport::begin(run, &first, before, output)?;
        if output.has_lost_results() {
            return Ok(Some(StopReason::Output));
        }
        let left = self.ledger.counts(run.id).await.map_err(ledger::unusable)?;
        output.begin_progress(left.left.rows);
        let mut sender = RunSender::new(self.session, self.ledger, run, self.options, &report, before)?;
        let stopped = sender.run(interrupts, output).await;
        output.end_progress();
        stopped
    }

    /// Says what the run came to, and where it stands.
    async fn end(
        &self,
        run: &Run,
        stopped: Option<StopReason>,
        failure: Option<CliError>,
        interrupts: &mut Interrupts,
        output: &mut Output,
    ) -> Result<ExitStatus, CliError> {
        let totals = RunTotals::read(self.ledger, run.id)
            .await
            .map_err(|failure| unreadable_end(run.id, &failure.message))?;
        let stopped = match stopped {
            None if failure.is_none() && totals.is_open() => Some(StopReason::NotSent),
            stopped => stopped,
        };
        let (state, pause) = match (&failure, stopped) {
            (Some(failure), _) => (RunState::Paused, Some(pause("failure", &failure.message))),
            (None, Some(reason)) => (RunState::Paused, Some(pause(reason.as_str(), reason.describe()))),
            (None, None) => (RunState::Finished, None),
        };
        let written = self.ledger.set_run_state(run.id, state, pause.as_ref()).await;
        warn_not_written(written.map(drop), output);
        if let Some(failure) = failure {
            if totals.exit() == ExitStatus::Unknown {
                output.warn(&totals.describe());
            }
            return Err(CliError {
                exit: ExitStatus::worst_of([totals.exit_of_attempted(), failure.exit]),
                ..failure
            });
        }
        let asked_at = Timestamp::now();
        let after = self.balance_after(stopped, interrupts).await;
        if let Err(failure) = &after {
            output.warn(&format!(
                "enkash: the balance after the run is not known: {}",
                failure.message
            ));
        }
        let no_balance = after.as_ref().err().map(|_| ExitStatus::Failure);
        let after = after.unwrap_or_default();
        if let Some(after) = after {
            warn_not_written(self.ledger.set_balance_after(run.id, after, asked_at).await, output);
        }
        let ended = self.ledger.run(run.id).await;
        let ended = ended.map_err(|error| unreadable_end(run.id, &error.to_string()))?;
        let report = RunReport::without_rows(&ended, output);
        let after = after.map(|after| (after, asked_at));
        let balance = BalanceCheck::asked(ended.balance_before, after, &totals);
        report
            .end(&ended, &totals, balance, stopped, output)
            .map_err(|failure| CliError {
                exit: ExitStatus::worst_of([totals.exit(), failure.exit]),
                ..failure
            })?;
        self.note_next(&ended, output);
        let interrupted = (stopped == Some(StopReason::Interrupted)).then_some(ExitStatus::Interrupted);
        let credentials = (stopped == Some(StopReason::Credentials)).then_some(ExitStatus::Credentials);
        Ok(ExitStatus::worst_of(
            [Some(totals.exit()), interrupted, credentials, no_balance]
                .into_iter()
                .flatten(),
        ))
    }

    async fn keep_balance_before(&self, run: RunId, before: Option<Amount>) -> Result<(), CliError> {
        match before {
            Some(before) => {
                let kept = self.ledger.set_balance_before(run, before).await;
                kept.map_err(ledger::unusable)
            }
            None => Ok(()),
        }
    }

    async fn balance_after(
        &self,
        stopped: Option<StopReason>,
        interrupts: &mut Interrupts,
    ) -> Result<Option<Amount>, CliError> {
        match interrupts.count() {
            // Somebody is in a hurry, and the API may not respond.
            2.. => Err(CliError::not_sent("it was not asked for")),
            // It would be one more login.
            _ if stopped == Some(StopReason::Credentials) => {
                Err(CliError::not_sent("the credentials were not accepted"))
            }
            count => tokio::select! {
                after = self.balance() => after,
                () = interrupts.wait_for(count + 1) => Err(CliError::not_sent("it was not waited for")),
            },
        }
    }

    /// How to go on without paying anybody twice.
    fn note_next(&self, run: &Run, output: &mut Output) {
        let (id, command) = (run.id, called_as());
        let text = match (self.session.connection.is_live(), run.state) {
            (false, _) => {
                "The ledger of --sandbox ends with the command, so this can be run again. Live, the same command \
                           again continues its run and pays nobody twice."
                    .to_owned()
            }
            (true, RunState::Finished) => format!(
                "run {id} is finished: the same command again sends nothing and repeats this report. {command} reconcile --run \
                 {id} compares it with the account."
            ),
            (true, _) => format!(
                "run {id} is paused: the same command again, or {command} run resume {id}, sends what is left and pays nobody \
                 twice."
            ),
        };
        output.note(&text);
    }
}

/// Rows were sent, and the ledger cannot say what the run came to.
fn unreadable_end(run: RunId, reason: &str) -> CliError {
    let reason = reason.trim_end_matches(". Nothing was sent.");
    CliError {
        exit: ExitStatus::Unknown,
        message: format!(
            "run {run} was being sent, and what it came to cannot be read: {reason}. What was told is true. Once the ledger can be \
             used, the same command again continues the run and pays nobody twice."
        ),
    }
}

/// What became of the rows is known and told in any case.
fn warn_not_written(written: Result<(), LedgerError>, output: &mut Output) {
    if let Err(error) = written {
        output.warn(&format!(
            "warning: how the run ended could not be written down: {error}. The same command again continues it."
        ));
    }
}

pub(super) fn pause(word: &str, text: &str) -> PauseReason {
    PauseReason {
        word: word.to_owned(),
        text: text.to_owned(),
    }
}
