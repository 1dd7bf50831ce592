//! `enkash settle`: looks up what became of calls that moved value, from the tickets that were shown or written before
//! them. It only reads. Each ticket is told as soon as it is known, with the proof or with what to do.

mod stored;
mod told;

use std::{io, path::Path, pin::pin, time::Duration};

use enkash::{Intent, Outcome, Settled, Ticket, UnknownReason, WhyNotSettled};
use futures_util::{Stream, StreamExt};

use self::{
    stored::Stored,
    told::{Found, Told},
};
use super::tickets::forget;
use crate::{
    cli,
    exit::{Exit, Failure},
    input_file::{MAX_TICKET, MAX_TICKETS, read_text, text_of},
    output::{Output, Report},
    session::{Connection, Target},
};

pub(super) async fn run(target: &Target, arguments: cli::Settle, output: &mut Output) -> Result<Exit, Failure> {
    if target.sandbox {
        return Err(Failure::bad_input(
            "the sandbox of --sandbox lives as long as one command, so it has no call of an earlier one to look up. Run \
             `enkash sandbox` in another terminal, which stays, and set the environment that it shows: then calls and \
             `enkash settle` reach the same one.",
        ));
    }
    let tickets = tickets(&arguments)?;
    let parts = Part::open_all(target, arguments.as_user, &tickets, output).await?;
    if target.dry_run.is_some() {
        for part in &parts {
            // The first look-up is told elsewhere; it has no answer to go on with.
            let _ = part.settle(&tickets, Duration::ZERO).count().await;
        }
        return Ok(Exit::Done);
    }
    output.keep_outcomes();
    let mut told = Told::begin(arguments.file.is_some(), output)?;
    if arguments.file.is_some() {
        output.begin_progress(tickets.len());
    }
    let mut known = Vec::new();
    for part in &parts {
        let mut settled = pin!(part.settle(&tickets, arguments.within));
        while let Some((stored, outcome)) = settled.next().await {
            let report = report(&stored.ticket, outcome);
            told.ticket(stored, &report, output)?;
            if report.verdict.is_final() && output.is_all_told() {
                known.push(stored.ticket.clone());
            }
            output.advance_progress();
        }
    }
    output.end_progress();
    told.end(output)?;
    if let Some(state) = parts.iter().find_map(|part| part.connection.state.as_ref()) {
        forget(&state.unsettled_tickets(), &known, output);
    }
    Ok(told.exit())
}

fn tickets(arguments: &cli::Settle) -> Result<Vec<Stored>, Failure> {
    let unreadable =
        |path: &Path, error: io::Error| Failure::bad_input(format!("{} cannot be read: {error}", path.display()));
    match (&arguments.file, arguments.ticket.as_deref()) {
        (Some(path), _) => {
            let text = read_text(path, MAX_TICKETS).map_err(|error| unreadable(path, error))?;
            stored::lines(&text).map_err(|problems| {
                let more = problems.more();
                let named = problems.items.into_iter();
                let problems: Vec<_> = named
                    .map(|(line, problem)| format!("{}:{line}: {problem}", path.display()))
                    .chain(more)
                    .collect();
                Failure::bad_input(format!("nothing was looked up\n{}", problems.join("\n")))
            })
        }
        (None, ticket) => {
            let text = match ticket {
                Some("-") | None => {
                    let text = text_of(io::stdin().lock(), MAX_TICKET);
                    text.map_err(|error| unreadable(Path::new("standard input"), error))?
                }
                Some(text) => text.to_owned(),
            };
            let ticket = stored::read(&text)
                .map_err(|problem| Failure::bad_input(format!("the ticket cannot be used: {problem}")))?;
            Ok(vec![Stored { line: None, ticket }])
        }
    }
}

/// The tickets that are looked up with one log-in: orders with that of whom was asked for, the rest with the partner's.
/// Nobody logs in for nothing.
struct Part {
    connection: Connection,
    /// Of its tickets, in the list of all.
    places: Vec<usize>,
}

impl Part {
    async fn open_all(
        target: &Target,
        as_user: bool,
        tickets: &[Stored],
        output: &mut Output,
    ) -> Result<Vec<Self>, Failure> {
        let is_users = |place: &usize| as_user && matches!(tickets[*place].ticket.intent, Intent::Order(_));
        let (users, partners): (Vec<usize>, Vec<usize>) = (0..tickets.len()).partition(is_users);
        let mut parts = Vec::new();
        if !users.is_empty() {
            let (connection, _) = Connection::open_redemption(target, true, output).await?;
            parts.push(Self {
                connection,
                places: users,
            });
        }
        if !partners.is_empty() {
            let connection = Connection::open(target, output).await?;
            parts.push(Self {
                connection,
                places: partners,
            });
        }
        parts.sort_by_key(|part| part.places.first().copied());
        Ok(parts)
    }

    /// Each of its tickets as soon as it is known.
    fn settle<'a>(
        &'a self,
        tickets: &'a [Stored],
        within: Duration,
    ) -> impl Stream<Item = (&'a Stored, Outcome<Settled>)> + 'a {
        let own = self.places.iter().map(|place| tickets[*place].ticket.clone());
        let settled = self.connection.enkash.settle_all(own).within(within).into_stream();
        settled.map(|(index, outcome)| (&tickets[self.places[index]], outcome))
    }
}

fn report(ticket: &Ticket, outcome: Outcome<Settled>) -> Report<Found> {
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
    report
}
