//! `enkash bulk`: gives points to everybody in a file by one request. The response lists what succeeded without
//! the references, so a row is done only where the list names it beyond doubt.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use enkash::{
    OperationId, Outcome,
    rewards::{self, BulkAllocation},
};
use enkash_ledger::{Amount, NewCall, NewRow, NewRun};
use serde::Serialize;

use crate::{
    allocations_file::{self, BulkFileRow, Columns, sum},
    command::{Command, Context, Effect, exit_codes},
    command_line::called_as,
    doubt,
    exit::{CliError, ExitStatus},
    interrupts::Interrupts,
    ledger, operator,
    output::{Format, List, Output},
    run,
    session::Session,
    value::{
        self, AccountKind, AllocationFields, CallRecord, CallReport, NoFields, RowRef, RunSummary, SummaryJson,
        TicketExport, until_given_up, warn_not_recorded,
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
doubt is unknown, and all are where it speaks of any that failed. Before the
request all rows are in the ledger; enkash settle looks up what is unknown.
--tickets writes the tickets into a new file as well.

The ledger refuses a reference that was used, and the same mobile number and
amount twice: in the file, within seven days, and where the earlier payment is
in doubt or waits in a run. --allow-duplicates says that the rows with new
references are payments of their own, which nobody can say while the earlier
payment is in doubt. --dry-run asks the ledger as well.

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
    /// Also where a person gets the same amount twice, in the file or within seven days; never while one is unknown
    #[arg(long)]
    allow_duplicates: bool,
    /// Write the tickets into this new file before the request as well
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
    const OPERATIONS: &'static [OperationId] = &[OperationId::BulkCreateAllocateRewards];

    fn columns() -> Vec<&'static str> {
        list().csv_keys()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let (rows, columns) = allocations_file::read::<BulkFileRow>(&self.file, context.output)?;
        let tickets_file = self.tickets.as_deref();
        TicketExport::refuse_existing(tickets_file)?;
        let (mode, people) = match self.mode {
            BulkMode::ExistingAndNew => (rewards::BulkMode::ExistingAndNew, "existing and new people"),
            BulkMode::NewOnly => (rewards::BulkMode::NewOnly, "new people only"),
        };
        let bulk = BulkAllocation::new(rows.iter().map(|row| row.row.clone()).collect(), mode)?;
        let session = context.session().await?;
        check_limits(&session, &rows)?;
        self.check_ledger(&session, &rows, columns, context.output).await?;
        if session.connection.is_dry_run {
            // It is shown elsewhere, or says here why it would not have been sent.
            let outcome = session.rewards.allocate_bulk(bulk).await;
            return match outcome.rows.into_iter().next() {
                Some(Outcome::NotSent(error)) => Err(error.into()),
                _ => Ok(ExitStatus::Done),
            };
        }
        warn_indistinguishable_rows(&rows, context.output);
        let calls = self.new_calls(&session, &bulk, &rows);
        let what = format!(
            "allocate {:.2} to {people} in one request, with the {} rows of {}",
            sum(rows.iter().map(|row| row.row.amount)),
            rows.len(),
            self.file.display()
        );
        let place = AccountKind::Rewards.describe(&session.rewards);
        value::confirm(
            &session.connection,
            OperationId::BulkCreateAllocateRewards,
            &[&what],
            &place,
            self.yes,
            context.output,
        )?;
        send(&session, bulk, (&rows, calls), tickets_file, context.output).await
    }
}

impl Bulk {
    /// The rows are no run, but what speaks against those of a run speaks against these.
    async fn check_ledger(
        &self,
        session: &Session,
        rows: &[BulkFileRow],
        columns: Columns,
        output: &mut Output,
    ) -> Result<(), CliError> {
        let ledger = session.connection.ledger().await?;
        let file_name = self.file.file_name().unwrap_or_default().to_string_lossy();
        let scope = session.connection.scope();
        let would_be = NewRun::new(scope, "bulk", file_name, operator::current().name);
        let rows = rows.iter().map(new_row).collect::<Result<Vec<_>, _>>()?;
        let file = (self.file.as_path(), columns);
        run::check_rows(ledger, file, (would_be, rows), self.allow_duplicates, output).await
    }

