//! Ctrl-C and other signals in the middle of things. What each stop means for the rows is tested beside the run itself; here
//! the signal really comes from outside.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    time::Duration,
};

use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, When};

use crate::{
    live_calls::ALLOCATE_ARGS,
    support::{
        CommandResult, Running, TemporaryFile, TemporaryFolder, assert_private, enkash, file_of, settings,
        through_shell,
    },
};

const ROWS: usize = 5_000;

/// Whether who started the tests told everything to outlive its terminal: then what they start does so too.
pub(crate) fn is_hang_up_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).unwrap() & 1 != 0)
}

/// The pipe holds only a part of what the run has to say, so it cannot have ended when the signal comes.
#[test]
fn a_file_run_that_is_stopped_says_what_was_done_and_what_was_not_sent() {
    let file = TemporaryFile::new(file_of(ROWS));
    for signal in ["INT", "TERM", "QUIT", "HUP"] {
        if signal == "HUP" && is_hang_up_ignored() {
            continue;
        }
        let mut running = Running::start(enkash(&["--sandbox", "allocate", "--file", file.path()]));
        let mut stdout = BufReader::new(running.child().stdout.take().unwrap());
        for _ in 0..3 {
            stdout.read_line(&mut String::new()).unwrap();
        }
        running.signal(signal);
        let mut said = String::new();
        stdout.read_to_string(&mut said).unwrap();
        assert_eq!(running.ended().code, Some(130), "{signal}: {said}");

        let told = 1 + said.lines().filter(|line| line.starts_with("REF")).count();
        let expected = format!("\n{ROWS} rows: {told} done, {} pending; ", ROWS - told);
        assert!(said.contains(&expected), "{signal}: {expected}\n{said}");
        assert!(
            said.contains("\nthe run is paused: it was interrupted\n"),
            "{signal}: {said}"
        );
    }
}

#[test]
fn a_run_that_was_started_to_outlive_its_terminal_does() {
    // More than the pipe holds.
    const ROWS: usize = 1_000;
    let file = TemporaryFile::new(file_of(ROWS));
    let command = enkash(&["--sandbox", "allocate", "--file", file.path()]);
    let mut running = Running::start(through_shell("trap '' HUP; exec \"$0\" \"$@\"", &command));
    let mut stdout = BufReader::new(running.child().stdout.take().unwrap());
    for _ in 0..3 {
        stdout.read_line(&mut String::new()).unwrap();
    }
    running.signal("HUP");
    let mut said = String::new();
    stdout.read_to_string(&mut said).unwrap();
    assert_eq!(running.ended().code, Some(0), "{said}");
    assert!(said.contains(&format!("{ROWS} rows: {ROWS} done; ")), "{said}");
}

/// Starts a live call whose answer is held back, and comes back when the sandbox has it.
async fn held_call(sandbox: &Sandbox, folder: &TemporaryFolder) -> Running {
    let hold = Fault::Delay(Duration::from_secs(3600), When::After);
    sandbox.add_fault(FaultRule::on(Operation::CreateAllocatePoints, hold));
    let mut command = enkash(&[&["allocate"], &ALLOCATE_ARGS[..], &["--reference", "R1", "--yes"]].concat());
    command
        .envs(settings(sandbox.credentials()))
        .env("ENKASH_STATE_DIR", folder.path().join("state"));
    let mut running = Running::start(command);
    while sandbox.calls(Operation::CreateAllocatePoints) == 0 {
        assert!(
            running.child().try_wait().unwrap().is_none(),
            "it ended before it called"
        );
        tokio::task::yield_now().await;
    }
    running
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_program_was_killed_is_found_in_the_ledger() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    let mut running = held_call(&sandbox, &folder).await;
    running.signal("KILL");
    let ended = running.ended();
    assert_eq!((ended.code, ended.stdout.as_str()), (None, ""), "{ended:?}");

    let path = folder.path().join("state/ledger.db");
    assert_private(&path);

    let run = |arguments: &[&str]| -> CommandResult {
        let mut command = enkash(arguments);
        command
            .envs(settings(sandbox.credentials()))
            .env("ENKASH_STATE_DIR", folder.path().join("state"));
        command.output().unwrap().into()
    };
    let doctor = run(&["doctor"]);
    assert!(
        doctor.stdout.contains("1 call that moves value has no known outcome")
            && doctor.stdout.contains("enkash settle looks them up"),
        "{}",
        doctor.stdout
    );
    sandbox.clear_faults();
    let settled = run(&["settle"]);
    assert_eq!(settled.code, Some(0), "{settled:?}");
    assert!(
        settled.stdout.contains("R1 ") && settled.stdout.contains("1 ticket: 1 done"),
        "{}",
        settled.stdout
    );
    let doctor = run(&["doctor"]);
    assert!(
        doctor.stdout.contains("ledger.db, no call is unknown"),
        "{}",
        doctor.stdout
    );
    assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_is_gone_gives_up_on_nothing() {
    if is_hang_up_ignored() {
        return;
    }
    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    let mut running = held_call(&sandbox, &folder).await;
    // Nobody reads what is said any more.
    drop(running.child().stdout.take());
    let mut stderr = BufReader::new(running.child().stderr.take().unwrap());
    running.signal("HUP");
    let mut line = String::new();
    while !line.starts_with("waiting for the response to R1") {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it did not wait");
    }
    // The shell says it again, and so may the system; only somebody who asks gives up on the call.
    running.signal("HUP");
    running.signal("QUIT");
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(running.ended().code, Some(4), "{said}");
    assert!(said.contains("outcome    unknown"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_call_that_is_given_up_on_is_unknown() {
    let sandbox = Sandbox::start().await.unwrap();
    let hold = Fault::Delay(Duration::from_secs(3600), When::After);
    sandbox.add_fault(FaultRule::on(Operation::CreateAllocatePoints, hold));
    let mut command = enkash(&[&["allocate"], &ALLOCATE_ARGS[..], &["--reference", "R1", "--yes"]].concat());
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
    while !line.starts_with("waiting for the response to R1") {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it did not wait");
    }
    running.interrupt();
    let ended = running.ended();
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert_eq!(ended.value("outcome"), "unknown");
    // A time-out would be unknown as well: this one was given up on.
    assert_eq!(ended.value("reason"), "its response was not waited for");
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
    while !line.starts_with("waiting for the response to the bulk request") {
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
        assert_eq!(row["reason"], "its response was not waited for");
        assert_eq!(row["ticket"]["reference"], row["reference"]);
    }
    assert_eq!(rows[3]["unknown"], 3);
}
