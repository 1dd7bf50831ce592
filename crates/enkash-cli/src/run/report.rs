//! Shows a run on standard output: for people a table that grows row by row, for programs one JSON
//! object a line (`account`, then `row`s, then `account` and `summary`), and for spreadsheets the rows alone as CSV, with the
//! rest on standard error.

use enkash::{ClientReference, Money};
use enkash_ledger::{Amount, CallRow, HistoryFilter, Ledger, PendingRow, Run};
use serde::Serialize;

use super::{
    balance::{BalanceCheck, balance_limits},
    request::RowRequest,
    stop_rule::StopReason,
    totals::{RunTotals, TotalsJson},
};
use crate::{
    exit::{CliError, ExitStatus},
    ledger,
    output::{Format, List, MAX_NAME_WIDTH, Output, Rows, format_money, width},
    value::{AllocationFields, CallRecord, CallReport, CardFields, OutcomeKind},
};

/// How many rows are read at a time.
const PAGE: u32 = 1000;

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
    /// Of a run that was told before: everything is said of its balance.
    is_report: bool,
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
    run: String,
    state: &'static str,
    #[serde(flatten)]
    counts: TotalsJson,
    balance: BalanceCheck,
    interrupted: bool,
    /// What ended the run before its last row.
    stopped: Option<&'static str>,
}

impl RunReport {
    /// `first` are rows whose widths stand for all.
    pub(super) fn begin(
        run: &Run,
        first: &[PendingRow],
        before: Option<Amount>,
        output: &mut Output,
    ) -> Result<Self, CliError> {
        let report = Self {
            account: run.scope.account.clone(),
            is_report: false,
            rows: list(&Widths::of(first)).stream(output),
        };
        report.balance("before", before, output)?;
        report.rows.begin(output)?;
        Ok(report)
    }

    /// Only the rows, as a worker tells them.
    #[cfg(feature = "worker")]
    pub(super) fn begin_rows(run: &Run, first: &[PendingRow], output: &mut Output) -> Result<Self, CliError> {
        let report = Self {
            account: run.scope.account.clone(),
            is_report: false,
            rows: list(&Widths::of(first)).stream(output),
        };
        report.rows.begin(output)?;
        Ok(report)
    }

    /// For what stands below the rows.
    pub(super) fn without_rows(run: &Run, output: &Output) -> Self {
        Self {
            account: run.scope.account.clone(),
            is_report: false,
            rows: list(&Widths::default()).stream(output),
        }
    }

    fn balance(&self, when: &'static str, balance: Option<Amount>, output: &mut Output) -> Result<(), CliError> {
        let available_balance = balance.map(|balance| balance.to_string());
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
        row: &PendingRow,
        amount: Money,
        reference: ClientReference,
        report: CallReport<CardFields>,
        output: &mut Output,
    ) -> Result<(), CliError> {
        let person = RowRequest::parse(&row.request).map(|person| person.name.expose().to_owned());
        let call = CallRecord {
            operation: "allocate",
            line: Some(row.line),
            reference,
            asked: AllocationFields {
                person: person.unwrap_or_default(),
                amount,
            },
            report,
        };
        self.rows.row(&call, output)
    }

    pub(super) fn end(
        &self,
        run: &Run,
        totals: &RunTotals,
        balance: BalanceCheck,
        stopped: Option<StopReason>,
        output: &mut Output,
    ) -> Result<(), CliError> {
        self.balance("after", balance.after, output)?;
        if output.format == Format::Json {
            return output.json(&SummaryLine {
                r#type: "summary",
                run: run.id.to_string(),
                state: run.state.as_str(),
                counts: totals.json(),
                balance,
                interrupted: stopped == Some(StopReason::Interrupted),
                stopped: stopped.map(StopReason::as_str),
            });
        }
        print_outside_rows(&totals.describe(), output)?;
        if let Some(reason) = stopped {
            print_outside_rows(&format!("the run is paused: {}", reason.describe()), output)?;
        }
        let differs = balance.difference.is_some_and(|difference| difference != Amount::ZERO);
        let is_explained = balance.unknown != Amount::ZERO;
        if let Some(text) = balance
            .describe()
            .filter(|_| self.is_report || differs && !is_explained)
        {
            print_outside_rows(&text, output)?;
        }
        if self.is_report {
            print_outside_rows(&balance_limits(run.id), output)?;
        }
        Ok(())
    }
}

