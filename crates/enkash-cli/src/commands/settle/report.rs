//! Shows what settlements found: one ticket in full, a file of them as a table that grows, as JSON lines or as CSV.

use enkash::{Money, settlement::Proof};

use super::ticket_file::StoredTicket;
use crate::{
    exit::{CliError, ExitStatus},
    output::{Cell, Format, List, Output, Rows},
    value::{CallRecord, CallReport, Fields, OutcomeKind},
};

/// What the ticket says beside its reference.
pub(super) struct TicketFields {
    amount: Option<Money>,
}

impl Fields for TicketFields {
    fn fields() -> List<Self> {
        List::<Self>::new().amount("amount", |ticket| ticket.amount)
    }
}

/// The proof, where there is one, and how often it was looked for.
#[derive(Default)]
pub(super) struct ProofFields {
    proof: Option<Proof>,
    pub(super) looks: Option<u32>,
}

impl ProofFields {
    pub(super) fn from_proof(proof: Proof) -> Self {
        Self {
            looks: Some(proof.lookups),
            proof: Some(proof),
        }
    }

    fn found_by(&self) -> Option<&'static str> {
        Some(self.proof.as_ref()?.operation.operation().name)
    }
}

impl Fields for ProofFields {
    fn fields() -> List<Self> {
        List::<Self>::new()
            // The look-up that found it.
            .text("found_by", |found| found.found_by().map(str::to_owned))
            // The facts of the entry that are the ticket's.
            .cell("matched", |found| match &found.proof {
                Some(proof) => Cell::List(proof.matched.iter().map(ToString::to_string).collect()),
                None => Cell::Missing,
            })
            // How many entries match.
            .count("entries", |found| found.proof.as_ref()?.entries.try_into().ok())
            .count("looks", |found| found.looks.map(Into::into))
            // Whether the look-up is known to be reliable.
            .text("evidence", |found| {
                let is_verified = found.proof.as_ref()?.is_verified;
                Some(if is_verified { "verified" } else { "unverified" }.to_owned())
            })
            .text("card", |found| Some(found.proof.as_ref()?.card.as_ref()?.to_string()))
            .text("transaction", |found| {
                Some(found.proof.as_ref()?.transaction.as_ref()?.to_string())
            })
            .text("order", |found| Some(found.proof.as_ref()?.order.as_ref()?.to_string()))
    }
}

type Call = CallRecord<TicketFields, ProofFields>;

pub(super) fn columns() -> Vec<&'static str> {
    list().csv_keys()
}

fn list() -> List<Call> {
    let list = List::<Call>::new()
        .count("line", |call| call.line.and_then(|line| line.try_into().ok()))
        .text("operation", |call| Some(call.operation.to_owned()));
    Call::describe(list)
        .not_in_csv()
        .text("explanation", |call| {
            let found_by = call.report.facts.found_by().map(|by| format!("found by {by}"));
            call.report.reason.clone().or(found_by)
        })
        .heading("")
        .only_in_table()
        .field("reference")
        .at_least(26)
        .field("outcome")
        .at_least("not sent".len())
        .field("amount")
        .at_least("10000.00".len())
        .in_table("reference outcome amount entries explanation")
}

pub(super) struct SettleReport {
    rows: Rows<Call>,
    /// Whether the tickets are those of a file; else there is one, which is shown in full.
    is_file: bool,
    exits: Vec<ExitStatus>,
    done: usize,
    /// What to do about those that are not settled, each once.
    advice: Vec<String>,
}

impl SettleReport {
    pub(super) fn begin(is_file: bool, output: &mut Output) -> Result<Self, CliError> {
        let report = Self {
            rows: list().stream(output),
            is_file,
            exits: Vec::new(),
            done: 0,
            advice: Vec::new(),
        };
        if !report.is_in_full(output) {
            report.rows.begin(output)?;
        }
        Ok(report)
    }

    fn is_in_full(&self, output: &Output) -> bool {
        !self.is_file && output.format == Format::Table
    }

    pub(super) fn ticket(
        &mut self,
        stored: &StoredTicket,
        report: CallReport<ProofFields>,
        output: &mut Output,
    ) -> Result<(), CliError> {
        self.exits.push(report.exit);
        self.done += usize::from(report.outcome_kind == OutcomeKind::Done);
        let ticket = &stored.ticket;
        if let Some(proof) = &report.facts.proof
            && proof.entries > 1
        {
            output.warn(&format!(
                "WARNING: {} entries match {}: the value moved MORE THAN ONCE. Do not send anything more for it, and talk \
                 to EnKash.",
                proof.entries, ticket.reference
            ));
        }
        let call = CallRecord {
            operation: ticket.operation().operation().name,
            line: stored.line,
            reference: ticket.reference.clone(),
            asked: TicketFields {
                amount: ticket.amount(),
            },
            report,
        };
        if self.is_in_full(output) {
            return output.print_escaped_lines(&call.lines(output.terminal().is_colored));
        }
        if let Some(next) = &call.report.next
            && !self.advice.contains(next)
        {
            self.advice.push(next.clone());
        }
        self.rows.row(&call, output)
    }

    pub(super) fn end(&self, output: &mut Output) -> Result<(), CliError> {
        if !self.is_file || output.format != Format::Table {
            return Ok(());
        }
        let (all, done) = (self.exits.len(), self.done);
        let tickets = if all == 1 { "ticket" } else { "tickets" };
        output.print_line(&format!("{all} {tickets}: {done} done"))?;
        output.print_lines(&self.advice)
    }

    pub(super) fn exit(&self) -> ExitStatus {
        ExitStatus::worst_of(self.exits.iter().copied())
    }
}
