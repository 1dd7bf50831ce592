//! One call that moves value, from the question to its outcome: for a live call the intent and the question, then the
//! ticket, then the call, and in words what became of it. Every command that moves value by a single call ends here; a
//! file run watches its calls the same way.

use enkash::{ClientReference, Outcome, Ticket};

use super::{
    call_report::{CallRecord, CallReport, Fields},
    ticket_sink::TicketSink,
};
use crate::{
    confirm::{self, Question},
    exit::{CliError, ExitStatus},
    interrupts::Interrupts,
    output::{Format, List, Output},
    session::Connection,
};

/// Shows what is about to happen and asks, where it is live. `what` is one line, `place` says where at the host.
pub(crate) fn confirm(
    connection: &Connection,
    what: &str,
    place: &str,
    yes: bool,
    output: &mut Output,
) -> Result<(), CliError> {
    match &connection.live_host {
        Some(host) if !connection.is_dry_run => confirm::confirm(
            output,
            &Question::before_sending(&[what, &format!("on {host}, {place}")]),
            yes,
        ),
        _ => Ok(()),
    }
}

/// A call that moves value, ready to be sent.
pub(crate) struct ValueCall<S> {
    /// The command, as the JSON has it.
    operation: &'static str,
    /// What is asked for.
    asked: S,
    ticket: Ticket,
}

impl<S: Fields> ValueCall<S> {
    pub(crate) fn new(operation: &'static str, asked: S, ticket: Ticket) -> Self {
        Self {
            operation,
            asked,
            ticket,
        }
    }

    /// Sends the call, which is confirmed, and prints its report.
    pub(crate) async fn run<F: Fields + Default>(
        self,
        connection: &Connection,
        send: impl Future<Output = Outcome<F>>,
        output: &mut Output,
    ) -> Result<ExitStatus, CliError> {
        if connection.is_dry_run {
            return run_dry(send).await;
        }
        let mut interrupts = Interrupts::listen()?;
        output.keep_outcomes();
        let mut tickets = TicketSink::for_call(connection);
        let Self {
            operation,
            asked,
            ticket,
        } = self;
        if let Err(failure) = tickets.write(std::slice::from_ref(&ticket), output) {
            tickets.close(output);
            return Err(failure);
        }
        let report = with_interrupts(send, &ticket, &mut interrupts, output).await;
        let (outcome_kind, exit) = (report.outcome_kind, report.exit);
        let record = CallRecord {
            operation,
            line: None,
            reference: ticket.reference.clone(),
            asked,
            report,
        };
        let written = print(&record, output);
        if written.is_ok() {
            tickets.note_outcome(&ticket, outcome_kind, output);
        }
        if connection.live_host.is_some() && !outcome_kind.is_final() {
            output.note(&format!("the ticket is kept for {}", tickets.how_to_settle()));
        }
        tickets.close(output);
        written?;
        Ok(exit)
    }
}

fn print<S: Fields, F: Fields>(record: &CallRecord<S, F>, output: &mut Output) -> Result<(), CliError> {
    match output.format {
        Format::Json => {
            let list = List::<CallRecord<S, F>>::new().text("operation", |call| Some(call.operation.to_owned()));
            output.json(&CallRecord::describe(list).json(record))
        }
        Format::Table | Format::Csv => output.print_lines(record.lines()),
    }
}

/// A call of a dry run: it is shown elsewhere, unless it would not even have been sent.
pub(crate) async fn run_dry<F>(send: impl Future<Output = Outcome<F>>) -> Result<ExitStatus, CliError> {
    match send.await {
        Outcome::NotSent(error) => Err(CliError {
            exit: ExitStatus::from_error(&error),
            message: error.to_string(),
        }),
        _ => Ok(ExitStatus::Done),
    }
}

/// Waits for the outcome of a call. The first Ctrl-C lets it finish; the second gives up on it, and then it
/// is unknown, because it may have been sent.
pub(crate) async fn with_interrupts<F: Default>(
    send: impl Future<Output = Outcome<F>>,
    ticket: &Ticket,
    interrupts: &mut Interrupts,
    output: &mut Output,
) -> CallReport<F> {
    let what = ticket.reference.as_str();
    match until_given_up(send, what, interrupts, output).await {
        Some(outcome) => CallReport::from_outcome(ticket, outcome),
        None => CallReport::given_up(ticket.clone()),
    }
}

/// The same for any call, by what it is called in a note; `None` where it was given up on.
pub(crate) async fn until_given_up<T>(
    send: impl Future<Output = T>,
    what: &str,
    interrupts: &mut Interrupts,
    output: &mut Output,
) -> Option<T> {
    tokio::pin!(send);
    tokio::select! {
        biased;
        outcome = &mut send => return Some(outcome),
        () = interrupts.wait_for(1) => {}
    }
    output.warn(&format!(
        "waiting for the response to {what}; Ctrl-C again gives up on it, and it is then unknown"
    ));
    tokio::select! {
        biased;
        outcome = &mut send => Some(outcome),
        () = interrupts.wait_for(2) => None,
    }
}

/// The reference that was given, or a new one.
pub(crate) fn reference_or_new(given: Option<&str>) -> Result<ClientReference, CliError> {
    match given {
        None => Ok(ClientReference::generate()),
        Some(text) => text
            .parse()
            .map_err(|error| CliError::bad_input(format!("--reference: {error}; nothing was sent"))),
    }
}
