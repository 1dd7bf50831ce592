#![doc = include_str!("../README.md")]

mod amount;
mod call;
mod error;
mod ledger;
mod row_state;
mod run;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;

pub use crate::{
    amount::Amount,
    call::{Attempt, CallRow, CommittedIntent, Conclusion, NewCall, Recorded, Scope, Settled},
    error::{Conflict, LedgerError},
    ledger::{Ledger, RunImport},
    row_state::{Decision, RowState, Step},
    run::{
        Approval, Counts, HistoryFilter, ImportedRun, NewRow, NewRun, PauseReason, PendingRow, RepeatedPayment, RowId,
        Run, RunId, RunLock, RunState, Tally,
    },
};
