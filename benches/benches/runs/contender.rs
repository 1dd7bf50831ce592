//! Who is compared: each sends the same kind of rows to the same sandbox, so many at once.

use std::path::PathBuf;

use enkash_benches::Address;
use enkash_ledger::Ledger;
use enkash_test_servers::postgres::PostgresServer;
use tokio::runtime::Runtime;

use crate::{file::Rows, library::Library, process};

/// What all of them use.
pub(crate) struct Ground {
    pub(crate) runtime: Runtime,
    pub(crate) address: Address,
    /// On a disk.
    pub(crate) folder: PathBuf,
    pub(crate) postgres: Option<PostgresServer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Store {
    Sqlite,
    Postgres,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contender {
    /// The client in this process, without a ledger. The others are held against it.
    Library,
    LibraryWith(Store),
    /// The command as a process.
    Command(Store),
    /// A script of `benches/peers`, as a process.
    Script(&'static str),
}

pub(crate) const CONTENDERS: [Contender; 7] = [
    Contender::Library,
    Contender::LibraryWith(Store::Sqlite),
    Contender::LibraryWith(Store::Postgres),
    Contender::Command(Store::Sqlite),
    Contender::Command(Store::Postgres),
    Contender::Script("reqwest"),
    Contender::Script("httpx"),
];

impl Contender {
    pub(crate) fn name(self) -> String {
        match self {
            Self::Library => "enkash without a ledger".to_owned(),
            Self::LibraryWith(Store::Sqlite) => "enkash and a ledger in SQLite".to_owned(),
            Self::LibraryWith(Store::Postgres) => "enkash and a ledger in PostgreSQL".to_owned(),
            Self::Command(Store::Sqlite) => "the command, SQLite".to_owned(),
            Self::Command(Store::Postgres) => "the command, PostgreSQL".to_owned(),
            Self::Script(name) => format!("a script with {name}, no ledger"),
        }
    }

    pub(crate) fn is_possible(self, ground: &Ground) -> bool {
        match self {
            Self::LibraryWith(Store::Postgres) | Self::Command(Store::Postgres) => ground.postgres.is_some(),
            Self::Script(name) => process::script(name, &ground.address).is_some(),
            _ => true,
        }
    }

    /// Rows a second, with a ledger of its own that is new.
    pub(crate) fn rate(self, ground: &Ground, rows: &Rows, concurrency: usize) -> f64 {
        let state = tempfile::tempdir_in(&ground.folder).unwrap();
        let database = || ground.postgres.as_ref().unwrap().database().url();
        let address = &ground.address;
        match self {
            Self::Library => {
                let library = Library::new(address, None);
                ground.runtime.block_on(library.run(rows, concurrency))
            }
            Self::LibraryWith(store) => ground.runtime.block_on(async {
                let ledger = match store {
                    Store::Sqlite => Ledger::open(state.path().join("ledger.db")).unwrap(),
                    Store::Postgres => Ledger::connect(&database()).await.unwrap(),
                };
                Library::new(address, Some(ledger)).run(rows, concurrency).await
            }),
            Self::Command(store) => {
                let url = (store == Store::Postgres).then(database);
                let mut command = process::enkash(address, state.path(), url.as_deref());
                command.args(["allocate", "--yes", "--quiet", "--output", "json"]);
                command.args(["--concurrency", &concurrency.to_string(), "--file"]);
                process::run(command.arg(rows.write(&ground.folder)), rows).rate
            }
            Self::Script(name) => {
                let mut script = process::script(name, address).unwrap();
                script.arg(rows.write(&ground.folder)).arg(concurrency.to_string());
                process::run(&mut script, rows).rate
            }
        }
    }
}
