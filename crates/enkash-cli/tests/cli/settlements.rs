//! `enkash settle`, with the tickets of real calls whose response was lost.

use std::{io::Write, process::Stdio};

use enkash::rewards::{BulkAllocation, BulkMode, BulkRow};
use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, Seed, Switches, When, seed::PersonSeed};
use serde_json::Value;

use crate::{
    help::{examples, help_of},
    live_calls::{ALLOCATE_ARGS, live as run_at},
    support::{CommandResult, LiveSandbox, TemporaryFile, run},
};

pub(crate) fn allocate(reference: &str) -> Vec<&str> {
    [&["allocate"][..], &ALLOCATE_ARGS, &["--yes", "--reference", reference]].concat()
}

/// A call whose answer is lost before or after its effect.
pub(crate) fn lose(live: &LiveSandbox, operation: Operation, when: When, command: &[&str]) {
    live.sandbox.add_fault(FaultRule::on(operation, Fault::Reset(when)));
    let ended = live.run(command);
    live.sandbox.clear_faults();
    assert_eq!(ended.code, Some(4), "{command:?}: {ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_answer_was_lost_is_found() {
    let live = LiveSandbox::start().await;
    let points = Operation::CreateAllocatePoints;
    let ravi = [
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
        "100",
        "--yes",
        "--reference",
    ];
    let order = [
        "order",
        "create",
        "--product",
        "PC0SANDBOXBOOKS1",
        "--denomination",
        "100",
        "--quantity",
        "2",
        "--yes",
        "--reference",
    ];
    for (reference, operation, command, found_by) in [
        ("R1", points, allocate("R1"), "searchTransactions"),
        (
            "R2",
            points,
            [&["unallocate"], &ravi[..], &["R2"]].concat(),
            "searchTransactions",
        ),
        (
            "R3",
            points,
            [&["incentives", "allocate"], &ravi[..], &["R3"]].concat(),
            "searchTransactions",
        ),
        (
            "R4",
            Operation::CreateOrder,
            [&order[..], &["R4"]].concat(),
            "fetchOrderInfo",
        ),
    ] {
        lose(&live, operation, When::After, &command);
        let calls = live.sandbox.calls(operation);
        let ticket = live.stored_ticket(reference).await;
        assert_eq!(live.unknown(), [reference]);
        let settled = live.run(&["settle", &ticket]);
        assert_eq!(settled.code, Some(0), "{command:?}: {settled:?}");
        assert_eq!(
            (
                settled.value("outcome"),
                settled.value("found by"),
                settled.value("entries")
            ),
            ("done", found_by, "1")
        );
        // It moved nothing, and the ledger knows.
        assert_eq!(live.sandbox.calls(operation), calls);
        assert_eq!(live.unknown(), [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_happen_stays_unknown_and_says_what_to_do() {
    let live = LiveSandbox::start().await;
    lose(&live, Operation::CreateAllocatePoints, When::Before, &allocate("R1"));
    let settled = live.run(&["settle", &live.stored_ticket("R1").await, "--within", "0s"]);
    assert_eq!(
        (settled.code, settled.value("outcome")),
        (Some(4), "unknown"),
        "{settled:?}"
    );
    assert!(
        settled.value("reason").contains("which proves nothing")
            && settled.value("next").contains("settle it again later"),
        "{}",
        settled.stdout
    );
    assert_eq!(settled.value("looks"), "1");
    assert_eq!(live.unknown(), ["R1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_arguments_all_that_is_unknown_at_this_host_is_looked_up_and_written_down() {
    let live = LiveSandbox::start().await;
    let points = Operation::CreateAllocatePoints;
    let nothing = live.run(&["settle"]);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(0), ""), "{nothing:?}");
    assert!(
        nothing.stderr.contains("no call of the ledger is unknown at this host"),
        "{nothing:?}"
    );
    assert!(live.sandbox.log().is_empty());

    lose(&live, points, When::After, &allocate("R1"));
    let other = [&ALLOCATE_ARGS[..11], &["1"]].concat();
    let other = [&["allocate"][..], &other, &["--yes", "--reference", "R2"]].concat();
    lose(&live, points, When::Before, &other);
    let bulk = [
        "bulk",
        "--file",
        "examples/bulk.csv",
        "--mode",
        "existing-and-new",
        "--yes",
    ];
    lose(&live, Operation::BulkCreateAllocateRewards, When::After, &bulk);
    assert_eq!(live.unknown().len(), 5);

    // Another host has other calls.
    let elsewhere = Sandbox::start().await.unwrap();
    let mut command = live.command(&["settle"]);
    command.env("ENKASH_BASE_URL", elsewhere.url());
    let ended = CommandResult::from(command.output().unwrap());
    assert!(
        ended.stderr.contains("no call of the ledger is unknown at this host"),
        "{ended:?}"
    );
    assert_eq!(ended.code, Some(4), "{ended:?}");

    let ended = live.run(&["settle", "--within", "0s"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    for (reference, outcome) in [
        ("R1", "done"),
        ("R2", "unknown"),
        ("BULK-2026-0001", "done"),
        ("BULK-2026-0002", "done"),
        ("BULK-2026-0003", "done"),
    ] {
        let is_told = |line: &str| line.starts_with(&format!("{reference} ")) && line.contains(outcome);
        assert!(ended.stdout.lines().any(is_told), "{reference}: {}", ended.stdout);
    }
    assert!(ended.stdout.contains("5 tickets: 4 done"), "{}", ended.stdout);
    assert_eq!(live.unknown(), ["R2"]);
    let rows = live.json(&["history", "--state", "done"]);
    for row in &rows {
        assert_eq!(row["decided_by"], "settlement", "{row}");
    }
    assert_eq!(rows.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_comes_from_standard_input_and_goes_out_as_json_and_csv() {
    let live = LiveSandbox::start().await;
    lose(&live, Operation::CreateAllocatePoints, When::After, &allocate("R1"));
    let ticket = live.stored_ticket("R1").await;
    let settle = |form: &str| {
        let mut command = live.command(&["settle", "-", "--output", form]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(ticket.as_bytes()).unwrap();
        CommandResult::from(child.wait_with_output().unwrap())
    };
    let json: Value = serde_json::from_str(&settle("json").stdout).unwrap();
    assert_eq!(
        (
            &json["operation"],
            &json["reference"],
            &json["amount"],
            &json["outcome"]
        ),
        (
            &"createAllocatePoints".into(),
            &"R1".into(),
            &"250.50".into(),
            &"done".into()
        )
    );
    assert_eq!(json["matched"].as_array().unwrap().len(), 10, "{json}");
    assert_eq!((&json["entries"], &json["evidence"]), (&1.into(), &"unverified".into()));

    let csv = settle("csv").stdout;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let record = reader.records().next().unwrap().unwrap();
    for (name, value) in header.iter().zip(&record) {
        let value_of_json = match &json[name] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Array(facts) => facts
                .iter()
                .map(|fact| fact.as_str().unwrap())
                .collect::<Vec<_>>()
                .join(", "),
            other => other.to_string(),
        };
        assert_eq!(value, value_of_json, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn value_that_moved_twice_is_said_loudly() {
    let mut switches = Switches::new();
    switches.apply("duplicate_reference=credit-again").unwrap();
    let sandbox = Sandbox::builder().switches(switches).start().await.unwrap();
    let live = LiveSandbox::of(sandbox);
    assert_eq!(live.run(&allocate("R1")).code, Some(0));
    // Somebody without this ledger.
    assert_eq!(run_at(&live.sandbox, &allocate("R1")).code, Some(0));
    let settled = live.run(&["settle", &live.stored_ticket("R1").await]);
    assert_eq!((settled.code, settled.value("entries")), (Some(0), "2"), "{settled:?}");
    assert!(
        settled
            .stderr
            .contains("WARNING: 2 entries match R1: the value moved MORE THAN ONCE"),
        "{}",
        settled.stderr
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_tickets_is_settled_one_by_one_and_ends_with_the_worst() {
    let live = LiveSandbox::start().await;
    let points = Operation::CreateAllocatePoints;
    lose(&live, points, When::After, &allocate("R1"));
    lose(&live, points, When::Before, &allocate("R2"));
    let (found, missing) = (live.stored_ticket("R1").await, live.stored_ticket("R2").await);
    let file = TemporaryFile::new(format!("{found}\n\n{missing}\n"));
    let ended = live.run(&["settle", "--file", file.path(), "--within", "0s"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let lines: Vec<_> = ended.stdout.lines().collect();
    assert!(lines[1].starts_with("R1 ") && lines[1].contains("done"), "{lines:?}");
    assert!(lines[2].starts_with("R2 ") && lines[2].contains("unknown"), "{lines:?}");
    assert_eq!(lines[3], "2 tickets: 1 done");

    // One that is wrong stops all, and no value of it is repeated.
    let file = TemporaryFile::new(format!("{found}\n{}\n", missing.replace("250.5", "\"x9000000077\"")));
    let calls = live.sandbox.log().len();
    let ended = live.run(&["settle", "--file", file.path()]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    assert!(ended.stderr.contains(":2: amount is not an amount"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("90000"), "{}", ended.stderr);
    assert_eq!(live.sandbox.log().len(), calls);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_are_not_accepted_end_with_5() {
    let live = LiveSandbox::start().await;
    assert_eq!(live.run(&allocate("R1")).code, Some(0));
    let mut wrong = live.command(&["settle", &live.stored_ticket("R1").await, "--no-token-cache"]);
    wrong.env("ENKASH_PASSWORD", "not-the-password");
    let ended = CommandResult::from(wrong.output().unwrap());
    assert_eq!(ended.code, Some(5), "{ended:?}");
    assert!(!format!("{ended:?}").contains("not-the-password"), "{ended:?}");
}

#[test]
fn the_sandbox_of_one_command_has_nothing_to_settle_and_says_what_has() {
    let ended = run(&["--sandbox", "settle", "{}"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(ended.stderr.contains("`enkash sandbox`"), "{}", ended.stderr);
    let neither = run(&["--sandbox", "settle"]);
    assert_eq!(neither.code, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_the_help_run() {
    let live = LiveSandbox::start().await;
    // What the example's ticket is of.
    lose(
        &live,
        Operation::CreateAllocatePoints,
        When::After,
        &allocate("BONUS-2026-0042"),
    );
    for example in examples(&help_of(&["settle"])) {
        let arguments: Vec<_> = example.split_whitespace().skip(1).collect();
        let ended = live.run(&arguments);
        assert_eq!(ended.code, Some(0), "{example}: {ended:?}");
        assert!(ended.stdout.contains("BONUS-2026-0042"), "{example}: {ended:?}");
    }
}

/// The figures in docs/performance.md: run with `--release -- --nocapture`.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_tickets_at_ten_thousand_cards_fetch_the_list_of_cards_once() {
    const CARDS: usize = 10_000;
    const TICKETS: usize = 1_000;
    let people = (0..CARDS).map(|number| format!("91{number:08}"));
    let seed = people
        .clone()
        .fold(Seed::small().account_balance(1_000_000), |seed, mobile| {
            seed.person(PersonSeed::new(mobile))
        });
    let sandbox = Sandbox::builder()
        .seed(seed)
        .check_responses(false)
        .start()
        .await
        .unwrap();
    let to = sandbox.credentials();
    let credentials = enkash::Credentials::new(
        to.client_id.as_str(),
        to.client_secret.as_str(),
        to.username.as_str(),
        to.password.as_str(),
    );
    let client = enkash::Enkash::builder(enkash::Hosts::new(to.url.as_str()))
        .credentials(credentials)
        .partner_id(to.partner_id.as_str())
        .build()
        .unwrap();
    let rewards = client.rewards(to.company_id.as_str(), to.card_account_id.as_str());
    let rows = people.take(TICKETS).enumerate().map(|(number, mobile)| {
        let reference = format!("RUN-{number}").parse().unwrap();
        BulkRow::new(
            "Mr",
            "Ravi",
            "ravi@example.com",
            mobile,
            "1".parse().unwrap(),
            reference,
        )
    });
    let bulk = BulkAllocation::new(rows.collect(), BulkMode::ExistingAndNew).unwrap();
    let tickets = rewards.tickets(&bulk);
    assert_eq!(rewards.allocate_bulk(bulk).await.rows.len(), TICKETS);
    assert_eq!(sandbox.credits("RUN-999"), 1);

    let lines: String = tickets
        .iter()
        .map(|ticket| serde_json::to_string(ticket).unwrap() + "\n")
        .collect();
    let file = TemporaryFile::new(lines);
    let count = |operation| sandbox.calls(operation);
    for (setting, most_searches) in [
        ("transaction_without_card=works", 10),
        // Each on its person's card, after the two groups that learn it.
        ("transaction_without_card=refused", TICKETS as u64 + 2),
    ] {
        let mut switches = Switches::new();
        switches.apply(setting).unwrap();
        sandbox.set_switches(switches);
        let before = (count(Operation::SearchTransactions), count(Operation::SearchCards));
        let start = std::time::Instant::now();
        let ended = run_at(&sandbox, &["settle", "--file", file.path()]);
        let time = start.elapsed().as_secs_f64();
        let searches = count(Operation::SearchTransactions) - before.0;
        let card_searches = count(Operation::SearchCards) - before.1;
        println!("{setting}: {time:.2} s, {searches} searches, {card_searches} of cards");
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(ended.stdout.ends_with("1000 tickets: 1000 done\n"), "{}", ended.stdout);
        assert_eq!(card_searches, 1);
        assert!(searches <= most_searches, "{searches}");
    }
}
