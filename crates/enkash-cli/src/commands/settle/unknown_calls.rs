//! What of the ledger is looked up: the calls in doubt that these settings can reach, with a count of those that they cannot, and
//! the row that a ticket from elsewhere is of.

use std::collections::BTreeSet;

use enkash::Ticket;
use enkash_ledger::{CallRow, HistoryFilter, Ledger, RowId, RowState};

use super::ticket_file::StoredTicket;
use crate::{
    command_line::called_as,
    exit::CliError,
    ledger,
    output::Output,
    settings::{CallHosts, Settings},
};

/// How many rows of the ledger are read at a time.
const PAGE: u32 = 1000;
/// More are looked up by the next command.
const MAX_UNKNOWN: usize = 100_000;

/// Every call of the ledger that is in doubt.
#[derive(Default)]
pub(super) struct UnknownCalls {
    /// Those that are looked up: at the hosts of the settings, and of their company where they name one.
    pub(super) tickets: Vec<StoredTicket>,
    other_hosts: u64,
    other_companies: u64,
    /// In runs that are being sent right now.
    on_their_way: u64,
    /// A newer version wrote their tickets.
    unreadable: u64,
    /// More than are looked up at once.
    later: u64,
}

impl UnknownCalls {
    pub(super) async fn read(ledger: &Ledger, settings: &Settings) -> Result<Self, CliError> {
        ledger::interrupt_abandoned(ledger).await?;
        let (hosts, company) = (settings.call_hosts(), settings.scope().company);
        let hosts = hosts.all();
        let mut filter = HistoryFilter::default();
        filter.states = vec![RowState::Unknown, RowState::Sending];
        let (mut calls, mut after) = (Self::default(), None);
        loop {
            let rows = ledger.history(&filter, after, PAGE).await.map_err(ledger::unusable)?;
            let Some(last) = rows.last() else { return Ok(calls) };
            after = Some(last.id);
            rows.iter().for_each(|row| calls.add(row, &hosts, &company));
        }
    }

    fn add(&mut self, row: &CallRow, hosts: &BTreeSet<&str>, company: &str) {
        // A call that an earlier version kept names no host, and settings may name no company.
        let is_here = row.scope.host.is_empty() || hosts.contains(row.scope.host.as_str());
        let is_of_company = company.is_empty() || ["", company].contains(&row.scope.company.as_str());
        if !is_here {
            self.other_hosts += 1;
        } else if !is_of_company {
            self.other_companies += 1;
        } else if row.state != RowState::Unknown {
            self.on_their_way += 1;
        } else if self.tickets.len() == MAX_UNKNOWN {
            self.later += 1;
        } else if let Some(ticket) = row.stored_ticket() {
            self.tickets.push(StoredTicket {
                line: None,
                ticket,
                attempt: Some((row.id, row.attempts)),
            });
        } else {
            self.unreadable += 1;
        }
    }

    /// Says what is in doubt and not looked up. Whether that is nothing.
    pub(super) fn tell_rest(&self, output: &mut Output) -> bool {
        let parts = [
            (self.other_hosts, "at other hosts than the settings name"),
            (self.other_companies, "of other companies than the settings name"),
            (self.on_their_way, "on their way in a run that is being sent"),
            (self.unreadable, "of a newer version of enkash, which can look them up"),
            (self.later, "for the same command again, which looks up the next"),
        ];
        let parts: Vec<_> = parts.into_iter().filter(|(count, _)| *count > 0).collect();
        if parts.is_empty() {
            return true;
        }
        let counted: Vec<_> = parts.iter().map(|(count, place)| format!("{count} {place}")).collect();
        output.warn(&format!(
            "not looked up, and unknown as well: {}. {} history --state unknown shows them.",
            counted.join(", "),
            called_as()
        ));
        false
    }

    /// Where nothing is looked up.
    pub(super) fn describe_none(&self) -> &'static str {
        match self {
            Self {
                other_companies: 0,
                on_their_way: 0,
                unreadable: 0,
                ..
            } => "no call of the ledger is unknown at this host",
            _ => "nothing was looked up",
        }
    }
}

/// The attempt of the ledger that a ticket is of: the same reference and the same intent. Several rows may be, because one that was
/// certainly not sent makes way for the next. A proof is about what was sent, so it goes to the one that is in doubt, else to the one
/// that has the reference by now, else to the ticket's own.
pub(super) async fn find_attempt(
    ledger: &Ledger,
    hosts: &CallHosts,
    ticket: &Ticket,
) -> Result<Option<(RowId, u32)>, CliError> {
    let mut filter = HistoryFilter::default();
    filter.reference = Some(ticket.reference.to_string());
    filter.host = Some(hosts.of(ticket.operation()).to_owned());
    let (mut best, mut after) = (None, None);
    loop {
        let rows = ledger.history(&filter, after, PAGE).await.map_err(ledger::unusable)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.id);
        for row in &rows {
            let stored = row.stored_ticket().filter(|stored| stored.intent == ticket.intent);
            if let Some(stored) = stored {
                let has_reference = row.state != RowState::Canceled || row.exported_as.is_some();
                let is_own = stored.intended_at == ticket.intended_at;
                let fit = (row.state.is_in_doubt(), has_reference, is_own, row.id);
                best = best.max(Some((fit, (row.id, row.attempts))));
            }
        }
    }
    Ok(best.map(|(_, attempt)| attempt))
}
