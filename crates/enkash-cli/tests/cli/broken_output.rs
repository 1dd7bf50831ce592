//! Standard output that takes nothing, or not all. What became of value is said all the same, and the exit code speaks of it
//! first.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Write},
    os::{fd::OwnedFd, unix::net::UnixStream},
    process::Command,
};

use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, When};
use serde_json::Value;

use crate::{
    live_calls::ALLOCATE_ARGS,
    runs::FileRun,
    support::{
        CommandResult, TemporaryFile, TemporaryFolder, enkash, file_of, json_lines, settings, single_calls,
        stored_ticket, through_shell,
    },
};

fn live(sandbox: &Sandbox, arguments: &[&str], more: &[&str]) -> (Command, TemporaryFolder) {
    let folder = TemporaryFolder::new();
    let mut command = enkash(&[arguments, &["--yes"], more].concat());
    command
        .envs(settings(sandbox.credentials()))
        .env("ENKASH_STATE_DIR", folder.path().join("state"));
    (command, folder)
}

/// The calls of the state folder, in one of these states.
fn kept(folder: &TemporaryFolder, state: &str) -> Vec<String> {
    let mut command = enkash(&["history", "--state", state, "--output", "json"]);
    command.env("ENKASH_STATE_DIR", folder.path().join("state"));
    let rows = json_lines(&CommandResult::from(command.output().unwrap()).stdout);
    rows.iter()
        .map(|row| row["reference"].as_str().unwrap().to_owned())
        .collect()
}

fn full() -> File {
    OpenOptions::new().write(true).open("/dev/full").unwrap()
}

/// Every way in which standard output takes nothing, by its name.
#[cfg(target_os = "linux")]
fn broken(command: &Command) -> Vec<(&'static str, Command)> {
    let as_is = "exec \"$0\" \"$@\"";
    let mut to_full = through_shell(as_is, command);
    to_full.stdout(full());
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut to_nobody = through_shell(as_is, command);
    to_nobody.stdout(writer);
    vec![
        ("full", to_full),
        ("pipe", to_nobody),
        ("closed", through_shell("exec \"$0\" \"$@\" >&-", command)),
        ("read only", through_shell("exec \"$0\" \"$@\" 1</dev/null", command)),
    ]
}

