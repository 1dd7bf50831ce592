//! What a settlement says: how a call was found, or why it could not be.

use std::{fmt, sync::Arc};

use enkash_api::{OperationId, UndocumentedJson};
use serde::Serialize;
use serde_json::Value;

use crate::{
    error::Error,
    model::{
        ids::{CardTransactionId, EnKashCardId, OrderId},
        serialize::text,
        ticket::Ticket,
    },
    response::Response,
};

/// A call that was found to have happened. Serialised, it holds what the ticket holds of a person.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Settled {
    /// What was looked for.
    pub ticket: Ticket,
    /// How it was found.
    pub proof: Proof,
}

/// How a settlement knows. `Display` says it in one line, without a person's data; `Serialize` leaves the
/// [`entry`](Self::entry) out.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Proof {
    /// The look-up that found it.
    #[serde(serialize_with = "text")]
    pub operation: OperationId,
    /// The facts that are the ticket's.
    pub matched: Vec<&'static str>,
    /// Whether the recipe is verified; those of this project are not, so they conclude only from a full match.
    pub is_verified: bool,
    /// How many entries match. **More than one: the value moved more than once.**
    pub entries: usize,
    /// How often was looked.
    pub lookups: u32,
    /// The card that the value moved on.
    pub card: Option<EnKashCardId>,
    /// The movement on the card.
    pub transaction: Option<CardTransactionId>,
    /// The order.
    pub order: Option<OrderId>,
    #[serde(skip)]
    entry: UndocumentedJson,
    #[serde(skip)]
    response: Arc<Response<()>>,
}

impl Proof {
    pub(crate) fn new(
        operation: OperationId,
        matched: Vec<&'static str>,
        is_verified: bool,
        entry: Value,
        response: Arc<Response<()>>,
    ) -> Self {
        Self {
            operation,
            matched,
            is_verified,
            entries: 1,
            lookups: 1,
            card: None,
            transaction: None,
            order: None,
            entry: entry.into(),
            response,
        }
    }

    /// The response of the look-up that showed the entry, for its status, its headers and its attempts. Its body is left out: see
    /// [`entry`](Self::entry).
    #[must_use]
    pub fn response(&self) -> &Response<()> {
        &self.response
    }

    /// The entry that was found, as it came. It may hold a person's data or voucher codes.
    #[must_use]
    pub fn entry(&self) -> &Value {
        self.entry.as_value()
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found by {}", self.operation.operation().name)?;
        if self.lookups > 1 {
            write!(f, " at look {}", self.lookups)?;
        }
        write!(f, ": {} match", self.matched.join(", "))?;
        if self.entries > 1 {
            write!(f, "; {} entries match, so the value moved more than once", self.entries)?;
        }
        let evidence = if self.is_verified { "verified" } else { "unverified" };
        write!(f, " (recipe: {evidence})")
    }
}

/// Why a settlement proves nothing.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct NotSettled {
    /// What stood in the way.
    pub reason: NotSettledReason,
    /// How often was looked.
    pub lookups: u32,
}

/// What stood in the way of a proof.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NotSettledReason {
    /// No page documents a look-up by the reference of this operation.
    NoRecipe,
    /// Not even the first look ended in the time.
    OutOfTime,
    /// It was not found in the time. That is no proof that it did not happen.
    NotFound,
    /// The reference was found with other facts than the ticket's, or without them.
    FactsMismatch(Vec<&'static str>),
    /// The reference was found with the ticket's facts, and with fields whose content no page explains: they may say that it
    /// failed or was taken back.
    UnknownFields(Vec<String>),
    /// The API says that there are more entries or cards than it shows, or that there may be, and reading on did not bring
    /// them. What is hidden may be the entry, or one that takes it back.
    Incomplete {
        /// How many were shown.
        shown: usize,
        /// How many there are, where the response says it.
        of: Option<u64>,
        /// The field of the response that no page shows and that may mean more of them, if it was one.
        field: Option<String>,
    },
    /// A look-up failed.
    LookUpFailed(#[serde(serialize_with = "text")] Error),
}

impl NotSettled {
    /// What to do next, for a person. Never: repeat the call with a new reference.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match &self.reason {
            NotSettledReason::NoRecipe => {
                "ask EnKash with the reference: no page documents a look-up, and comparing balances proves nothing while \
                 others use the account"
            }
            NotSettledReason::NotFound => {
                "keep the ticket and settle it again later; if it stays unfound, ask EnKash with the reference"
            }
            NotSettledReason::FactsMismatch(_) => {
                "compare the entry with the ticket by hand: the reference was found, but not all facts are the ticket's; a \
                 clock that is ahead makes the time differ"
            }
            NotSettledReason::UnknownFields(_) => {
                "look at the entry by hand, or ask EnKash what these fields mean; those that say nothing can be named in a \
                 policy overlay, as settlement.entry.other-fields, and good texts of a description as \
                 settlement.entry.descriptions"
            }
            NotSettledReason::Incomplete { field: Some(_), .. } => {
                "ask EnKash what the field means; one that says nothing can be named in a policy overlay, as \
                 settlement.entry.other-fields"
            }
            NotSettledReason::Incomplete { .. } => {
                "keep the ticket and settle it again later; if the list stays incomplete, ask EnKash with the reference"
            }
            NotSettledReason::OutOfTime => "keep the ticket and settle it again, with more time",
            NotSettledReason::LookUpFailed(_) => "keep the ticket and settle it again when the API answers",
        }
    }
}

impl fmt::Display for NotSettled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lookups = self.lookups;
        match &self.reason {
            NotSettledReason::NoRecipe => f.write_str("no page documents a way to look it up"),
            NotSettledReason::OutOfTime => f.write_str("no look ended in the time"),
            NotSettledReason::NotFound => write!(f, "not found in {lookups} looks, which proves nothing"),
            NotSettledReason::FactsMismatch(facts) => {
                write!(
                    f,
                    "its reference was found, but not with the ticket's {}",
                    facts.join(", ")
                )
            }
            NotSettledReason::UnknownFields(fields) => {
                write!(
                    f,
                    "its entry was found with fields whose content no page explains: {}",
                    named(fields)
                )
            }
            NotSettledReason::Incomplete { field: Some(field), .. } => {
                let field = named(std::slice::from_ref(field));
                write!(
                    f,
                    "a list has a field that no page shows and that may mean further records: {field}"
                )
            }
            NotSettledReason::Incomplete {
                shown, of: Some(of), ..
            } => {
                write!(
                    f,
                    "the API shows {shown} of {of} records, and reading on did not bring the rest"
                )
            }
            NotSettledReason::Incomplete { shown, of: None, .. } => {
                write!(f, "the API shows {shown} records, and its count of them cannot be read")
            }
            NotSettledReason::LookUpFailed(error) => write!(f, "the look-up failed: {error}"),
        }
    }
}

/// Some names of fields, which are the API's words.
fn named(fields: &[String]) -> String {
    const MAX_COUNT: usize = 5;
    const MAX_LENGTH: usize = 40;
    let clean = |name: &String| {
        name.chars()
            .filter(char::is_ascii_graphic)
            .take(MAX_LENGTH)
            .collect::<String>()
    };
    let mut names: Vec<_> = fields.iter().take(MAX_COUNT).map(clean).collect();
    if fields.len() > MAX_COUNT {
        names.push(format!("and {} more", fields.len() - MAX_COUNT));
    }
    names.join(", ")
}
