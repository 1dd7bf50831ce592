//! One call that moves value, as the ledger knows it: what is asked for, the intent that must be committed before it is sent,
//! and how it ended.

use std::fmt;

use enkash::{
    Ticket, Timestamp,
    ticket::{Direction, Intent, PointsIntent},
};
use serde_json::Value;

use crate::{
    amount::{Amount, InexactAmount},
    ids::{RowId, RunId},
    row_state::{Decision, RowState},
};

/// Within what a reference is unique: one account of one company at one host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    /// Scheme, host and port. Empty for calls that were imported without one: those count for every host.
    pub host: String,
    /// The company's id; empty where the call names none.
    pub company: String,
    /// The account's id; empty where the call names none.
    pub account: String,
}

impl Scope {
    /// The part of a scope that a ticket knows: it names no host.
    #[must_use]
    pub fn of_ticket(ticket: &Ticket) -> Self {
        let (company, account) = match &ticket.intent {
            Intent::Points(points) | Intent::BulkRow(points) => {
                (points.company.to_string(), points.account.to_string())
            }
            Intent::Coins(coins) => (coins.company.to_string(), String::new()),
            _ => (String::new(), String::new()),
        };
        Self {
            host: String::new(),
            company,
            account,
        }
    }
}

/// A call that is about to be sent on its own, outside of a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewCall {
    /// Where its reference is unique.
    pub scope: Scope,
    /// The command or the function that makes it, as history shows it.
    pub command: String,
    /// What it is to do, with its reference and its amount.
    pub ticket: Ticket,
    /// The person's name, for people who read the history.
    pub person: Option<String>,
    /// Whether somebody keeps the reference and gives it again with the same payment. Where nobody does, the call is refused while
    /// one for the same recipient and amount is in doubt, or waits to be sent in a run.
    pub is_reference_given: bool,
}

impl NewCall {
    /// A call of this command, with the ticket that the client makes of it. Its reference counts as a new one of
    /// [`ClientReference::generate`](enkash::ClientReference::generate), which tells nobody that the payment was tried before.
    #[must_use]
    pub fn new(scope: Scope, command: impl Into<String>, ticket: Ticket) -> Self {
        Self {
            scope,
            command: command.into(),
            ticket,
            person: None,
            is_reference_given: false,
        }
    }

    /// With the person's name, for people who read the history.
    #[must_use]
    pub fn person(self, name: impl Into<String>) -> Self {
        Self {
            person: Some(name.into()),
            ..self
        }
    }

    /// With `true`, the reference is one of your own that stays with the payment, such as the number of an invoice: however often
    /// you pay it, it is the same. Only the reference then keeps the payment from being sent twice; one for the same recipient
    /// and amount that is in doubt does not.
    #[must_use]
    pub fn reference_given(self, is_reference_given: bool) -> Self {
        Self {
            is_reference_given,
            ..self
        }
    }

    /// The part of the row that is compared: who gets it.
    pub(crate) fn recipient(&self) -> Option<String> {
        recipient(&self.ticket)
    }

    pub(crate) fn direction(&self) -> &'static str {
        direction(&self.ticket)
    }

    pub(crate) fn amount(&self) -> Result<Option<Amount>, InexactAmount> {
        self.ticket.amount().map(Amount::try_from).transpose()
    }

    /// The request as the row keeps it.
    pub(crate) fn request(&self) -> Option<String> {
        let name = self.person.as_ref()?;
        Some(serde_json::json!({ "name": name }).to_string())
    }
}

/// Who gets the value: a mobile number, a card, a product, or a user and an event.
pub(crate) fn recipient(ticket: &Ticket) -> Option<String> {
    match &ticket.intent {
        Intent::Points(points) | Intent::BulkRow(points) => points_recipient(points),
        Intent::Order(order) => Some(format!("{} {}x{}", order.product, order.denomination, order.quantity)),
        Intent::Coins(coins) => Some(format!("{} {}", coins.user, coins.event)),
        _ => None,
    }
}

