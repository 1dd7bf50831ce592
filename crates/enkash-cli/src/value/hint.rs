//! What to do after a call that moves value, as one command that can be typed: [`ValueCall`](super::ValueCall) and bulk requests show
//! it on a terminal. It holds references and ids of the user's own, and nothing about a person.

use enkash::Ticket;

use super::call_report::OutcomeKind;
use crate::command_line::{called_as, last_argument, option};

/// The command that goes on from here, such as `enkash --profile hrms settle`. `operation` is the command that made the call.
pub(super) fn next_command(
    kind: OutcomeKind,
    (operation, flags): (&str, &str),
    ticket: &Ticket,
    is_live: bool,
) -> String {
    let command = called_as();
    let reference = option("--reference", ticket.reference.as_str());
    if !is_live {
        return "the sandbox ended with the command: enkash sandbox, in another terminal, stays and shows what moved"
            .to_owned();
    }
    match (kind, operation) {
        (OutcomeKind::Done, "order create" | "order undocumented") => {
            let reference = last_argument(ticket.reference.as_str());
            format!("to see it: {command} order show{flags} {reference}")
        }
        (OutcomeKind::Done, "incentives allocate" | "incentives unallocate") => {
            format!("to see it: {command} incentives transactions {reference}")
        }
        (OutcomeKind::Done, "points allocate") => format!("to see the call: {command} history {reference}"),
        (OutcomeKind::Done, _) => format!("to see it: {command} transactions {reference}"),
        // Nothing looks these up.
        (OutcomeKind::Pending | OutcomeKind::Unknown, "points allocate" | "order undocumented") => {
            format!("ask EnKash, then write down what they say: {command} history resolve --help")
        }
        (OutcomeKind::Pending | OutcomeKind::Unknown, _) => {
            format!("to find out, and send nothing: {command} settle{flags}")
        }
        (OutcomeKind::Refused, _) => {
            format!("correct it and send it with a new reference; this one: {command} history {reference}")
        }
        (OutcomeKind::NotSent, _) => {
            format!("when its reason is mended, this may send it: {command} {operation} {reference} …")
        }
    }
}
