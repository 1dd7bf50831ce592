//! From a file, or from a run in the ledger, to the rows that are sent: which run it is, what speaks against it, the question,
//! the lock, and at the end what became of it.

use std::path::Path;

use enkash_ledger::{Amount, Ledger, LedgerError, NewRun, PauseReason, Run, RunId, RunState};

use super::{
    ImportOptions, SendOptions,
    file::{self, CheckedFile},
    report::{self, RunReport, print_report},
    send::RunSender,
    stop_rule::StopReason,
    totals::RunTotals,
    unknown_rows,
};
use crate::{
    allocations_file,
    command::Context,
    confirm,
    exit::{CliError, ExitStatus},
    interrupts::Interrupts,
    ledger,
    output::Output,
    session::Session,
    value::{self, AccountKind, TicketExport, run_dry},
};

/// How many rows stand for the widths of all.
const WIDTH_ROWS: u32 = 500;

/// What one command does with a run.
struct Job<'a> {
    session: &'a Session,
    ledger: &'a Ledger,
    kind: AccountKind,
    options: &'a SendOptions,
}

/// Begins the run of a file, or continues it: the same file is the same run.
pub(crate) async fn start_file(
    path: &Path,
    kind: AccountKind,
    import: ImportOptions,
    options: &SendOptions,
    context: &mut Context<'_>,
) -> Result<ExitStatus, CliError> {
    TicketExport::refuse_existing(options.tickets.as_deref())?;
    let session = context.session().await?;
    let ledger = session.connection.ledger().await?;
    let job = Job {
        session: &session,
        ledger,
        kind,
        options,
    };
    let output = &mut *context.output;
    let is_regular = path.metadata().is_ok_and(|found| found.is_file());
    if is_regular && !import.new_run && !session.connection.is_dry_run {
        let hash = allocations_file::hash_file(path).map_err(|error| allocations_file::unreadable(path, &error))?;
        if let Some(run) = job.find(&hash).await? {
            return job.go_on(run, output).await;
        }
    }
    let new_run = NewRun::new(
        session.connection.scope(),
        kind.file_command(),
        path.file_name().unwrap_or_default().to_string_lossy(),
        crate::operator::current().name,
    );
    let checked = file::import(ledger, path, new_run, import, output).await?;
    if !is_regular
        && !import.new_run
        && let Some(run) = job.find(&checked.hash).await?
    {
        drop(checked);
        return job.go_on(run, output).await;
    }
    job.begin(path, checked, output).await
}

/// Continues a run of the ledger.
pub(crate) async fn continue_run(
    run: RunId,
    session: &Session,
    options: &SendOptions,
    output: &mut Output,
) -> Result<ExitStatus, CliError> {
    TicketExport::refuse_existing(options.tickets.as_deref())?;
    let ledger = session.connection.ledger().await?;
    let found = ledger.run(run).await.map_err(ledger::unusable)?;
    let scope = session.connection.scope();
    if found.scope != scope {
        return Err(CliError::bad_input(format!(
            "run {run} is of account {} of company {} on {}, and the settings name account {} of company {} on {}: nothing \
             was sent",
            found.scope.account, found.scope.company, found.scope.host, scope.account, scope.company, scope.host
        )));
    }
    let job = Job {
        session,
        ledger,
        kind: AccountKind::of_command(&found.command),
        options,
    };
    job.go_on(run, output).await
}

