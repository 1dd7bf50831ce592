//! What a ticket says of its call, and whether that is the call of the row that it is to be sent for. A row that says something
//! else than what was sent would keep another reference from being used twice, and not the one that was.

use enkash::Ticket;

use crate::{
    amount::Amount,
    call::{self, Scope},
    error::LedgerError,
    ids::RowId,
    store::written,
};

/// A call that is about to be sent for a row.
pub(crate) struct IntendedCall {
    /// The ticket as the databases keep it.
    pub(crate) ticket: String,
    pub(crate) facts: CallFacts,
}

/// What a call is, as its ticket or its row says it.
pub(crate) struct CallFacts {
    pub(crate) reference: String,
    pub(crate) direction: String,
    pub(crate) recipient: Option<String>,
    pub(crate) amount: Option<Amount>,
    pub(crate) company: String,
    pub(crate) account: String,
}

impl IntendedCall {
    pub(crate) fn of_ticket(ticket: &Ticket) -> Result<Self, LedgerError> {
        let Scope { company, account, .. } = Scope::of_ticket(ticket);
        let facts = CallFacts {
            reference: ticket.reference.to_string(),
            direction: call::direction(ticket).to_owned(),
            recipient: call::recipient(ticket),
            amount: ticket.amount().map(Amount::try_from).transpose()?,
            company,
            account,
        };
        Ok(Self {
            ticket: written(ticket)?,
            facts,
        })
    }

    /// Refuses a row that is another call. The message names nobody.
    pub(crate) fn check(&self, row: RowId, stored: &CallFacts) -> Result<(), LedgerError> {
        let said = &self.facts;
        let differences = [
            ("reference", said.reference != stored.reference),
            ("direction", said.direction != stored.direction),
            ("recipient", said.recipient != stored.recipient),
            ("amount", said.amount != stored.amount),
            ("company", said.company != stored.company),
            ("account", said.account != stored.account),
        ];
        let differences = differences.into_iter().filter(|(_, is_other)| *is_other);
        let names: Vec<_> = differences.map(|(name, _)| name).collect();
        if names.is_empty() {
            return Ok(());
        }
        Err(LedgerError::invalid(format!(
            "the ticket is not that of row {row}, which has another {}: nothing was sent",
            names.join(", another ")
        )))
    }
}
