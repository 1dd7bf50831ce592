//! Another process of this test program, which runs one function that is no test by itself.

use std::{
    env,
    io::{self, BufRead, BufReader, Lines, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

/// Tells such a function that it is meant, and where its ledger is.
const LEDGER: &str = "ENKASH_TEST_LEDGER";
const MARK: &str = "> ";

/// The ledger that this process is started for; `None` where the test harness runs everything.
pub(crate) fn ledger_path() -> Option<PathBuf> {
    env::var_os(LEDGER).map(PathBuf::from)
}

/// Tells the test that started this process: past the harness, which would keep what `println!` prints.
pub(crate) fn tell(line: &str) {
    // The test may be gone.
    let _ = io::stdout().write_all(format!("\n{MARK}{line}\n").as_bytes());
}

/// Waits until the test ends.
pub(crate) fn wait() {
    io::stdin().read_line(&mut String::new()).unwrap();
}

pub(crate) struct TestProcess {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
}

impl TestProcess {
    pub(crate) fn start(function: &str, ledger: &Path) -> Self {
        Self::start_after("exec \"$@\"", function, ledger)
    }

    /// Starts it from a shell, which prepares something and ends with `exec "$@"`. `$LEDGER_FOLDER` is the ledger's folder.
    pub(crate) fn start_after(shell: &str, function: &str, ledger: &Path) -> Self {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", shell, "sh"]).arg(env::current_exe().unwrap());
        command.args(["--exact", function, "--nocapture"]);
        command
            .env(LEDGER, ledger)
            .env("LEDGER_FOLDER", ledger.parent().unwrap());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, output }
    }

    /// What it tells next; `None` once it has ended.
    pub(crate) fn next_line(&mut self) -> Option<String> {
        let mut lines = self.output.by_ref().map(Result::unwrap);
        lines.find_map(|line| line.strip_prefix(MARK).map(str::to_owned))
    }

    /// Returns when it is gone. What it told by then can still be read.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end, and says whether its function was content.
    pub(crate) fn ended_well(mut self) -> bool {
        while self.next_line().is_some() {}
        self.child.wait().unwrap().success()
    }
}

/// A test that fails leaves no process behind.
impl Drop for TestProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
