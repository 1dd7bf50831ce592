#![doc = include_str!("../README.md")]

mod amount;
mod call;
mod conclusion;
mod error;
mod ids;
mod intended_call;
mod ledger;
#[cfg(feature = "postgres")]
mod postgres;
mod row_state;
mod run;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
#[cfg(feature = "worker")]
pub mod worker;

pub use crate::{
    amount::{Amount, InexactAmount},
    call::{Attempt, CallRow, CommittedIntent, NewCall, Scope},
    conclusion::{Conclusion, Recorded, Settled},
    error::{Conflict, LedgerError},
    ids::{RowId, RunId},
    ledger::{CheckedImport, Ledger, RunImport},
    row_state::{Decision, RowState, Step},
    run::{
        Approval, Counts, HistoryFilter, ImportedRun, NewRow, NewRun, PaidMeanwhile, PauseReason, PendingRow,
        RepeatedPayment, Run, RunLock, RunState, Tally,
    },
};
