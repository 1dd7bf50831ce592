//! A real PostgreSQL for tests: it is started in a folder of its own, crashed, and started again. The tests of crates that
//! keep something in PostgreSQL call it. No server outlives the test process, however that ends.
//!
//! A test begins with `let Some(server) = PostgresServer::shared() else { return };`, or with `PostgresServer::start()` if it
//! stops the server. Where PostgreSQL is not installed both say so in one line and return `None`; with `CI=true` they panic.

mod account;
mod database;
mod process;
mod programs;

use std::{
    hash::{BuildHasher, RandomState},
    path::Path,
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use tempfile::TempDir;

pub use database::Database;

use account::Account;
use process::ServerProcess;
use programs::Programs;

/// How many ports are tried before a test gives up.
const MAX_PORTS: u16 = 20;
/// What PostgreSQL says of a port that is not free.
const PORT_TAKEN: &str = "could not create any TCP/IP sockets";

/// A server with its data. When it is dropped, it stops, and its folder is removed.
///
/// It keeps PostgreSQL's defaults, `fsync` among them. It listens on 127.0.0.1 and on a Unix socket in its folder, and lets
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
        for port in ports {
            server.port = port;
            match server.launch() {
                Ok(process) => {
                    server.process = Some(process);
                    return server;
                }
                Err(log) if log.contains(PORT_TAKEN) => {}
                Err(log) => panic!("PostgreSQL does not start:\n{log}"),
            }
        }
        panic!("PostgreSQL found no free port on 127.0.0.1");
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
        let server = [
            self.programs.path("postgres").into_os_string(),
            "-D".into(),
            folder.join("data").into(),
        ];
        let settings = [
            format!("port={}", self.port),
            "listen_addresses=127.0.0.1".to_owned(),
            format!("unix_socket_directories={}", folder.display()),
        ];
        let settings = settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]);
        let command = self.command(Path::new("/bin/sh"));
        ServerProcess::launch(command, folder, server.into_iter().chain(settings.map(Into::into)))
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = programs::command(program);
        command.current_dir(self.folder.path());
        if let Some(account) = &self.account {
            account.apply(&mut command);
        }
        command
    }

    fn open(&self, name: &str) -> Database {
        Database::new(self.programs.path("psql"), self.folder.path(), self.port, name)
    }
}

/// Ports that the system gives to no connection on its own: a stopped server finds its port free when it starts again.
fn random_ports() -> impl Iterator<Item = u16> {
    let random = RandomState::new();
    (0..MAX_PORTS).map(move |n| 20_000 + (random.hash_one(n) % 10_000) as u16)
}

#[cfg(test)]
mod tests;
