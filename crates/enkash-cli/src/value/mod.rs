//! What commands that move value share: one call from the question to its outcome, the flags of an allocation for one person,
//! the file of tickets, and the count over many rows.

mod call_report;
mod hint;
mod run_summary;
mod single_allocation;
mod ticket_export;
mod value_call;

pub(crate) use self::{
    call_report::{AllocationFields, CallRecord, CallReport, CardFields, Fields, NoFields, OutcomeKind},
    run_summary::{RowRef, RunSummary, SummaryJson},
    single_allocation::{AccountKind, Action, AllocationFlags, run_single},
    ticket_export::TicketExport,
    value_call::{ValueCall, confirm, reference_or_new, run_dry, until_given_up, warn_if_kept, warn_not_recorded},
};
