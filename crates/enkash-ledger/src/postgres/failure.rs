//! Why work in the database failed: by the database, or because the ledger says no. Every query here returns it, and the store
//! makes the ledger's error of it.

use enkash_postgres::tokio_postgres::{self, error::SqlState};

use crate::error::LedgerError;

pub(super) enum Failure {
    Database(enkash_postgres::Error),
    Ledger(LedgerError),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<enkash_postgres::Error> for Failure {
    fn from(error: enkash_postgres::Error) -> Self {
        Self::Database(error)
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl Failure {
    pub(super) fn is(&self, state: &SqlState) -> bool {
        matches!(self, Self::Database(error) if error.is(state))
    }

    pub(super) fn at(self, place: &str) -> LedgerError {
        match self {
            Self::Ledger(error) => error,
            Self::Database(error) => LedgerError::unavailable(place, error),
        }
    }
}
