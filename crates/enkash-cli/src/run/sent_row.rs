//! What becomes of one row while a run is sent: its call is under way, has ended, and its outcome is recorded.

use enkash::{ClientReference, Money, Ticket};
use enkash_ledger::{CommittedIntent, Conclusion, LedgerError, PendingRow, Recorded, RowState};
use futures_util::future::LocalBoxFuture;

use super::stop_rule::StopReason;
use crate::{
    output::ProgressCounts,
    value::{CallReport, CardFields, OutcomeKind},
};

/// A row whose call is under way.
pub(super) struct StartedRow {
    pub(super) row: PendingRow,
    pub(super) amount: Money,
    pub(super) reference: ClientReference,
    pub(super) ticket: Ticket,
}

/// A row whose call has ended, one way or the other.
pub(super) struct EndedRow {
    pub(super) row: PendingRow,
    pub(super) recipient: String,
    pub(super) amount: Money,
    pub(super) reference: ClientReference,
    pub(super) end: RowEnd,
}

pub(super) enum RowEnd {
    /// It was sent, or kept back by the client, under this intent.
    Called(CommittedIntent, Box<Conclusion>, Box<CallReport<CardFields>>),
    /// Somebody else has it.
    Taken,
    /// Its intent could not be committed, so it was not sent.
    NoIntent(LedgerError),
}

/// A row whose outcome is in the ledger, or could not be written.
pub(super) struct RecordedRow {
    pub(super) row: PendingRow,
    pub(super) amount: Money,
    pub(super) reference: ClientReference,
    pub(super) report: Box<CallReport<CardFields>>,
    /// The state that its outcome leads to.
    pub(super) concluded: RowState,
    pub(super) recorded: Result<Recorded, LedgerError>,
}

/// What comes next in a run.
pub(super) enum Next<'a> {
    Call(Box<StartedRow>, LocalBoxFuture<'a, EndedRow>),
    /// No row is read, or its person has another row under way.
    Wait,
    Stop(StopReason),
}

/// The outcomes of this process.
#[derive(Default)]
pub(super) struct RunProgress(pub(super) ProgressCounts);

impl RunProgress {
    pub(super) fn count(&mut self, kind: OutcomeKind) {
        let counts = &mut self.0;
        let count = match kind {
            OutcomeKind::Done => &mut counts.done,
            OutcomeKind::Refused => &mut counts.refused,
            OutcomeKind::NotSent => &mut counts.not_sent,
            OutcomeKind::Unknown | OutcomeKind::Pending => &mut counts.unknown,
        };
        *count += 1;
    }
}
