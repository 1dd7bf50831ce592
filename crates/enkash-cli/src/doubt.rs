//! What to do about calls that may or may not have happened: find out what became of them, and pay nothing in their place before.

use enkash::{Ticket, ticket::Intent};
use enkash_ledger::CallRow;

use crate::command_line::{called_as, last_argument, option};

/// The command that looks up every call that is unknown, and moves nothing.
pub(crate) fn settle() -> String {
    format!("{} settle", called_as())
}

/// What to do about the rows of a file that are unknown.
pub(crate) fn advice_for_rows() -> String {
    format!(
        "Points may have moved or not in these. Do not send them again, and never with a new reference: that could pay twice. \
         Look them up first: {}",
        settle()
    )
}

/// What to do about a call of this command's own. `flags` are those of the call that a look-up wants as well.
pub(crate) fn advice_for_call(ticket: &Ticket, flags: &str) -> String {
    format!(
        "Value may have moved or not. Do not repeat the call, and never with a new reference: that could pay twice. {}",
        way_to_find_out(ticket, flags)
    )
}

/// What to do about an earlier call, whose reference was given again, with `flags` as above.
pub(crate) fn advice_for_earlier(row: &CallRow, flags: &str) -> String {
    let way = match row.stored_ticket() {
        Some(ticket) => way_to_find_out(&ticket, flags),
        None => format!("`{}{flags}` looks it up.", settle()),
    };
    format!(
        "Value may have moved or not: find out first what became of it, and pay it under no other reference before. {way}"
    )
}

/// How to find out what became of a call.
fn way_to_find_out(ticket: &Ticket, flags: &str) -> String {
    let (enkash, reference) = (called_as(), ticket.reference.as_str());
    let settle = format!("{}{flags}", settle());
    match ticket.intent {
        Intent::Points(_) | Intent::BulkRow(_) => format!(
            "`{settle}` looks it up; `{enkash} transactions {}` shows what there is. Finding nothing proves nothing: ask EnKash \
             about the reference.",
            option("--reference", reference)
        ),
        Intent::Order(_) => {
            format!("`{settle}` looks it up. Finding nothing proves nothing: ask EnKash about the reference.")
        }
        _ => format!(
            "No page documents a look-up for it, so `{settle}` cannot find it either: ask EnKash about the reference {reference}, \
             and write down what they say with `{enkash} history resolve --done --reason WORDS {}`, or with --not-done.",
            last_argument(reference)
        ),
    }
}
