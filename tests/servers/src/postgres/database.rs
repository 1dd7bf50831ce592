//! A database of a server, as tests see it: its addresses, and what PostgreSQL's own client says of its content.

use std::{
    io::{self, Read},
    path::Path,
    process::{ChildStderr, ChildStdout, Stdio},
};

use super::programs::Programs;
use crate::{address::percent_encoded, programs::command};

/// How long a dump may be.
const MAX_DUMP: u64 = 256 << 20;

/// A database that nobody else uses. It borrows nothing, so that a test may hold it while it stops the server.
#[derive(Clone, Debug)]
pub struct Database {
    url: String,
    socket_url: String,
    programs: Programs,
}

impl Database {
    pub(super) fn new(programs: &Programs, socket_folder: &Path, port: u16, name: &str) -> Self {
        let host = percent_encoded(socket_folder);
        Self {
            url: format!("postgresql://postgres@127.0.0.1:{port}/{name}"),
            socket_url: format!("postgresql://postgres@{host}:{port}/{name}"),
            programs: programs.clone(),
        }
    }

    /// The address by TCP, `postgresql://postgres@127.0.0.1:…/…`. It stays the same when the server is started again.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The address by the Unix socket, with the folder as an encoded host, as libpq and tokio-postgres take it.
    #[must_use]
    pub fn socket_url(&self) -> String {
        self.socket_url.clone()
    }

    /// Runs SQL through `psql` and the socket, so that a test can prepare and look with other means than the code under test. Returns the
    /// rows, one a line, with `|` between columns.
    ///
    /// # Panics
    ///
    /// The server refuses the statement or cannot be reached.
    pub fn query(&self, sql: &str) -> String {
        let mut psql = command(&self.programs.path("psql"));
        psql.args(["--no-psqlrc", "--no-password", "--quiet", "--tuples-only", "--no-align"]);
        psql.args(["--set=ON_ERROR_STOP=1", "--dbname", &self.socket_url, "--command", sql]);
        let ran = psql.stdin(Stdio::null()).output().expect("psql can be run");
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "psql refused {sql:?}:\n{said}");
        String::from_utf8_lossy(&ran.stdout).trim_end().to_owned()
    }

    /// All that the database holds, as the SQL that `pg_dump` makes of it, so that a test can look for what must not be there. In a
    /// text a quote is doubled, and all else is as it was given; bytes are hex digits. What was deleted is in
    /// [`PostgresServer::files`](super::PostgresServer::files) only.
    ///
    /// # Panics
    ///
    /// The server cannot be reached, or the dump is longer than 256 MiB.
    #[must_use]
    pub fn dump(&self) -> Vec<u8> {
        let mut pg_dump = command(&self.programs.path("pg_dump"));
        pg_dump.args(["--no-password", "--inserts", "--dbname", &self.socket_url]);
        pg_dump
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut running = pg_dump.spawn().expect("pg_dump can be run");
        let (output, errors) = (running.stdout.take(), running.stderr.take());
        let read = read_to_end(output, errors);
        let ended = running.wait().expect("pg_dump ends");
        let (dump, said) = read.expect("what pg_dump writes can be read");
        assert!(dump.len() as u64 <= MAX_DUMP, "a dump of more than {MAX_DUMP} bytes");
        assert!(ended.success(), "pg_dump refused: {said}");
        dump
    }
}

/// The dump, and what is said about it. Both are closed afterwards, which ends a program that writes more.
fn read_to_end(output: Option<ChildStdout>, errors: Option<ChildStderr>) -> io::Result<(Vec<u8>, String)> {
    let (mut dump, mut said) = (Vec::new(), Vec::new());
    if let Some(output) = output {
        output.take(MAX_DUMP + 1).read_to_end(&mut dump)?;
    }
    if let Some(errors) = errors {
        errors.take(1 << 16).read_to_end(&mut said)?;
    }
    Ok((dump, String::from_utf8_lossy(&said).into_owned()))
}
