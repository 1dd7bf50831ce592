//! `--jq`: filters each line of JSON before it is printed. The expression runs in a process of its own, because nothing in this one
//! could bound its memory, its time or its depth, and a command that moves value must outlive it. [`Output`](super::Output) asks a
//! [`JqFilter`]; `main` hands the other process to [`serve`].

mod evaluation;
mod lines;
mod process;

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde::{Deserialize, Serialize};

pub(crate) use self::process::serve;
use crate::exit::CliError;

/// The first argument of the process that runs the expression. No user gives it.
pub(crate) const PROCESS_ARGUMENT: &str = "--run-jq-expression";

/// Bytes of an expression.
const MAX_EXPRESSION: usize = 16 * 1024;
/// Bytes that the results of one line may have, as they come from the process.
const MAX_RESULTS: u64 = 64 * 1024 * 1024;
/// How long one line may take.
const MAX_SECONDS: u64 = 5;
/// What the process may use.
const MAX_MEMORY: u64 = 1024 * 1024 * 1024;

/// How the process ends that ran out of time.
const TIME_IS_UP: i32 = 3;

/// What the process says, one a line.
#[derive(Deserialize, Serialize)]
enum Reply {
    /// The expression is understood.
    Ready,
    /// A result that is a text.
    Text(String),
    /// Any other result, as JSON.
    Json(String),
    /// All results were said.
    End,
    Failed(String),
}

/// An expression that is ready for lines of JSON.
pub(super) struct JqFilter {
    process: Child,
    input: ChildStdin,
    replies: BufReader<ChildStdout>,
}

impl JqFilter {
    /// Starts the process and checks the expression.
    pub(super) fn start(expression: &str) -> Result<Self, CliError> {
        if expression.len() > MAX_EXPRESSION {
            return Err(CliError::bad_input(format!(
                "--jq: the expression has {} bytes, and {MAX_EXPRESSION} are the most. Nothing was sent.",
                expression.len()
            )));
        }
        let unusable = |error| {
            CliError::runtime(format!(
                "--jq: its process cannot be started: {error}. Nothing was sent."
            ))
        };
        let mut filter = Self::spawn().map_err(unusable)?;
        let line = serde_json::to_string(expression).map_err(|error| unusable(error.into()))?;
        match filter.ask(&line) {
            Ok(Reply::Ready) => Ok(filter),
            Ok(Reply::Failed(problem)) => Err(CliError::bad_input(format!("--jq: {problem}. Nothing was sent."))),
            Ok(_) => Err(CliError::runtime(
                "--jq: its process speaks another language. Nothing was sent.",
            )),
            Err(problem) => Err(CliError::bad_input(format!("--jq: {problem}. Nothing was sent."))),
        }
    }

    fn spawn() -> std::io::Result<Self> {
        // Under this name Linux finds the program that runs, also where its file was replaced meanwhile.
        let program = if cfg!(target_os = "linux") {
            "/proc/self/exe".into()
        } else {
            std::env::current_exe()?
        };
        let mut command = Command::new(program);
        command
            .arg(PROCESS_ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            // The environment has secrets. And Ctrl-C is about this process: the call in flight is still to be shown.
            command.env_clear().process_group(0);
        }
        let mut process = command.spawn()?;
        let (Some(input), Some(replies)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(std::io::Error::other("it has no pipes"));
        };
        Ok(Self {
            process,
            input,
            replies: BufReader::new(replies),
        })
    }

    /// The results for one line of JSON, each as it is printed. Says what is wrong in words.
    pub(super) fn apply(&mut self, line: &str) -> Result<Vec<String>, String> {
        let mut results = Vec::new();
        let mut room = MAX_RESULTS;
        let mut reply = self.ask(line)?;
        loop {
            match reply {
                Reply::Text(result) | Reply::Json(result) => {
                    // An empty one takes room as well.
                    room = room.saturating_sub(result.len() as u64 + 64);
                    results.push(result);
                }
                Reply::End => return Ok(results),
                Reply::Failed(problem) => return Err(problem),
                Reply::Ready => return Err("its process speaks another language".to_owned()),
            }
            if room == 0 {
                let _ = self.process.kill();
                return Err(too_large());
            }
            reply = self.reply()?;
        }
    }

    fn ask(&mut self, line: &str) -> Result<Reply, String> {
        let mut write = || {
            self.input.write_all(line.as_bytes())?;
            self.input.write_all(b"\n")?;
            self.input.flush()
        };
        match write() {
            Ok(()) => self.reply(),
            Err(_) => Err(self.end()),
        }
    }

    fn reply(&mut self) -> Result<Reply, String> {
        let mut line = Vec::new();
        // A quote in a result takes two bytes here.
        let most = MAX_RESULTS * 2;
        let read = (&mut self.replies).take(most).read_until(b'\n', &mut line);
        match read {
            Ok(read) if read as u64 == most => {
                let _ = self.process.kill();
                Err(too_large())
            }
            Ok(_) => serde_json::from_slice(&line).map_err(|_| self.end()),
            Err(_) => Err(self.end()),
        }
    }

    /// Why there is no reply.
    fn end(&mut self) -> String {
        let _ = self.process.kill();
        match self.process.wait().ok().and_then(|ended| ended.code()) {
            Some(TIME_IS_UP) => format!("the expression took longer than {MAX_SECONDS} s for one line of JSON"),
            _ => format!(
                "the expression was ended: it wanted more than {} MiB of memory, or went too deep",
                MAX_MEMORY / 1024 / 1024
            ),
        }
    }
}

fn too_large() -> String {
    format!(
        "the expression has more than {} MiB of results for one line of JSON",
        MAX_RESULTS / 1024 / 1024
    )
}

impl Drop for JqFilter {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
