//! What became of one call that moved value, in words and as JSON. Single calls and file runs report with
//! it; the exit code of a call is decided here.

use enkash::{Allocated, Answer, Money, Outcome, Ticket, UnknownReason};
use serde::Serialize;

use super::{csv::Cell, text::money};
use crate::{
    allocations_file::Row,
    exit::{CREDENTIALS_ADVICE, Exit, Failure},
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

/// What became of a call.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) verdict: Verdict,
    pub(crate) exit: Exit,
    pub(crate) card: Option<String>,
    pub(crate) transaction: Option<String>,
    /// What the card holds afterwards.
    pub(crate) balance: Option<Money>,
    /// Why it is not done.
    pub(crate) reason: Option<String>,
    /// What to look it up with, where that is needed.
    pub(crate) ticket: Option<Ticket>,
}

impl Report {
    fn new(verdict: Verdict, exit: Exit) -> Self {
        Self {
            verdict,
            exit,
            card: None,
            transaction: None,
            balance: None,
            reason: None,
            ticket: None,
        }
    }

    pub(crate) fn of(outcome: Outcome<Answer<Allocated>>) -> Self {
        match outcome {
            Outcome::Done(done) => {
                let done = done.into_value();
                Self {
                    card: done.card.map(|id| id.to_string()),
                    transaction: done.transaction.map(|id| id.to_string()),
                    balance: done.card_balance,
                    ..Self::new(Verdict::Done, Exit::Done)
                }
            }
            Outcome::Refused(error) => Self {
                reason: Some(error.to_string()),
                ..Self::new(Verdict::Refused, Exit::Refused)
            },
            Outcome::NotSent(error) => Self {
                reason: Some(error.to_string()),
                ..Self::new(Verdict::NotSent, Exit::of(&error))
            },
            Outcome::Pending(ticket) => Self {
                ticket: Some(ticket),
                ..Self::new(Verdict::Pending, Exit::Unknown)
            },
            Outcome::Unknown(unknown) => Self {
                reason: Some(why(&unknown.reason)),
                ticket: Some(unknown.ticket),
                ..Self::new(Verdict::Unknown, Exit::Unknown)
            },
        }
    }

    /// Ctrl-C ended the wait for the answer. The call may have been sent.
    pub(crate) fn given_up(ticket: Ticket) -> Self {
        Self {
            reason: Some("its answer was not waited for".to_owned()),
            ticket: Some(ticket),
            ..Self::new(Verdict::Unknown, Exit::Unknown)
        }
    }

    /// What the caller should do next; nothing where it is done.
    pub(crate) fn next(&self, row: &Row) -> Option<String> {
        let reference = &row.reference;
        Some(match self.verdict {
            Verdict::Done => return None,
            Verdict::Refused => {
                "Nothing moved. Correct what the portal names: the same call would be refused again.".to_owned()
            }
            Verdict::NotSent if self.exit == Exit::Credentials => {
                format!("Nothing was sent. {CREDENTIALS_ADVICE}")
            }
            Verdict::NotSent => {
                format!("Nothing was sent. It may be sent again, with the same reference: --reference {reference}")
            }
            Verdict::Pending | Verdict::Unknown => format!(
                "Points may have moved or not. Do not repeat the call, and never with a new reference: that could pay \
                 twice. Look up the reference with `enkash transactions --reference {reference}` and the card's balance \
                 with `enkash cards`. Finding nothing proves nothing: ask EnKash about the reference."
            ),
        })
    }
}

fn why(reason: &UnknownReason) -> String {
    match reason {
        UnknownReason::NoAnswer(error) | UnknownReason::UnclearAnswer(error) => error.to_string(),
        UnknownReason::OtherReference { echoed } => {
            format!("the portal said yes, but to another reference: {echoed}")
        }
        UnknownReason::NoReference => "the portal said yes, but did not repeat the reference".to_owned(),
        _ => "the answer proves nothing".to_owned(),
    }
}

/// A call and what became of it, as JSON. Amounts are text, so that no reader rounds them.
#[derive(Serialize)]
pub(crate) struct CallResult<'a> {
    reference: &'a str,
    person: &'a str,
    amount: String,
    outcome: &'static str,
    card: Option<&'a str>,
    transaction: Option<&'a str>,
    balance: Option<String>,
    reason: Option<&'a str>,
    next: Option<String>,
    ticket: Option<&'a Ticket>,
}

impl<'a> CallResult<'a> {
    pub(crate) fn new(row: &'a Row, report: &'a Report) -> Self {
        Self {
            reference: row.reference.as_str(),
            person: row.person.name.expose(),
            amount: money(row.amount),
            outcome: report.verdict.word(),
            card: report.card.as_deref(),
            transaction: report.transaction.as_deref(),
            balance: report.balance.map(money),
            reason: report.reason.as_deref(),
            next: report.next(row),
            ticket: report.ticket.as_ref(),
        }
    }

    /// The same as a record of CSV; the ticket is JSON in one cell.
    pub(crate) fn cells(self, line: u64) -> Result<[Cell<'a>; 11], Failure> {
        let ticket = self.ticket.map(serde_json::to_string).transpose();
        let ticket = ticket.map_err(|error| Failure::environment(format!("a ticket cannot be written: {error}")))?;
        Ok([
            Cell::number(Some(line.to_string())),
            Cell::text(Some(self.reference)),
            Cell::text(Some(self.person)),
            Cell::number(Some(self.amount)),
            Cell::text(Some(self.outcome)),
            Cell::text(self.card),
            Cell::text(self.transaction),
            Cell::number(self.balance),
            Cell::text(self.reason),
            Cell::text(self.next),
            Cell::text(ticket),
        ])
    }
}
