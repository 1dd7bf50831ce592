//! Files as runs: each reference is paid once, whatever stops the command and however it goes on. The sandbox says what it got.

use std::{
    io::{BufRead, BufReader},
    process::Command,
};

use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, Seed, When};
use serde_json::Value;

use crate::support::{CommandResult, LiveSandbox, Running, file_of, json_lines, refusal};

const POINTS: Operation = Operation::CreateAllocatePoints;

/// A sandbox with a file of so many rows, and the command that pays it.
pub(crate) struct FileRun {
    pub(crate) live: LiveSandbox,
    path: String,
    rows: usize,
}

impl FileRun {
    pub(crate) async fn of(rows: usize) -> Self {
        Self::at(Sandbox::start().await.unwrap(), rows)
    }

    pub(crate) fn at(sandbox: Sandbox, rows: usize) -> Self {
        let live = LiveSandbox::of(sandbox);
        let path = live.folder.write("file.csv", &file_of(rows));
        let path = path.to_str().unwrap().to_owned();
        Self { live, path, rows }
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    fn arguments<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        [&["allocate", "--file", &self.path, "--yes"], more].concat()
    }

    pub(crate) fn pay(&self, more: &[&str]) -> CommandResult {
        self.live.run(&self.arguments(more))
    }

    pub(crate) fn command(&self, more: &[&str]) -> Command {
        self.live.command(&self.arguments(more))
    }

    pub(crate) fn start(&self, more: &[&str]) -> Running {
        Running::start(self.command(more))
    }

    /// Starts it and comes back when the responses to eight calls are held back, after four that came.
    pub(crate) async fn start_and_hold(&self) -> Running {
        let hold = Fault::Delay(std::time::Duration::from_secs(3600), When::After);
        for nth in 5..=12 {
            self.live
                .sandbox
                .add_fault(FaultRule::on(POINTS, hold.clone()).nth(nth));
        }
        let mut running = self.start(&[]);
        self.live.wait_for_allocations(12, &mut running).await;
        running
    }

    /// Every reference was credited once, by one call.
    pub(crate) fn is_paid_once(&self) {
        for row in 0..self.rows {
            assert_eq!(self.live.sandbox.credits(&format!("REF{row}")), 1, "REF{row}");
        }
        assert_eq!(self.live.allocations(), self.rows as u64);
    }

    /// The newest run, as the list has it.
    pub(crate) fn listed(&self) -> Value {
        self.live.json(&["run", "list"]).swap_remove(0)
    }
}

