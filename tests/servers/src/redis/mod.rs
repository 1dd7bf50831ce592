//! A real Redis, for the tests of crates that keep something in it. A test uses the server that all share, with keys of its own, or
//! starts a server that it crashes. The server wants a password, which stands in its address.

mod dump;
mod program;
mod session;

use std::{
    fmt, fs,
    hash::{BuildHasher, RandomState},
    io::{self, Write},
    path::Path,
    sync::OnceLock,
};

use tempfile::TempDir;

use crate::{
    address::percent_encoded,
    port::{random_ports, start_on_first_free},
    process::{Server, ServerProcess},
    programs::command,
};
use program::Program;
use session::{Reply, Session};

/// Redis ends by SIGTERM in order and does not know SIGQUIT, which a shell's background processes ignore.
const SERVER: Server = Server {
    ready: "Ready to accept connections",
    signals: "KILL",
    pid_file: "data/redis.pid",
};
/// What Redis says of a port that is not free.
const PORT_TAKEN: &str = "Failed listening on port";
/// The program's name in the server's folder.
const PROGRAM: &str = "redis-server";
const SETTINGS: &str = "redis.conf";

/// What of a server's data is there when it starts again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// All that it has acknowledged: `appendonly yes` and `appendfsync always`.
    EveryWrite,
    /// Nothing, as of a server that is a cache: `appendonly no` and `save ""`.
    Nothing,
}

/// A server with its data. When it is dropped, it stops, and its folder is removed.
///
/// It listens on 127.0.0.1 and on a Unix socket in its folder, and wants a password that is made for it. All else is Redis's
/// default. Where the tests run as root, so does it.
pub struct RedisServer {
    /// `None` while it is stopped. Dropped before the folder.
    process: Option<ServerProcess>,
    folder: TempDir,
    port: u16,
    password: String,
    persistence: Persistence,
}

impl RedisServer {
    /// Starts a server that is the caller's own, with `&mut self` to stop it, and keeps every write. `None` where Redis is not
    /// installed.
    ///
    /// # Panics
    ///
    /// Redis is installed and does not start, or it is not installed and `CI=true` is set.
    #[must_use]
    pub fn start() -> Option<Self> {
        Self::start_with(Persistence::EveryWrite)
    }

    /// As [`RedisServer::start`], with a choice of what outlives a crash.
    ///
    /// # Panics
    ///
    /// As [`RedisServer::start`].
    #[must_use]
    pub fn start_with(persistence: Persistence) -> Option<Self> {
        Some(Self::start_program(
            &Program::find_or_skip()?,
            persistence,
            random_ports(),
        ))
    }

