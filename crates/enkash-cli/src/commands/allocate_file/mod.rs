//! A run over the rows of a file: one call after the other, each outcome told as it comes, the account's
//! balance before and after, and an exit code that says the worst that happened. Ctrl-C ends it between
//! two calls, and so does an outcome that a person should look at first; what was done, not sent and unknown is told
//! in any case.

mod told;

use std::path::Path;

use enkash::{Allocation, Money};

use self::told::{Told, Why};
use super::{
    move_value::{described, watched},
    person_call::Account,
    tally::{RowName, Tally},
    tickets::{Tickets, how_to_settle},
};
use crate::{
    allocations_file::Row,
    exit::{Exit, Failure},
    interrupts::Interrupts,
    output::{Credited, Output, Report, Verdict},
    session::Session,
};

/// What a run does with its rows.
pub(super) struct Plan<'a> {
    pub(super) account: &'a Account,
    pub(super) rows: &'a [Row],
    /// The file of tickets; without one they are shown where it is live.
    pub(super) tickets: Option<&'a Path>,
    /// Also after an outcome that a person should look at first.
    pub(super) keep_going: bool,
}

impl Row {
    fn name(&self) -> RowName<'_> {
        RowName {
            line: self.line,
            reference: &self.reference,
            amount: self.amount,
        }
    }
}

impl Plan<'_> {
    /// The tally, from which row on nothing was sent, and how to settle what is unknown.
    fn in_words(&self, tally: &Tally) -> String {
        let first_untried = self.rows.get(tally.tried()).map(Row::name);
        tally.in_words(self.rows.len(), first_untried, &how_to_settle(self.tickets))
    }
}

pub(super) async fn run(
    session: &Session,
    plan: &Plan<'_>,
    interrupts: &mut Interrupts,
    output: &mut Output,
) -> Result<Exit, Failure> {
    if session.connection.is_dry_run {
        return described_all(plan).await;
    }
    Tickets::check(plan.tickets)?;
    let before = available(session).await?;
    let mut tickets = Tickets::open(&session.connection, plan.tickets)?;
    let mut tally = Tally::default();
    let told = Told::begin(session, plan.rows, before, output)?;
    let mut unwritten = None;
    let mut stopped = None;
    output.begin_progress(plan.rows.len());
    for row in plan.rows {
        if interrupts.count() > 0 {
            stopped = Some(Why::Interrupted);
            break;
        }
        let allocation = Allocation::to_person(row.person.clone(), row.amount, row.reference.clone());
        let ticket = plan.account.ticket_of(&allocation);
        if let Err(failure) = tickets.put(&ticket, output) {
            unwritten = Some(failure);
            break;
        }
        let send = async {
            let outcome = plan.account.allocate(allocation).await;
            Report::<Credited>::of(&ticket, outcome, Into::into)
        };
        let report = watched(send, &ticket, interrupts, output).await;
        tracing::debug!(line = row.line, reference = %row.reference, outcome = report.verdict.word(), "row");
        tally.count(row.name(), &report);
        output.advance_progress();
        if let Err(failure) = told.row(row, &report, output) {
            // What cannot be told must not be done.
            unwritten = Some(failure);
            break;
        }
        stopped = Why::after(&report).filter(|_| !plan.keep_going && tally.tried() < plan.rows.len());
        if stopped.is_some() {
            break;
        }
    }
    output.end_progress();
    if let Some(failure) = unwritten {
        if tally.exit() == Exit::Unknown || failure.exit != Exit::BrokenPipe {
            output.say(&plan.in_words(&tally));
        }
        return Err(Failure {
            exit: Exit::worst_of([tally.exit(), failure.exit]),
            ..failure
        });
    }
    if interrupts.count() > 0 {
        stopped = Some(Why::Interrupted);
    }
    let after = match interrupts.count() {
        // Somebody is in a hurry, and the portal may not be answering.
        2.. => Err(Failure::not_sent("it was not asked for")),
        // It would be one more log-in.
        _ if stopped == Some(Why::Credentials) => Err(Failure::not_sent("the credentials were not accepted")),
        count => tokio::select! {
            after = available(session) => after,
            () = interrupts.reach(count + 1) => Err(Failure::not_sent("it was not waited for")),
        },
    };
    let lost = after.as_ref().err().map(|_| Exit::Failure);
    if let Err(failure) = &after {
        output.say(&format!(
            "enkash: the balance after the run is not known: {}",
            failure.message
        ));
    }
    if let Err(failure) = told.end(&tally, plan, after.unwrap_or_default(), stopped, output) {
        // Nobody reads standard output: the code and the tickets are all that is left to say it.
        return Err(Failure {
            exit: Exit::worst_of([tally.exit(), failure.exit]),
            ..failure
        });
    }
    let interrupted = (stopped == Some(Why::Interrupted)).then_some(Exit::Interrupted);
    Ok(Exit::worst_of(
        [Some(tally.exit()), interrupted, lost].into_iter().flatten(),
    ))
}

impl Why {
    /// What ends a run after a row: an outcome that the next rows would probably share, and that somebody must look at.
    fn after(report: &Report<Credited>) -> Option<Self> {
        match report.verdict {
            Verdict::Unknown | Verdict::Pending => Some(Self::Unknown),
            Verdict::NotSent if report.exit == Exit::Credentials => Some(Self::Credentials),
            _ => None,
        }
    }
}

/// The rows of a dry run. The run also asks for the balance, before and after.
async fn described_all(plan: &Plan<'_>) -> Result<Exit, Failure> {
    for row in plan.rows {
        let allocation = Allocation::to_person(row.person.clone(), row.amount, row.reference.clone());
        let ticket = plan.account.ticket_of(&allocation);
        let send = async {
            let outcome = plan.account.allocate(allocation).await;
            Report::<Credited>::of(&ticket, outcome, Into::into)
        };
        // Each is refused for being dry; what else is wrong was found when the file was read.
        let _ = described(send).await;
    }
    Ok(Exit::Done)
}

/// What can still be allocated; `None` where the portal does not say.
async fn available(session: &Session) -> Result<Option<Money>, Failure> {
    Ok(session.rewards.account().await?.available_balance)
}

#[cfg(test)]
mod tests;