    /// The rows as the ledger knows them. What came into doubt since it was asked counts as well, by the same rule.
    fn new_calls(&self, session: &Session, bulk: &BulkAllocation, rows: &[BulkFileRow]) -> Vec<NewCall> {
        let tickets = session.rewards.tickets(bulk).into_iter().zip(rows);
        tickets
            .map(|(ticket, row)| {
                NewCall::new(session.connection.scope(), "bulk", ticket)
                    .person(row.row.name.expose())
                    .reference_given(self.allow_duplicates)
            })
            .collect()
    }
}

/// A row as an import compares it.
fn new_row(row: &BulkFileRow) -> Result<NewRow, CliError> {
    let amount = Amount::try_from(row.row.amount).map_err(|error| ledger::unusable(error.into()))?;
    Ok(NewRow {
        line: row.line,
        reference: row.row.reference.to_string(),
        recipient: row.row.mobile.expose().to_owned(),
        // It is compared and not kept.
        request: "{}".to_owned(),
        amount,
    })
}

/// The profile's limits of runs are those of a bulk request as well.
fn check_limits(session: &Session, rows: &[BulkFileRow]) -> Result<(), CliError> {
    let (mut largest, mut total) = (Amount::ZERO, Amount::ZERO);
    for row in rows {
        let amount = Amount::try_from(row.row.amount).and_then(|amount| {
            total = total.checked_add(amount)?;
            Ok(amount)
        });
        largest = largest.max(amount.map_err(|error| ledger::unusable(error.into()))?);
    }
    session.connection.run_limits.check_call(largest, total)
}

/// Sends the request, which is confirmed, and prints the report of each row.
async fn send(
    session: &Session,
    bulk: BulkAllocation,
    (rows, calls): (&[BulkFileRow], Vec<NewCall>),
    tickets_file: Option<&Path>,
    output: &mut Output,
) -> Result<ExitStatus, CliError> {
    let mut interrupts = Interrupts::listen()?;
    let tickets: Vec<_> = calls.iter().map(|call| call.ticket.clone()).collect();
    output.keep_outcomes();
    TicketExport::create(tickets_file)?.write(&tickets)?;
    let ledger = session.connection.ledger().await?;
    let intents = ledger.begin_all(calls).await.map_err(ledger::refusal_of_rows)?;
    let send = session.rewards.allocate_bulk(bulk);
    let outcome = until_given_up(send, "the bulk request", &mut interrupts, output).await;
    let outcomes: Vec<_> = match outcome {
        Some(outcome) => outcome
            .rows
            .into_iter()
            .map(|row| Some(row.map(|_| NoFields)))
            .collect(),
        None => tickets.iter().map(|_| None).collect(),
    };
    let ends = tickets.iter().zip(outcomes);
    let (conclusions, reports): (Vec<_>, Vec<_>) = ends
        .map(|(ticket, outcome)| CallReport::conclude(ticket, outcome, ""))
        .unzip();
    if let Err(error) = ledger
        .conclude_all(intents.into_iter().zip(conclusions).collect())
        .await
    {
        warn_not_recorded(&error, output);
    }
    let mut summary = RunSummary::default();
    for (row, report) in rows.iter().zip(&reports) {
        summary.count(row_ref(row), report);
    }
    let calls: Vec<_> = rows.iter().zip(reports).map(call).collect();
    let words = summary.describe(rows.len(), None);
    print(&calls, &summary, &words, output)?;
    if session.connection.is_live() {
        let next = match summary.unknown {
            0 => format!("to see the calls: {} history", called_as()),
            _ => format!("to find out, and send nothing: {}", doubt::settle()),
        };
        output.hint(&next);
    }
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
