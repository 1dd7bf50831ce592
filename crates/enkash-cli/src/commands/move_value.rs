//! One call that moves value, from the question to its outcome: for a live call the intent and the question, then the
//! ticket, then the call, and in words what became of it. Every command that moves value by a single call ends here; a
//! file run watches its calls the same way.

use enkash::Ticket;
use serde::Serialize;

use super::tickets::Tickets;
use crate::{
    consent::{self, Question},
    exit::{Exit, Failure},
    interrupts::Interrupts,
    output::{CallResult, Facts, Format, Output, Report, Verdict},
    session::Connection,
};

/// Shows what is about to happen and asks, where it is live. `what` is one line, `place` says where at the host.
pub(super) fn confirm(
    connection: &Connection,
    what: &str,
    place: &str,
    yes: bool,
    output: &mut Output,
) -> Result<(), Failure> {
    match &connection.live_host {
        Some(host) if !connection.is_dry_run => consent::obtain(
            output,
            &Question::of_sending(&[what, &format!("on {host}, {place}")]),
            yes,
        ),
        _ => Ok(()),
    }
}

/// What is to be sent, and what results call it.
pub(super) struct Call<S> {
    /// The command, as the JSON has it.
    pub(super) operation: &'static str,
    /// What was asked for.
    pub(super) asked: S,
    pub(super) ticket: Ticket,
}

#[derive(Serialize)]
struct SingleResult<'a, S: Serialize, F: Serialize> {
    operation: &'static str,
    #[serde(flatten)]
    call: &'a CallResult<'a, S, F>,
}

/// Sends a call that was confirmed, and says what became of it.
pub(super) async fn run<S: Facts, F: Facts + Default>(
    connection: &Connection,
    call: Call<S>,
    send: impl Future<Output = Report<F>>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    if connection.is_dry_run {
        return described(send).await;
    }
    let mut interrupts = Interrupts::listen()
        .map_err(|error| Failure::environment(format!("Ctrl-C cannot be listened for: {error}")))?;
    output.keep_outcomes();
    let mut tickets = Tickets::of_call(connection);
    if let Err(failure) = tickets.put(std::slice::from_ref(&call.ticket), output) {
        tickets.close(output);
        return Err(failure);
    }
    let report = watched(send, &call.ticket, &mut interrupts, output).await;
    let told = CallResult::new(call.ticket.reference.as_str(), &call.asked, &report);
    let written = match output.format {
        Format::Json => output.json(&SingleResult {
            operation: call.operation,
            call: &told,
        }),
        Format::Table | Format::Csv => output.lines(told.lines()),
    };
    if written.is_ok() {
        tickets.note_outcome(&call.ticket, report.verdict, output);
    }
    if connection.live_host.is_some() && !report.verdict.is_final() {
        output.note(&format!("the ticket is kept for {}", tickets.how_to_settle()));
    }
    tickets.close(output);
    written?;
    Ok(report.exit)
}

/// A call of a dry run: it is told elsewhere, unless it would not even have been sent.
pub(super) async fn described<F>(send: impl Future<Output = Report<F>>) -> Result<Exit, Failure> {
    let report = send.await;
    match report.verdict {
        Verdict::NotSent => Err(Failure {
            exit: report.exit,
            message: report.reason.unwrap_or_default(),
        }),
        _ => Ok(Exit::Done),
    }
}

/// Waits for the outcome of a call. The first Ctrl-C lets it finish; the second gives up on it, and then it
/// is unknown, because it may have been sent.
pub(super) async fn watched<F: Default>(
    send: impl Future<Output = Report<F>>,
    ticket: &Ticket,
    interrupts: &mut Interrupts,
    output: &mut Output,
) -> Report<F> {
    let what = ticket.reference.to_string();
    watched_as(send, &what, || Report::given_up(ticket.clone()), interrupts, output).await
}

/// The same for any call: what it is called in a note, and what it is when it was given up on.
pub(super) async fn watched_as<T>(
    send: impl Future<Output = T>,
    what: &str,
    given_up: impl FnOnce() -> T,
    interrupts: &mut Interrupts,
    output: &mut Output,
) -> T {
    tokio::pin!(send);
    tokio::select! {
        biased;
        outcome = &mut send => return outcome,
        () = interrupts.reach(1) => {}
    }
    output.say(&format!(
        "waiting for the answer to {what}; Ctrl-C again gives up on it, and it is then unknown"
    ));
    tokio::select! {
        biased;
        outcome = &mut send => outcome,
        () = interrupts.reach(2) => given_up(),
    }
}
