//! What a ticket says of its call, and whether the row that it is to be sent for is that call and may be sent. A row that says
//! something else than what was sent would keep another reference from being used twice, and not the one that was.

use enkash::Ticket;

use crate::{
    amount::Amount,
    call::{self, Scope},
    error::{Conflict, LedgerError},
    ids::{RowId, RunId},
};

/// A ticket as the databases keep it.
pub(crate) fn written(ticket: &Ticket) -> Result<String, LedgerError> {
    serde_json::to_string(ticket)
        .map_err(|error| LedgerError::invalid(format!("the ticket cannot be written: {error}")))
}

/// A call that is about to be sent for a row.
pub(crate) struct IntendedCall {
    /// The ticket as the databases keep it.
    pub(crate) ticket: String,
    pub(crate) facts: CallFacts,
}

/// A row that is pending, as the intent for it finds it.
pub(crate) struct StoredRow {
    pub(crate) facts: CallFacts,
    pub(crate) run: Option<RunId>,
    /// How many approvals its run needs, less those that it has.
    pub(crate) approvals_missing: i64,
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

    /// Refuses a row that is another call, or whose run is not approved. The message names nobody.
    pub(crate) fn check(&self, row: RowId, found: &StoredRow) -> Result<(), LedgerError> {
        self.check_facts(row, &found.facts)?;
        match (found.run, u64::try_from(found.approvals_missing)) {
            (Some(run), Ok(missing)) if missing > 0 => {
                Err(LedgerError::conflict(Conflict::Unapproved { run, missing }))
            }
            _ => Ok(()),
        }
    }

    fn check_facts(&self, row: RowId, stored: &CallFacts) -> Result<(), LedgerError> {
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
