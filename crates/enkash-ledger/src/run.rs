//! Runs: the rows of one file, sent together and continued until none is left. And what history and reports ask for.

use std::{collections::BTreeSet, fmt};

use enkash::Timestamp;
use serde::Serialize;

use crate::{
    amount::Amount,
    call::{CallRow, Scope},
    ids::{RowId, RunId},
    row_state::RowState,
};

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RunState {
    /// Its rows are in the ledger; nothing was sent.
    Planned,
    /// Its rows are being sent, or its process died in the middle.
    Running,
    /// Its rows are handed out to workers on any number of machines.
    HandedOut,
    /// It stopped with rows left to send.
    Paused,
    /// No row is left to send.
    Finished,
    /// The rows that were not sent never will be.
    Canceled,
}

impl RunState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Planned,
        Self::Running,
        Self::HandedOut,
        Self::Paused,
        Self::Finished,
        Self::Canceled,
    ];

    /// The word in the database and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Running => "running",
            Self::HandedOut => "handed_out",
            Self::Paused => "paused",
            Self::Finished => "finished",
            Self::Canceled => "canceled",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether rows may be left to send.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Running | Self::HandedOut | Self::Paused)
    }

    /// The states in which rows may be left to send, as the list of an SQL `IN`.
    pub(crate) fn open_list() -> String {
        let words: Vec<_> = Self::ALL
            .into_iter()
            .filter(|state| state.is_open())
            .map(|state| format!("'{}'", state.as_str()))
            .collect();
        words.join(", ")
    }
}

/// Why a run stopped before its last row, in a word that programs read and a text for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PauseReason {
    /// One word, such as `interrupted`.
    pub word: String,
    /// What happened.
    pub text: String,
}

/// A run that is about to be imported.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewRun {
    /// Where its references are unique.
    pub scope: Scope,
    /// The command, such as `allocate`.
    pub command: String,
    /// The file's name, without its folder.
    pub file_name: String,
    /// Who imports it.
    pub created_by: String,
}

impl NewRun {
    /// A run of this command over this file.
    #[must_use]
    pub fn new(
        scope: Scope,
        command: impl Into<String>,
        file_name: impl Into<String>,
        created_by: impl Into<String>,
    ) -> Self {
        Self {
            scope,
            command: command.into(),
            file_name: file_name.into(),
            created_by: created_by.into(),
        }
    }
}

/// A row of a run that is being imported. `Debug` redacts the person.
#[derive(Clone)]
pub struct NewRow {
    /// The line of the file.
    pub line: u64,
    /// The caller's reference.
    pub reference: String,
    /// The mobile number, as the call's ticket has it.
    pub recipient: String,
    /// What the call needs of the person, as a JSON object with a `name`: whoever sends the row gets it back, and history shows the
    /// name.
    pub request: String,
    /// How much.
    pub amount: Amount,
}

impl fmt::Debug for NewRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewRow")
            .field("line", &self.line)
            .field("reference", &self.reference)
            .field("amount", &self.amount)
            .finish_non_exhaustive()
    }
}

/// What an import found, before it is committed.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ImportedRun {
    /// How many rows there are.
    pub rows: u64,
    /// What they add up to.
    pub total: Amount,
    /// The largest row: line and amount.
    pub largest: Option<(u64, Amount)>,
    /// A run of the same file that is there already: this one cannot be committed.
    pub twin: Option<(RunId, RunState)>,
    /// How many rows are for people with an earlier payment that is done.
    pub known_recipients: u64,
    /// References that stand twice in the file: the line, and the line where it stood first. The first hundred.
    pub repeated_references: Vec<(u64, u64)>,
    /// References that were used before. The first hundred.
    pub used_references: Vec<(u64, CallRow)>,
    /// How many references stand twice or were used before.
    pub reference_problems: u64,
    /// How many of these stand at a row whose value may have moved or not.
    pub references_in_doubt: u64,
    /// How many of these stand at a row that a run is still to send.
    pub references_waiting: u64,
    /// How many of these stand at a row that was written out to be paid under another reference.
    pub references_exported: u64,
    /// The runs of those in doubt or waiting. The first hundred.
    pub reference_runs: BTreeSet<RunId>,
    /// Rows for the same person and amount, where their reference is new. The first hundred.
    pub repeated_payments: Vec<(u64, RepeatedPayment)>,
    /// How many such rows there are.
    pub repeated_payment_count: u64,
    /// How many of these repeat an earlier row whose value may have moved or not.
    pub payments_in_doubt: u64,
    /// How many of these repeat an earlier row that a run is still to send.
    pub payments_waiting: u64,
    /// The runs of those in doubt or waiting. The first hundred.
    pub payment_runs: BTreeSet<RunId>,
}

/// The other payment of the same amount to the same person.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RepeatedPayment {
    /// In this line of the same file.
    InFile(u64),
    /// In the ledger, within the last days; where it is in doubt or waits, however long ago. One in doubt is named before one that waits in
    /// a run, and that before any other.
    Earlier(Box<CallRow>),
}

/// Rows of a run that wait, for whose person and amount another row paid or may have paid since they came.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct PaidMeanwhile {
    /// How many rows wait so.
    pub rows: u64,
    /// For how many of these the other row's value may have moved or not.
    pub in_doubt: u64,
    /// Of each person and amount the first such row: its line, its reference, and the other row. The first hundred.
    pub named: Vec<(u64, String, CallRow)>,
}

