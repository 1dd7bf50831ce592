//! Shows a file run on standard output: for people a table that grows row by row, for programs one JSON
//! object a line (`account`, then `row`s, then `account` and `summary`), and for spreadsheets the rows alone as CSV, with the
//! rest on standard error.

use enkash::Money;
use serde::Serialize;

use crate::{
    allocations_file::AllocationRow,
    exit::CliError,
    output::{Format, List, MAX_NAME_WIDTH, Output, Rows, format_money, width},
    session::Session,
    value::{AllocationFields, CallRecord, CallReport, CardFields, RunSummary, SummaryJson},
};

type Call = CallRecord<AllocationFields, CardFields>;

/// What is no row: a part of the table, and outside of a CSV.
fn print_outside_rows(text: &str, output: &mut Output) -> Result<(), CliError> {
    match output.format {
        Format::Csv => {
            output.warn(text);
            Ok(())
        }
        _ => output.print_lines(text.lines()),
    }
}

pub(super) struct RunReport {
    account: String,
    before: Option<Money>,
    rows: Rows<Call>,
}

#[derive(Serialize)]
struct AccountLine<'a> {
    r#type: &'static str,
    when: &'static str,
    account: &'a str,
    available_balance: Option<String>,
}

#[derive(Serialize)]
struct SummaryLine {
    r#type: &'static str,
    #[serde(flatten)]
    counts: SummaryJson,
    interrupted: bool,
    /// What ended the run before its last row.
    stopped: Option<StopReason>,
}

/// Why a run ended before its last row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum StopReason {
    Interrupted,
    /// After a row that is unknown.
    Unknown,
    /// After a row that could not log in.
    Credentials,
    /// Before a row whose ticket could not be written.
    Tickets,
    /// Standard output took no more results.
    Output,
}

impl StopReason {
    fn describe(self) -> &'static str {
        match self {
            Self::Interrupted => "stopped; ",
            Self::Unknown => "stopped at the first row that is unknown (--keep-going would go on); ",
            Self::Credentials => "stopped, because the credentials were not accepted; ",
            Self::Tickets => "stopped, because a ticket could not be written; ",
            Self::Output => "stopped, because standard output could not be written; ",
        }
    }
}

impl RunReport {
    pub(super) fn begin(
        session: &Session,
        rows: &[AllocationRow],
        before: Option<Money>,
        output: &mut Output,
    ) -> Result<Self, CliError> {
        let report = Self {
            account: session.rewards.account_id().to_string(),
            before,
            rows: list(rows).stream(output),
        };
        report.balance("before", before, output)?;
        report.rows.begin(output)?;
        Ok(report)
    }

    fn balance(&self, when: &'static str, balance: Option<Money>, output: &mut Output) -> Result<(), CliError> {
        let available_balance = balance.map(format_money);
        match output.format {
            Format::Json => output.json(&AccountLine {
                r#type: "account",
                when,
                account: &self.account,
                available_balance,
            }),
            Format::Table | Format::Csv => {
                let shown = available_balance.as_deref().unwrap_or("not known");
                print_outside_rows(&format!("account {}, balance {when}: {shown}", self.account), output)
            }
        }
    }

    pub(super) fn row(
        &self,
        row: &AllocationRow,
        report: CallReport<CardFields>,
        output: &mut Output,
    ) -> Result<(), CliError> {
        let call = CallRecord {
            operation: "allocate",
            line: Some(row.line),
            reference: row.reference.clone(),
            asked: AllocationFields::from(row),
            report,
        };
        self.rows.row(&call, output)
    }

    pub(super) fn end(
        &self,
        summary: &RunSummary,
        rows: usize,
        words: &str,
        after: Option<Money>,
        stopped: Option<StopReason>,
        output: &mut Output,
    ) -> Result<(), CliError> {
        self.balance("after", after, output)?;
        if output.format == Format::Json {
            return output.json(&SummaryLine {
                r#type: "summary",
                counts: summary.as_json(rows),
                interrupted: stopped == Some(StopReason::Interrupted),
                stopped,
            });
        }
        let stopped = stopped.map_or("", StopReason::describe);
        print_outside_rows(&format!("{stopped}{words}"), output)?;
        if let (Some(before), Some(after)) = (self.before, after)
            && let Some(text) = balance_mismatch(before, after, summary)
        {
            print_outside_rows(&text, output)?;
        }
        Ok(())
    }
}

fn list(rows: &[AllocationRow]) -> List<Call> {
    let widest = |of: fn(&AllocationRow) -> usize| rows.iter().map(of).max().unwrap_or_default();
    let names = widest(|row| width(row.person.name.expose()));
    Call::file_rows()
        .field("reference")
        .at_least(widest(|row| width(row.reference.as_str())))
        .field("person")
        .at_least(names.min(MAX_NAME_WIDTH))
        .at_most(MAX_NAME_WIDTH)
        .field("amount")
        .at_least(widest(|row| format_money(row.amount).len()))
        .field("outcome")
        .at_least("not sent".len())
        .field("card")
        .at_least("EKC0000000".len())
        .field("balance")
        .at_least(widest(|row| format_money(row.amount).len() + 2))
        .in_table("reference person amount outcome card balance reason")
}

/// Where the balances differ by something else than what is done, and nothing is unknown.
pub(super) fn balance_mismatch(before: Money, after: Money, summary: &RunSummary) -> Option<String> {
    let gone = before.exact()?.checked_sub(after.exact()?)?;
    (summary.unknown == 0 && gone != summary.allocated).then(|| {
        format!(
            "the balance went down by {gone:.2}, the rows that are done add up to {:.2}: something else moved value \
             meanwhile, or the API counts otherwise",
            summary.allocated
        )
    })
}
