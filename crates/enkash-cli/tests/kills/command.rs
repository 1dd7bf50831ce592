//! One process of the command: started with settings that lead to the sandbox and a state folder of its own run, read line by
//! line while it lives, and hit by signals. It ends with the test at the latest.

use std::{
    collections::VecDeque,
    env, fmt,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use enkash_sandbox::Credentials;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// Nothing takes as long, on any machine.
const HANGS_AFTER: Duration = Duration::from_secs(240);
/// How many of the last lines a failure shows.
const LAST_LINES: usize = 12;
/// What is said where no login is sent: after one that may have been counted, and for a while after one without a response.
const NO_LOGIN: [&str; 2] = ["--reset-strikes", "no login is sent for a while"];

/// The word of a process about a row.
#[derive(Clone, Debug)]
pub(crate) struct ToldRow {
    pub(crate) reference: String,
    pub(crate) outcome: String,
}

/// What a process left behind.
pub(crate) struct Ended {
    pub(crate) arguments: String,
    pub(crate) status: ExitStatus,
    pub(crate) told: Vec<ToldRow>,
    pub(crate) summary: Option<Value>,
    /// What it told that is of no row, without the summary.
    pub(crate) others: Vec<Value>,
    /// Whether it says that no login is sent.
    pub(crate) is_kept_from_login: bool,
    /// Whether its last line is not whole.
    pub(crate) is_torn: bool,
    pub(crate) stderr: String,
    last_lines: VecDeque<String>,
}

/// Beside what it tells, the process itself.
pub(crate) struct Process {
    arguments: String,
    child: Child,
    lines: Receiver<Line>,
    stderr: Option<JoinHandle<String>>,
    told: Vec<ToldRow>,
    summary: Option<Value>,
    others: Vec<Value>,
    is_kept_from_login: bool,
    is_torn: bool,
    last_lines: VecDeque<String>,
}

enum Line {
    Whole(String),
    Torn,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    /// A line came.
    Line,
    /// Standard output is closed.
    Closed,
    /// The time is over.
    Time,
}

impl Process {
    pub(crate) fn start(arguments: &[&str], state: &Path, to: &Credentials, ledger_url: Option<&str>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_enkash"));
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ENKASH_")) {
            command.env_remove(name);
        }
        for (name, value) in to.settings().filter(|(name, _)| *name != "token_url") {
            command.env(format!("ENKASH_{}", name.to_uppercase()), value);
        }
        command
            .args(arguments)
            .envs(ledger_url.map(|url| ("ENKASH_LEDGER_URL", url)))
            .env("ENKASH_STATE_DIR", state)
            .env("ENKASH_CONFIG", state.join("no-profiles.toml"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            loop {
                let mut line = String::new();
                let line = match stdout.read_line(&mut line) {
                    Ok(0) | Err(_) => return,
                    Ok(_) if line.ends_with('\n') => Line::Whole(line),
                    Ok(_) => Line::Torn,
                };
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut stderr = child.stderr.take().unwrap();
        let stderr = thread::spawn(move || {
            let mut text = Vec::new();
            let _ = stderr.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        Self {
            arguments: arguments.join(" "),
            child,
            lines,
            stderr: Some(stderr),
            told: Vec::new(),
            summary: None,
            others: Vec::new(),
            is_kept_from_login: false,
            is_torn: false,
            last_lines: VecDeque::new(),
        }
    }

    /// How many rows it has told.
    pub(crate) fn rows(&self) -> usize {
        self.told.len()
    }

    /// What it said the run came to.
    pub(crate) fn summary(&self) -> Option<&Value> {
        self.summary.as_ref()
    }

    /// Waits for the next line.
    pub(crate) fn wait(&mut self, time: Duration) -> Result<Waited, String> {
        let line = match self.lines.recv_timeout(time) {
            Ok(Line::Whole(line)) => line,
            Ok(Line::Torn) => {
                self.is_torn = true;
                return Ok(Waited::Line);
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(Waited::Closed),
            Err(RecvTimeoutError::Timeout) => return Ok(Waited::Time),
        };
        let value: Value = serde_json::from_str(&line).map_err(|error| format!("{error} in the line {line:?}"))?;
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        match value["type"].as_str() {
            Some("row") => self.told.push(ToldRow {
                reference: text("reference"),
                outcome: text("outcome"),
            }),
            Some("summary") => self.summary = Some(value),
            _ => self.others.push(value),
        }
        self.is_kept_from_login |= says_no_login(&line);
        if self.last_lines.len() == LAST_LINES {
            self.last_lines.pop_front();
        }
        self.last_lines.push_back(line);
        Ok(Waited::Line)
    }

    /// Waits until it has told so many rows. Says whether it did before its end.
    pub(crate) fn wait_for_rows(&mut self, rows: usize) -> Result<bool, String> {
        while self.rows() < rows {
            match self.wait(HANGS_AFTER)? {
                Waited::Line => {}
                Waited::Closed => return Ok(false),
                Waited::Time => return Err(self.hangs()),
            }
        }
        Ok(true)
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Nothing where it has ended.
    pub(crate) fn signal(&mut self, signal: Signal) {
        // A child that nobody waited for keeps its number, so this never meets another process.
        if self.is_alive() {
            kill_process(Pid::from_child(&self.child), signal).unwrap();
        }
    }

    /// Kills it. Says whether it was alive.
    pub(crate) fn kill(&mut self) -> bool {
        let is_alive = self.is_alive();
        self.signal(Signal::KILL);
        is_alive
    }

    /// Whether it has ended within this time.
    pub(crate) fn ends_within(&mut self, time: Duration) -> Result<bool, String> {
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.wait(left)? {
                Waited::Line => {}
                Waited::Closed => return Ok(true),
                Waited::Time => return Ok(false),
            }
        }
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> Result<Ended, String> {
        if !self.ends_within(HANGS_AFTER)? {
            return Err(self.hangs());
        }
        let stderr = self.stderr.take().unwrap().join().unwrap();
        Ok(Ended {
            arguments: std::mem::take(&mut self.arguments),
            status: self.child.wait().unwrap(),
            told: std::mem::take(&mut self.told),
            summary: self.summary.take(),
            others: std::mem::take(&mut self.others),
            is_kept_from_login: self.is_kept_from_login || says_no_login(&stderr),
            is_torn: self.is_torn,
            stderr,
            last_lines: std::mem::take(&mut self.last_lines),
        })
    }

    fn hangs(&self) -> String {
        format!(
            "enkash {} tells nothing for {} s, after {} rows; its last lines: {:#?}",
            self.arguments,
            HANGS_AFTER.as_secs(),
            self.rows(),
            self.last_lines
        )
    }
}

fn says_no_login(text: &str) -> bool {
    NO_LOGIN.iter().any(|words| text.contains(words))
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "enkash {}: {}, {} rows told",
            self.arguments,
            self.status,
            self.told.len()
        )?;
        self.last_lines.iter().try_for_each(|line| write!(f, "  {line}"))?;
        let errors: Vec<_> = self.stderr.lines().collect();
        let first = errors.len().saturating_sub(LAST_LINES);
        errors[first..]
            .iter()
            .try_for_each(|line| writeln!(f, "  stderr: {line}"))
    }
}