impl Job<'_> {
    async fn find(&self, hash: &str) -> Result<Option<RunId>, CliError> {
        let (scope, command) = (self.session.connection.scope(), self.kind.file_command());
        self.ledger
            .find_run(&scope, command, hash)
            .await
            .map_err(ledger::unusable)
    }

    /// A run that is new.
    async fn begin(&self, path: &Path, checked: CheckedFile, output: &mut Output) -> Result<ExitStatus, CliError> {
        let connection = &self.session.connection;
        checked.conflicts.check(path, output)?;
        let found = checked.import.found().clone();
        let limits = &connection.run_limits;
        limits.check(path, &found)?;
        let intent = file::describe(path, &found);
        if connection.is_dry_run {
            for line in &intent {
                output.warn(line);
            }
            return self.show_first(checked).await;
        }
        let approvals = limits.approvals_needed(found.total);
        let run = checked.import.commit(approvals).await.map_err(ledger::unusable)?;
        let confirmed = self.confirm(found.total, intent, output).await;
        if let Err(failure) = confirmed {
            // Nobody wanted it, and nothing of it was sent.
            self.ledger.discard_run(run).await.map_err(ledger::unusable)?;
            return Err(failure);
        }
        self.send(run, output).await
    }

    /// A run that is in the ledger already: it continues, or says what it came to.
    async fn go_on(&self, run: RunId, output: &mut Output) -> Result<ExitStatus, CliError> {
        let found = self.ledger.run(run).await.map_err(ledger::unusable)?;
        if !found.state.is_open() {
            output.note(&format!(
                "run {run} of {} is {} since {}: nothing is sent, and this is its report",
                found.file_name,
                found.state.as_str(),
                ended(&found)
            ));
            return print_report(self.ledger, &found, output).await;
        }
        if let Some(waiting) = self.waiting_for_approval(&found).await? {
            return Err(CliError::not_sent(waiting));
        }
        let totals = RunTotals::read(self.ledger, run).await?;
        let left = totals.counts.pending.amount.checked_add(totals.counts.not_sent.amount);
        let left = left.map_err(|error| ledger::unusable(error.into()))?;
        let intent = vec![
            format!(
                "continue run {run} of {}, which is {}",
                found.file_name,
                ledger::run_state(self.ledger, &found).await?
            ),
            totals.describe(),
            format!(
                "{} rows are left to send, {left} in all; what is unknown is looked up first and not sent again",
                totals.counts.pending.rows + totals.counts.not_sent.rows
            ),
        ];
        self.confirm(left, intent, output).await?;
        self.send(run, output).await
    }

    /// Shows what is about to happen with the account's balance, and asks.
    async fn confirm(&self, left: Amount, mut intent: Vec<String>, output: &mut Output) -> Result<(), CliError> {
        let connection = &self.session.connection;
        // Without an answer to come nobody needs to log in.
        let may_ask = connection.live_host.is_none() || confirm::can_ask(self.options.yes);
        if may_ask && let Some(balance) = self.balance().await? {
            if balance < left && !self.options.allow_short {
                return Err(CliError {
                    exit: ExitStatus::NotSent,
                    message: format!(
                        "the account holds {}, and the rows add up to {}: nothing was sent. Add funds, or send what it \
                         covers with --allow-short.",
                        report::shown(balance),
                        report::shown(left)
                    ),
                });
            }
            intent.push(format!("the account holds {}", report::shown(balance)));
        }
        let place = self.kind.describe(&self.session.rewards);
        let intent: Vec<_> = intent.iter().flat_map(|line| line.lines()).collect();
        value::confirm(connection, &intent, &place, self.options.yes, output)
    }

    /// What can still be allocated; `None` where the API does not say.
    async fn balance(&self) -> Result<Option<Amount>, CliError> {
        let account = self.session.rewards.account().await?;
        Ok(report::amount(account.value().available_balance))
    }

    /// The first request of a dry run.
    async fn show_first(&self, checked: CheckedFile) -> Result<ExitStatus, CliError> {
        let Some(row) = checked.first else {
            return Ok(ExitStatus::Done);
        };
        let allocation = enkash::rewards::Allocation::for_person(row.person, row.amount, row.reference);
        run_dry(self.session.rewards.allocate(allocation)).await
    }

    async fn send(&self, run: RunId, output: &mut Output) -> Result<ExitStatus, CliError> {
        let found = self.ledger.run(run).await.map_err(ledger::unusable)?;
        if let Some(waiting) = self.waiting_for_approval(&found).await? {
            return Err(CliError::not_sent(waiting));
        }
        let Some(_lock) = self.ledger.lock_run(run).await.map_err(ledger::unusable)? else {
            return Err(CliError::not_sent(format!(
                "another process is sending run {run}: nothing was sent by this one"
            )));
        };
        let mut interrupts = Interrupts::listen()?;
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
            return Err(CliError::not_sent(format!(
                "run {run} has ended meanwhile: nothing was sent"
            )));
        }
        match self.session.connection.live_host {
            Some(_) => output.keep_outcomes(),
            None => output.keep_outcomes_for_readers(),
        }
        if was_started {
            let within = self.options.settle_within;
            tokio::select! {
                settled = unknown_rows::settle(self.session, self.ledger, run, within, output) => settled?,
                // What was not looked up stays unknown, and nothing is sent.
                () = interrupts.wait_for(1) => {}
            }
        }
        let sent = self.send_rows(&found, &mut interrupts, output).await;
        let (stopped, failure) = match sent {
            Ok(stopped) => (stopped, None),
            Err(failure) => (None, Some(failure)),
        };
        self.end(&found, stopped, failure, &mut interrupts, output).await
    }

    /// Leaves the rows to workers on other machines.
    #[cfg(feature = "worker")]
    async fn hand_out(&self, run: &Run, was_started: bool, output: &mut Output) -> Result<ExitStatus, CliError> {
        let before = self.balance().await?;
        self.ledger
            .set_balance(run.id, before, None)
            .await
            .map_err(ledger::unusable)?;
        if was_started {
            let within = self.options.settle_within;
            unknown_rows::settle(self.session, self.ledger, run.id, within, output).await?;
        }
        let chunks = self.ledger.hand_out(run.id).await.map_err(ledger::unusable)?;
        output.print_line(&format!(
            "run {} is handed out in {chunks} chunks: enkash run work sends them, on any machine with this ledger",
            run.id
        ))?;
        Ok(ExitStatus::Done)
    }

    #[cfg(not(feature = "worker"))]
    async fn hand_out(&self, _run: &Run, _was_started: bool, _output: &mut Output) -> Result<ExitStatus, CliError> {
        Err(CliError::not_sent(
            "this enkash was built without workers: nothing was sent. Build it with --features worker.",
        ))
    }

    async fn send_rows(
        &self,
        run: &Run,
        interrupts: &mut Interrupts,
        output: &mut Output,
    ) -> Result<Option<StopReason>, CliError> {
        let before = self.balance().await?;
        self.ledger
            .set_balance(run.id, before, None)
            .await
            .map_err(ledger::unusable)?;
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
        output.begin_progress(left.pending.rows + left.not_sent.rows);
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
        let totals = RunTotals::read(self.ledger, run.id).await?;
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
        let after = self.balance_after(stopped, interrupts).await;
        if let Err(failure) = &after {
            output.warn(&format!(
                "enkash: the balance after the run is not known: {}",
                failure.message
            ));
        }
        let no_balance = after.as_ref().err().map(|_| ExitStatus::Failure);
        let after = after.unwrap_or_default();
        warn_not_written(self.ledger.set_balance(run.id, None, after).await, output);
        let ended = self.ledger.run(run.id).await.map_err(ledger::unusable)?;
        let report = RunReport::without_rows(&ended, output);
        report
            .end(&ended, &totals, after, stopped, output)
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
        let id = run.id;
        let text = match (self.session.connection.live_host.is_some(), run.state) {
            (false, _) => {
                "The ledger of --sandbox ends with the command, so this can be run again. Live, the same command \
                           again continues its run and pays nobody twice."
                    .to_owned()
            }
            (true, RunState::Finished) => format!(
                "run {id} is finished: the same command again sends nothing and repeats this report. enkash reconcile --run \
                 {id} compares it with the account."
            ),
            (true, _) => format!(
                "run {id} is paused: the same command again, or enkash run resume {id}, sends what is left and pays nobody \
                 twice."
            ),
        };
        output.note(&text);
    }

    /// What is missing, where other people must approve the run first.
    async fn waiting_for_approval(&self, run: &Run) -> Result<Option<String>, CliError> {
        if run.approvals_needed == 0 {
            return Ok(None);
        }
        let approvals = self.ledger.approvals(run.id).await.map_err(ledger::unusable)?;
        let missing = u64::from(run.approvals_needed).saturating_sub(approvals.len() as u64);
        let id = run.id;
        Ok((missing > 0).then(|| {
            format!(
                "run {id} ({} rows, {}) waits for the approval of {missing} other {}: nothing was sent. They look at it with \
                 enkash run show {id}, and approve it with enkash run approve {id}; then the same command again sends it.",
                run.rows,
                run.total,
                if missing == 1 { "person" } else { "people" }
            )
        }))
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

fn ended(run: &Run) -> String {
    ledger::format_time(run.ended_at.unwrap_or(run.created_at))
}
