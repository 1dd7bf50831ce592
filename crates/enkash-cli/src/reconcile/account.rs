//! Reads the account's transactions once, and joins them to the rows by their references. Of what is as expected nothing is
//! kept; of the rest so much as a person can look at.

use std::collections::HashMap;

use enkash::{
    Timestamp,
    rewards::Transaction,
    settlement::{Movement, TransactionGap},
};
use enkash_ledger::{CallRow, HistoryFilter, Ledger, RowState, Run};

use super::{
    difference::Found,
    index::{Index, Position},
    told::Told,
};
use crate::{exit::CliError, ledger, output::format_money, session::Session};

/// Transactions of other references that are kept: they are looked up in the ledger, and listed.
const MAX_STRANGERS: usize = 100_000;
/// Transactions of our rows that are kept to be shown.
const MAX_NOTES: usize = 10_000;
/// Of a text of the API so much is kept.
const MAX_TEXT: usize = 200;
/// How many rows of the ledger are read at a time.
const PAGE: u32 = 1000;

/// A transaction whose reference is not among the rows.
pub(super) struct Stranger {
    pub(super) reference: Option<String>,
    /// What it says, in words.
    pub(super) text: String,
    pub(super) amount: Option<String>,
    /// It is of another call that the ledger knows.
    is_in_ledger: bool,
}

/// What the account's list showed.
pub(super) struct AccountReading {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) transactions: u64,
    pub(super) requests: u32,
    /// Each response counted its rows.
    pub(super) is_counted: bool,
    pub(super) gaps: Vec<TransactionGap>,
    /// Made at another time, and not one of the rows'.
    pub(super) outside: u64,
    strangers: Vec<Stranger>,
    /// Further ones.
    pub(super) not_kept: u64,
    /// What our rows' transactions say, other than that the row is paid.
    notes: HashMap<Position, Vec<String>>,
    note_count: usize,
}

impl AccountReading {
    pub(super) async fn read(
        session: &Session,
        from: Timestamp,
        to: Timestamp,
        index: &mut Index,
    ) -> Result<Self, CliError> {
        let mut pages = session.rewards.all_transactions(from, to);
        let mut reading = Self {
            from,
            to,
            transactions: 0,
            requests: 0,
            is_counted: true,
            gaps: Vec::new(),
            outside: 0,
            strangers: Vec::new(),
            not_kept: 0,
            notes: HashMap::new(),
            note_count: 0,
        };
        while let Some(transactions) = pages.next().await.map_err(unreadable)? {
            for transaction in &transactions {
                reading.take(transaction, pages.movement(transaction), index);
            }
        }
        reading.requests = pages.requests();
        reading.is_counted = pages.is_counted();
        reading.gaps = pages.gaps().to_vec();
        Ok(reading)
    }

    fn take(&mut self, transaction: &Transaction, movement: Movement, index: &mut Index) {
        self.transactions += 1;
        let position = transaction
            .reference
            .as_deref()
            .and_then(|reference| index.find(reference));
        let Some(position) = position else {
            self.take_stranger(transaction, movement);
            return;
        };
        let is_expected = index.note(position, movement);
        if !is_expected && self.note_count < MAX_NOTES {
            self.note_count += 1;
            self.notes
                .entry(position)
                .or_default()
                .push(describe(transaction, movement));
        }
    }

    fn take_stranger(&mut self, transaction: &Transaction, movement: Movement) {
        let at = transaction.at.as_deref().or(transaction.created.as_deref());
        let at: Option<Timestamp> = at.and_then(|at| at.parse().ok());
        if at.is_some_and(|at| at < self.from || self.to < at) {
            self.outside += 1;
        } else if self.strangers.len() < MAX_STRANGERS {
            self.strangers.push(Stranger {
                reference: transaction.reference.as_deref().map(shortened),
                text: describe(transaction, movement),
                amount: transaction.amount.map(format_money),
                is_in_ledger: false,
            });
        } else {
            self.not_kept += 1;
        }
    }

    /// Finds the calls of the ledger, outside of the run, that transactions belong to.
    pub(super) async fn find_in_ledger(
        &mut self,
        ledger: &Ledger,
        run: &Run,
        index: &mut Index,
    ) -> Result<(), CliError> {
        let is_told_otherwise = index
            .slots()
            .iter()
            .any(|slot| slot.told == Told::NotSent && Found::of(slot) != Found::Missing);
        if self.strangers.is_empty() && !is_told_otherwise {
            return Ok(());
        }
        let mut by_reference: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, stranger) in self.strangers.iter().enumerate() {
            if let Some(reference) = &stranger.reference {
                by_reference.entry(reference.clone()).or_default().push(place);
            }
        }
        let may_have_moved = |row: &CallRow| {
            row.is_done_after_all() || matches!(row.state, RowState::Done | RowState::Unknown | RowState::Sending)
        };
        let mut filter = HistoryFilter::default();
        filter.host = Some(run.scope.host.clone());
        filter.company = Some(run.scope.company.clone());
        let mut after = None;
        loop {
            let rows = ledger.history(&filter, after, PAGE).await.map_err(ledger::unusable)?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = Some(last.id);
            let is_other = |row: &CallRow| row.run.is_none_or(|(id, _)| id != run.id);
            let is_of_account = |row: &CallRow| row.scope.account == run.scope.account;
            for row in rows.iter().filter(|row| is_of_account(row) && is_other(row)) {
                for place in by_reference.remove(&row.reference).unwrap_or_default() {
                    self.strangers[place].is_in_ledger = true;
                }
                if may_have_moved(row)
                    && let Some(position) = index.find(&row.reference)
                    && index.slot(position).told == Told::NotSent
                {
                    index.note_reused(position);
                }
            }
        }
    }

    /// Those whose reference is known to nobody here.
    pub(super) fn unknown_to_us(&self) -> impl Iterator<Item = &Stranger> {
        self.strangers.iter().filter(|stranger| !stranger.is_in_ledger)
    }

    /// Those of other calls of the ledger.
    pub(super) fn of_other_calls(&self) -> usize {
        self.strangers.len() - self.unknown_to_us().count()
    }

    /// What a row's transactions say, other than that it is paid.
    pub(super) fn notes(&self, position: Position) -> &[String] {
        self.notes.get(&position).map_or(&[], Vec::as_slice)
    }
}

/// The account could not be listed.
fn unreadable(error: enkash::Error) -> CliError {
    let is_refused = error.is_refused();
    let mut failure = CliError::from(error);
    if is_refused {
        failure.message.push_str(
            "\nThe page of the transaction search marks a card as required, so this API may not list an account at all. \
             Nothing was compared.",
        );
    }
    failure
}

/// `credit 250.50, transaction T1, 2026-11-27T09:00:00Z`.
fn describe(transaction: &Transaction, movement: Movement) -> String {
    let what = match movement {
        Movement::Credit(amount) => format!("credit {}", format_money(amount)),
        Movement::Debit(amount) => format!("debit {}", format_money(amount)),
        Movement::Unclear(why) => format!("unclear: {why}"),
        _ => "unclear".to_owned(),
    };
    let id = transaction.id.as_ref().map(|id| format!("transaction {id}"));
    let at = transaction.at.clone().or_else(|| transaction.created.clone());
    let parts: Vec<_> = [Some(what), id, at].into_iter().flatten().collect();
    shortened(&parts.join(", "))
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}