/// The value beside a name in the listing on standard error.
fn told<'a>(ended: &'a CommandResult, name: &str) -> &'a str {
    let start = format!("{name}  ");
    let line = ended.stderr.lines().find(|line| line.starts_with(&start));
    line.unwrap_or_else(|| panic!("no {name} in {}", ended.stderr))[name.len()..].trim()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn the_outcome_of_every_call_goes_to_standard_error_where_standard_output_takes_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    for (at, (arguments, operation)) in single_calls(&ALLOCATE_ARGS).into_iter().enumerate() {
        let ways = broken(&live(&sandbox, &arguments, &[]).0).len();
        for way in 0..ways {
            let is_json = (at + way) % 2 == 0;
            let format: &[&str] = if is_json { &["--json"] } else { &[] };
            let (command, folder) = live(&sandbox, &arguments, format);
            let (name, mut command) = broken(&command).swap_remove(way);
            let before = sandbox.calls(operation);
            let ended = CommandResult::from(command.output().unwrap());
            assert_eq!(ended.code, Some(0), "{name} {arguments:?}: {ended:?}");
            assert_eq!(sandbox.calls(operation), before + 1, "{name} {arguments:?}");
            if is_json {
                let mut lines = ended.stderr.lines().filter(|line| line.starts_with('{'));
                let result: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
                assert_eq!(result["outcome"], "done", "{name} {arguments:?}");
                assert_eq!(lines.next(), None);
            } else {
                assert_eq!(told(&ended, "outcome"), "done", "{name}");
            }
            // Nobody has to look it up.
            assert_eq!(kept(&folder, "unknown"), [""; 0], "{name} {arguments:?}");
            assert_eq!(kept(&folder, "done").len(), 1, "{name} {arguments:?}");
        }
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_says_what_became_of_value_before_it_says_that_output_broke() {
    let sandbox = Sandbox::start().await.unwrap();
    let points = Operation::CreateAllocatePoints;
    for (fault, code, outcome) in [
        (None, 0, "done"),
        (Some(Fault::ServerError(When::After)), 4, "unknown"),
        (Some(Fault::Reset(When::After)), 4, "unknown"),
    ] {
        if let Some(fault) = fault {
            sandbox.add_fault(FaultRule::on(points, fault));
        }
        let arguments = [&["allocate"][..], &ALLOCATE_ARGS].concat();
        for way in 0..4 {
            let (command, _folder) = live(&sandbox, &arguments, &[]);
            let (name, mut command) = broken(&command).swap_remove(way);
            let ended = CommandResult::from(command.output().unwrap());
            assert_eq!(
                (ended.code, told(&ended, "outcome")),
                (Some(code), outcome),
                "{name}: {ended:?}"
            );
        }
        sandbox.clear_faults();
    }
    let too_much = [&["allocate"][..], &ALLOCATE_ARGS[..11], &["99999999"]].concat();
    for (name, mut command) in broken(&live(&sandbox, &too_much, &[]).0) {
        let ended = CommandResult::from(command.output().unwrap());
        assert_eq!(
            (ended.code, told(&ended, "outcome")),
            (Some(3), "refused"),
            "{name}: {ended:?}"
        );
    }
}

/// Then only the exit code is left, and the ledger.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_that_nobody_could_be_told_stands_in_the_ledger() {
    let sandbox = Sandbox::start().await.unwrap();
    let arguments = [&["allocate"][..], &ALLOCATE_ARGS, &["--reference", "R1"]].concat();
    let (command, folder) = live(&sandbox, &arguments, &[]);
    let ended = through_shell("exec \"$0\" \"$@\" >&- 2>&-", &command).output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert_eq!((ended.stdout, ended.stderr), (Vec::new(), Vec::new()));
    assert_eq!(sandbox.credits("R1"), 1);
    assert_eq!(kept(&folder, "done"), ["R1"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_call_in_the_sandbox_is_told_too() {
    let (allocate, _) = single_calls(&ALLOCATE_ARGS).swap_remove(0);
    let command = enkash(&[&["--sandbox"], &allocate[..]].concat());
    for (name, mut command) in broken(&command) {
        let ended = CommandResult::from(command.output().unwrap());
        assert_eq!(
            (ended.code, told(&ended, "outcome")),
            (Some(0), "done"),
            "{name}: {ended:?}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn in_the_sandbox_the_exit_code_says_it_where_both_streams_are_broken() {
    let arguments = [&["--sandbox", "allocate"][..], &ALLOCATE_ARGS].concat();
    let mut command = enkash(&arguments);
    command.stdout(full()).stderr(full());
    assert_eq!(command.output().unwrap().status.code(), Some(0));
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_not_begun_where_standard_output_takes_nothing_from_the_start() {
    let sandbox = Sandbox::start().await.unwrap();
    let file = TemporaryFile::new(file_of(3));
    for format in [&[][..], &["--json"], &["--output", "csv"]] {
        let (command, folder) = live(&sandbox, &["allocate", "--file", file.path()], format);
        let tickets = folder.path().join("run.jsonl");
        let mut command = through_shell("exec \"$0\" \"$@\"", &command);
        command.args(["--tickets", tickets.to_str().unwrap()]).stdout(full());
        let ended = CommandResult::from(command.output().unwrap());
        assert_eq!(ended.code, Some(6), "{ended:?}");
        let said = ended.stderr.contains("3 rows: 0 done, 3 pending") || ended.stderr.contains("\"pending\":3");
        assert!(said, "{}", ended.stderr);
        // The next run may have the name.
        assert!(!tickets.exists());
    }
    assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 0);
}

/// A socket that takes only so much, and then fails as a full disk does: with an error that is not a reader's leave.
fn socket_with_room_for(bytes: usize) -> (UnixStream, UnixStream) {
    let (mut reader, mut writer) = UnixStream::pair().unwrap();
    writer.set_nonblocking(true).unwrap();
    let block = [[b'#'; 4095].as_slice(), b"\n"].concat();
    let mut written = 0;
    while writer.write_all(&block).is_ok() {
        written += block.len();
    }
    assert!(written > bytes);
    reader
        .read_exact(&mut vec![0; bytes / block.len() * block.len()])
        .unwrap();
    (reader, writer)
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_takes_no_more_in_the_middle_of_a_file_hides_no_row() {
    const ROWS: usize = 1_000;
    let sandbox = Sandbox::start().await.unwrap();
    for format in ["json", "csv", "table"] {
        let before = sandbox.calls(Operation::CreateAllocatePoints);
        let prefix = format!("{format}-");
        let file = TemporaryFile::new(file_of(ROWS).replace("REF", &prefix));
        let (mut command, folder) = live(&sandbox, &["allocate", "--file", file.path()], &["--output", format]);
        let (mut reader, writer) = socket_with_room_for(64 * 1024);
        command.stdout(OwnedFd::from(writer));
        let ended = CommandResult::from(command.output().unwrap());
        // The writer's end, which it would wait for.
        drop(command);
        assert_eq!(ended.code, Some(6), "{format}: {ended:?}");
        let sent = (sandbox.calls(Operation::CreateAllocatePoints) - before) as usize;
        assert!((2..ROWS).contains(&sent), "{format}: {sent}");
        // Whole lines: the last one may be torn, and then stands on standard error.
        let mut written = String::new();
        reader.read_to_string(&mut written).unwrap();
        let whole = &written[..=written.rfind('\n').unwrap()];
        let said = format!("{whole}{}", ended.stderr);
        let is_row = |line: &&str| {
            let json = || serde_json::from_str::<Value>(line).ok();
            match format {
                "json" => json().is_some_and(|line| line["type"] == "row" && line["outcome"] == "done"),
                _ => line.contains(&prefix) && line.contains("done"),
            }
        };
        assert_eq!(said.lines().filter(is_row).count(), sent, "{format}: {said}");
        let unsent = format!("{sent} done, {} pending", ROWS - sent);
        let in_json = format!("\"pending\":{}", ROWS - sent);
        assert!(said.contains(&unsent) || said.contains(&in_json), "{format}: {said}");
        assert_eq!(kept(&folder, "unknown"), [""; 0]);
    }
}

/// A limit on the size of files stands for a disk that fills up; the program must not die of its signal either.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_takes_no_more_of_the_ledger_stops_a_file_before_its_next_call() {
    let run = FileRun::of(300).await;
    for limit in ["ulimit -f 16", "ulimit -f 2048", "trap '' XFSZ; ulimit -f 2048"] {
        let before = run.live.allocations();
        let mut command = through_shell(&format!("{limit}; exec \"$0\" \"$@\""), &run.command(&[]));
        let ended = CommandResult::from(command.output().unwrap());
        assert!(matches!(ended.code, Some(4 | 6)), "{limit}: {ended:?}");
        assert!(ended.stderr.contains("ledger.db"), "{limit}: {ended:?}");
        assert!(run.live.allocations() < 300, "{limit}");
        if limit == "ulimit -f 16" {
            assert_eq!((ended.code, run.live.allocations()), (Some(6), before), "{ended:?}");
            assert!(ended.stderr.contains("Nothing was sent."), "{}", ended.stderr);
        } else if run.live.allocations() > before {
            assert!(!ended.stderr.contains("Nothing was sent."), "{limit}: {}", ended.stderr);
        }
    }
    assert!(run.live.allocations() > 0);
    let ended = run.pay(&[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    run.is_paid_once();
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_a_disk_takes_no_more_of_leaves_no_file() {
    let run = FileRun::of(300).await;
    let lost = FaultRule::on(Operation::CreateAllocatePoints, Fault::Reset(When::Before));
    run.live.sandbox.add_fault(lost.nth(1));
    assert_eq!(run.pay(&[]).code, Some(4));
    let folder = run.live.folder.path().join("exports");
    fs::create_dir(&folder).unwrap();
    let to = folder.join("rest.csv");
    let export = ["run", "export", "1", "--state", "pending", "--yes", "--to"];
    let export = run.live.command(&[&export[..], &[to.to_str().unwrap()]].concat());
    let mut limited = through_shell("trap '' XFSZ; ulimit -f 2048; exec \"$0\" \"$@\"", &export);
    let ended = CommandResult::from(limited.output().unwrap());
    assert!(!matches!(ended.code, Some(0) | None), "{ended:?}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);

    let said = "export them again, with --state pending,not-sent. What has a new reference by now keeps it.";
    assert!(ended.stderr.contains(said), "{ended:?}");

    let export = ["run", "export", "1", "--state", "pending,not-sent", "--yes", "--to"];
    let ended = run.live.run(&[&export[..], &[to.to_str().unwrap()]].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let text = fs::read_to_string(&to).unwrap();
    assert_eq!((text.lines().count(), text.ends_with('\n')), (300, true));
    // What was exported before the disk was full has the reference that it got then.
    let rows = run.live.json(&["history", "--run", "1"]);
    let kept: Vec<_> = rows.iter().filter_map(|row| row["exported_as"].as_str()).collect();
    assert_eq!(kept.len(), 299);
    assert!(
        kept.iter().all(|reference| text.contains(&format!(",{reference},"))),
        "{text}"
    );
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_bulk_request_and_settlements_are_told_where_standard_output_is_broken() {
    let sandbox = Sandbox::start().await.unwrap();
    let bulk = ["bulk", "--file", "examples/bulk.csv", "--mode", "existing-and-new"];
    for format in ["table", "json", "csv"] {
        for way in 0..4 {
            let (command, folder) = live(&sandbox, &bulk, &["--output", format]);
            let (name, mut command) = broken(&command).swap_remove(way);
            let ended = CommandResult::from(command.output().unwrap());
            let done = ended
                .stderr
                .lines()
                .filter(|line| line.contains("BULK-") && line.contains("done"));
            assert_eq!((ended.code, done.count()), (Some(0), 3), "{format} {name}: {ended:?}");
            assert_eq!(kept(&folder, "done").len(), 3);
        }
    }

    let points = Operation::CreateAllocatePoints;
    sandbox.add_fault(FaultRule::on(points, Fault::Reset(When::After)));
    let allocate = [&["allocate"][..], &ALLOCATE_ARGS, &["--reference", "R1"]].concat();
    let (mut command, folder) = live(&sandbox, &allocate, &[]);
    assert_eq!(command.output().unwrap().status.code(), Some(4));
    let path = folder.path().join("tickets.jsonl");
    fs::write(&path, stored_ticket(&folder.path().join("state"), "R1").await).unwrap();
    for format in ["table", "json", "csv"] {
        let mut settle = enkash(&["settle", "--file", path.to_str().unwrap(), "--output", format]);
        settle
            .envs(settings(sandbox.credentials()))
            .env("ENKASH_STATE_DIR", folder.path().join("state"));
        for (name, mut command) in broken(&settle) {
            let ended = CommandResult::from(command.output().unwrap());
            assert_eq!(ended.code, Some(0), "{format} {name}: {ended:?}");
            let is_told = |line: &str| line.contains("R1") && line.contains("done");
            assert!(ended.stderr.lines().any(is_told), "{format} {name}: {}", ended.stderr);
        }
    }
}
