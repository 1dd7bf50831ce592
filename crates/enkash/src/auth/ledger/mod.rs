//! Where the count of strikes is kept. In memory it ends with the process; a program that restarts in a
//! loop with a wrong password would then lock the account at its third start. A file keeps it.

pub(crate) mod file;
pub(crate) mod memory;

use std::{fmt, future::Future, pin::Pin};

use crate::auth::{
    identity::LoginIdentity,
    private_file::PrivateFileError,
    strikes::{LedgerReply, LedgerUpdate},
};

/// What [`StrikeLedger::change`] returns.
pub type LedgerFuture<'a> = Pin<Box<dyn Future<Output = Result<LedgerReply, LedgerError>> + Send + 'a>>;

/// Keeps the strikes of accounts, and lets one login of an account be in flight at a time. All processes that log in to one
/// account should share one ledger.
///
/// A ledger stores records and knows no rules: [`LedgerUpdate::apply`] does what is to be done. If it fails, no login is
/// sent, because none could be counted.
///
/// A ledger that several machines share gives its own clock, such as that of its database: with clocks that differ, one
/// machine would take another's login in flight for lost.
///
/// ```
/// use std::{collections::HashMap, sync::Mutex};
///
/// use enkash::{
///     Timestamp,
///     token::{Fingerprint, LedgerError, LedgerFuture, LedgerUpdate, LoginIdentity, StrikeLedger, StrikeRecord},
/// };
///
/// /// Stands for a table with one row for each account.
/// #[derive(Debug, Default)]
/// struct Table(Mutex<HashMap<Fingerprint, StrikeRecord>>);
///
/// /// A secret of yours, the same for all who share the table and for as long as its rows live.
/// const KEY: &[u8] = b"from your secret store";
///
/// impl StrikeLedger for Table {
///     fn change<'a>(&'a self, identity: &'a LoginIdentity, step: LedgerUpdate) -> LedgerFuture<'a> {
///         Box::pin(async move {
///             // Begin a transaction, `SELECT record, now() … FOR UPDATE`,
///             let mut rows = self.0.lock().map_err(|_| LedgerError::new("poisoned"))?;
///             let record = rows.entry(identity.account(KEY)).or_default();
///             let their_clock = Timestamp::now();
///             // apply the step, `UPDATE`, and commit.
///             Ok(step.at(their_clock).apply(record, &identity.credentials(KEY)))
///         })
///     }
/// }
/// ```
pub trait StrikeLedger: fmt::Debug + Send + Sync + 'static {
    /// Loads the record of `identity`'s account, applies the step to it, and stores it, as one change that nobody else
    /// comes between. Use a key of your own for the two fingerprints, and keep it as long as the records.
    ///
    /// It is asked again and again while another login is in flight, so it should take milliseconds.
    fn change<'a>(&'a self, identity: &'a LoginIdentity, step: LedgerUpdate) -> LedgerFuture<'a>;
}

/// A ledger could not be read or written.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the strike ledger cannot be used: {reason}")]
pub struct LedgerError {
    reason: String,
}

impl LedgerError {
    /// Says why.
    #[must_use]
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

impl From<PrivateFileError> for LedgerError {
    fn from(error: PrivateFileError) -> Self {
        Self::new(error.to_string())
    }
}
