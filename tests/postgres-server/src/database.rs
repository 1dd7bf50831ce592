//! A database of a server, as tests see it: its addresses, and what PostgreSQL's own client says of its content.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
    process::Stdio,
};

use crate::programs;

/// A database that nobody else uses. It borrows nothing, so that a test may hold it while it stops the server.
#[derive(Clone, Debug)]
pub struct Database {
    url: String,
    socket_url: String,
    psql: PathBuf,
}

impl Database {
    pub(crate) fn new(psql: PathBuf, socket_folder: &Path, port: u16, name: &str) -> Self {
        let host = percent_encoded(socket_folder);
        Self {
            url: format!("postgresql://postgres@127.0.0.1:{port}/{name}"),
            socket_url: format!("postgresql://postgres@{host}:{port}/{name}"),
            psql,
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
        let mut psql = programs::command(&self.psql);
        psql.args(["--no-psqlrc", "--no-password", "--quiet", "--tuples-only", "--no-align"]);
        psql.args(["--set=ON_ERROR_STOP=1", "--dbname", &self.socket_url, "--command", sql]);
        let ran = psql.stdin(Stdio::null()).output().expect("psql can be run");
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "psql refused {sql:?}:\n{said}");
        String::from_utf8_lossy(&ran.stdout).trim_end().to_owned()
    }
}

fn percent_encoded(path: &Path) -> String {
    let mut encoded = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        let _ = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => write!(encoded, "{}", char::from(*byte)),
            _ => write!(encoded, "%{byte:02X}"),
        };
    }
    encoded
}
