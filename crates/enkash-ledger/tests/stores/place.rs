//! Where a ledger is in a test: opened once, or several times as by several processes.

use enkash_ledger::Ledger;
#[cfg(feature = "postgres")]
use enkash_test_servers::postgres::{Database, PostgresServer};
use tempfile::TempDir;

/// A file or a database that nobody else uses.
pub(crate) enum Place {
    File(TempDir),
    #[cfg(feature = "postgres")]
    Database(Database),
}

impl Place {
    pub(crate) fn file() -> Self {
        Self::File(tempfile::tempdir().expect("a folder can be made"))
    }

    /// `None` where PostgreSQL is not installed.
    #[cfg(feature = "postgres")]
    pub(crate) fn database() -> Option<Self> {
        Some(Self::Database(PostgresServer::shared()?.database()))
    }

    /// Opens the ledger, as one more process would.
    pub(crate) async fn open(&self) -> Ledger {
        self.try_open().await.expect("the ledger can be opened")
    }

    pub(crate) async fn try_open(&self) -> Result<Ledger, enkash_ledger::LedgerError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::File(folder) => Ledger::open(folder.path().join("ledger.db")),
            #[cfg(not(feature = "sqlite"))]
            Self::File(_) => unreachable!("no test asks for a file"),
            #[cfg(feature = "postgres")]
            Self::Database(database) => Ledger::connect(&database.url()).await,
        }
    }

    /// Marks the ledger as written by a version that nobody knows yet.
    pub(crate) fn pretend_newer_version(&self) {
        self.change(
            "PRAGMA user_version = 99",
            "UPDATE enkash.ledger_version SET version = 99",
        );
    }

    /// Makes every row so many days older, with all that happened to it.
    pub(crate) fn let_days_pass(&self, days: u32) {
        for column in ["created_at", "intended_at", "concluded_at", "came_out_done_at"] {
            self.make_older(column, days);
        }
    }

    /// Lets every row have come into the ledger so many days earlier; what happened to it since stays.
    pub(crate) fn import_earlier(&self, days: u32) {
        self.make_older("created_at", days);
    }

    fn make_older(&self, column: &str, days: u32) {
        self.change(
            &format!("UPDATE row SET {column} = {column} - {days} * 86400000000"),
            &format!("UPDATE enkash.row SET {column} = {column} - {days} * interval '1 day'"),
        );
    }

    /// Makes it a ledger of the version that knew of it by its events alone.
    pub(crate) fn forget_what_came_out(&self) {
        self.change(
            "DROP INDEX row_came_out_done; ALTER TABLE row DROP COLUMN came_out_done_at;
             ALTER TABLE run DROP COLUMN balance_after_at; PRAGMA user_version = 1",
            "ALTER TABLE enkash.row DROP COLUMN came_out_done_at; ALTER TABLE enkash.run DROP COLUMN balance_after_at;
             UPDATE enkash.ledger_version SET version = 1",
        );
    }

    #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "there is no database"))]
    fn change(&self, in_file: &str, in_database: &str) {
        match self {
            Self::File(folder) => {
                let connection = rusqlite::Connection::open(folder.path().join("ledger.db")).expect("it can be opened");
                connection.execute_batch(in_file).expect("it can be written");
            }
            #[cfg(feature = "postgres")]
            Self::Database(database) => {
                database.query(in_database);
            }
        }
    }
}