/// How wide some columns are expected to be.
#[derive(Default)]
struct Widths {
    reference: usize,
    name: usize,
    amount: usize,
}

impl Widths {
    fn of(rows: &[PendingRow]) -> Self {
        let name = |row: &PendingRow| RowRequest::parse(&row.request).map_or(0, |person| width(person.name.expose()));
        let widest = |of: &dyn Fn(&PendingRow) -> usize| rows.iter().map(of).max().unwrap_or_default();
        Self {
            reference: widest(&|row| width(&row.reference)),
            name: widest(&name),
            amount: widest(&|row| row.amount.to_string().len()),
        }
    }
}

/// The columns of the rows of a run.
pub(crate) fn columns() -> Vec<&'static str> {
    list(&Widths::default()).csv_keys()
}

fn list(widths: &Widths) -> List<Call> {
    Call::file_rows()
        .field("reference")
        .at_least(widths.reference)
        .field("person")
        .at_least(widths.name.min(MAX_NAME_WIDTH))
        .at_most(MAX_NAME_WIDTH)
        .field("amount")
        .at_least(widths.amount)
        .field("outcome")
        .at_least("not sent".len())
        .field("card")
        .at_least("EKC0000000".len())
        .field("balance")
        .at_least(widths.amount + 2)
        .in_table("reference person amount outcome card balance reason")
}

/// The whole run from the ledger, as it was told when it was sent: every row, also those that were not sent.
pub(crate) async fn print_report(ledger: &Ledger, run: &Run, output: &mut Output) -> Result<ExitStatus, CliError> {
    let report = RunReport {
        account: run.scope.account.clone(),
        is_report: true,
        rows: list(&Widths::default()).stream(output),
    };
    report.balance("before", run.balance_before, output)?;
    report.rows.begin(output)?;
    let mut filter = HistoryFilter::default();
    filter.run = Some(run.id);
    let mut after = None;
    loop {
        let rows = ledger.history(&filter, after, PAGE).await.map_err(ledger::unusable)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.id);
        for row in rows.iter() {
            if let Some(call) = stored_call(row) {
                report.rows.row(&call, output)?;
            }
        }
    }
    let totals = RunTotals::read(ledger, run.id).await?;
    report.end(run, &totals, BalanceCheck::of_run(run, &totals), None, output)?;
    Ok(totals.exit())
}

/// The same without its rows.
pub(crate) fn print_summary(run: &Run, totals: &RunTotals, output: &mut Output) -> Result<ExitStatus, CliError> {
    let report = RunReport {
        is_report: true,
        ..RunReport::without_rows(run, output)
    };
    report.balance("before", run.balance_before, output)?;
    report.end(run, totals, BalanceCheck::of_run(run, totals), None, output)?;
    Ok(totals.exit())
}

/// A row as it was told.
fn stored_call(row: &CallRow) -> Option<Call> {
    let (outcome_kind, exit) = match row.outcome() {
        "done" => (OutcomeKind::Done, ExitStatus::Done),
        "refused" => (OutcomeKind::Refused, ExitStatus::Refused),
        "unknown" => (OutcomeKind::Unknown, ExitStatus::Unknown),
        "not sent" => (OutcomeKind::NotSent, ExitStatus::NotSent),
        _ => (OutcomeKind::Pending, ExitStatus::NotSent),
    };
    let mut report = CallReport::from_ledger(outcome_kind, exit, row.stored_ticket());
    report.reason = row.explanation();
    if let Some(detail) = &row.detail {
        report.facts = CardFields::from_detail(detail);
    }
    Some(CallRecord {
        operation: "allocate",
        line: row.line,
        reference: row.reference.parse().ok()?,
        asked: AllocationFields {
            person: row.person().unwrap_or_default(),
            amount: Money::try_from(row.amount?.as_decimal()).ok()?,
        },
        report,
    })
}

/// An amount of the ledger as the API's type.
pub(super) fn money(amount: Amount) -> Result<Money, CliError> {
    Money::try_from(amount.as_decimal())
        .map_err(|error| CliError::runtime(format!("the ledger's amount {amount} is none of the API's: {error}")))
}

/// What the API says an account holds, where the ledger can hold it.
pub(super) fn amount(money: Option<Money>) -> Option<Amount> {
    money.and_then(|money| Amount::try_from(money).ok())
}

/// An amount for people.
pub(super) fn shown(amount: Amount) -> String {
    Money::try_from(amount.as_decimal()).map_or_else(|_| amount.to_string(), format_money)
}
