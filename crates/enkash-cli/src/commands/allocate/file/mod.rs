//! A run over the rows of a file: one call after the other, each outcome shown as it comes, the account's
//! balance before and after, and an exit code that says the worst that happened. Ctrl-C ends it between
//! two calls, and so does an outcome that a person should look at first; what was done, not sent and unknown is shown
//! in any case.

use std::path::Path;

use enkash::{Money, Outcome, Ticket, rewards::Allocation};

use super::report::{RunReport, StopReason};
use crate::{
    allocations_file::AllocationRow,
    exit::{CliError, ExitStatus},
    interrupts::Interrupts,
    output::Output,
    session::Session,
    value::{CallReport, CardFields, OutcomeKind, RowRef, RunSummary, TicketSink, run_dry, with_interrupts},
};

/// What a run does with its rows.
pub(super) struct FileRun<'a> {
    pub(super) session: &'a Session,
    pub(super) rows: &'a [AllocationRow],
    /// The file of tickets; without one they are shown where it is live.
    pub(super) tickets: Option<&'a Path>,
    /// Also after an outcome that a person should look at first.
    pub(super) keep_going: bool,
}

impl FileRun<'_> {
    pub(super) async fn run(&self, interrupts: &mut Interrupts, output: &mut Output) -> Result<ExitStatus, CliError> {
        if self.session.connection.is_dry_run {
            return self.run_dry().await;
        }
        TicketSink::refuse_existing(self.tickets)?;
        let before = self.available().await?;
        let mut tickets = TicketSink::open(&self.session.connection, self.tickets)?;
        match self.session.connection.live_host {
            Some(_) => output.keep_outcomes(),
            None => output.keep_outcomes_for_readers(),
        }
        let exit = self.send_and_report(before, &mut tickets, interrupts, output).await;
        tickets.close(output);
        exit
    }

    async fn send_and_report(
        &self,
        before: Option<Money>,
        tickets: &mut TicketSink,
        interrupts: &mut Interrupts,
        output: &mut Output,
    ) -> Result<ExitStatus, CliError> {
        let mut summary = RunSummary::default();
        let report = RunReport::begin(self.session, self.rows, before, output)?;
        output.begin_progress(self.rows.len());
        let sent = self.send_rows(&report, &mut summary, tickets, interrupts, output).await;
        output.end_progress();
        let mut stopped = match sent {
            Ok(stopped) => stopped,
            // In the sandbox the reader may go away.
            Err(failure) => {
                if summary.exit() == ExitStatus::Unknown {
                    output.warn(&self.describe(&summary, tickets));
                }
                return Err(worst_of(&summary, failure));
            }
        };
        if interrupts.count() > 0 {
            stopped = Some(StopReason::Interrupted);
        }
        let after = self.available_after(stopped, interrupts).await;
        if let Err(failure) = &after {
            output.warn(&format!(
                "enkash: the balance after the run is not known: {}",
                failure.message
            ));
        }
        let no_balance = after.as_ref().err().map(|_| ExitStatus::Failure);
        let words = self.describe(&summary, tickets);
        report
            .end(
                &summary,
                self.rows.len(),
                &words,
                after.unwrap_or_default(),
                stopped,
                output,
            )
            .map_err(|failure| worst_of(&summary, failure))?;
        let interrupted = (stopped == Some(StopReason::Interrupted)).then_some(ExitStatus::Interrupted);
        let unsent = summary.attempted() < self.rows.len() && interrupted.is_none();
        let unsent = unsent.then_some(ExitStatus::NotSent);
        Ok(ExitStatus::worst_of(
            [Some(summary.exit()), interrupted, unsent, no_balance]
                .into_iter()
                .flatten(),
        ))
    }

    /// Sends row after row, and says why it stopped before the last one.
    async fn send_rows(
        &self,
        run_report: &RunReport,
        summary: &mut RunSummary,
        tickets: &mut TicketSink,
        interrupts: &mut Interrupts,
        output: &mut Output,
    ) -> Result<Option<StopReason>, CliError> {
        for row in self.rows {
            if interrupts.count() > 0 {
                return Ok(Some(StopReason::Interrupted));
            }
            // Whoever reads standard output would miss what follows.
            if output.has_lost_results() {
                return Ok(Some(StopReason::Output));
            }
            let (ticket, send) = self.call(row);
            if let Err(failure) = tickets.write(std::slice::from_ref(&ticket), output) {
                output.warn(&format!("enkash: {}", failure.message));
                return Ok(Some(StopReason::Tickets));
            }
            let report = with_interrupts(send, &ticket, interrupts, output).await;
            let outcome_kind = report.outcome_kind;
            tracing::debug!(line = row.line, reference = %row.reference, outcome = outcome_kind.as_str(), "row");
            summary.count(row_ref(row), &report);
            output.advance_progress();
            let stopped = StopReason::after(&report);
            run_report.row(row, report, output)?;
            tickets.note_outcome(&ticket, outcome_kind, output);
            let stopped = stopped.filter(|_| !self.keep_going && summary.attempted() < self.rows.len());
            if stopped.is_some() {
                return Ok(stopped);
            }
        }
        Ok(None)
    }

    /// The ticket of a row, and its call.
    fn call(&self, row: &AllocationRow) -> (Ticket, impl Future<Output = Outcome<CardFields>>) {
        let allocation = Allocation::for_person(row.person.clone(), row.amount, row.reference.clone());
        let rewards = &self.session.rewards;
        let ticket = rewards.ticket(&allocation);
        (ticket, async {
            rewards.allocate(allocation).await.map(CardFields::from)
        })
    }

    /// The rows of a dry run. The run also asks for the balance, before and after.
    async fn run_dry(&self) -> Result<ExitStatus, CliError> {
        for row in self.rows {
            let (_, send) = self.call(row);
            // Each is refused for being dry; what else is wrong was found when the file was read.
            let _ = run_dry(send).await;
        }
        Ok(ExitStatus::Done)
    }

    /// What can still be allocated; `None` where the API does not say.
    async fn available(&self) -> Result<Option<Money>, CliError> {
        Ok(self.session.rewards.account().await?.value().available_balance)
    }

    async fn available_after(
        &self,
        stopped: Option<StopReason>,
        interrupts: &mut Interrupts,
    ) -> Result<Option<Money>, CliError> {
        match interrupts.count() {
            // Somebody is in a hurry, and the API may not respond.
            2.. => Err(CliError::not_sent("it was not asked for")),
            // It would be one more login.
            _ if stopped == Some(StopReason::Credentials) => {
                Err(CliError::not_sent("the credentials were not accepted"))
            }
            count => tokio::select! {
                after = self.available() => after,
                () = interrupts.wait_for(count + 1) => Err(CliError::not_sent("it was not waited for")),
            },
        }
    }

    /// The summary, from which row on nothing was sent, and how to settle what is unknown.
    fn describe(&self, summary: &RunSummary, tickets: &TicketSink) -> String {
        let first_unsent = self.rows.get(summary.attempted()).map(row_ref);
        summary.describe(self.rows.len(), first_unsent, &tickets.how_to_settle())
    }
}

fn row_ref(row: &AllocationRow) -> RowRef<'_> {
    RowRef {
        line: row.line,
        reference: &row.reference,
        amount: row.amount,
    }
}

fn worst_of(summary: &RunSummary, failure: CliError) -> CliError {
    CliError {
        exit: ExitStatus::worst_of([summary.exit(), failure.exit]),
        ..failure
    }
}

impl StopReason {
    /// What ends a run after a row: an outcome that the next rows would probably share, and that somebody must look at.
    fn after(report: &CallReport<CardFields>) -> Option<Self> {
        match report.outcome_kind {
            OutcomeKind::Unknown | OutcomeKind::Pending => Some(Self::Unknown),
            OutcomeKind::NotSent if report.exit == ExitStatus::Credentials => Some(Self::Credentials),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
