//! Runs the binary to its end and tells what it used at most.

use std::{
    io::Read,
    process::{Command, Stdio},
};

use wait4::Wait4;

use crate::support::CommandResult;

const MB: u64 = 1_000_000;

/// What no response and no file may make it take.
pub(crate) const MOST: u64 = 200 * MB;

/// What a run left behind, and its peak of resident memory in bytes.
pub(crate) fn measured(mut command: Command) -> (CommandResult, u64) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let reading = std::thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).unwrap();
        text
    });
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    let ended = child.wait4().unwrap();
    let ended_with = CommandResult {
        code: ended.status.code(),
        stdout: reading.join().unwrap(),
        stderr,
    };
    (ended_with, ended.rusage.maxrss)
}
