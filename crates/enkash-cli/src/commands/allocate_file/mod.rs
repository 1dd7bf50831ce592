//! A run over the rows of a file: one call after the other, each outcome told as it comes, the account's
//! balance before and after, and an exit code that says the worst that happened. Ctrl-C ends it between
//! two calls; what was done, not sent and unknown is told in any case.

mod tally;
mod told;

use enkash::{Allocation, Money};

use self::{tally::Tally, told::Told};
use super::move_value::{described, watched};
use crate::{
    allocations_file::Row,
    exit::{Exit, Failure},
    interrupts::Interrupts,
    output::Output,
    session::Session,
};

pub(super) async fn run(
    session: &Session,
    rows: &[Row],
    interrupts: &mut Interrupts,
    output: &mut Output,
) -> Result<Exit, Failure> {
    if session.connection.is_dry_run {
        return described_all(session, rows).await;
    }
    let before = available(session).await?;
    let mut tally = Tally::default();
    let told = Told::begin(session, rows, before, output)?;
    let mut unwritten = None;
    output.begin_progress(rows.len());
    for row in rows {
        if interrupts.count() > 0 {
            break;
        }
        let allocation = Allocation::to_person(row.person.clone(), row.amount, row.reference.clone());
        let ticket = session.rewards.ticket_of(&allocation);
        let report = watched(session.rewards.allocate(allocation), &ticket, interrupts, output).await;
        tracing::debug!(line = row.line, reference = %row.reference, outcome = report.verdict.word(), "row");
        tally.count(row, &report);
        output.advance_progress();
        if let Err(failure) = told.row(row, &report, output) {
            // What cannot be told must not be done.
            unwritten = Some(failure);
            break;
        }
    }
    output.end_progress();
    if let Some(failure) = unwritten {
        if tally.exit() == Exit::Unknown {
            output.say(&tally.in_words(rows));
        }
        return Err(Failure {
            exit: Exit::worst_of([tally.exit(), failure.exit]),
            ..failure
        });
    }
    let stopped = (interrupts.count() > 0).then_some(Exit::Interrupted);
    let after = match interrupts.count() {
        // Somebody is in a hurry, and the portal may not be answering.
        2.. => Err(Failure::not_sent("it was not asked for")),
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
    told.end(&tally, rows, after.unwrap_or_default(), stopped.is_some(), output)?;
    Ok(Exit::worst_of(
        [Some(tally.exit()), stopped, lost].into_iter().flatten(),
    ))
}

/// The rows of a dry run. The run also asks for the balance, before and after.
async fn described_all(session: &Session, rows: &[Row]) -> Result<Exit, Failure> {
    for row in rows {
        let allocation = Allocation::to_person(row.person.clone(), row.amount, row.reference.clone());
        // Each is refused for being dry; what else is wrong was found when the file was read.
        let _ = described(session.rewards.allocate(allocation)).await;
    }
    Ok(Exit::Done)
}

/// What can still be allocated; `None` where the portal does not say.
async fn available(session: &Session) -> Result<Option<Money>, Failure> {
    Ok(session.rewards.account().await?.available_balance)
}

#[cfg(test)]
mod tests;