fn points_recipient(points: &PointsIntent) -> Option<String> {
    let mobile = points.mobile.as_ref().map(|mobile| mobile.expose().to_owned());
    mobile.or_else(|| Some(points.card.as_ref()?.to_string()))
}

/// Which way value moves. A bulk row and a single allocation move it the same way.
pub(crate) fn direction(ticket: &Ticket) -> &'static str {
    match &ticket.intent {
        Intent::Points(points) | Intent::BulkRow(points) => match points.direction {
            Direction::Credit => "credit",
            Direction::Debit => "debit",
        },
        Intent::Order(_) => "order",
        Intent::Coins(_) => "coins",
        _ => "other",
    }
}

/// The proof that an intent is committed, and so the right to send one call once. It is not copied and has no constructor:
/// [`Ledger::begin`](crate::Ledger::begin) and [`Ledger::begin_row`](crate::Ledger::begin_row) hand it out, and
/// [`Ledger::conclude`](crate::Ledger::conclude) takes it. Where it is lost, the row counts as unknown.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "an intent without a conclusion is a call in doubt"]
pub struct CommittedIntent {
    pub(crate) row: RowId,
    pub(crate) attempt: u32,
}

impl CommittedIntent {
    /// The row.
    #[must_use]
    pub fn row(&self) -> RowId {
        self.row
    }

    /// The number of the attempt, from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }
}

/// A row, as history and reports show it. `Debug` redacts the person.
#[derive(Clone)]
#[non_exhaustive]
pub struct CallRow {
    /// The row's number in the ledger.
    pub id: RowId,
    /// The run that it belongs to, and its place there from 1.
    pub run: Option<(RunId, u64)>,
    /// The line of the run's file.
    pub line: Option<u64>,
    /// Where the reference is unique.
    pub scope: Scope,
    /// The command that made it.
    pub command: String,
    /// The caller's reference.
    pub reference: String,
    /// Who gets the value; `None` where it was purged or the call names nobody. A person's data.
    pub recipient: Option<String>,
    /// The request, as JSON; `None` where it was purged. A person's data.
    pub request: Option<String>,
    /// How much, where the request says it.
    pub amount: Option<Amount>,
    /// Where it stands.
    pub state: RowState,
    /// How often it was about to be sent.
    pub attempts: u32,
    /// Who decided how it ended.
    pub decision: Option<Decision>,
    /// When it came into the ledger.
    pub created_at: Timestamp,
    /// When it was last about to be sent.
    pub intended_at: Option<Timestamp>,
    /// When the last conclusion was recorded.
    pub concluded_at: Option<Timestamp>,
    /// Why it is not done, or what proves that it is.
    pub reason: Option<String>,
    /// What came back: card, transaction, balance.
    pub detail: Option<Value>,
    /// The reference under which it was written out to be paid anew.
    pub exported_as: Option<String>,
    /// The reference of the row that this one replaces.
    pub replaces: Option<String>,
    /// What to look the last attempt up with; `None` where it was never sent or was purged.
    pub ticket: Option<String>,
    /// When an attempt or a look-up said that value moved, although the row had ended otherwise or was to be sent again.
    pub came_out_done_at: Option<Timestamp>,
}

impl CallRow {
    /// Whether a call with the same reference may take its place: it was certainly not sent, and belongs to no run.
    pub(crate) fn makes_way(&self) -> bool {
        self.state == RowState::Pending && self.run.is_none() && !self.is_done_after_all()
    }

