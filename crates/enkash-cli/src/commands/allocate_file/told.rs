//! Tells a file run on standard output: for people a table that grows row by row, for programs one JSON
//! object a line (`account`, then `row`s, then `account` and `summary`), and for spreadsheets the rows alone as CSV, with the
//! rest on standard error.

use enkash::Money;
use serde::Serialize;

use super::{Plan, Tally};
use crate::{
    allocations_file::Row,
    exit::Failure,
    output::{CallResult, Column, Credited, Format, Output, Payment, Report, Table, money, shortened, width},
    session::Session,
};

/// Names are cut here, ids and amounts nowhere.
const NAME_COLUMNS: usize = 32;

/// The names of the JSON.
const CSV_COLUMNS: [&str; 11] = [
    "line",
    "reference",
    "person",
    "amount",
    "outcome",
    "card",
    "transaction",
    "balance",
    "reason",
    "next",
    "ticket",
];

/// What is no row: a part of the table, and beside a CSV.
fn beside(text: &str, output: &mut Output) -> Result<(), Failure> {
    match output.format {
        Format::Csv => {
            output.say(text);
            Ok(())
        }
        _ => output.lines(text.lines()),
    }
}

pub(super) struct Told {
    account: String,
    before: Option<Money>,
    table: Table,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a> {
    Account {
        when: &'static str,
        account: &'a str,
        available_balance: Option<String>,
    },
    Row {
        line: u64,
        #[serde(flatten)]
        call: CallResult<'a, Payment, Credited>,
    },
    Summary {
        rows: usize,
        done: usize,
        refused: usize,
        not_sent: usize,
        unknown: usize,
        /// The sum of what is done.
        allocated: String,
        interrupted: bool,
        /// What ended the run before its last row.
        stopped: Option<Why>,
    },
}

/// Why a run ended before its last row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Why {
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

impl Why {
    fn in_words(self) -> &'static str {
        match self {
            Self::Interrupted => "stopped; ",
            Self::Unknown => "stopped at the first row that is unknown (--keep-going would go on); ",
            Self::Credentials => "stopped, because the credentials were not accepted; ",
            Self::Tickets => "stopped, because a ticket could not be written; ",
            Self::Output => "stopped, because standard output could not be written; ",
        }
    }
}

impl Told {
    pub(super) fn begin(
        session: &Session,
        rows: &[Row],
        before: Option<Money>,
        output: &mut Output,
    ) -> Result<Self, Failure> {
        let widest = |of: fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or_default();
        let columns = vec![
            Column::left("reference").at_least(widest(|row| width(row.reference.as_str()))),
            Column::left("person").at_least(widest(|row| width(row.person.name.expose())).min(NAME_COLUMNS)),
            Column::right("amount").at_least(widest(|row| money(row.amount).len())),
            Column::left("outcome").at_least("not sent".len()),
            Column::left("card").at_least("EKC0000000".len()),
            Column::right("balance").at_least(widest(|row| money(row.amount).len() + 2)),
            Column::left(""),
        ];
        let table = Table::new(columns, output.columns());
        let told = Self {
            account: session.rewards.account_id().to_string(),
            before,
            table,
        };
        told.balance("before", before, output)?;
        match output.format {
            Format::Table => {
                if let Some(header) = told.table.header() {
                    output.line(&header)?;
                }
            }
            Format::Csv => output.header(&CSV_COLUMNS)?,
            Format::Json => {}
        }
        Ok(told)
    }

    fn balance(&self, when: &'static str, balance: Option<Money>, output: &mut Output) -> Result<(), Failure> {
        let available_balance = balance.map(money);
        match output.format {
            Format::Json => output.json(&Line::Account {
                when,
                account: &self.account,
                available_balance,
            }),
            Format::Table | Format::Csv => {
                let shown = available_balance.as_deref().unwrap_or("not known");
                beside(&format!("account {}, balance {when}: {shown}", self.account), output)
            }
        }
    }

    pub(super) fn row(&self, row: &Row, report: &Report<Credited>, output: &mut Output) -> Result<(), Failure> {
        let asked = Payment::of(row);
        let call = CallResult::new(row.reference.as_str(), &asked, report);
        if output.format == Format::Json {
            return output.json(&Line::Row { line: row.line, call });
        }
        if output.format == Format::Csv {
            return output.record(&call.cells(row.line)?);
        }
        let missing = || "-".to_owned();
        output.lines(self.table.row(&[
            row.reference.to_string(),
            shortened(row.person.name.expose(), NAME_COLUMNS).into_owned(),
            money(row.amount),
            report.verdict.word().to_owned(),
            report.facts.card.clone().unwrap_or_else(missing),
            report.facts.balance.clone().unwrap_or_else(missing),
            report.reason.clone().unwrap_or_default(),
        ]))
    }

    pub(super) fn end(
        &self,
        tally: &Tally,
        plan: &Plan<'_>,
        words: &str,
        after: Option<Money>,
        stopped: Option<Why>,
        output: &mut Output,
    ) -> Result<(), Failure> {
        self.balance("after", after, output)?;
        if output.format == Format::Json {
            return output.json(&Line::Summary {
                rows: plan.rows.len(),
                done: tally.done,
                refused: tally.refused,
                not_sent: tally.not_sent + plan.rows.len() - tally.tried(),
                unknown: tally.unknown,
                allocated: format!("{:.2}", tally.allocated),
                interrupted: stopped == Some(Why::Interrupted),
                stopped,
            });
        }
        let stopped = stopped.map_or("", Why::in_words);
        beside(&format!("{stopped}{words}"), output)?;
        if let (Some(before), Some(after)) = (self.before, after)
            && let Some(text) = unexplained(before, after, tally)
        {
            beside(&text, output)?;
        }
        Ok(())
    }
}

/// Where the balances differ by something else than what is done, and nothing is unknown.
pub(super) fn unexplained(before: Money, after: Money, tally: &Tally) -> Option<String> {
    let gone = before.exact()?.checked_sub(after.exact()?)?;
    (tally.unknown == 0 && gone != tally.allocated).then(|| {
        format!(
            "the balance went down by {gone:.2}, the rows that are done add up to {:.2}: something else moved value \
             meanwhile, or the portal counts otherwise",
            tally.allocated
        )
    })
}
