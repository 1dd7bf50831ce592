//! A real PostgreSQL, for the tests of crates that keep something in it. A test opens a database of its own on the server that all
//! share, or starts a server that it crashes.

mod account;
mod database;
mod programs;

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use tempfile::TempDir;

pub use database::Database;

use crate::{
    files::{StoredFile, stored_files},
    port::{random_ports, start_on_first_free},
    process::{Server, ServerProcess},
    programs::command,
};
use account::Account;
use programs::Programs;

/// SIGTERM is for a server that is so young that it still ignores SIGQUIT, as a shell's background processes do, and SIGCONT
/// for one that a test has frozen.
const SERVER: Server = Server {
    ready: "database system is ready to accept connections",
    signals: "QUIT TERM CONT",
    pid_file: "data/postmaster.pid",
};
/// What PostgreSQL says of a port that is not free.
const PORT_TAKEN: &str = "could not create any TCP/IP sockets";

/// A server with its data. When it is dropped, it stops, and its folder is removed.
///
/// It keeps PostgreSQL's defaults, `fsync` among them, but for the number of connections. It listens on 127.0.0.1 and on a Unix socket in its folder, and lets
/// everybody in who gets there: the user is `postgres`, without a password.
#[derive(Debug)]
pub struct PostgresServer {
    /// `None` while it is stopped. Dropped before the folder.
    process: Option<ServerProcess>,
    programs: Programs,
    folder: TempDir,
    account: Option<Account>,
    port: u16,
    databases: AtomicU32,
}

impl PostgresServer {
    /// Starts a server that is the caller's own, with `&mut self` to stop it. `None` where PostgreSQL is not installed.
    ///
    /// # Panics
    ///
    /// PostgreSQL is installed and does not start, or it is not installed and `CI=true` is set.
    #[must_use]
    pub fn start() -> Option<Self> {
        Some(Self::start_with(Programs::find_or_skip()?, random_ports()))
    }

    /// The one server that all tests of this process share; the first caller starts it. It ends with the process.
    ///
    /// # Panics
    ///
    /// As [`PostgresServer::start`].
    #[must_use]
    pub fn shared() -> Option<&'static Self> {
        static SERVER: OnceLock<PostgresServer> = OnceLock::new();
        let programs = Programs::find_or_skip()?;
        Some(SERVER.get_or_init(|| Self::start_with(programs, random_ports())))
    }

    /// Makes a new, empty database.
    ///
    /// # Panics
    ///
    /// The server does not make one, as when it is stopped.
    #[must_use]
    pub fn database(&self) -> Database {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.open("postgres").query(&format!("create database {name}"));
        self.open(&name)
    }

    /// The number of the server's main process.
    ///
    /// # Panics
    ///
    /// The server is stopped.
    #[must_use]
    pub fn pid(&self) -> u32 {
        let process = self.process.as_ref().expect("the server runs");
        process.pid()
    }

    /// Stops the server as a crash does, with SIGQUIT: connections break off, and nothing is written any more.
    /// Returns when all its processes are gone.
    pub fn stop_hard(&mut self) {
        if let Some(process) = self.process.take() {
            process.crash();
        }
    }

    /// Starts the server after [`PostgresServer::stop_hard`], on the same port and data.
    /// Returns when it has recovered and accepts connections.
    ///
    /// # Panics
    ///
    /// The server runs already, or does not start.
    pub fn start_again(&mut self) {
        assert!(self.process.is_none(), "the server runs already");
        let started = self.launch();
        self.process = Some(started.unwrap_or_else(|log| panic!("PostgreSQL does not start again:\n{log}")));
    }

    /// All files of the data folder one after the other, `pg_wal` among them. Whatever was committed is in one of them at
    /// least, also of databases and rows that are gone. Values of 2 kB and more may be compressed.
    ///
    /// # Panics
    ///
    /// A file cannot be read, or the folder holds over a gigabyte.
    pub fn files(&self) -> impl Iterator<Item = StoredFile> + use<> {
        stored_files(&self.folder.path().join("data"))
    }

    /// Starts on the first of these ports that is free.
    fn start_with(programs: Programs, ports: impl IntoIterator<Item = u16>) -> Self {
        let folder = tempfile::Builder::new().prefix("enkash-postgres-").tempdir();
        let folder = folder.expect("a temporary folder can be made");
        let account = Account::take_over(folder.path()).unwrap_or_else(|error| panic!("{error}"));
        let mut server = Self {
            process: None,
            programs,
            folder,
            account,
            port: 0,
            databases: AtomicU32::new(0),
        };
        server.make_data_folder();
        let started = start_on_first_free(ports, PORT_TAKEN, |port| {
            server.port = port;
            server.launch()
        });
        server.process = Some(started.unwrap_or_else(|log| panic!("PostgreSQL does not start:\n{log}")));
        server
    }

    fn make_data_folder(&self) {
        let mut initdb = self.command(&self.programs.path("initdb"));
        // `--no-sync` is about a power cut while the folder is made, and nothing else.
        initdb.args(["--no-sync", "--no-locale", "--encoding=UTF8", "--auth=trust"]);
        initdb.args(["--username=postgres", "--pgdata=data"]);
        let folder = self.folder.path().display();
        let place = format!("in {folder} (set TMPDIR to a folder that the user of the server may enter)");
        let made = initdb.stdin(Stdio::null()).output();
        let made = made.unwrap_or_else(|error| panic!("initdb cannot be run {place}: {error}"));
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "initdb failed {place}:\n{said}");
    }

    /// The running server, or what it wrote before it gave up.
    fn launch(&self) -> Result<ServerProcess, String> {
        let folder = self.folder.path();
        let program = [
            self.programs.path("postgres").into_os_string(),
            "-D".into(),
            folder.join("data").into(),
        ];
        let settings = [
            format!("port={}", self.port),
            "listen_addresses=127.0.0.1".to_owned(),
            // Many tests share one server, and what a client gave up stays connected until the server notices.
            "max_connections=500".to_owned(),
            format!("unix_socket_directories={}", folder.display()),
        ];
        let settings = settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]);
        let shell = self.command(Path::new("/bin/sh"));
        let program = program.into_iter().chain(settings.map(Into::into));
        ServerProcess::launch(&SERVER, shell, folder, program)
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = command(program);
        command.current_dir(self.folder.path());
        if let Some(account) = &self.account {
            account.apply(&mut command);
        }
        command
    }

    fn open(&self, name: &str) -> Database {
        Database::new(&self.programs, self.folder.path(), self.port, name)
    }
}

#[cfg(test)]
mod tests;
