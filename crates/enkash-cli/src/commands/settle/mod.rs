//! `enkash settle`: looks up what became of calls that moved value, from the tickets that were shown or written before
//! them. It only reads. Each ticket is shown as soon as it is known, with the proof or with what to do.

mod report;
mod ticket_file;
mod unknown_calls;

use std::{
    io,
    path::{Path, PathBuf},
    pin::pin,
    time::Duration,
};

use enkash::{
    OperationId, Outcome, Ticket, Unknown, UnknownReason,
    settlement::{NotSettledReason, Settled},
    ticket::Intent,
};
use enkash_ledger::{Conclusion, Ledger, Settled as SettledCall};
use futures_util::{Stream, StreamExt};

use self::{
    report::{ProofFields, SettleReport},
    ticket_file::StoredTicket,
    unknown_calls::{UnknownCalls, find_attempt},
};
use crate::{
    command::{Command, Context, Effect},
    duration,
    exit::{CliError, ExitStatus},
    input_file::{MAX_TICKET, MAX_TICKETS, read_text, read_text_from},
    ledger,
    output::Output,
    session::Connection,
    settings::Settings,
    value::{CallReport, warn_if_kept},
};

const HELP: &str = "\
Examples:
  enkash settle
  enkash settle --file examples/tickets.jsonl
  enkash settle --file examples/tickets.jsonl --within 0s --output csv

Without arguments it looks up every call of the ledger whose outcome is unknown
at this host and, where the settings name a company, of that; it writes down
what it finds, also of calls whose process was killed. Rows of a run that is
being sent right now are left alone. What is unknown and is not looked up is
counted, and the command ends with 4 for it.

A ticket from elsewhere is the JSON that a result or a file of --tickets holds;
where the ledger knows its call, what is found is written down there too.

A ticket is looked up again and again until it is found or the time has passed;
nothing that moves value is sent. It may hold a phone number, and arguments can
be seen by others: prefer - or --file. A file has at most
100,000 lines.

  0    all were found: the value moved
  4    not found in the time, not finished, or not looked up: ask EnKash, and
       write down what they say with enkash history resolve
  6    did not happen; only a look-up that is verified can say so
  5    the credentials were not accepted
  2    a ticket cannot be read

With --sandbox there is nothing to look up, for it ends with the command: use
enkash sandbox, which stays.";

/// Look up what became of calls that moved value: all that are unknown, or those of tickets; moves nothing
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Settle {
    /// A ticket, as JSON; - reads it from standard input. Without it all calls of the ledger that are unknown
    #[arg(conflicts_with = "file")]
    ticket: Option<String>,
    /// A file of tickets, one a line
    #[arg(long)]
    file: Option<PathBuf>,
    /// How long to look for each: 30s, 2m, 1h; 0s looks once
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration::parse)]
    within: Duration,
    /// Look orders up with the login of the redemption user, not the partner's
    #[arg(long)]
    as_user: bool,
}

impl Command for Settle {
    const EFFECT: Effect = Effect::Reads;
    const LISTS: bool = true;
    const OPERATIONS: &'static [OperationId] = &[
        OperationId::SearchTransactions,
        OperationId::SearchCards,
        OperationId::FetchOrderInfo,
    ];

    fn columns() -> Vec<&'static str> {
        report::columns()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        if context.target.sandbox {
            return Err(CliError::bad_input(
                "the sandbox of --sandbox lives as long as one command, so it has no call of an earlier one to look up. Run \
                 `enkash sandbox` in another terminal, which stays, and set the environment that it shows: then calls and \
                 `enkash settle` reach the same one.",
            ));
        }
        if self.ticket.is_some() || self.file.is_some() {
            let tickets = self.tickets(context).await?;
            return self.settle(&tickets, context).await;
        }
        let calls = unknown_calls(context).await?;
        let settled = match calls.tickets.as_slice() {
            [] => {
                context.output.note(calls.describe_none());
                ExitStatus::Done
            }
            tickets => self.settle(tickets, context).await?,
        };
        // Whoever asks for all that is unknown takes "done" for all of it.
        let rest = (!calls.tell_rest(context.output)).then_some(ExitStatus::Unknown);
        let rest = rest.filter(|_| context.target.dry_run.is_none());
        Ok(ExitStatus::worst_of([settled].into_iter().chain(rest)))
    }
}

/// Every call of the ledger that is in doubt.
async fn unknown_calls(context: &Context<'_>) -> Result<UnknownCalls, CliError> {
    let settings = Settings::read(context.target.profile.as_deref());
    if let Some(problem) = settings.mistakes().first() {
        return Err(CliError::bad_input(format!("{problem}\nNothing was looked up.")));
    }
    if settings.call_hosts().all().contains("") {
        return Err(CliError::bad_input(
            "missing: ENKASH_BASE_URL, or base_url in a profile: calls are looked up at the host where they were made. \
             Nothing was looked up.",
        ));
    }
    let ledger = ledger::open_live(settings.ledger_url().as_ref()).await?;
    UnknownCalls::read(&ledger, &settings).await
}

impl Settle {
    /// Looks tickets up and shows each.
    async fn settle(&self, tickets: &[StoredTicket], context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let is_list = self.ticket.is_none();
        let parts = Part::open_all(context, self.as_user, tickets).await?;
        if context.target.dry_run.is_some() {
            for part in &parts {
                // The first look-up is shown elsewhere; it has no response to go on with.
                let _ = part.settle(tickets, Duration::ZERO).count().await;
            }
            return Ok(ExitStatus::Done);
        }
        context.output.keep_outcomes();
        let mut settle_report = SettleReport::begin(is_list, context.output)?;
        if is_list {
            context.output.begin_progress(tickets.len() as u64);
        }
        let flags = if self.as_user { " --as-user" } else { "" };
        for part in &parts {
            let ledger = part.connection.ledger().await?;
            let mut settled = pin!(part.settle(tickets, self.within));
            while let Some((stored, outcome)) = settled.next().await {
                record(ledger, stored, &outcome, context.output).await;
                let report = report_of(&stored.ticket, outcome, flags);
                settle_report.ticket(stored, report, context.output)?;
                context.output.advance_progress();
            }
        }
        context.output.end_progress();
        settle_report.end(context.output)?;
        Ok(settle_report.exit())
    }

