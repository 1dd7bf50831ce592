//! What became of one call that moves value, in words and as JSON: points, orders, coins, bulk rows and settlements
//! report with it. What the call was to do and what it brought differ, and are [`Facts`]; the exit code of a call and
//! what to do next are decided here.

use enkash::{Allocated, Answer, Intent, Money, Outcome, Ticket, UnknownReason};
use enkash_api::escape_to_ascii;
use serde::Serialize;

use super::{csv::Cell, table::listing, text::money};
use crate::{
    allocations_file::Row,
    exit::{Exit, Failure, credentials_advice},
};

/// The five ways in which a call can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Done,
    Pending,
    Refused,
    NotSent,
    Unknown,
}

impl Verdict {
    /// Whether nothing more is to be found out.
    pub(crate) fn is_final(self) -> bool {
        match self {
            Self::Done | Self::Refused | Self::NotSent => true,
            Self::Pending | Self::Unknown => false,
        }
    }

    /// The word in tables and in JSON.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Pending => "pending",
            Self::Refused => "refused",
            Self::NotSent => "not sent",
            Self::Unknown => "unknown",
        }
    }
}

/// Facts beside the outcome: fields of the JSON, and named values of the listing.
pub(crate) trait Facts: Serialize {
    fn listed(&self) -> Vec<(&'static str, Option<String>)>;
}

/// Where the answer brings nothing but yes or no.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Nothing {}

impl Facts for Nothing {
    fn listed(&self) -> Vec<(&'static str, Option<String>)> {
        Vec::new()
    }
}

/// Points for a person, or back from one.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Payment {
    person: String,
    amount: String,
}

impl Payment {
    pub(crate) fn of(row: &Row) -> Self {
        Self::new(row.person.name.expose(), row.amount)
    }

    pub(crate) fn new(person: &str, amount: Money) -> Self {
        Self {
            person: person.to_owned(),
            amount: money(amount),
        }
    }
}

impl Facts for Payment {
    fn listed(&self) -> Vec<(&'static str, Option<String>)> {
        vec![
            ("person", Some(self.person.clone())),
            ("amount", Some(self.amount.clone())),
        ]
    }
}

/// What an allocation says of the card.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Credited {
    pub(crate) card: Option<String>,
    pub(crate) transaction: Option<String>,
    /// What the card holds afterwards.
    pub(crate) balance: Option<String>,
}

impl From<Answer<Allocated>> for Credited {
    fn from(done: Answer<Allocated>) -> Self {
        let done = done.into_value();
        Self {
            card: done.card.map(|id| id.to_string()),
            transaction: done.transaction.map(|id| id.to_string()),
            balance: done.card_balance.map(money),
        }
    }
}

impl Facts for Credited {
    fn listed(&self) -> Vec<(&'static str, Option<String>)> {
        vec![
            ("card", self.card.clone()),
            ("balance", self.balance.clone()),
            ("transaction", self.transaction.clone()),
        ]
    }
}

/// What became of a call.
#[derive(Clone, Debug)]
pub(crate) struct Report<F> {
    pub(crate) verdict: Verdict,
    pub(crate) exit: Exit,
    pub(crate) facts: F,
    /// Why it is not done.
    pub(crate) reason: Option<String>,
    /// What the caller should do next; nothing where it is done.
    pub(crate) next: Option<String>,
    /// What to look it up with, where that is needed.
    pub(crate) ticket: Option<Ticket>,
}

impl<F: Default> Report<F> {
    pub(crate) fn new(verdict: Verdict, exit: Exit) -> Self {
        Self {
            verdict,
            exit,
            facts: F::default(),
            reason: None,
            next: None,
            ticket: None,
        }
    }

    /// The outcome of the call that this ticket is of.
    pub(crate) fn of<T>(ticket: &Ticket, outcome: Outcome<T>, facts: impl FnOnce(T) -> F) -> Self {
        match outcome {
            Outcome::Done(done) => Self {
                facts: facts(done),
                ..Self::new(Verdict::Done, Exit::Done)
            },
            Outcome::Refused(error) => Self {
                reason: Some(error.to_string()),
                next: Some(
                    "Nothing moved. Correct what the portal names: the same call would be refused again.".to_owned(),
                ),
                ..Self::new(Verdict::Refused, Exit::Refused)
            },
            Outcome::NotSent(error) => Self::not_sent(&error, ticket),
            Outcome::Pending(ticket) => Self {
                next: Some(look_it_up(&ticket)),
                ticket: Some(ticket),
                ..Self::new(Verdict::Pending, Exit::Unknown)
            },
            Outcome::Unknown(unknown) => Self {
                reason: Some(why(&unknown.reason)),
                next: Some(look_it_up(&unknown.ticket)),
                ticket: Some(unknown.ticket),
                ..Self::new(Verdict::Unknown, Exit::Unknown)
            },
        }
    }

    fn not_sent(error: &enkash::Error, ticket: &Ticket) -> Self {
        let next = match credentials_advice(error) {
            Some(advice) => format!("Nothing was sent. {advice}"),
            None => {
                let reference = &ticket.reference;
                format!("Nothing was sent. It may be sent again, with the same reference: --reference {reference}")
            }
        };
        Self {
            reason: Some(error.to_string()),
            next: Some(next),
            ..Self::new(Verdict::NotSent, Exit::of(error))
        }
    }