    /// The one server that all tests of this process share; the first caller starts it. It keeps every write, and ends with the
    /// process. Each test has keys of its own there, as by a random name.
    ///
    /// # Panics
    ///
    /// As [`RedisServer::start`].
    #[must_use]
    pub fn shared() -> Option<&'static Self> {
        static SERVER: OnceLock<RedisServer> = OnceLock::new();
        let program = Program::find_or_skip()?;
        Some(SERVER.get_or_init(|| Self::start_program(&program, Persistence::EveryWrite, random_ports())))
    }

    /// The address by TCP, `redis://:…@127.0.0.1:…`, with the password. It stays the same when the server is started again.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://:{}@127.0.0.1:{}", self.password, self.port)
    }

    /// The address by the Unix socket, `redis+unix:///…/redis.sock?pass=…`, as the crate `redis` takes it.
    #[must_use]
    pub fn socket_url(&self) -> String {
        let socket = self.folder.path().join("data/redis.sock");
        let path = percent_encoded(&socket).replace("%2F", "/");
        format!("redis+unix://{path}?pass={}", self.password)
    }

    /// The password alone, so that a test can look for it.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Runs a command by a connection of its own, so that a test can prepare and look with other means than the code under test.
    /// Returns the reply as text: a list one item a line, and nothing for a value that is not there.
    ///
    /// # Panics
    ///
    /// The server refuses the command or cannot be reached.
    pub fn query(&self, command: &[&str]) -> String {
        let command: Vec<_> = command.iter().map(|word| word.as_bytes()).collect();
        let mut text = Vec::new();
        self.session().call(&command).write_to(&mut text);
        String::from_utf8_lossy(&text).trim_end().to_owned()
    }

    /// All that the server holds: its files, which are the log of all writes since it started where it
    /// [keeps every write](Persistence::EveryWrite); what `SAVE` makes of its data, uncompressed; and each key with its value as
    /// text, because `SAVE` turns some numbers into fewer bytes. A test looks there for what must not be stored. It leaves no trace:
    /// a server that keeps nothing still keeps nothing.
    ///
    /// # Panics
    ///
    /// The server is stopped, or holds a value of a type that is not Redis's own, or more than 256 MiB.
    #[must_use]
    pub fn dump(&self) -> Vec<u8> {
        dump::dump(&mut self.session(), &self.folder.path().join("data"))
    }

    /// The number of the server's process.
    ///
    /// # Panics
    ///
    /// The server is stopped.
    #[must_use]
    pub fn pid(&self) -> u32 {
        let process = self.process.as_ref().expect("the server runs");
        process.pid()
    }

    /// Stops the server as a crash does, with SIGKILL: connections break off, and nothing is written any more.
    /// Returns when its process is gone.
    pub fn stop_hard(&mut self) {
        if let Some(process) = self.process.take() {
            process.crash();
        }
    }

    /// Starts the server after [`RedisServer::stop_hard`], on the same port, with the same password and what it has kept.
    /// Returns when it has read that and accepts connections.
    ///
    /// # Panics
    ///
    /// The server runs already, or does not start.
    pub fn start_again(&mut self) {
        assert!(self.process.is_none(), "the server runs already");
        let started = self.launch();
        self.process = Some(started.unwrap_or_else(|log| panic!("Redis does not start again:\n{log}")));
    }

    /// Starts on the first of these ports that is free.
    fn start_program(program: &Program, persistence: Persistence, ports: impl IntoIterator<Item = u16>) -> Self {
        let folder = tempfile::Builder::new().prefix("enkash-redis-").tempdir();
        let folder = folder.expect("a temporary folder can be made");
        let mut server = Self {
            process: None,
            folder,
            port: 0,
            password: random_password(),
            persistence,
        };
        let folder = server.folder.path();
        let linked = program.link(&folder.join(PROGRAM));
        linked
            .and_then(|()| fs::create_dir(folder.join("data")))
            .expect("the server's folder can be filled");
        let started = start_on_first_free(ports, PORT_TAKEN, |port| {
            server.port = port;
            server.launch()
        });
        server.process = Some(started.unwrap_or_else(|log| panic!("Redis does not start:\n{log}")));
        server
    }

    /// The running server, or what it wrote before it gave up.
    fn launch(&self) -> Result<ServerProcess, String> {
        let folder = self.folder.path();
        let settings = folder.join(SETTINGS);
        self.write_settings(&settings)
            .map_err(|error| format!("{SETTINGS}: {error}"))?;
        let mut shell = command(Path::new("/bin/sh"));
        shell.current_dir(folder);
        let program = [folder.join(PROGRAM).into_os_string(), settings.into_os_string()];
        ServerProcess::launch(&SERVER, shell, folder, program)
    }

    /// The folder is the caller's alone, so nobody else reads the password. Paths begin in the data folder, so that none has to be
    /// quoted.
    fn write_settings(&self, path: &Path) -> io::Result<()> {
        let append_only = match self.persistence {
            Persistence::EveryWrite => "yes",
            Persistence::Nothing => "no",
        };
        let mut file = fs::File::create(path)?;
        writeln!(file, "dir data")?;
        writeln!(file, "pidfile redis.pid")?;
        writeln!(file, "bind 127.0.0.1")?;
        writeln!(file, "port {}", self.port)?;
        writeln!(file, "unixsocket redis.sock")?;
        writeln!(file, "unixsocketperm 700")?;
        writeln!(file, "requirepass {}", self.password)?;
        writeln!(file, "save \"\"")?;
        writeln!(file, "appendonly {append_only}")?;
        writeln!(file, "appendfsync always")?;
        // What was written stays.
        writeln!(file, "auto-aof-rewrite-percentage 0")?;
        writeln!(file, "rdbcompression no")
    }

    fn session(&self) -> Session {
        Session::open(self.port, &self.password).unwrap_or_else(|error| panic!("Redis cannot be reached: {error}"))
    }
}

impl fmt::Debug for RedisServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RedisServer");
        shown.field("process", &self.process).field("folder", &self.folder);
        shown.field("port", &self.port).field("persistence", &self.persistence);
        shown.finish_non_exhaustive()
    }
}

/// It keeps others on this machine out.
fn random_password() -> String {
    let random = RandomState::new();
    format!("{:016x}{:016x}", random.hash_one(0), random.hash_one(1))
}

#[cfg(all(test, unix))]
mod tests;
