//! Ctrl-C in the middle of things. What each stop means for the rows is tested beside the run itself; here
//! the signal really comes from outside.

use std::{
    io::{BufRead, BufReader, Read},
    process::Stdio,
    time::Duration,
};

use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, When};

use crate::{
    binary::{TemporaryFile, enkash, file_of, settings},
    sandbox_server::stop,
};

const ROWS: usize = 5_000;

/// The pipe holds only a part of what the run has to say, so it cannot have ended when the signal comes.
#[test]
fn a_file_run_that_is_stopped_says_what_was_done_and_what_was_not_sent() {
    let file = TemporaryFile::new(file_of(ROWS));
    let mut command = enkash(&["--sandbox", "allocate", "--file", file.path()]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for _ in 0..3 {
        stdout.read_line(&mut String::new()).unwrap();
    }
    stop(&child);
    let mut said = String::new();
    stdout.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");

    let told = 1 + said.lines().filter(|line| line.starts_with("REF")).count();
    let expected = format!("stopped; {ROWS} rows: {told} done, {} not sent; ", ROWS - told);
    assert!(said.contains(&expected), "{expected}\n{said}");
    // The line in the file, and the reference, from which on nothing was sent.
    assert!(
        said.contains(&format!(
            "from line {} on (reference REF{told}) nothing was sent",
            told + 2
        )),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_call_that_is_given_up_on_is_unknown() {
    let sandbox = Sandbox::start().await.unwrap();
    let hold = Fault::Delay(Duration::from_secs(3600), When::After);
    sandbox.add_fault(FaultRule::on(Operation::CreateAllocatePoints, hold));
    let mut command = enkash(&[
        "allocate",
        "--title",
        "Ms",
        "--name",
        "Meera",
        "--email",
        "meera@example.com",
        "--mobile",
        "9000000004",
        "--gender",
        "F",
        "--amount",
        "250.50",
        "--reference",
        "R1",
        "--yes",
    ]);
    command
        .envs(settings(sandbox.credentials()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    while sandbox.calls(Operation::CreateAllocatePoints) == 0 {
        tokio::task::yield_now().await;
    }
    stop(&child);
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("waiting for the answer to R1") {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it did not wait");
    }
    stop(&child);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(4));
    let said = String::from_utf8(ended.stdout).unwrap();
    assert!(
        said.starts_with("outcome    unknown\n") && said.contains("--reference R1"),
        "{said}"
    );
    assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 1);
}
