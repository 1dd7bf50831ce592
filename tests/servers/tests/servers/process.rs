//! Processes as the tests of both servers see them: signals, and a test process that is killed while it has a server.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::process::CommandExt,
    process::{Command, Stdio},
};

/// Makes a test [`hold`] a server.
const HOLDS_A_SERVER: &str = "ENKASH_TEST_HOLDS_A_SERVER";

pub(crate) fn kill(signal: &str, pid: &str) -> bool {
    let mut kill = Command::new("/bin/sh");
    kill.args(["-c", "kill -s $0 -- $1", signal, pid]);
    kill.output().unwrap().status.success()
}

pub(crate) fn is_alive(pid: u32) -> bool {
    kill("0", &pid.to_string())
}

/// Runs this test, which [holds](hold) a server, in a process of its own, kills that, and says what there is of the server
/// afterwards.
pub(crate) fn stays_after_kill_of(test: &str) -> Option<&'static str> {
    // The descendants inherit file 3, which is the test's pipe: it ends when the last of them has ended.
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "exec 3>&1 \"$0\" --exact \"$1\""]);
    shell
        .arg(env::current_exe().unwrap())
        .arg(test)
        .env(HOLDS_A_SERVER, "1");
    shell.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
    let mut shell = shell.spawn().unwrap();
    let mut output = BufReader::new(shell.stdout.take().unwrap());
    let mut lines = output.by_ref().lines().map(Result::unwrap);
    let line = lines.find(|line| line.starts_with("pid ")).unwrap();
    let (pid, data) = line["pid ".len()..].split_once(" data ").unwrap();
    let pid = pid.parse().unwrap();
    assert!(is_alive(pid) && fs::exists(data).unwrap());

    // With its whole group, as an interrupt at the terminal reaches that.
    assert!(kill("KILL", &format!("-{}", shell.id())));
    output.read_to_end(&mut Vec::new()).unwrap();
    shell.wait().unwrap();
    if is_alive(pid) {
        return Some("the process");
    }
    fs::exists(data).unwrap().then_some("the folder")
}

/// Whether [`stays_after_kill_of`] runs this test. Otherwise it is none.
pub(crate) fn is_held() -> bool {
    env::var_os(HOLDS_A_SERVER).is_some()
}

/// Says what there is, and waits for the end.
pub(crate) fn hold(pid: u32, data: &str) {
    // Past the test harness, which would keep what `println!` prints.
    let mut output = io::stdout();
    writeln!(output, "\npid {pid} data {data}").unwrap();
    io::stdin().read_to_end(&mut Vec::new()).unwrap();
}
