//! `enkash bulk`: gives points to everybody in a file by one request. The portal's answer lists what succeeded without
//! the references, so a row is done only where the list names it beyond doubt.

use std::collections::HashMap;

use enkash::{
    ClientReference, Outcome, Ticket,
    rewards::{BulkAllocation, BulkMode},
};
use serde::Serialize;

use super::{
    allocate::{read, sum},
    move_value::{self, watched_as},
    tally::{RowName, Tally},
    tickets::Tickets,
};
use crate::{
    allocations_file::BulkLine,
    cli,
    exit::{Exit, Failure},
    interrupts::Interrupts,
    output::{CallResult, Column, Format, Nothing, Output, Payment, Report, money},
    session::{Session, Target},
};

/// The names of the JSON.
const CSV_COLUMNS: [&str; 8] = [
    "line",
    "reference",
    "person",
    "amount",
    "outcome",
    "reason",
    "next",
    "ticket",
];

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a> {
    Row {
        line: u64,
        #[serde(flatten)]
        call: CallResult<'a, Payment, Nothing>,
    },
    Summary {
        rows: usize,
        done: usize,
        refused: usize,
        not_sent: usize,
        unknown: usize,
        /// The sum of what is done.
        allocated: String,
    },
}

pub(super) async fn run(target: &Target, arguments: cli::Bulk, output: &mut Output) -> Result<Exit, Failure> {
    let lines: Vec<BulkLine> = read(&arguments.file, output)?;
    let tickets_file = arguments.tickets.as_deref();
    Tickets::check(tickets_file)?;
    let (mode, people) = match arguments.mode {
        cli::BulkMode::ExistingAndNew => (BulkMode::ExistingAndNew, "existing and new people"),
        cli::BulkMode::NewOnly => (BulkMode::NewOnly, "new people only"),
    };
    let rows = lines.iter().map(|line| line.row.clone()).collect();
    let bulk = BulkAllocation::new(rows, mode)?;
    let session = Session::open(target, output).await?;
    if session.connection.is_dry_run {
        // It is told elsewhere, or says here why it would not have been sent.
        let told = session.rewards.allocate_bulk(bulk).await;
        return match told.rows.into_iter().next() {
            Some(Outcome::NotSent(error)) => Err(error.into()),
            _ => Ok(Exit::Done),
        };
    }
    note_twins(&lines, output);
    let what = format!(
        "allocate {:.2} to {people} in one request, with the {} rows of {}",
        sum(lines.iter().map(|line| line.row.amount)),
        lines.len(),
        arguments.file.display()
    );
    let place = format!(
        "account {} of company {}",
        session.rewards.account_id(),
        session.rewards.company()
    );
    move_value::confirm(&session.connection, &what, &place, arguments.yes, output)?;
    let mut interrupts = Interrupts::listen()
        .map_err(|error| Failure::environment(format!("Ctrl-C cannot be listened for: {error}")))?;
    let tickets = session.rewards.tickets_of(&bulk);
    output.keep_outcomes();
    let mut kept = Tickets::open_with(&session.connection, tickets_file, &tickets, output)?;
    let send = async {
        let told = session.rewards.allocate_bulk(bulk).await;
        reports(&tickets, told.rows)
    };
    let given_up = || tickets.iter().cloned().map(Report::given_up).collect();
    let reports: Vec<_> = watched_as(send, "the bulk request", given_up, &mut interrupts, output).await;
    let mut tally = Tally::default();
    for (line, report) in lines.iter().zip(&reports) {
        tally.count(name(line), report);
    }
    let words = tally.in_words(lines.len(), None, &kept.how_to_settle());
    let written = tell(&lines, &reports, &tally, &words, output);
    for (ticket, report) in tickets.iter().zip(&reports).filter(|_| written.is_ok()) {
        kept.note_outcome(ticket, report.verdict, output);
    }
    kept.close(output);
    written?;
    Ok(tally.exit())
}

fn name(line: &BulkLine) -> RowName<'_> {
    RowName {
        line: line.line,
        reference: &line.row.reference,
        amount: line.row.amount,
    }
}

fn reports(tickets: &[Ticket], outcomes: Vec<Outcome<ClientReference>>) -> Vec<Report<Nothing>> {
    let reports = tickets.iter().zip(outcomes);
    reports
        .map(|(ticket, outcome)| Report::of(ticket, outcome, |_| Nothing::default()))
        .collect()
}

/// The answer names rows by mobile number and amount alone.
fn note_twins(lines: &[BulkLine], output: &mut Output) {
    let mut first = HashMap::new();
    for line in lines {
        let key = (line.row.mobile.expose(), line.row.amount.to_string());
        if let Some(before) = first.insert(key, line.line) {
            output.note(&format!(
                "note: lines {before} and {} have the same mobile number and amount, which the portal's answer cannot tell \
                 apart: both will be unknown",
                line.line
            ));
        }
    }
}

fn tell(
    lines: &[BulkLine],
    reports: &[Report<Nothing>],
    tally: &Tally,
    words: &str,
    output: &mut Output,
) -> Result<(), Failure> {
    let asked: Vec<_> = lines
        .iter()
        .map(|line| Payment::new(line.row.name.expose(), line.row.amount))
        .collect();
    let calls = lines.iter().zip(reports).zip(&asked).map(|((line, report), asked)| {
        let call = CallResult::new(line.row.reference.as_str(), asked, report);
        (line.line, call)
    });
    match output.format {
        Format::Json => {
            for (line, call) in calls {
                output.json(&Line::Row { line, call })?;
            }
            output.json(&Line::Summary {
                rows: lines.len(),
                done: tally.done,
                refused: tally.refused,
                not_sent: tally.not_sent,
                unknown: tally.unknown,
                allocated: format!("{:.2}", tally.allocated),
            })
        }
        Format::Csv => {
            output.header(&CSV_COLUMNS)?;
            for (line, call) in calls {
                output.record(&call.cells(line)?)?;
            }
            output.say(words);
            Ok(())
        }
        Format::Table => {
            let columns = vec![
                Column::left("reference"),
                Column::left("person"),
                Column::right("amount"),
                Column::left("outcome"),
                Column::left(""),
            ];
            let rows: Vec<_> = lines
                .iter()
                .zip(reports)
                .map(|(line, report)| {
                    vec![
                        line.row.reference.to_string(),
                        line.row.name.expose().to_owned(),
                        money(line.row.amount),
                        report.verdict.word().to_owned(),
                        report.reason.clone().unwrap_or_default(),
                    ]
                })
                .collect();
            output.table(columns, &rows)?;
            output.lines(words.lines())
        }
    }
}