/// The lines of rows, by line of the file.
fn rows(ended: &CommandResult) -> Vec<Value> {
    let mut rows = json_lines(&ended.stdout);
    rows.retain(|line| line["type"] == "row");
    rows.sort_by_key(|row| row["line"].as_u64());
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_again_sends_nothing_and_repeats_its_report() {
    let run = FileRun::of(12).await;
    run.live.sandbox.add_fault(FaultRule::on(POINTS, refusal()).nth(3));
    let first = run.pay(&["--json", "--concurrency", "1"]);
    assert_eq!(first.code, Some(3), "{first:?}");
    assert!(
        first
            .stderr
            .contains("run 1 is finished: the same command again sends nothing and repeats this report."),
        "{}",
        first.stderr
    );
    let asked = run.live.sandbox.log().len();
    let again = run.pay(&["--json"]);
    assert_eq!(again.code, Some(3), "{again:?}");
    assert!(
        again.stderr.contains("run 1 of file.csv is finished since 20")
            && again.stderr.contains("nothing is sent, and this is its report"),
        "{}",
        again.stderr
    );
    assert_eq!(rows(&again), rows(&first));
    assert_eq!(rows(&again).len(), 12);
    let summary = |ended: &CommandResult| json_lines(&ended.stdout).pop().unwrap();
    assert_eq!(summary(&again), summary(&first));
    assert_eq!(run.live.sandbox.log().len(), asked);
    // Also without a yes: there is nothing to ask about.
    let unasked = run.live.run(&["allocate", "--file", &run.path]);
    assert_eq!(unasked.code, Some(3), "{unasked:?}");
    assert_eq!(run.live.sandbox.log().len(), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_is_another_run_whose_used_references_are_refused() {
    let run = FileRun::of(3).await;
    assert_eq!(run.pay(&[]).code, Some(0));
    let changed = file_of(4).replace("0.01,REF1", "7.00,REF1");
    let path = run.live.folder.write("changed.csv", &changed);
    let path = path.to_str().unwrap();
    let asked = run.live.sandbox.log().len();
    for more in [
        &["--yes"][..],
        &["--yes", "--new-run"],
        &["--yes", "--allow-duplicates"],
    ] {
        let ended = run.live.run(&[&["allocate", "--file", path], more].concat());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        for (line, reference) in [(2, "REF0"), (3, "REF1"), (4, "REF2")] {
            let said = format!("changed.csv:{line}:7: the reference {reference} was used before: done at 20");
            assert!(ended.stderr.contains(&said), "{said} in {}", ended.stderr);
            assert!(
                ended.stderr.contains(&format!("(run 1, line {line})")),
                "{}",
                ended.stderr
            );
        }
        assert!(
            ended.stderr.contains("changed.csv would pay again: nothing was sent"),
            "{}",
            ended.stderr
        );
    }
    // The same file as a new run has used references, too.
    let ended = run.pay(&["--new-run"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert_eq!(run.live.sandbox.log().len(), asked);
    assert_eq!(run.live.json(&["run", "list"]).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_person_and_amount_twice_needs_a_flag_of_its_own() {
    let live = LiveSandbox::start().await;
    let header = "title,name,email,mobile,gender,amount,reference\n";
    let row = |reference: &str, amount: &str| format!("Ms,Meera,m@example.com,9000000004,F,{amount},{reference}\n");
    let pay = |rows: String, more: &[&str]| {
        let path = live.folder.write("file.csv", &format!("{header}{rows}"));
        live.run(&[&["allocate", "--file", path.to_str().unwrap(), "--yes"], more].concat())
    };
    let twice = || format!("{}{}", row("D1", "5"), row("D2", "5.00"));
    let ended = pay(twice(), &[]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    for said in [
        "file.csv:3:4: the same mobile number and amount stand on line 2",
        "1 row of ",
        "would pay again: nothing was sent. Where each is a payment of its own, add --allow-duplicates.",
    ] {
        assert!(ended.stderr.contains(said), "{said} in {}", ended.stderr);
    }
    assert!(live.sandbox.log().is_empty());
    assert_eq!(pay(twice(), &["--allow-duplicates"]).code, Some(0));

    let sent = live.allocations();
    let ended = pay(row("D3", "5"), &[]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.stderr.contains(
            "file.csv:2:4: the same mobile number and amount were in the last seven days: reference D1, done at "
        ),
        "{}",
        ended.stderr
    );
    assert_eq!(live.allocations(), sent);
    assert_eq!(pay(row("D4", "6"), &[]).code, Some(0));
    assert_eq!(pay(row("D3", "5"), &["--allow-duplicates"]).code, Some(0));
    for reference in ["D1", "D2", "D3", "D4"] {
        assert_eq!(live.sandbox.credits(reference), 1, "{reference}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balance_that_is_too_small_is_refused_or_used_up_on_request() {
    // Ten rows of 0.01, and an account that holds half of it.
    let seed = Seed::small().account_balance(rust_decimal::Decimal::new(5, 2));
    let run = FileRun::at(Sandbox::builder().seed(seed).start().await.unwrap(), 10);
    let ended = run.pay(&[]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(6), ""), "{ended:?}");
    assert!(
        ended
            .stderr
            .contains("the account holds 0.05, and the rows add up to 0.10: nothing was sent."),
        "{}",
        ended.stderr
    );
    assert_eq!(run.live.allocations(), 0);
    assert_eq!(run.live.json(&["run", "list"]).len(), 0);

    let ended = run.pay(&["--allow-short"]);
    assert_eq!(ended.code, Some(6), "{ended:?}");
    assert!(
        ended.stdout.contains("10 rows: 5 done, 5 pending; 0.05 allocated")
            && ended
                .stdout
                .contains("the run is paused: the account does not hold the next amount"),
        "{}",
        ended.stdout
    );
    let listed = run.listed();
    assert_eq!(
        (&listed["state"], &listed["done"], &listed["pending"]),
        (&"paused".into(), &5.into(), &5.into())
    );
    let shown = run.live.run(&["run", "show", listed["id"].as_str().unwrap()]);
    assert_eq!(shown.value("because"), "the account does not hold the next amount");

    // Points that are taken back fill it up.
    let back = [
        "unallocate",
        "--title",
        "Mr",
        "--name",
        "Ravi",
        "--email",
        "ravi@example.com",
        "--mobile",
        "9000000901",
        "--gender",
        "M",
        "--amount",
        "1",
        "--yes",
    ];
    assert_eq!(run.live.run(&back).code, Some(0));
    let ended = run.pay(&[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.stdout.contains("10 rows: 10 done; 0.10 allocated"),
        "{}",
        ended.stdout
    );
    for row in 0..10 {
        assert_eq!(run.live.sandbox.credits(&format!("REF{row}")), 1);
    }
}

/// Each of the first five rows costs twice its amount, as if somebody else spent meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_balance_that_is_used_up_unexpectedly_pauses_the_run_at_the_first_row_that_is_refused_for_it() {
    let seed = Seed::small().account_balance(rust_decimal::Decimal::new(10, 2));
    let run = FileRun::at(Sandbox::builder().seed(seed).start().await.unwrap(), 10);
    run.live
        .sandbox
        .add_fault(FaultRule::on(POINTS, Fault::DuplicateExecution).times(5));
    let ended = run.pay(&["--concurrency", "1"]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(
        ended
            .stdout
            .contains("10 rows: 5 done, 1 refused, 4 pending; 0.05 allocated")
            && ended
                .stdout
                .contains("the run is paused: the account does not hold the next amount")
            && ended
                .stdout
                .contains("the rows that are done add up to 0.05, a difference of 0.05 that no row explains"),
        "{}",
        ended.stdout
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_goes_on_and_pays_nobody_twice() {
    for way in ["the same command", "run resume", "run resume with its number"] {
        let run = FileRun::of(20).await;
        let mut running = run.start_and_hold().await;
        running.signal("KILL");
        assert_eq!(running.ended().code, None);
        run.live.sandbox.clear_faults();

        let listed = run.listed();
        let count = |name: &str| listed[name].as_u64().unwrap();
        assert_eq!(
            (&listed["state"], count("rows")),
            (&"interrupted".into(), 20),
            "{listed}"
        );
        // The outcomes that were on their way to the disk are in doubt as well.
        assert_eq!(
            (count("done") + count("unknown"), count("pending")),
            (12, 8),
            "{listed}"
        );
        assert!(count("unknown") >= 8, "{listed}");

        let ended = match way {
            "the same command" => run.pay(&[]),
            "run resume" => run.live.run(&["run", "resume", "--yes"]),
            _ => run.live.run(&["run", "resume", "1", "--yes"]),
        };
        assert_eq!(ended.code, Some(0), "{way}: {ended:?}");
        let unknown = count("unknown");
        let said = format!("{unknown} rows were in flight or unknown: {unknown} settled, 0 still unknown");
        assert!(ended.stderr.contains(&said), "{way}: {}", ended.stderr);
        assert!(
            ended.stdout.contains("20 rows: 20 done; 0.20 allocated"),
            "{way}: {}",
            ended.stdout
        );
        run.is_paid_once();
        assert_eq!(run.listed()["state"], "finished");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stays_unknown_is_not_sent_again_and_does_not_stop_the_rest() {
    let run = FileRun::of(6).await;
    run.live
        .sandbox
        .add_fault(FaultRule::on(POINTS, Fault::Reset(When::Before)).nth(1));
    let ended = run.pay(&[]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert_eq!(run.live.allocations(), 1);
    run.live.sandbox.clear_faults();
    let ended = run.pay(&["--settle-within", "0s"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(
        ended
            .stderr
            .contains("1 row was in flight or unknown: 0 settled, 1 still unknown"),
        "{}",
        ended.stderr
    );
    assert!(
        ended
            .stdout
            .contains("6 rows: 5 done, 1 unknown; 0.05 allocated\nunknown: REF0 (line 2)"),
        "{}",
        ended.stdout
    );
    assert_eq!((run.live.allocations(), run.live.sandbox.credits("REF0")), (6, 0));
    // Nothing is left to send.
    assert_eq!(run.listed()["state"], "finished");
}

/// The pipe holds only a part of what the run has to say, so it cannot have ended when the signal comes.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_by_a_signal_finishes_its_calls_and_goes_on_later() {
    for signal in ["INT", "TERM", "HUP"] {
        if signal == "HUP" && crate::interrupts::is_hang_up_ignored() {
            continue;
        }
        let run = FileRun::of(1_500).await;
        let mut running = run.start(&[]);
        let mut stdout = BufReader::new(running.child().stdout.take().unwrap());
        for _ in 0..3 {
            stdout.read_line(&mut String::new()).unwrap();
        }
        running.signal(signal);
        let said = std::io::read_to_string(stdout).unwrap();
        assert_eq!(running.ended().code, Some(130), "{signal}: {said}");
        assert!(
            said.contains("the run is paused: it was interrupted"),
            "{signal}: {said}"
        );
        let listed = run.listed();
        let (done, pending) = (listed["done"].as_u64().unwrap(), listed["pending"].as_u64().unwrap());
        assert_eq!(
            (&listed["state"], done + pending, run.live.allocations()),
            (&"paused".into(), 1_500, done),
            "{listed}"
        );
        let ended = run.live.run(&["run", "resume", "--yes"]);
        assert_eq!(ended.code, Some(0), "{signal}: {}", ended.stderr);
        run.is_paid_once();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_are_given_up_on_are_unknown_and_settled_by_the_next_command() {
    let run = FileRun::of(20).await;
    let mut running = run.start_and_hold().await;
    let mut stderr = BufReader::new(running.child().stderr.take().unwrap());
    running.interrupt();
    let mut line = String::new();
    while !line.starts_with("waiting for the responses to 8 calls") {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it did not wait");
    }
    running.interrupt();
    let ended = running.ended();
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(
        ended
            .stdout
            .contains("20 rows: 4 done, 8 unknown, 8 pending; 0.04 allocated"),
        "{}",
        ended.stdout
    );
    // A time-out would be unknown as well: these were given up on. Nor is the API asked for anything more.
    assert_eq!(
        ended.stdout.matches("its response was not waited for").count(),
        8,
        "{}",
        ended.stdout
    );
    assert!(ended.stdout.contains("balance after: not known"), "{}", ended.stdout);
    run.live.sandbox.clear_faults();
    let ended = run.pay(&[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    run.is_paid_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_goes_away_pauses_the_run_and_nothing_is_in_doubt() {
    let run = FileRun::of(30).await;
    let gone = Fault::Refused(std::time::Duration::from_secs(3600));
    run.live.sandbox.add_fault(FaultRule::on(POINTS, gone).nth(5));
    let ended = run.pay(&["--concurrency", "1"]);
    assert_eq!(ended.code, Some(6), "{ended:?}");
    assert!(
        ended
            .stdout
            .contains("30 rows: 5 done, 10 not sent, 15 pending; 0.05 allocated")
            && ended.stdout.contains("the run is paused: rows could not be sent"),
        "{}",
        ended.stdout
    );
    run.live.sandbox.accept_connections().await;
    let ended = run.pay(&[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    run.is_paid_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_at_a_time_sends_a_run() {
    // A run of its own for each: what is held back is given up after 30 s.
    for (command, code, said) in [
        (
            None,
            6,
            "another process is sending run 1: nothing was sent by this one",
        ),
        (
            Some(vec!["run", "resume", "--yes"]),
            6,
            "another process is sending run 1: nothing was sent by this one",
        ),
        (
            Some(vec!["run", "cancel", "1", "--yes"]),
            2,
            "another process is sending run 1: nothing was canceled",
        ),
        (
            Some(vec!["run", "export", "1", "--yes"]),
            2,
            "another process is sending run 1: nothing was exported",
        ),
    ] {
        let run = FileRun::of(20).await;
        let _running = run.start_and_hold().await;
        let calls = run.live.allocations();
        let ended = run.live.run(&command.unwrap_or_else(|| run.arguments(&[])));
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{ended:?}");
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
        assert_eq!(run.live.allocations(), calls);
    }
    let run = FileRun::of(20).await;
    let mut running = run.start_and_hold().await;
    let calls = run.live.allocations();
    // Nor does a look-up of all that is unknown touch it.
    let settled = run.live.run(&["settle"]);
    let said = "8 on their way in a run that is being sent";
    assert!(settled.stderr.contains(said), "{settled:?}");
    assert_eq!(run.listed()["state"], "running");
    assert_eq!(run.live.allocations(), calls);
    running.signal("KILL");
    running.ended();
    run.live.sandbox.clear_faults();

    // Two at once: one of them sends it.
    let both = [
        run.start(&[]),
        Running::start(run.live.command(&["run", "resume", "--yes"])),
    ];
    let mut codes: Vec<_> = both.into_iter().map(|running| running.ended().code.unwrap()).collect();
    codes.sort_unstable();
    // The second one may come so late that there is nothing left to do.
    assert!([[0, 6], [0, 2], [0, 0]].contains(&[codes[0], codes[1]]), "{codes:?}");
    assert_eq!(run.pay(&[]).code, Some(0));
    run.is_paid_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_by_several_processes_at_once_is_one_run() {
    for _ in 0..4 {
        let run = FileRun::of(40).await;
        let all = [(); 4].map(|()| run.start(&[]));
        for ended in all.map(Running::ended) {
            let is_busy = ended
                .stderr
                .contains("another process is sending run 1: nothing was sent by this one");
            let expected = if is_busy { 6 } else { 0 };
            assert_eq!(ended.code, Some(expected), "{ended:?}");
        }
        assert_eq!(run.live.json(&["run", "list"]).len(), 1);
        run.is_paid_once();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tickets_of_a_run_stand_in_a_file_as_well() {
    let run = FileRun::of(12).await;
    let tickets = run.live.folder.path().join("tickets.jsonl");
    let path = tickets.to_str().unwrap();
    let ended = run.pay(&["--tickets", path]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let text = std::fs::read_to_string(&tickets).unwrap();
    let mut references: Vec<String> = text
        .lines()
        .map(|line| {
            serde_json::from_str::<enkash::Ticket>(line)
                .unwrap()
                .reference
                .to_string()
        })
        .collect();
    references.sort();
    let mut expected: Vec<_> = (0..12).map(|row| format!("REF{row}")).collect();
    expected.sort();
    assert_eq!(references, expected);
    let settled = run.live.run(&["settle", "--file", path]);
    assert!(settled.stdout.contains("12 tickets: 12 done"), "{settled:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_incentives_is_a_run_of_its_own() {
    let run = FileRun::of(3).await;
    let incentives = ["incentives", "allocate", "--file", &run.path, "--yes"];
    assert_eq!(run.live.run(&incentives).code, Some(0));
    assert_eq!(run.listed()["command"], "incentives allocate");
    // The same file for the other command is not its continuation: its references are used.
    assert_eq!(run.pay(&[]).code, Some(2));
    let resumed = run.live.run(&incentives);
    assert!(resumed.stderr.contains("run 1 of file.csv is finished"), "{resumed:?}");
    run.is_paid_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_only_at_its_own_account() {
    let run = FileRun::of(4).await;
    run.live
        .sandbox
        .add_fault(FaultRule::on(POINTS, Fault::Reset(When::After)).nth(1));
    assert_eq!(run.pay(&[]).code, Some(4));
    run.live.sandbox.clear_faults();
    let elsewhere = |arguments: &[&str]| {
        let mut command = run.live.command(arguments);
        command.env("ENKASH_CARD_ACCOUNT_ID", "CA0OTHER");
        CommandResult::from(command.output().unwrap())
    };
    let ended = elsewhere(&["run", "resume", "1", "--yes"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.stderr.contains("run 1 is of account CA0SNDBX1") && ended.stderr.contains("name account CA0OTHER"),
        "{}",
        ended.stderr
    );
    let ended = elsewhere(&["run", "resume", "--yes"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("no run of account CA0OTHER"), "{}", ended.stderr);
    assert_eq!(run.live.allocations(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_yes_nothing_of_a_file_stays_in_the_ledger() {
    let run = FileRun::of(4).await;
    let ended = run.live.run(&["allocate", "--file", &run.path]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    for said in [
        "allocate 0.04 in 4 calls, one for each row of ",
        "the largest row is 0.01 (line 2)",
        "4 rows are for people without an earlier payment in this ledger, 0 for others",
        "Add --yes to send it.",
    ] {
        assert!(ended.stderr.contains(said), "{said} in {}", ended.stderr);
    }
    assert!(run.live.sandbox.log().is_empty());
    assert_eq!(run.live.json(&["run", "list"]).len(), 0);
    assert_eq!(run.live.json(&["history"]).len(), 0);
}

#[test]
fn in_the_sandbox_of_one_command_a_file_can_be_paid_again_and_again() {
    for _ in 0..2 {
        let ended = crate::support::run(&["--sandbox", "allocate", "--file", "examples/allocations.csv"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(
            ended
                .stderr
                .contains("The ledger of --sandbox ends with the command, so this can be run again."),
            "{}",
            ended.stderr
        );
    }
}

/// The next page is read while calls and conclusions wait for the same connections.
#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread")]
async fn a_run_with_more_calls_at_once_than_connections_is_paid_from_postgresql() {
    let Some(server) = enkash_test_servers::postgres::PostgresServer::shared() else {
        return;
    };
    let run = FileRun::of(1200).await;
    let mut command = run.command(&["--concurrency", "64"]);
    command.env("ENKASH_LEDGER_URL", server.database().url());
    let ended = CommandResult::from(command.output().unwrap());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    run.is_paid_once();
}
