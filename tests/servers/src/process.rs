//! The server as a process that cannot outlive the test. It runs under a small shell program that waits for its standard
//! input to end: whatever ends the test process closes that, and then the shell ends the server and removes its folder.

use std::{
    ffi::OsString,
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// A line asks for a stop that keeps the folder. The end of the input is the end of the test. The log is on standard error, where
/// PostgreSQL writes it; Redis writes to standard output.
const WATCHDOG: &str = r#"
folder=$1
signals=$2
shift 2
"$@" >&2 &
exec 2>/dev/null
if read -r line; then keep=yes; else keep=; fi
for signal in $signals; do kill -s "$signal" $!; done
wait $!
[ "$keep" ] || rm -rf "$folder"
"#;
/// How long a start may take. It takes well under a second, and after a crash as long as the disk needs for 1,300 files; this keeps a
/// broken one from hanging a test run.
const START_TIMEOUT: Duration = Duration::from_secs(240);
/// How much a server may write before it is ready.
const MAX_START_LOG: u64 = 1 << 20;

/// What there is to know of a program that serves.
#[derive(Debug)]
pub(crate) struct Server {
    /// What it writes when it accepts connections.
    pub(crate) ready: &'static str,
    /// What ends it as a crash does, one signal after the other.
    pub(crate) signals: &'static str,
    /// Where it writes the number of its process first, from its folder on.
    pub(crate) pid_file: &'static str,
}

/// A running server, and the shell that watches over it. When it is dropped, both end, and the folder is removed.
#[derive(Debug)]
pub(crate) struct ServerProcess {
    watchdog: Child,
    pid_file: PathBuf,
}

impl ServerProcess {
    /// Lets a shell start a server whose folder this is, and waits until it accepts connections. An error is what the
    /// server wrote.
    pub(crate) fn launch(
        server: &Server,
        mut shell: Command,
        folder: &Path,
        program: impl IntoIterator<Item = OsString>,
    ) -> Result<Self, String> {
        shell
            .args(["-c", WATCHDOG, "sh"])
            .arg(folder)
            .arg(server.signals)
            .args(program);
        leave_process_group(&mut shell);
        // Nothing of the test's output is inherited, or whoever reads that would wait for the server's end.
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut watchdog = shell.spawn().map_err(|error| format!("/bin/sh: {error}"))?;
        let log = watchdog.stderr.take();
        let pid_file = folder.join(server.pid_file);
        let process = Self { watchdog, pid_file };
        match log.map_or_else(|| Err(String::new()), |log| wait_until_ready(log, server.ready)) {
            Ok(()) => Ok(process),
            Err(written) => {
                process.crash();
                Err(written)
            }
        }
    }

    /// The number of the server's main process.
    pub(crate) fn pid(&self) -> u32 {
        let file = fs::read_to_string(&self.pid_file).expect("a running server has a file with its number");
        let first = file.lines().next().unwrap_or_default();
        first.parse().expect("the file begins with the number")
    }

    /// Ends the server at once and keeps its folder.
    pub(crate) fn crash(mut self) {
        if let Some(input) = &mut self.watchdog.stdin {
            // It fails only if the shell is gone, and then there is nothing to ask.
            let _ = input.write_all(b"\n");
        }
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // Closes the shell's input first.
        let _ = self.watchdog.wait();
    }
}

/// Keeps an interrupt at the terminal from the shell: it reaches the test, and the shell has to clean up after that.
fn leave_process_group(shell: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(shell, 0);
    #[cfg(not(unix))]
    let _ = shell;
}

/// Reads the log up to the line that says it, and from then on keeps it flowing, so that the server never waits for a reader.
fn wait_until_ready(log: ChildStderr, ready: &'static str) -> Result<(), String> {
    let (report, reported) = mpsc::channel();
    thread::spawn(move || {
        let mut log = BufReader::new(log.take(MAX_START_LOG));
        let mut written = Vec::new();
        loop {
            let line_start = written.len();
            // The end of the log is the end of the server.
            if log.read_until(b'\n', &mut written).unwrap_or_default() == 0 {
                let _ = report.send(Err(String::from_utf8_lossy(&written).into_owned()));
                return;
            }
            if String::from_utf8_lossy(&written[line_start..]).contains(ready) {
                break;
            }
        }
        let _ = report.send(Ok(()));
        let _ = io::copy(&mut log.into_inner().into_inner(), &mut io::sink());
    });
    let late = |_| Err(format!("it was not ready after {} s", START_TIMEOUT.as_secs()));
    reported.recv_timeout(START_TIMEOUT).unwrap_or_else(late)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: Server = Server {
        ready: "at your service",
        signals: "QUIT TERM",
        pid_file: "pid",
    };

    /// A shell program in place of a server.
    fn launch(folder: &Path, script: &str) -> Result<ServerProcess, String> {
        let program = ["/bin/sh", "-c", script].map(OsString::from);
        ServerProcess::launch(&SERVER, Command::new("/bin/sh"), folder, program)
    }

    #[test]
    fn a_server_that_ignores_the_first_signal_ends_by_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let script = format!("trap '' QUIT; echo '{}'; exec sleep 3600", SERVER.ready);
        drop(launch(folder.path(), &script).unwrap());
        assert!(!fs::exists(folder.path()).unwrap());
    }

    #[test]
    fn a_server_that_does_not_start_says_why_and_keeps_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = launch(folder.path(), "echo no room >&2; exit 1").unwrap_err();
        assert_eq!(refusal, "no room\n");
        assert!(fs::exists(folder.path()).unwrap());
    }
}
