//! One call that moves value, from its flags to its outcome: what is wrong with the flags, all at once; for
//! a live call the intent, the question and the ticket; then the call, and in words what became of it.
//! `allocate` and `unallocate` end here; a file run sends its calls the same way.

use enkash::{Allocated, Answer, ClientReference, Outcome, Ticket};
use serde::Serialize;

use crate::{
    allocations_file::{Column, Row, problem_of},
    cli,
    consent::{self, Question},
    exit::{Exit, Failure},
    interrupts::Interrupts,
    output::{CallResult, Format, Output, Report, listing, money, printable},
    session::Session,
};

/// A call that was asked for by flags.
pub(super) struct SingleCall {
    /// The command: what is going to be done.
    verb: &'static str,
    /// `to` or `from` the person.
    direction: &'static str,
    pub(super) row: Row,
    yes: bool,
}

impl SingleCall {
    /// Checks all flags, and makes a reference where none was given.
    pub(super) fn read(
        verb: &'static str,
        direction: &'static str,
        arguments: &cli::SingleCall,
    ) -> Result<Self, Failure> {
        let made = ClientReference::generate();
        let value = |column| match (column, arguments.value(column)) {
            (Column::Reference, None) => Some(made.as_str()),
            (_, value) => value,
        };
        let is_missing = |column: &Column| value(*column).is_none();
        let missing: Vec<_> = Column::ALL
            .into_iter()
            .filter(is_missing)
            .map(|column| format!("--{}", column.name()))
            .collect();
        let mut problems = Vec::new();
        if !missing.is_empty() {
            problems.push(format!("missing: {}", missing.join(", ")));
        }
        for column in Column::ALL {
            problems.extend(
                value(column)
                    .and_then(|text| problem_of(column, text))
                    .map(|problem| format!("--{problem}")),
            );
        }
        if problems.is_empty() {
            match Row::of(1, |column| value(column).unwrap_or_default()) {
                Ok(row) => {
                    return Ok(Self {
                        verb,
                        direction,
                        row,
                        yes: arguments.yes,
                    });
                }
                Err((_, problem)) => problems.push(problem),
            }
        }
        problems.push(format!("Nothing was sent. See enkash {verb} --help."));
        Err(Failure::bad_input(problems.join("\n")))
    }

    fn intent(&self, host: &str, session: &Session) -> String {
        let Row {
            person,
            amount,
            reference,
            ..
        } = &self.row;
        format!(
            "{} {} {} {} (mobile {})\non {host}, account {} of company {}, reference {reference}",
            self.verb,
            money(*amount),
            self.direction,
            printable(person.name.expose()),
            person.mobile.expose(),
            session.rewards.account_id(),
            session.rewards.company(),
        )
    }
}

/// Asks where it is live, sends, and says what became of it.
pub(super) async fn run(
    session: &Session,
    call: &SingleCall,
    ticket: Ticket,
    send: impl Future<Output = Outcome<Answer<Allocated>>>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    if session.connection.is_dry_run {
        return described(send).await;
    }
    if let Some(host) = &session.connection.live_host {
        consent::obtain(output, &Question::of_sending(&call.intent(host, session)), call.yes)?;
    }
    let mut interrupts = Interrupts::listen()
        .map_err(|error| Failure::environment(format!("Ctrl-C cannot be listened for: {error}")))?;
    if session.connection.live_host.is_some() {
        let text = serde_json::to_string(&ticket).map_err(|error| {
            Failure::not_sent(format!("the ticket cannot be written, so nothing was sent: {error}"))
        })?;
        output.say(&format!("ticket, to look the call up with: {text}"));
    }
    let report = watched(send, &ticket, &mut interrupts, output).await;
    match tell(call, &report, output) {
        Ok(()) => Ok(report.exit),
        // Nobody reads standard output: the code and the ticket are all that is left to say it.
        Err(failure) => Err(Failure {
            exit: Exit::worst_of([report.exit, failure.exit]),
            ..failure
        }),
    }
}

/// A call of a dry run: it is told elsewhere, unless it would not even have been sent.
pub(super) async fn described(send: impl Future<Output = Outcome<Answer<Allocated>>>) -> Result<Exit, Failure> {
    match send.await {
        Outcome::NotSent(error) => Err(error.into()),
        _ => Ok(Exit::Done),
    }
}

/// Waits for the outcome of a call. The first Ctrl-C lets it finish; the second gives up on it, and then it
/// is unknown, because it may have been sent.
pub(super) async fn watched(
    send: impl Future<Output = Outcome<Answer<Allocated>>>,
    ticket: &Ticket,
    interrupts: &mut Interrupts,
    output: &mut Output,
) -> Report {
    tokio::pin!(send);
    tokio::select! {
        biased;
        outcome = &mut send => return Report::of(outcome),
        () = interrupts.reach(1) => {}
    }
    output.say(&format!(
        "waiting for the answer to {}; Ctrl-C again gives up on it, and it is then unknown",
        ticket.reference
    ));
    tokio::select! {
        biased;
        outcome = &mut send => Report::of(outcome),
        () = interrupts.reach(2) => Report::given_up(ticket.clone()),
    }
}

#[derive(Serialize)]
struct SingleResult<'a> {
    operation: &'static str,
    #[serde(flatten)]
    call: CallResult<'a>,
}

fn tell(call: &SingleCall, report: &Report, output: &mut Output) -> Result<(), Failure> {
    let row = &call.row;
    if output.format == Format::Json {
        return output.json(&SingleResult {
            operation: call.verb,
            call: CallResult::new(row, report),
        });
    }
    let lines = listing(&[
        ("outcome", Some(report.verdict.word().to_owned())),
        ("reference", Some(row.reference.to_string())),
        ("person", Some(row.person.name.expose().to_owned())),
        ("amount", Some(money(row.amount))),
        ("card", report.card.clone()),
        ("balance", report.balance.map(money)),
        ("transaction", report.transaction.clone()),
        ("reason", report.reason.clone()),
        ("next", report.next(row)),
    ]);
    lines.iter().try_for_each(|line| output.line(line))
}
