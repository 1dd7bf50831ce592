//! `enkash bulk`: gives points to everybody in a file by one request. The response lists what succeeded without
//! the references, so a row is done only where the list names it beyond doubt.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use enkash::{
    Outcome,
    rewards::{self, BulkAllocation},
};
use serde::Serialize;

use crate::{
    allocations_file::{self, BulkFileRow, sum},
    command::{Command, Context, Effect, exit_codes},
    exit::{CliError, ExitStatus},
    interrupts::Interrupts,
    output::{Format, List, Output},
    session::Session,
    value::{
        self, AccountKind, AllocationFields, CallRecord, CallReport, NoFields, RowRef, RunSummary, SummaryJson,
        TicketSink, until_given_up,
    },
};

const HELP: &str = concat!(
    "\
Examples:
  enkash --sandbox bulk --file examples/bulk.csv --mode existing-and-new
  enkash --sandbox --json bulk --file examples/bulk.csv --mode new-only
  enkash bulk --file examples/bulk.csv --mode existing-and-new

The file is CSV in UTF-8 with the header
title,name,email,mobile,amount,reference, and remarks if you like. All rows go
out in one request. The response names what succeeded by mobile number
and amount, and has no form for what failed: a row that it does not name beyond
doubt is unknown. Before the request all tickets are written into the new file
that --tickets names, or shown and kept in the state folder; enkash settle
--file reads them.

",
    exit_codes!()
);

/// Give points to everybody in a file by one request
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Bulk {
    /// The CSV file, all rows of which go out in one request
    #[arg(long)]
    file: PathBuf,
    /// What happens to people that the API knows already
    #[arg(long, value_enum)]
    mode: BulkMode,
    /// Write the tickets into this new file before the request, not to standard error
    #[arg(long, value_name = "FILE")]
    tickets: Option<PathBuf>,
    /// Send a live request without asking
    #[arg(long)]
    yes: bool,
}

/// The page's two choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum BulkMode {
    /// Load points for people that exist and for new ones
    ExistingAndNew,
    /// Create new people and load points for those only
    NewOnly,
}

type Call = CallRecord<AllocationFields, NoFields>;

#[derive(Serialize)]
struct SummaryLine {
    r#type: &'static str,
    #[serde(flatten)]
    counts: SummaryJson,
}

impl Command for Bulk {
    const EFFECT: Effect = Effect::MovesValue;
    const LISTS: bool = true;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let rows: Vec<BulkFileRow> = allocations_file::read(&self.file, context.output)?;
        let tickets_file = self.tickets.as_deref();
        TicketSink::refuse_existing(tickets_file)?;
        let (mode, people) = match self.mode {
            BulkMode::ExistingAndNew => (rewards::BulkMode::ExistingAndNew, "existing and new people"),
            BulkMode::NewOnly => (rewards::BulkMode::NewOnly, "new people only"),
        };
        let bulk = BulkAllocation::new(rows.iter().map(|row| row.row.clone()).collect(), mode)?;
        let session = context.session().await?;
        if session.connection.is_dry_run {
            // It is shown elsewhere, or says here why it would not have been sent.
            let outcome = session.rewards.allocate_bulk(bulk).await;
            return match outcome.rows.into_iter().next() {
                Some(Outcome::NotSent(error)) => Err(error.into()),
                _ => Ok(ExitStatus::Done),
            };
        }
        warn_indistinguishable_rows(&rows, context.output);
        let what = format!(
            "allocate {:.2} to {people} in one request, with the {} rows of {}",
            sum(rows.iter().map(|row| row.row.amount)),
            rows.len(),
            self.file.display()
        );
        let place = AccountKind::Rewards.describe(&session.rewards);
        value::confirm(&session.connection, &what, &place, self.yes, context.output)?;
        send(&session, bulk, &rows, tickets_file, context.output).await
    }
}

/// Sends the request, which is confirmed, and prints the report of each row.
async fn send(
    session: &Session,
    bulk: BulkAllocation,
    rows: &[BulkFileRow],
    tickets_file: Option<&Path>,
    output: &mut Output,
) -> Result<ExitStatus, CliError> {
    let mut interrupts = Interrupts::listen()?;
    let tickets = session.rewards.tickets(&bulk);
    output.keep_outcomes();
    let mut sink = TicketSink::open_with(&session.connection, tickets_file, &tickets, output)?;
    let send = session.rewards.allocate_bulk(bulk);
    let outcome = until_given_up(send, "the bulk request", &mut interrupts, output).await;
    let reports: Vec<_> = match outcome {
        Some(outcome) => {
            let outcomes = tickets.iter().zip(outcome.rows);
            outcomes
                .map(|(ticket, outcome)| CallReport::from_outcome(ticket, outcome.map(|_| NoFields)))
                .collect()
        }
        None => tickets.iter().cloned().map(CallReport::given_up).collect(),
    };
    let mut summary = RunSummary::default();
    for (row, report) in rows.iter().zip(&reports) {
        summary.count(row_ref(row), report);
    }
    let verdicts: Vec<_> = reports.iter().map(|report| report.outcome_kind).collect();
    let calls: Vec<_> = rows.iter().zip(reports).map(call).collect();
    let words = summary.describe(rows.len(), None, &sink.how_to_settle());
    let written = print(&calls, &summary, &words, output);
    for (ticket, outcome_kind) in tickets.iter().zip(verdicts).filter(|_| written.is_ok()) {
        sink.note_outcome(ticket, outcome_kind, output);
    }
    sink.close(output);
    written?;
    Ok(summary.exit())
}

fn row_ref(row: &BulkFileRow) -> RowRef<'_> {
    RowRef {
        line: row.line,
        reference: &row.row.reference,
        amount: row.row.amount,
    }
}

fn call((row, report): (&BulkFileRow, CallReport<NoFields>)) -> Call {
    CallRecord {
        operation: "bulk",
        line: Some(row.line),
        reference: row.row.reference.clone(),
        asked: AllocationFields {
            person: row.row.name.expose().to_owned(),
            amount: row.row.amount,
        },
        report,
    }
}

/// The response names rows by mobile number and amount alone.
fn warn_indistinguishable_rows(lines: &[BulkFileRow], output: &mut Output) {
    let mut first = HashMap::new();
    for line in lines {
        let key = (line.row.mobile.expose(), line.row.amount.to_string());
        if let Some(before) = first.insert(key, line.line) {
            output.note(&format!(
                "note: lines {before} and {} have the same mobile number and amount, which the response cannot tell \
                 apart: both will be unknown",
                line.line
            ));
        }
    }
}

fn print(calls: &[Call], summary: &RunSummary, words: &str, output: &mut Output) -> Result<(), CliError> {
    let list = list();
    match output.format {
        Format::Json => {
            for call in calls {
                output.json(&list.json(call))?;
            }
            output.json(&SummaryLine {
                r#type: "summary",
                counts: summary.as_json(calls.len()),
            })
        }
        Format::Csv => {
            list.write(calls, output)?;
            output.warn(words);
            Ok(())
        }
        Format::Table => {
            list.write(calls, output)?;
            output.print_lines(words.lines())
        }
    }
}

fn list() -> List<Call> {
    Call::file_rows().in_table("reference person amount outcome reason")
}
