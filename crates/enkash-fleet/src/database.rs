//! What a database is to this crate: a few named values, a clock, and a change that nobody comes between. Each kind of database has
//! a file of its own; what the values mean is known in `entry.rs` alone.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::error::Error;

/// The name of a value: its kind, and a fingerprint.
pub(crate) type Name = String;

/// The values of some names at one moment, in the order of the names.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) values: Vec<Option<Vec<u8>>>,
    /// By the database's clock.
    pub(crate) now: Timestamp,
}

/// A value that is to be kept.
#[derive(Debug)]
pub(crate) struct Write {
    /// Which of the names.
    pub(crate) index: usize,
    pub(crate) value: Vec<u8>,
    /// When the database may forget it. Never unless set.
    pub(crate) expires_at: Option<Timestamp>,
}

/// Decides on a change. It may be asked more than once, because somebody else was faster.
pub(crate) type Decide<'a> = dyn FnMut(&Snapshot) -> Result<Vec<Write>, Error> + Send + 'a;

/// A database that many machines share. Every wait ends.
#[async_trait]
pub(crate) trait Database: fmt::Debug + Send + Sync {
    /// Host and database, for messages.
    fn place(&self) -> &str;

    async fn read(&self, names: &[Name]) -> Result<Snapshot, Error>;

    /// Reads the names and writes what is decided: as one change that nobody comes between, and that is kept when this returns. Where it
    /// fails, the change was made or not.
    async fn change(&self, names: &[Name], decide: &mut Decide<'_>) -> Result<(), Error>;

    /// Refuses a database that can be read and not written. Makes nothing.
    async fn check_rights(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Why the database may forget what it was told, as far as it says so. Makes nothing.
    async fn weakness(&self) -> Result<Option<String>, Error>;
}