    /// Ctrl-C ended the wait for the answer. The call may have been sent.
    pub(crate) fn given_up(ticket: Ticket) -> Self {
        Self {
            reason: Some("its answer was not waited for".to_owned()),
            next: Some(look_it_up(&ticket)),
            ticket: Some(ticket),
            ..Self::new(Verdict::Unknown, Exit::Unknown)
        }
    }
}

/// What to do about a call that may or may not have happened.
fn look_it_up(ticket: &Ticket) -> String {
    let reference = &ticket.reference;
    let how = match ticket.intent {
        Intent::Points(_) | Intent::BulkRow(_) => format!(
            "Give the ticket to `enkash settle`, which looks it up; `enkash transactions --reference {reference}` shows \
             what there is. Finding nothing proves nothing: ask EnKash about the reference."
        ),
        Intent::Order(_) => {
            "Give the ticket to `enkash settle`, which looks it up. Finding nothing proves nothing: ask \
                             EnKash about the reference."
                .to_owned()
        }
        _ => format!(
            "The portal documents no look-up for it, so `enkash settle` cannot find it either: keep the ticket, and ask \
             EnKash about the reference {reference}."
        ),
    };
    format!(
        "Value may have moved or not. Do not repeat the call, and never with a new reference: that could pay twice. {how}"
    )
}

fn why(reason: &UnknownReason) -> String {
    match reason {
        UnknownReason::NoAnswer(error) | UnknownReason::UnclearAnswer(error) => error.to_string(),
        UnknownReason::OtherReference { echoed } => {
            // It may look like ours.
            let echoed = escape_to_ascii(echoed);
            format!("the portal said yes, but to another reference: {echoed}")
        }
        UnknownReason::NoReference => "the portal said yes, but did not repeat the reference".to_owned(),
        UnknownReason::NotSettled(not_settled) => not_settled.to_string(),
        _ => "the answer proves nothing".to_owned(),
    }
}

/// A call and what became of it, as JSON. Amounts are text, so that no reader rounds them.
#[derive(Serialize)]
pub(crate) struct CallResult<'a, S, F> {
    reference: &'a str,
    #[serde(flatten)]
    asked: &'a S,
    outcome: &'static str,
    #[serde(flatten)]
    facts: &'a F,
    reason: Option<&'a str>,
    next: Option<&'a str>,
    ticket: Option<&'a Ticket>,
}

impl<'a, S: Facts, F: Facts> CallResult<'a, S, F> {
    pub(crate) fn new(reference: &'a str, asked: &'a S, report: &'a Report<F>) -> Self {
        Self {
            reference,
            asked,
            outcome: report.verdict.word(),
            facts: &report.facts,
            reason: report.reason.as_deref(),
            next: report.next.as_deref(),
            ticket: report.ticket.as_ref(),
        }
    }

    /// For people, one value a line.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut pairs = vec![
            ("outcome", Some(self.outcome.to_owned())),
            ("reference", Some(self.reference.to_owned())),
        ];
        pairs.extend(self.asked.listed());
        pairs.extend(self.facts.listed());
        pairs.push(("reason", self.reason.map(str::to_owned)));
        pairs.push(("next", self.next.map(str::to_owned)));
        listing(&pairs)
    }

    /// The ticket as JSON, for one cell of a CSV.
    fn ticket_cell(&self) -> Result<Cell<'static>, Failure> {
        let ticket = self.ticket.map(serde_json::to_string).transpose();
        let ticket = ticket.map_err(|error| Failure::environment(format!("a ticket cannot be written: {error}")))?;
        Ok(Cell::text(ticket))
    }
}

impl<'a> CallResult<'a, Payment, Credited> {
    /// A row of a file as a record of CSV.
    pub(crate) fn cells(&self, line: u64) -> Result<[Cell<'a>; 11], Failure> {
        Ok([
            Cell::number(Some(line.to_string())),
            Cell::text(Some(self.reference)),
            Cell::text(Some(self.asked.person.as_str())),
            Cell::number(Some(self.asked.amount.as_str())),
            Cell::text(Some(self.outcome)),
            Cell::text(self.facts.card.as_deref()),
            Cell::text(self.facts.transaction.as_deref()),
            Cell::number(self.facts.balance.as_deref()),
            Cell::text(self.reason),
            Cell::text(self.next),
            self.ticket_cell()?,
        ])
    }
}

impl<'a> CallResult<'a, Payment, Nothing> {
    /// A row of a bulk request as a record of CSV.
    pub(crate) fn cells(&self, line: u64) -> Result<[Cell<'a>; 8], Failure> {
        Ok([
            Cell::number(Some(line.to_string())),
            Cell::text(Some(self.reference)),
            Cell::text(Some(self.asked.person.as_str())),
            Cell::number(Some(self.asked.amount.as_str())),
            Cell::text(Some(self.outcome)),
            Cell::text(self.reason),
            Cell::text(self.next),
            self.ticket_cell()?,
        ])
    }
}
