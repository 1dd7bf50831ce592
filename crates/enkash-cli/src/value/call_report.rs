//! The report of one call that moves value, in words and as a record: points, orders, coins, bulk rows and settlements
//! report with it. What was asked for and what came back differ by call, and are [`Fields`]; the exit code of a call and
//! what to do next are decided here.

use enkash::{ClientReference, Money, Outcome, Response, Ticket, UnknownReason, rewards::AllocationReceipt};
use enkash_api::escape_to_ascii;
use enkash_ledger::Conclusion;
use serde_json::Value;

use crate::{
    allocations_file::AllocationRow,
    command_line::option,
    doubt,
    exit::{ExitStatus, credentials_advice},
    output::{Cell, List, key_value_lines, paint_last},
};

/// The five ways in which a call can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutcomeKind {
    Done,
    Pending,
    Refused,
    NotSent,
    Unknown,
}

impl OutcomeKind {
    /// The word in tables and in JSON.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Pending => "pending",
            Self::Refused => "refused",
            Self::NotSent => "not sent",
            Self::Unknown => "unknown",
        }
    }
}

/// The part of a report that differs by call: what was asked for, or what came back.
pub(crate) trait Fields: Sized + 'static {
    fn fields() -> List<Self>;

    /// As people read them, one value a line.
    fn listed(&self) -> Vec<(String, Option<String>)> {
        Self::fields().all_pairs(self)
    }

    /// What the ledger keeps of a response: ids and balances, no secret, and nothing about the person.
    fn detail(&self) -> Option<Value> {
        None
    }
}

/// Where the response brings nothing but success or refusal.
#[derive(Clone, Debug, Default)]
pub(crate) struct NoFields;

impl Fields for NoFields {
    fn fields() -> List<Self> {
        List::new()
    }
}

/// Points for a person, or back from one.
#[derive(Clone, Debug)]
pub(crate) struct AllocationFields {
    pub(crate) person: String,
    pub(crate) amount: Money,
}

impl From<&AllocationRow> for AllocationFields {
    fn from(row: &AllocationRow) -> Self {
        Self {
            person: row.person.name.expose().to_owned(),
            amount: row.amount,
        }
    }
}

impl Fields for AllocationFields {
    fn fields() -> List<Self> {
        List::<Self>::new()
            .text("person", |payment| Some(payment.person.clone()))
            .amount("amount", |payment| Some(payment.amount))
    }
}

/// What an allocation says of the card.
#[derive(Clone, Debug, Default)]
pub(crate) struct CardFields {
    card: Option<String>,
    transaction: Option<String>,
    /// What the card holds afterwards.
    balance: Option<Money>,
}

impl From<Response<AllocationReceipt>> for CardFields {
    fn from(done: Response<AllocationReceipt>) -> Self {
        let receipt = done.into_value();
        Self {
            card: receipt.card.map(|card| card.to_string()),
            transaction: receipt.transaction.map(|transaction| transaction.to_string()),
            balance: receipt.card_balance,
        }
    }
}

impl CardFields {
    /// As the ledger kept it.
    pub(crate) fn from_detail(detail: &Value) -> Self {
        let text = |name: &str| Some(detail.get(name)?.as_str()?.to_owned());
        Self {
            card: text("card"),
            transaction: text("transaction"),
            balance: text("balance").and_then(|balance| balance.parse().ok()),
        }
    }
}

impl Fields for CardFields {
    fn fields() -> List<Self> {
        List::<Self>::new()
            .text("card", |done| done.card.clone())
            .text("transaction", |done| done.transaction.clone())
            .amount("balance", |done| done.balance)
    }

    fn listed(&self) -> Vec<(String, Option<String>)> {
        Self::fields().in_table("card balance transaction").pairs(self)
    }

    fn detail(&self) -> Option<Value> {
        serde_json::to_value(Self::fields().json(self)).ok()
    }
}

const REFUSED_ADVICE: &str =
    "Nothing moved. Correct what the API names: until then the same call would be refused again.";

/// How a call ended.
#[derive(Clone, Debug)]
pub(crate) struct CallReport<F> {
    pub(crate) outcome_kind: OutcomeKind,
    pub(crate) exit: ExitStatus,
    pub(crate) facts: F,
    /// Why it is not done.
    pub(crate) reason: Option<String>,
    /// What the caller should do next; nothing where it is done.
    pub(crate) next: Option<String>,
    /// What to look it up with, where that is needed.
    pub(crate) ticket: Option<Ticket>,
}

impl<F: Fields + Default> CallReport<F> {
    /// The report of a call, and what the ledger records of it. Without an outcome nobody waited for its response.
    /// `flags` are those of the call that a look-up wants as well.
    pub(crate) fn conclude(ticket: &Ticket, outcome: Option<Outcome<F>>, flags: &str) -> (Conclusion, Self) {
        let Some(outcome) = outcome else {
            let conclusion = Conclusion::given_up("its response was not waited for");
            return (conclusion, Self::given_up(ticket.clone(), flags));
        };
        let conclusion = Conclusion::from_outcome(&outcome);
        let conclusion = match outcome.done().and_then(Fields::detail) {
            Some(detail) => conclusion.detail(detail),
            None => conclusion,
        };
        (conclusion, Self::from_outcome(ticket, outcome, flags))
    }
}

impl<F: Default> CallReport<F> {
    pub(crate) fn new(outcome_kind: OutcomeKind, exit: ExitStatus) -> Self {
        Self {
            outcome_kind,
            exit,
            facts: F::default(),
            reason: None,
            next: None,
            ticket: None,
        }
    }

