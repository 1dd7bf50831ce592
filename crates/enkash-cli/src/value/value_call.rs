//! One call that moves value, from the question to its outcome: the ledger's word on its reference, the question, the intent
//! in the ledger, then the call, and in words what became of it. Every command that moves value by a single call ends here.

use enkash::{
    ClientReference, OperationId, Outcome, Ticket,
    ticket::{Direction, Intent},
};
use enkash_ledger::{Amount, Conflict, NewCall, Recorded, RowState, Scope};

use super::{
    call_report::{CallRecord, CallReport, Fields},
    hint::next_command,
};
use crate::{
    command_line::{called_as, option},
    confirm::{self, Question},
    doubt,
    exit::{CliError, ExitStatus},
    interrupts::Interrupts,
    ledger,
    output::{Format, List, Output},
    session::Connection,
};

/// Shows what is about to happen and asks, where it is live. `what` are lines, `place` says where at the host.
pub(crate) fn confirm(
    connection: &Connection,
    operation: OperationId,
    what: &[&str],
    place: &str,
    yes: bool,
    output: &mut Output,
) -> Result<(), CliError> {
    match connection.host_of(operation) {
        Some(host) if !connection.is_dry_run => {
            let place = format!("on {host}, {place}");
            let intent = [what, &[&place]].concat();
            confirm::confirm(output, &Question::before_sending(&intent), yes)
        }
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
    person: Option<String>,
    is_reference_given: bool,
    /// Options of this call that the next command about it wants as well, each after a blank.
    flags: &'static str,
}

impl<S: Fields> ValueCall<S> {
    /// `reference` is the one that the user gave, if any.
    pub(crate) fn new(operation: &'static str, asked: S, ticket: Ticket, reference: Option<&str>) -> Self {
        Self {
            operation,
            asked,
            ticket,
            person: None,
            is_reference_given: reference.is_some(),
            flags: "",
        }
    }

    /// With the person's name, for the history.
    pub(crate) fn person(self, name: &str) -> Self {
        Self {
            person: Some(name.to_owned()),
            ..self
        }
    }

    /// With the login of the redemption user, or the partner's.
    pub(crate) fn with_login(self, as_user: bool) -> Self {
        Self {
            flags: if as_user { " --as-user" } else { "" },
            ..self
        }
    }

    /// The same with what is known by now, such as the card.
    pub(crate) fn with_ticket(self, ticket: Ticket) -> Self {
        Self { ticket, ..self }
    }

    /// Refuses what the ledger speaks against, then shows what is about to happen and asks.
    pub(crate) async fn confirm(
        &self,
        connection: &Connection,
        (what, place): (&str, &str),
        yes: bool,
        output: &mut Output,
    ) -> Result<(), CliError> {
        // Orders and coins are no rows of runs, so the limits of runs are not about them.
        if let Intent::Points(points) = &self.ticket.intent
            && points.direction == Direction::Credit
        {
            let amount = Amount::try_from(points.amount).map_err(|error| ledger::unusable(error.into()))?;
            connection.run_limits.check_call(amount, amount)?;
        }
        if connection.is_live() {
            self.check_ledger(connection, output).await?;
        }
        confirm(connection, self.ticket.operation(), &[what], place, yes, output)
    }

    /// A reference of its own says that it is another payment on purpose: then a person is told what is in doubt or waits beside it.
    async fn check_ledger(&self, connection: &Connection, output: &mut Output) -> Result<(), CliError> {
        let ledger = connection.ledger().await?;
        // The rules for a reference that nobody chose have those for one that somebody did in them.
        let call = self.new_call(connection).reference_given(false);
        let Err(error) = ledger.check(&[call]).await else {
            return Ok(());
        };
        match error.as_conflict() {
            None | Some(Conflict::ReferenceUsed(_)) => Err(ledger::refusal(error, self.flags)),
            Some(_) if !self.is_reference_given => Err(ledger::refusal(error, self.flags)),
            Some(_) => {
                output.warn(&format!(
                    "warning: {error}. This call has another reference, so it is taken for a payment of its own."
                ));
                Ok(())
            }
        }
    }

    fn new_call(&self, connection: &Connection) -> NewCall {
        // An order and coins know no card account, so their reference is not unique within one either.
        let scope = Scope {
            host: connection
                .host_of(self.ticket.operation())
                .unwrap_or("sandbox")
                .to_owned(),
            ..Scope::of_ticket(&self.ticket)
        };
        let call = NewCall::new(scope, self.operation, self.ticket.clone()).reference_given(self.is_reference_given);
        match &self.person {
            Some(name) => call.person(name),
            None => call,
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
        let ledger = connection.ledger().await?;
        let intent = ledger
            .begin(self.new_call(connection))
            .await
            .map_err(|error| ledger::refusal(error, self.flags))?;
        let what = self.ticket.reference.as_str();
        let outcome = until_given_up(send, what, &mut interrupts, output).await;
        let (conclusion, report) = CallReport::conclude(&self.ticket, outcome, self.flags);
        let concluded = conclusion.state();
        match ledger.conclude(intent, conclusion).await {
            Ok(recorded) => warn_if_kept(recorded, concluded, self.ticket.reference.as_str(), output),
            Err(error) => warn_not_recorded(&error, output),
        }
        let exit = report.exit;
        let command = (self.operation, self.flags);
        let next = next_command(report.outcome_kind, command, &self.ticket, connection.is_live());
        let record = CallRecord {
            operation: self.operation,
            line: None,
            reference: self.ticket.reference,
            asked: self.asked,
            report,
        };
        print(&record, output)?;
        // The reason says what helps a login. The same command again would be one more failed one.
        if exit != ExitStatus::Credentials {
            output.hint(&next);
        }
        Ok(exit)
    }
}

/// The outcome is known and shown; only the ledger does not have it.
pub(crate) fn warn_not_recorded(error: &enkash_ledger::LedgerError, output: &mut Output) {
    output.warn(&format!(
        "warning: the outcome could not be written down: {error}. In the ledger the call counts as unknown; {} looks it up.",
        doubt::settle()
    ));
}

/// Somebody decided otherwise meanwhile, and a row that has ended stays as it is.
pub(crate) fn warn_if_kept(recorded: Recorded, concluded: RowState, reference: &str, output: &mut Output) {
    let Recorded::Kept(state) = recorded else { return };
    let is_done_after_all = concluded == RowState::Done && !state.is_in_doubt();
    if state != concluded && concluded.is_final() && (state.is_final() || is_done_after_all) {
        let counts = match is_done_after_all {
            true => " Its value moved, so it counts as done: pay nothing in its place.",
            false => "",
        };
        output.warn(&format!(
            "look at {reference}: the ledger has it as {} already, and keeps that.{counts} {} history {}",
            state.as_str(),
            called_as(),
            option("--reference", reference)
        ));
    }
}

fn print<S: Fields, F: Fields>(record: &CallRecord<S, F>, output: &mut Output) -> Result<(), CliError> {
    match output.format {
        Format::Json => {
            let list = List::<CallRecord<S, F>>::new().text("operation", |call| Some(call.operation.to_owned()));
            output.json(&CallRecord::describe(list).json(record))
        }
        Format::Table | Format::Csv => output.print_escaped_lines(&record.lines(output.terminal().is_colored)),
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

/// Waits for the outcome of a call. The first Ctrl-C lets it finish; the second gives up on it, which is `None`: then it is
/// unknown, because it may have been sent.
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