    /// Whether a run is still to send it.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.state == RowState::Pending && self.run.is_some() && !self.is_done_after_all()
    }

    /// Whether value moved although the row's state says otherwise: its state stays what it ended with, and in all else it counts
    /// as done. It is never sent, exported or followed by a payment in its place.
    #[must_use]
    pub fn is_done_after_all(&self) -> bool {
        match self.state {
            RowState::Done | RowState::Sending | RowState::Unknown => false,
            RowState::Pending | RowState::Refused | RowState::NotDone | RowState::Canceled => {
                self.came_out_done_at.is_some()
            }
        }
    }

    /// Whether the row was attempted and certainly not sent, or can never be sent.
    #[must_use]
    pub fn is_not_sent(&self) -> bool {
        match self.state {
            _ if self.is_done_after_all() => false,
            RowState::Pending => self.attempts > 0,
            RowState::Canceled | RowState::NotDone => true,
            _ => false,
        }
    }

    /// The word of a report: `done`, `refused`, `pending`, `not sent` or `unknown`.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match self.state {
            _ if self.is_done_after_all() => "done",
            RowState::Done => "done",
            RowState::Refused => "refused",
            RowState::Unknown | RowState::Sending => "unknown",
            _ if self.is_not_sent() => "not sent",
            _ => "pending",
        }
    }

    /// When it last moved or was found out about.
    #[must_use]
    pub fn last_changed_at(&self) -> Timestamp {
        let after_all = self.came_out_done_at.filter(|_| self.is_done_after_all());
        after_all
            .or(self.concluded_at)
            .or(self.intended_at)
            .unwrap_or(self.created_at)
    }

    /// Why it is not done, what proves that it is, or that it is after all.
    #[must_use]
    pub fn explanation(&self) -> Option<String> {
        if !self.is_done_after_all() {
            return self.reason.clone();
        }
        let mut text = format!("done after all; it stood as {}", self.state_words());
        if let Some(other) = &self.exported_as {
            text.push_str(&format!(" and was written out to be paid as {other}"));
        }
        if let Some(reason) = &self.reason {
            text.push_str(&format!(": {reason}"));
        }
        Some(text)
    }

    /// The state in words.
    fn state_words(&self) -> String {
        self.state.as_str().replace('_', " ")
    }

    /// The last attempt's ticket, to settle it with.
    #[must_use]
    pub fn stored_ticket(&self) -> Option<Ticket> {
        serde_json::from_str(self.ticket.as_deref()?).ok()
    }

    /// The person's name, where the ledger still has it.
    #[must_use]
    pub fn person(&self) -> Option<String> {
        let request: Value = serde_json::from_str(self.request.as_deref()?).ok()?;
        Some(request.get("name")?.as_str()?.to_owned())
    }

    /// What became of it, in a few words without the person: `done at 2026-11-27T09:00:00Z (run 3, line 12)`.
    #[must_use]
    pub fn describe(&self) -> String {
        let at = self.last_changed_at();
        let at = at.round(jiff::Unit::Second).unwrap_or(at);
        let mut text = match self.state {
            RowState::Sending => format!("on its way or in doubt since {at}"),
            _ if self.is_done_after_all() => format!("done at {at} after it stood as {}", self.state_words()),
            _ => format!("{} at {at}", self.outcome()),
        };
        if let Some(amount) = self.amount {
            text.push_str(&format!(", amount {amount}"));
        }
        if let Some(reference) = &self.exported_as {
            text.push_str(&format!(", exported as {reference}"));
        }
        match (self.run, self.line) {
            (Some((run, _)), Some(line)) => text.push_str(&format!(" (run {run}, line {line})")),
            (Some((run, place)), None) => text.push_str(&format!(" (run {run}, row {place})")),
            (None, _) => text.push_str(&format!(" ({})", self.command)),
        }
        text
    }
}

impl fmt::Debug for CallRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallRow")
            .field("id", &self.id)
            .field("run", &self.run)
            .field("command", &self.command)
            .field("reference", &self.reference)
            .field("amount", &self.amount)
            .field("state", &self.state)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

/// One attempt of a row.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// Its number, from 1.
    pub number: u32,
    /// The process that made it.
    pub worker: String,
    /// When its intent was committed.
    pub intended_at: Timestamp,
    /// The state that its end led to; `None` where it has none.
    pub outcome: Option<RowState>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why.
    pub reason: Option<String>,
}