/// A row that may be sent. `Debug` redacts the person.
#[derive(Clone)]
#[non_exhaustive]
pub struct PendingRow {
    /// The row.
    pub id: RowId,
    /// Its place in the run, from 1.
    pub place: u64,
    /// The line of the file.
    pub line: u64,
    /// The caller's reference.
    pub reference: String,
    /// The mobile number.
    pub recipient: String,
    /// What the call needs of the person, as JSON.
    pub request: String,
    /// How much.
    pub amount: Amount,
}

impl fmt::Debug for PendingRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingRow")
            .field("id", &self.id)
            .field("line", &self.line)
            .field("reference", &self.reference)
            .field("amount", &self.amount)
            .finish_non_exhaustive()
    }
}

/// A run, as `run list` and reports show it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// Where its references are unique.
    pub scope: Scope,
    /// The command.
    pub command: String,
    /// The file's name.
    pub file_name: String,
    /// The SHA-256 of the file, in hex.
    pub file_hash: String,
    /// How many rows there are.
    pub rows: u64,
    /// What they add up to.
    pub total: Amount,
    /// Where it stands.
    pub state: RunState,
    /// Why it stopped, where it is paused.
    pub pause: Option<PauseReason>,
    /// Who imported it.
    pub created_by: String,
    /// When it was imported.
    pub created_at: Timestamp,
    /// When its first row was sent.
    pub started_at: Option<Timestamp>,
    /// When its last change of state was.
    pub ended_at: Option<Timestamp>,
    /// What the account held before the first row.
    pub balance_before: Option<Amount>,
    /// What it held when the run ended or paused.
    pub balance_after: Option<Amount>,
    /// When that was asked for: what is concluded later may have moved value later.
    pub balance_after_at: Option<Timestamp>,
    /// How many other people must approve it before a row of it may be sent.
    pub approvals_needed: u32,
}

/// Who approved a run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Approval {
    /// The name.
    pub name: String,
    /// Where the name comes from: the operating system, or the word of whoever typed it.
    pub source: String,
    /// When.
    pub at: Timestamp,
}

/// How many rows, and what they add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// How many.
    pub rows: u64,
    /// What they add up to.
    pub amount: Amount,
}

/// The rows of a run by outcome. Done, refused, pending, not sent and unknown together are all rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Value moved, also where that came out after the row had ended otherwise.
    pub done: Tally,
    /// The API said no.
    pub refused: Tally,
    /// Not attempted yet.
    pub pending: Tally,
    /// Attempted and certainly not sent, canceled, or not done by a person's word.
    pub not_sent: Tally,
    /// In doubt, or on the way right now.
    pub unknown: Tally,
    /// Rows that may still be sent: those that are pending, and those not sent that are neither canceled nor not done.
    pub left: Tally,
    /// Of those done: what was concluded after the balance at the end was asked for, so that this may have it or not.
    pub done_after_balance: Tally,
}

/// Rows of a run that are counted together.
pub(crate) struct CountedRows {
    pub(crate) state: RowState,
    pub(crate) was_attempted: bool,
    /// Whether they came out as done after they ended otherwise.
    pub(crate) came_out_done: bool,
    /// Whether they came out after the balance at the end was asked for.
    pub(crate) is_after_balance: bool,
    pub(crate) rows: u64,
    pub(crate) amount: Amount,
}

impl Counts {
    pub(crate) fn add(&mut self, counted: &CountedRows) {
        let &CountedRows {
            was_attempted,
            is_after_balance,
            rows,
            amount,
            ..
        } = counted;
        // What came out as done counts so, unless another attempt is in doubt.
        let state = match counted.came_out_done && !counted.state.is_in_doubt() {
            true => RowState::Done,
            false => counted.state,
        };
        let left = (state == RowState::Pending).then_some(&mut self.left);
        let late = (state == RowState::Done && is_after_balance).then_some(&mut self.done_after_balance);
        let outcome = match state {
            RowState::Done => &mut self.done,
            RowState::Refused => &mut self.refused,
            RowState::Sending | RowState::Unknown => &mut self.unknown,
            RowState::Pending if !was_attempted => &mut self.pending,
            RowState::Pending | RowState::NotDone | RowState::Canceled => &mut self.not_sent,
        };
        for tally in [Some(outcome), left, late].into_iter().flatten() {
            tally.rows += rows;
            // The rows of a run add up to its total, which the import has checked.
            tally.amount = tally.amount.checked_add(amount).unwrap_or(tally.amount);
        }
    }

    /// All rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        let all = [self.done, self.refused, self.pending, self.not_sent, self.unknown];
        all.iter().map(|tally| tally.rows).sum()
    }
}

/// Which rows history shows. Every part narrows it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct HistoryFilter {
    /// Of this run.
    pub run: Option<RunId>,
    /// With this reference.
    pub reference: Option<String>,
    /// In one of these states; all where it is empty.
    pub states: Vec<RowState>,
    /// That came into the ledger, were about to be sent or ended at this time or later.
    pub since: Option<Timestamp>,
    /// At this host, or without a host.
    pub host: Option<String>,
    /// Of this company, or without one.
    pub company: Option<String>,
}

/// Keeps every other process from sending this run. It ends when it is dropped, and when its process ends however.
pub struct RunLock {
    #[expect(dead_code, reason = "held until it is dropped")]
    pub(crate) held: Box<dyn Send + Sync>,
}

impl fmt::Debug for RunLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RunLock")
    }
}
