//! From a file, or from a run in the ledger, to a run that may be sent: which run it is, what speaks against it, and the question.
//! What follows is `execution`.

use std::path::Path;

use enkash::OperationId;
use enkash_ledger::{Amount, NewRun, RunId};

use super::{
    ImportOptions, SendOptions, conflicts,
    file::{self, CheckedFile},
    job::{self, Job},
    report,
    totals::RunTotals,
};
use crate::{
    allocations_file,
    command::Context,
    confirm::{self, Question},
    exit::{CliError, ExitStatus},
    interrupts::Interrupts,
    ledger,
    output::Output,
    session::Session,
    value::{AccountKind, TicketExport, run_dry},
};

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
        allow_duplicates: import.allow_duplicates,
    };
    job.check_workers()?;
    let output = &mut *context.output;
    // A pipe is read to its end first: an import keeps others from the ledger, and must not wait for whoever writes.
    let spooled = allocations_file::spool(path).map_err(|error| allocations_file::unreadable(path, &error))?;
    let source = spooled.as_ref().map_or(path, |file| file.path());
    if !import.new_run && !session.connection.is_dry_run {
        let hash = allocations_file::hash_file(source).map_err(|error| allocations_file::unreadable(path, &error))?;
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
    let checked = file::import(ledger, (path, source), new_run, import, output).await?;
    // Another process may have brought the same file in while this one read it.
    if let Some((twin, _)) = checked.import.found().twin
        && !import.new_run
        && !session.connection.is_dry_run
    {
        // The import keeps others from the ledger.
        drop(checked);
        return job.go_on(twin, output).await;
    }
    job.begin(path, checked, output).await
}

/// Continues a run of the ledger.
pub(crate) async fn continue_run(
    run: RunId,
    session: &Session,
    options: &SendOptions,
    allow_duplicates: bool,
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
    // A yes beside a number, or to whatever run is there, says nothing of what is in it.
    let can_be_asked = !options.yes && confirm::can_ask(false);
    if found.state.is_open() && !job::is_confirmed(&found) && !can_be_asked {
        return Err(job::unconfirmed(&found));
    }
    let job = Job {
        session,
        ledger,
        kind: AccountKind::of_command(&found.command),
        options,
        allow_duplicates,
    };
    job.check_workers()?;
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
        checked.conflicts.check(self.ledger, path, output).await?;
        let found = checked.import.found().clone();
        let limits = &connection.run_limits;
        limits.check(&path.display().to_string(), found.largest, found.total)?;
        let intent = file::describe(path, &found);
        if connection.is_dry_run {
            for line in &intent {
                output.warn(line);
            }
            return self.show_first(checked).await;
        }
        let approvals = limits.approvals_needed(found.total);
        // From here on a signal ends nothing by itself: it would leave a run that nobody confirmed.
        let mut interrupts = Interrupts::listen()?;
        let committed = match self.allow_duplicates {
            true => checked.import.commit_with_repetitions(approvals).await,
            false => checked.import.commit(approvals).await,
        };
        let run = committed.map_err(ledger::unusable)?;
        let confirmed = async {
            let intent = self.with_balance(found.total, intent, &mut interrupts).await?;
            self.ask(&intent, &mut interrupts, output).await
        };
        if let Err(failure) = confirmed.await {
            // Nobody wanted it, and nothing of it was sent.
            self.discard(run).await?;
            return Err(failure);
        }
        self.send(run, &mut interrupts, output).await
    }

    /// A run that is in the ledger already: it continues, or says what it came to.
    async fn go_on(&self, run: RunId, output: &mut Output) -> Result<ExitStatus, CliError> {
        let found = self.ledger.run(run).await.map_err(ledger::unusable)?;
        if !found.state.is_open() {
            return self.report_ended(&found, output).await;
        }
        let totals = RunTotals::read(self.ledger, run).await?;
        let left = totals.counts.left;
        let found = self.hold_to_limits(found, left.amount).await?;
        if let Some(waiting) = self.waiting_for_approval(&found).await? {
            return Err(CliError::not_sent(waiting));
        }
        let meanwhile = self.ledger.paid_meanwhile(run).await.map_err(ledger::unusable)?;
        conflicts::check_meanwhile(&found, &meanwhile, self.allow_duplicates, output)?;
        let intent = vec![
            format!(
                "continue run {run} of {}, which is {}",
                found.file_name,
                ledger::run_state(self.ledger, &found).await?
            ),
            totals.describe(),
            format!(
                "{} rows are left to send, {} in all; what is unknown is looked up first and not sent again",
                left.rows, left.amount
            ),
        ];
        let mut interrupts = Interrupts::listen()?;
        let intent = self.with_balance(left.amount, intent, &mut interrupts).await?;
        if let Err(failure) = self.ask(&intent, &mut interrupts, output).await {
            if !job::is_confirmed(&found) {
                self.discard(run).await?;
            }
            return Err(failure);
        }
        self.send(run, &mut interrupts, output).await
    }

    /// What is about to happen, with the account's balance.
    async fn with_balance(
        &self,
        left: Amount,
        mut intent: Vec<String>,
        interrupts: &mut Interrupts,
    ) -> Result<Vec<String>, CliError> {
        // Without an answer to come nobody needs to log in.
        if self.session.connection.is_live() && !confirm::can_ask(self.options.yes) {
            return Ok(intent);
        }
        let balance = tokio::select! {
            balance = self.balance() => balance?,
            () = interrupts.wait_for(1) => return Err(confirm::stopped()),
        };
        let Some(balance) = balance else {
            return Ok(intent);
        };
        if balance < left && !self.options.allow_short {
            return Err(CliError {
                exit: ExitStatus::NotSent,
                message: format!(
                    "the account holds {}, and the rows add up to {}: nothing was sent. Add funds, or send what it covers with \
                     --allow-short.",
                    report::shown(balance),
                    report::shown(left)
                ),
            });
        }
        intent.push(format!("the account holds {}", report::shown(balance)));
        Ok(intent)
    }

    /// Shows what is about to happen, and asks where it is live.
    async fn ask(&self, intent: &[String], interrupts: &mut Interrupts, output: &mut Output) -> Result<(), CliError> {
        let Some(host) = self.session.connection.host_of(OperationId::CreateAllocatePoints) else {
            return Ok(());
        };
        let place = format!("on {host}, {}", self.kind.describe(&self.session.rewards));
        let lines = intent.iter().flat_map(|line| line.lines());
        let lines: Vec<_> = lines.chain([place.as_str()]).collect();
        let question = Question::before_sending(&lines);
        confirm::confirm_unless_stopped(output, &question, self.options.yes, interrupts).await
    }

    /// The first request of a dry run.
    async fn show_first(&self, checked: CheckedFile) -> Result<ExitStatus, CliError> {
        let Some(row) = checked.first else {
            return Ok(ExitStatus::Done);
        };
        let allocation = enkash::rewards::Allocation::for_person(row.person, row.amount, row.reference);
        run_dry(self.session.rewards.allocate(allocation)).await
    }
}
