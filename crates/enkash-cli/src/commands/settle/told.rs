//! Tells what settlements found: one ticket in full, a file of them as a table that grows, as JSON lines or as CSV.

use enkash::{Proof, Ticket};
use serde::Serialize;

use super::stored::Stored;
use crate::{
    exit::{Exit, Failure},
    output::{CallResult, Cell, Column, Facts, Format, Output, Report, Table, Verdict, money},
};

/// The names of the JSON.
const CSV_COLUMNS: [&str; 15] = [
    "line",
    "operation",
    "reference",
    "amount",
    "outcome",
    "found_by",
    "matched",
    "entries",
    "looks",
    "evidence",
    "card",
    "transaction",
    "order",
    "reason",
    "next",
];

/// What the ticket says beside its reference.
#[derive(Serialize)]
struct Asked {
    amount: Option<String>,
}

impl Asked {
    fn of(ticket: &Ticket) -> Self {
        Self {
            amount: ticket.amount().map(money),
        }
    }
}

impl Facts for Asked {
    fn listed(&self) -> Vec<(&'static str, Option<String>)> {
        vec![("amount", self.amount.clone())]
    }
}

/// The proof, where there is one.
#[derive(Default, Serialize)]
pub(super) struct Found {
    /// The look-up that found it.
    found_by: Option<&'static str>,
    /// The facts of the entry that are the ticket's.
    matched: Option<Vec<&'static str>>,
    /// How many entries match.
    entries: Option<usize>,
    pub(super) looks: Option<u32>,
    /// Whether the look-up is known to be reliable: `verified` or `unverified`.
    evidence: Option<&'static str>,
    card: Option<String>,
    transaction: Option<String>,
    order: Option<String>,
}

impl Found {
    pub(super) fn of(proof: &Proof) -> Self {
        Self {
            found_by: Some(proof.operation.operation().name),
            matched: Some(proof.matched.clone()),
            entries: Some(proof.entries),
            looks: Some(proof.looks),
            evidence: Some(if proof.is_verified { "verified" } else { "unverified" }),
            card: proof.card.as_ref().map(ToString::to_string),
            transaction: proof.transaction.as_ref().map(ToString::to_string),
            order: proof.order.as_ref().map(ToString::to_string),
        }
    }

    fn matched(&self) -> Option<String> {
        self.matched.as_ref().map(|facts| facts.join(", "))
    }

    fn is_repeated(&self) -> bool {
        self.entries.is_some_and(|entries| entries > 1)
    }
}

impl Facts for Found {
    fn listed(&self) -> Vec<(&'static str, Option<String>)> {
        vec![
            ("found by", self.found_by.map(str::to_owned)),
            ("matched", self.matched()),
            ("entries", self.entries.map(|entries| entries.to_string())),
            ("looks", self.looks.map(|looks| looks.to_string())),
            ("evidence", self.evidence.map(str::to_owned)),
            ("card", self.card.clone()),
            ("transaction", self.transaction.clone()),
            ("order", self.order.clone()),
        ]
    }
}

#[derive(Serialize)]
struct Settlement<'a> {
    line: Option<u64>,
    operation: &'static str,
    #[serde(flatten)]
    call: CallResult<'a, Asked, Found>,
}

pub(super) struct Told {
    /// `None` for a single ticket.
    table: Option<Table>,
    exits: Vec<Exit>,
    done: usize,
    /// What to do about those that are not settled, each once.
    advice: Vec<String>,
}

impl Told {
    pub(super) fn begin(is_file: bool, output: &mut Output) -> Result<Self, Failure> {
        let table = Table::new(
            vec![
                Column::left("reference").at_least(26),
                Column::left("outcome").at_least("not sent".len()),
                Column::right("amount").at_least("10000.00".len()),
                Column::right("entries"),
                Column::left(""),
            ],
            output.columns(),
        );
        match output.format {
            Format::Csv => output.header(&CSV_COLUMNS)?,
            Format::Table if is_file => {
                if let Some(header) = table.header() {
                    output.line(&header)?;
                }
            }
            Format::Table | Format::Json => {}
        }
        Ok(Self {
            table: is_file.then_some(table),
            exits: Vec::new(),
            done: 0,
            advice: Vec::new(),
        })
    }

    pub(super) fn ticket(
        &mut self,
        stored: &Stored,
        report: &Report<Found>,
        output: &mut Output,
    ) -> Result<(), Failure> {
        self.exits.push(report.exit);
        self.done += usize::from(report.verdict == Verdict::Done);
        let ticket = &stored.ticket;
        let operation = ticket.operation().operation().name;
        let asked = Asked::of(ticket);
        let call = CallResult::new(ticket.reference.as_str(), &asked, report);
        if report.facts.is_repeated() {
            output.say(&format!(
                "WARNING: {} entries match {}: the value moved MORE THAN ONCE. Do not send anything more for it, and talk \
                 to EnKash.",
                report.facts.entries.unwrap_or_default(),
                ticket.reference
            ));
        }
        match (output.format, &self.table) {
            (Format::Json, _) => output.json(&Settlement {
                line: stored.line,
                operation,
                call,
            }),
            (Format::Csv, _) => output.record(&cells(stored, operation, &asked, report)),
            (Format::Table, None) => output.lines(call.lines()),
            (Format::Table, Some(table)) => {
                if let Some(next) = &report.next
                    && !self.advice.contains(next)
                {
                    self.advice.push(next.clone());
                }
                let facts = &report.facts;
                let found = facts.found_by.map(|by| format!("found by {by}"));
                output.lines(
                    table.row(&[
                        ticket.reference.to_string(),
                        report.verdict.word().to_owned(),
                        asked.amount.clone().unwrap_or_else(|| "-".to_owned()),
                        facts
                            .entries
                            .map_or_else(|| "-".to_owned(), |entries| entries.to_string()),
                        report.reason.clone().or(found).unwrap_or_default(),
                    ]),
                )
            }
        }
    }

    pub(super) fn end(&self, output: &mut Output) -> Result<(), Failure> {
        if self.table.is_none() || output.format != Format::Table {
            return Ok(());
        }
        let (all, done) = (self.exits.len(), self.done);
        let tickets = if all == 1 { "ticket" } else { "tickets" };
        output.line(&format!("{all} {tickets}: {done} done"))?;
        output.lines(&self.advice)
    }

    pub(super) fn exit(&self) -> Exit {
        Exit::worst_of(self.exits.iter().copied())
    }
}

fn cells<'a>(stored: &Stored, operation: &'a str, asked: &'a Asked, report: &'a Report<Found>) -> [Cell<'a>; 15] {
    let facts = &report.facts;
    [
        Cell::number(stored.line.map(|line| line.to_string())),
        Cell::text(Some(operation)),
        Cell::text(Some(stored.ticket.reference.to_string())),
        Cell::number(asked.amount.as_deref()),
        Cell::text(Some(report.verdict.word())),
        Cell::text(facts.found_by),
        Cell::text(facts.matched()),
        Cell::number(facts.entries.map(|entries| entries.to_string())),
        Cell::number(facts.looks.map(|looks| looks.to_string())),
        Cell::text(facts.evidence),
        Cell::text(facts.card.as_deref()),
        Cell::text(facts.transaction.as_deref()),
        Cell::text(facts.order.as_deref()),
        Cell::text(report.reason.as_deref()),
        Cell::text(report.next.as_deref()),
    ]
}