    /// Of a call that ended earlier, without its reason.
    pub(crate) fn from_ledger(outcome_kind: OutcomeKind, exit: ExitStatus, ticket: Option<Ticket>) -> Self {
        let ticket = ticket.filter(|_| outcome_kind == OutcomeKind::Unknown);
        let next = match outcome_kind {
            OutcomeKind::Refused => Some(REFUSED_ADVICE.to_owned()),
            _ => ticket.as_ref().map(|ticket| doubt::advice_for_call(ticket, "")),
        };
        Self {
            next,
            ticket,
            ..Self::new(outcome_kind, exit)
        }
    }

    /// The outcome of the call that this ticket is of.
    pub(crate) fn from_outcome(ticket: &Ticket, outcome: Outcome<F>, flags: &str) -> Self {
        match outcome {
            Outcome::Done(facts) => Self {
                facts,
                ..Self::new(OutcomeKind::Done, ExitStatus::Done)
            },
            Outcome::Refused(error) => Self {
                reason: Some(error.to_string()),
                next: Some(REFUSED_ADVICE.to_owned()),
                ..Self::new(OutcomeKind::Refused, ExitStatus::Refused)
            },
            Outcome::NotSent(error) => Self::not_sent(&error, ticket),
            Outcome::Pending(pending) => Self {
                next: Some(doubt::advice_for_call(&pending.ticket, flags)),
                ticket: Some(pending.ticket),
                ..Self::new(OutcomeKind::Pending, ExitStatus::Unknown)
            },
            Outcome::Unknown(unknown) => Self {
                reason: Some(describe_reason(&unknown.reason)),
                next: Some(doubt::advice_for_call(&unknown.ticket, flags)),
                ticket: Some(unknown.ticket),
                ..Self::new(OutcomeKind::Unknown, ExitStatus::Unknown)
            },
        }
    }

    fn not_sent(error: &enkash::Error, ticket: &Ticket) -> Self {
        let next = match credentials_advice(error) {
            Some(advice) => format!("Nothing was sent. {advice}"),
            None => {
                let reference = option("--reference", ticket.reference.as_str());
                format!("Nothing was sent. It may be sent again, with the same reference: {reference}")
            }
        };
        Self {
            reason: Some(error.to_string()),
            next: Some(next),
            ..Self::new(OutcomeKind::NotSent, ExitStatus::from_error(error))
        }
    }

    /// Ctrl-C ended the wait for the response. The call may have been sent.
    pub(crate) fn given_up(ticket: Ticket, flags: &str) -> Self {
        Self {
            reason: Some("its response was not waited for".to_owned()),
            next: Some(doubt::advice_for_call(&ticket, flags)),
            ticket: Some(ticket),
            ..Self::new(OutcomeKind::Unknown, ExitStatus::Unknown)
        }
    }
}

/// Why a call is unknown, with the reference that the response has in place of ours.
fn describe_reason(reason: &UnknownReason) -> String {
    match reason {
        // The text comes from the server, and may look like our reference.
        UnknownReason::OtherReference { echoed } => format!("{reason}: {}", escape_to_ascii(echoed)),
        _ => reason.to_string(),
    }
}

/// A call and its report.
pub(crate) struct CallRecord<S, F> {
    /// The command or the API's operation, where a result names it.
    pub(crate) operation: &'static str,
    /// Where the call stands in its file.
    pub(crate) line: Option<u64>,
    pub(crate) reference: ClientReference,
    pub(crate) asked: S,
    pub(crate) report: CallReport<F>,
}

impl<S: Fields, F: Fields> CallRecord<S, F> {
    /// Adds what every result says of a call, in the order of the JSON.
    pub(crate) fn describe(list: List<Self>) -> List<Self> {
        list.text("reference", |call| Some(call.reference.to_string()))
            .part(S::fields(), |call| &call.asked)
            .text("outcome", |call| Some(call.report.outcome_kind.as_str().to_owned()))
            .status()
            .part(F::fields(), |call| &call.report.facts)
            .text("reason", |call| call.report.reason.clone())
            .text("next", |call| call.report.next.clone())
            .cell("ticket", |call| {
                call.report.ticket.as_ref().map_or(Cell::Missing, Cell::json)
            })
    }

    /// The rows of a file, each by its line.
    pub(crate) fn file_rows() -> List<Self> {
        let list = List::<Self>::new()
            .text("type", |_| Some("row".to_owned()))
            .not_in_csv()
            .count("line", |call| call.line.and_then(|line| line.try_into().ok()));
        Self::describe(list).field("reason").heading("")
    }

    /// For people, one value a line, escaped.
    pub(crate) fn lines(&self, is_colored: bool) -> Vec<String> {
        let pair = |name: &str, value: Option<&str>| (name.to_owned(), value.map(str::to_owned));
        let mut pairs = vec![
            pair("outcome", Some(self.report.outcome_kind.as_str())),
            pair("reference", Some(self.reference.as_str())),
        ];
        pairs.extend(self.asked.listed());
        pairs.extend(self.report.facts.listed());
        pairs.push(pair("reason", self.report.reason.as_deref()));
        pairs.push(pair("next", self.report.next.as_deref()));
        let mut lines = key_value_lines(&pairs);
        if let Some(first) = lines.first_mut() {
            paint_last(first, self.report.outcome_kind.as_str(), is_colored);
        }
        lines
    }
}
