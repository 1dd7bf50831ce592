//! Ctrl-C in the middle of things. What each stop means for the rows is tested beside the run itself; here
//! the signal really comes from outside.

use std::{
    io::{BufRead, BufReader, Read},
    time::Duration,
};

use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, When};

use crate::{
    binary::{Running, TemporaryFile, enkash, file_of, settings},
    live_calls::MEERA,
};

const ROWS: usize = 5_000;

/// The pipe holds only a part of what the run has to say, so it cannot have ended when the signal comes.
#[test]
fn a_file_run_that_is_stopped_says_what_was_done_and_what_was_not_sent() {
    let file = TemporaryFile::new(file_of(ROWS));
    let mut running = Running::start(enkash(&["--sandbox", "allocate", "--file", file.path()]));
    let mut stdout = BufReader::new(running.child().stdout.take().unwrap());
    for _ in 0..3 {
        stdout.read_line(&mut String::new()).unwrap();
    }
    running.interrupt();
    let mut said = String::new();
    stdout.read_to_string(&mut said).unwrap();
    assert_eq!(running.ended().code, Some(130), "{said}");

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
    let mut command = enkash(&[&["allocate"], &MEERA[..], &["--reference", "R1", "--yes"]].concat());
    command.envs(settings(sandbox.credentials()));
    let mut running = Running::start(command);
    while sandbox.calls(Operation::CreateAllocatePoints) == 0 {
        assert!(
            running.child().try_wait().unwrap().is_none(),
            "it ended before it called"
        );
        tokio::task::yield_now().await;
    }
    running.interrupt();
    let mut stderr = BufReader::new(running.child().stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("waiting for the answer to R1") {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it did not wait");
    }
    running.interrupt();
    let ended = running.ended();
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert_eq!(ended.value("outcome"), "unknown");
    // A time-out would be unknown as well: this one was given up on.
    assert_eq!(ended.value("reason"), "its answer was not waited for");
    assert!(ended.value("next").contains("--reference R1"), "{}", ended.stdout);
    assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_request_that_is_given_up_on_leaves_every_row_unknown() {
    let sandbox = Sandbox::start().await.unwrap();
    let hold = Fault::Delay(Duration::from_secs(3600), When::After);
    sandbox.add_fault(FaultRule::on(Operation::BulkCreateAllocateRewards, hold));
    let bulk = [
        "bulk",
        "--file",
        "examples/bulk.csv",
        "--mode",
        "new-only",
        "--yes",
        "--json",
    ];
    let mut command = enkash(&bulk);
    command.envs(settings(sandbox.credentials()));
    let mut running = Running::start(command);
    while sandbox.calls(Operation::BulkCreateAllocateRewards) == 0 {
        assert!(
            running.child().try_wait().unwrap().is_none(),
            "it ended before it called"
        );
        tokio::task::yield_now().await;
    }
    running.interrupt();
    let mut stderr = BufReader::new(running.child().stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("waiting for the answer to the bulk request") {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it did not wait");
    }
    running.interrupt();
    let ended = running.ended();
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let rows: Vec<serde_json::Value> = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for row in &rows[..3] {
        assert_eq!(row["reason"], "its answer was not waited for");
        assert_eq!(row["ticket"]["reference"], row["reference"]);
    }
    assert_eq!(rows[3]["unknown"], 3);
}
