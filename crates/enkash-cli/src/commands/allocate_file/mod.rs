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
    tickets::Tickets,
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
    fn in_words(&self, tally: &Tally, tickets: &Tickets) -> String {
        let first_untried = self.rows.get(tally.tried()).map(Row::name);
        tally.in_words(self.rows.len(), first_untried, &tickets.how_to_settle())
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
    match session.connection.live_host {
        Some(_) => output.keep_outcomes(),
        None => output.keep_outcomes_for_readers(),
    }
    let ended = play(session, plan, before, &mut tickets, interrupts, output).await;
    tickets.close(output);
    ended
}

async fn play(
    session: &Session,
    plan: &Plan<'_>,
    before: Option<Money>,
    tickets: &mut Tickets,
    interrupts: &mut Interrupts,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let mut tally = Tally::default();
    let told = Told::begin(session, plan.rows, before, output)?;
    output.begin_progress(plan.rows.len());
    let sent = send_rows(plan, &told, &mut tally, tickets, interrupts, output).await;
    output.end_progress();
    let mut stopped = match sent {
        Ok(stopped) => stopped,
        // In the sandbox the reader may go away.
        Err(failure) => {
            if tally.exit() == Exit::Unknown {
                output.say(&plan.in_words(&tally, tickets));
            }
            return Err(worst_of(&tally, failure));
        }
    };
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
    let words = plan.in_words(&tally, tickets);
    told.end(&tally, plan, &words, after.unwrap_or_default(), stopped, output)
        .map_err(|failure| worst_of(&tally, failure))?;
    let interrupted = (stopped == Some(Why::Interrupted)).then_some(Exit::Interrupted);
    let unsent = (tally.tried() < plan.rows.len() && stopped != Some(Why::Interrupted)).then_some(Exit::NotSent);
    Ok(Exit::worst_of(
        [Some(tally.exit()), interrupted, unsent, lost].into_iter().flatten(),
    ))
}

/// Sends row after row, and says why it stopped before the last one.
async fn send_rows(
    plan: &Plan<'_>,
    told: &Told,
    tally: &mut Tally,
    tickets: &mut Tickets,
    interrupts: &mut Interrupts,
    output: &mut Output,
) -> Result<Option<Why>, Failure> {
    for row in plan.rows {
        if interrupts.count() > 0 {
            return Ok(Some(Why::Interrupted));
        }
        // Whoever reads standard output would miss what follows.
        if output.has_lost_results() {
            return Ok(Some(Why::Output));
        }
        let allocation = Allocation::to_person(row.person.clone(), row.amount, row.reference.clone());
        let ticket = plan.account.ticket_of(&allocation);
        if let Err(failure) = tickets.put(std::slice::from_ref(&ticket), output) {
            output.say(&format!("enkash: {}", failure.message));
            return Ok(Some(Why::Tickets));
        }
        let send = async {
            let outcome = plan.account.allocate(allocation).await;
            Report::<Credited>::of(&ticket, outcome, Into::into)
        };
        let report = watched(send, &ticket, interrupts, output).await;
        tracing::debug!(line = row.line, reference = %row.reference, outcome = report.verdict.word(), "row");
        tally.count(row.name(), &report);
        output.advance_progress();
        told.row(row, &report, output)?;
        tickets.note_outcome(&ticket, report.verdict, output);
        let stopped = Why::after(&report).filter(|_| !plan.keep_going && tally.tried() < plan.rows.len());
        if stopped.is_some() {
            return Ok(stopped);
        }
    }
    Ok(None)
}

fn worst_of(tally: &Tally, failure: Failure) -> Failure {
    Failure {
        exit: Exit::worst_of([tally.exit(), failure.exit]),
        ..failure
    }
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
