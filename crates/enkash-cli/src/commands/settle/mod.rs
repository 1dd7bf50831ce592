//! `enkash settle`: looks up what became of calls that moved value, from the tickets that were shown or written before
//! them. It only reads. Each ticket is told as soon as it is known, with the proof or with what to do.

mod stored;
mod told;

use std::{
    fs,
    io::{self, Read},
    path::Path,
    time::Duration,
};

use enkash::{Intent, Outcome, Settled, Ticket, UnknownReason, WhyNotSettled};

use self::{
    stored::Stored,
    told::{Found, Told},
};
use crate::{
    cli,
    exit::{Exit, Failure},
    output::{Output, Report},
    session::{Connection, Target},
};

/// More than this is no list of tickets.
const LARGEST: u64 = 64 * 1024 * 1024;

pub(super) async fn run(target: &Target, arguments: cli::Settle, output: &mut Output) -> Result<Exit, Failure> {
    if target.sandbox {
        return Err(Failure::bad_input(
            "the sandbox of --sandbox lives as long as one command, so it has no call of an earlier one to look up. Run \
             `enkash sandbox` in another terminal, which stays, and set the environment that it shows: then calls and \
             `enkash settle` reach the same one.",
        ));
    }
    let tickets = tickets(&arguments)?;
    let clients = Clients::open(target, arguments.as_user, &tickets, output).await?;
    if target.dry_run.is_some() {
        for stored in &tickets {
            // The first look-up is told elsewhere; it has no answer to go on with.
            let _ = clients.look_up(&stored.ticket, Duration::ZERO).await;
        }
        return Ok(Exit::Done);
    }
    let mut told = Told::begin(arguments.file.is_some(), output)?;
    for stored in &tickets {
        let report = settle(&clients, &stored.ticket, arguments.within).await?;
        told.ticket(stored, &report, output)?;
    }
    told.end(output)?;
    Ok(told.exit())
}

fn tickets(arguments: &cli::Settle) -> Result<Vec<Stored>, Failure> {
    let unreadable =
        |path: &Path, error: io::Error| Failure::bad_input(format!("{} cannot be read: {error}", path.display()));
    match (&arguments.file, arguments.ticket.as_deref()) {
        (Some(path), _) => {
            let text = fs::File::open(path)
                .and_then(text_of)
                .map_err(|error| unreadable(path, error))?;
            stored::lines(&text).map_err(|problems| {
                let problems: Vec<_> = problems
                    .iter()
                    .map(|(line, problem)| format!("{}:{line}: {problem}", path.display()))
                    .collect();
                Failure::bad_input(format!("nothing was looked up\n{}", problems.join("\n")))
            })
        }
        (None, ticket) => {
            let text = match ticket {
                Some("-") | None => {
                    text_of(io::stdin().lock()).map_err(|error| unreadable(Path::new("standard input"), error))?
                }
                Some(text) => text.to_owned(),
            };
            let ticket = stored::read(&text)
                .map_err(|problem| Failure::bad_input(format!("the ticket cannot be used: {problem}")))?;
            Ok(vec![Stored { line: None, ticket }])
        }
    }
}

fn text_of(source: impl Read) -> io::Result<String> {
    let mut text = String::new();
    let size = source.take(LARGEST + 1).read_to_string(&mut text)?;
    if size as u64 > LARGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 64 MiB"));
    }
    Ok(text)
}

/// Whose tokens the look-ups use: orders that of whom was asked for, the rest the partner's. Nobody logs in for nothing.
struct Clients {
    partner: Option<Connection>,
    user: Option<Connection>,
}

impl Clients {
    async fn open(target: &Target, as_user: bool, tickets: &[Stored], output: &mut Output) -> Result<Self, Failure> {
        let is_users = |stored: &Stored| as_user && matches!(stored.ticket.intent, Intent::Order(_));
        let (mut partner, mut user) = (None, None);
        if tickets.iter().any(is_users) {
            let (connection, _) = Connection::open_redemption(target, true, output).await?;
            user = Some(connection);
        }
        if !tickets.iter().all(is_users) {
            partner = Some(Connection::open(target, output).await?);
        }
        Ok(Self { partner, user })
    }

    async fn look_up(&self, ticket: &Ticket, within: Duration) -> Option<Outcome<Settled>> {
        let client = match (&ticket.intent, &self.user) {
            (Intent::Order(_), Some(user)) => user,
            _ => self.partner.as_ref()?,
        };
        Some(client.enkash.settle(ticket.clone()).within(within).await)
    }
}

async fn settle(clients: &Clients, ticket: &Ticket, within: Duration) -> Result<Report<Found>, Failure> {
    let outcome = clients.look_up(ticket, within).await;
    let outcome = outcome.ok_or_else(|| Failure::environment("a ticket has no client to be looked up with"))?;
    let not_settled = match &outcome {
        Outcome::Unknown(unknown) => match &unknown.reason {
            UnknownReason::NotSettled(not_settled) => Some(not_settled.clone()),
            _ => None,
        },
        _ => None,
    };
    let mut report = Report::of(ticket, outcome, |settled| Found::of(&settled.proof));
    if let Some(not_settled) = not_settled {
        report.facts.looks = Some(not_settled.looks);
        report.next = Some(format!(
            "Do not repeat the call, and never with a new reference. What to do: {}.",
            not_settled.advice()
        ));
        if let WhyNotSettled::LookUpFailed(error) = &not_settled.why
            && Exit::of(error) == Exit::Credentials
        {
            // Nothing new is known of the call; what stops the look-up are the credentials.
            report.exit = Exit::Credentials;
        }
    }
    Ok(report)
}