    /// The tickets that were given, each with the row of the ledger that it is of.
    async fn tickets(&self, context: &Context<'_>) -> Result<Vec<StoredTicket>, CliError> {
        let settings = Settings::read(context.target.profile.as_deref());
        let (hosts, url) = (settings.call_hosts(), settings.ledger_url());
        let mut tickets = self.given_tickets()?;
        if context.target.dry_run.is_none() {
            let ledger = ledger::open_live(url.as_ref()).await?;
            for stored in &mut tickets {
                stored.attempt = find_attempt(&ledger, &hosts, &stored.ticket).await?;
            }
        }
        Ok(tickets)
    }

    fn given_tickets(&self) -> Result<Vec<StoredTicket>, CliError> {
        let unreadable =
            |path: &Path, error: io::Error| CliError::bad_input(format!("{} cannot be read: {error}", path.display()));
        match (&self.file, self.ticket.as_deref()) {
            (Some(path), _) => {
                let text = read_text(path, MAX_TICKETS).map_err(|error| unreadable(path, error))?;
                ticket_file::parse_file(&text).map_err(|problems| {
                    let more = problems.more();
                    let named = problems.items.into_iter();
                    let problems: Vec<_> = named
                        .map(|(line, problem)| format!("{}:{line}: {problem}", path.display()))
                        .chain(more)
                        .collect();
                    CliError::bad_input(format!("nothing was looked up\n{}", problems.join("\n")))
                })
            }
            (None, ticket) => {
                let text = match ticket {
                    Some("-") | None => {
                        let text = read_text_from(io::stdin().lock(), MAX_TICKET);
                        text.map_err(|error| unreadable(Path::new("standard input"), error))?
                    }
                    Some(text) => text.to_owned(),
                };
                let ticket = ticket_file::parse(&text)
                    .map_err(|problem| CliError::bad_input(format!("the ticket cannot be used: {problem}")))?;
                Ok(vec![StoredTicket {
                    line: None,
                    ticket,
                    attempt: None,
                }])
            }
        }
    }
}

/// The tickets that are looked up with one login: orders with `--as-user`'s if it is given, all else with the partner's. A
/// login without tickets is not opened.
struct Part {
    connection: Connection,
    /// Of its tickets, in the list of all.
    places: Vec<usize>,
}

impl Part {
    async fn open_all(
        context: &mut Context<'_>,
        as_user: bool,
        tickets: &[StoredTicket],
    ) -> Result<Vec<Self>, CliError> {
        let is_users = |place: &usize| as_user && matches!(tickets[*place].ticket.intent, Intent::Order(_));
        let (users, partners): (Vec<usize>, Vec<usize>) = (0..tickets.len()).partition(is_users);
        let mut parts = Vec::new();
        if !users.is_empty() {
            let (connection, _) = context.redemption(true).await?;
            parts.push(Self {
                connection,
                places: users,
            });
        }
        if !partners.is_empty() {
            let connection = context.connection().await?;
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
        tickets: &'a [StoredTicket],
        within: Duration,
    ) -> impl Stream<Item = (&'a StoredTicket, Outcome<Settled>)> + 'a {
        let own = self.places.iter().map(|place| tickets[*place].ticket.clone());
        let settled = self.connection.enkash.settle_all(own).within(within).into_stream();
        settled.map(|(index, outcome)| (&tickets[self.places[index]], outcome))
    }
}

/// Writes down what a look-up proves.
async fn record(ledger: &Ledger, stored: &StoredTicket, outcome: &Outcome<Settled>, output: &mut Output) {
    let Some(((row, attempt), conclusion)) = stored.attempt.zip(Conclusion::from_settlement(outcome)) else {
        return;
    };
    let concluded = conclusion.state();
    let recorded = ledger.settle(vec![SettledCall::new(row, attempt, conclusion)]).await;
    match recorded.map(|all| all.first().copied()) {
        Ok(Some(recorded)) => warn_if_kept(recorded, concluded, stored.ticket.reference.as_str(), output),
        Ok(None) => {}
        Err(error) => output.warn(&format!("warning: the ledger does not have what was found: {error}")),
    }
}

fn report_of(ticket: &Ticket, outcome: Outcome<Settled>, flags: &str) -> CallReport<ProofFields> {
    let not_settled = match &outcome {
        Outcome::Unknown(Unknown {
            reason: UnknownReason::NotSettled(not_settled),
            ..
        }) => Some(not_settled.clone()),
        _ => None,
    };
    let mut report = CallReport::from_outcome(
        ticket,
        outcome.map(|settled| ProofFields::from_proof(settled.proof)),
        flags,
    );
    if let Some(not_settled) = not_settled {
        report.facts.looks = Some(not_settled.lookups);
        report.next = Some(format!(
            "Do not repeat the call, and never with a new reference. What to do: {}.",
            not_settled.advice()
        ));
        if let NotSettledReason::LookUpFailed(error) = &not_settled.reason
            && ExitStatus::from_error(error) == ExitStatus::Credentials
        {
            // Nothing new is known of the call; what stops the look-up are the credentials.
            report.exit = ExitStatus::Credentials;
        }
    }
    report
}
