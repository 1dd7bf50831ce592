//! The one error of the crate. It says whether a call may be sent (never, when the ledger fails), and what a person does next.

use std::{fmt, sync::Arc};

use crate::{
    amount::InexactAmount,
    call::CallRow,
    ids::{RowId, RunId},
    run::RunState,
};

/// Why the ledger did not do what was asked.
///
/// No call may be sent after it: an intent that is not committed does not count.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub struct LedgerError(Arc<Kind>);

#[derive(Debug, thiserror::Error)]
enum Kind {
    #[error("{0}")]
    Conflict(Conflict),
    #[error("{0}")]
    Invalid(String),
    #[error(
        "the ledger {place} was written by a newer version (schema {found}, this one knows {known}): update enkash"
    )]
    Newer { place: String, found: i64, known: i64 },
    #[error("the ledger {place} cannot be used: {reason}")]
    Unavailable { place: String, reason: String },
}

/// What in the ledger speaks against a call.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Conflict {
    /// The reference stands there already.
    ReferenceUsed(Box<CallRow>),
    /// A call for the same recipient and amount has no known outcome.
    Doubt(Box<CallRow>),
    /// A run is still to send a call for the same recipient and amount.
    Waiting(Box<CallRow>),
    /// The same file was imported before.
    RunExists(RunId, RunState),
    /// Other people have to approve the run before its rows may be sent.
    Unapproved {
        /// The run.
        run: RunId,
        /// How many approvals are missing.
        missing: u64,
    },
    /// Rows of a run would pay people the same amount again.
    PaymentsRepeated {
        /// How many.
        rows: u64,
        /// How many of these repeat an earlier payment that may or may not have happened.
        in_doubt: u64,
        /// How many of these repeat one that an earlier run is still to send.
        waiting: u64,
    },
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReferenceUsed(row) => {
                write!(f, "the reference {} was used before: {}", row.reference, row.describe())
            }
            Self::Doubt(row) => write!(
                f,
                "a call for the same recipient and amount may or may not have happened: reference {}, {}",
                row.reference,
                row.describe()
            ),
            Self::Waiting(row) => write!(
                f,
                "a call for the same recipient and amount waits to be sent: reference {}, {}",
                row.reference,
                row.describe()
            ),
            Self::RunExists(run, state) => write!(f, "this file is run {run}, which is {}", state.as_str()),
            Self::Unapproved { run, missing } => {
                let people = if *missing == 1 { "person" } else { "people" };
                write!(
                    f,
                    "run {run} waits for the approval of {missing} other {people}: nothing was sent"
                )
            }
            Self::PaymentsRepeated {
                rows,
                in_doubt,
                waiting,
            } => {
                let s = if *rows == 1 { "" } else { "s" };
                write!(
                    f,
                    "{rows} row{s} would pay the same person the same amount again: in {in_doubt} the earlier payment may or may not \
                     have happened, in {waiting} it waits to be sent"
                )
            }
        }
    }
}

impl Conflict {
    /// That of a row for the same recipient and amount which is in doubt or waits.
    pub(crate) fn of_open(row: CallRow) -> Self {
        match row.is_waiting() {
            true => Self::Waiting(Box::new(row)),
            false => Self::Doubt(Box::new(row)),
        }
    }
}

impl LedgerError {
    pub(crate) fn conflict(conflict: Conflict) -> Self {
        Self(Arc::new(Kind::Conflict(conflict)))
    }

    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self(Arc::new(Kind::Invalid(text.into())))
    }

    pub(crate) fn no_row(row: RowId) -> Self {
        Self::invalid(format!("there is no row {row}"))
    }

    pub(crate) fn newer(place: impl Into<String>, found: i64, known: i64) -> Self {
        Self(Arc::new(Kind::Newer {
            place: place.into(),
            found,
            known,
        }))
    }

    pub(crate) fn unavailable(place: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self(Arc::new(Kind::Unavailable {
            place: place.into(),
            reason: reason.to_string(),
        }))
    }

    /// What in the ledger speaks against the call, where that is the reason.
    #[must_use]
    pub fn as_conflict(&self) -> Option<&Conflict> {
        match &*self.0 {
            Kind::Conflict(conflict) => Some(conflict),
            _ => None,
        }
    }

    /// Whether what was asked for cannot be held or is not there.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        matches!(&*self.0, Kind::Invalid(_))
    }

    /// Whether a newer version wrote the ledger.
    #[must_use]
    pub fn is_newer_version(&self) -> bool {
        matches!(&*self.0, Kind::Newer { .. })
    }

    /// Whether the database could not be used: full, locked, read-only, away.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(&*self.0, Kind::Unavailable { .. })
    }
}

impl From<InexactAmount> for LedgerError {
    fn from(error: InexactAmount) -> Self {
        Self::invalid(error.to_string())
    }
}
