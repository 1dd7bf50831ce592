//! Which rows of the ledger `enkash settle` is about: what it finds goes to the one that was sent, and it ends with "done" only where
//! nothing else of the ledger is unknown.

use enkash_sandbox::{Fault, FaultRule, Operation, When};

use crate::{
    doubts::POINTS,
    runs::FileRun,
    settlements::{allocate, lose},
    support::{CommandResult, LiveSandbox, NOBODY},
};

fn outcomes(live: &LiveSandbox, reference: &str) -> Vec<String> {
    let rows = live.json(&["history", "--reference", reference]);
    rows.iter()
        .map(|row| row["outcome"].as_str().unwrap().to_owned())
        .collect()
}

/// A call that was certainly not sent, and the ticket of its row.
async fn not_sent(live: &LiveSandbox, reference: &str) -> String {
    let mut wrong = live.command(&[&allocate(reference)[..], &["--no-token-cache"]].concat());
    let ended = CommandResult::from(wrong.env("ENKASH_PASSWORD", "not-the-password").output().unwrap());
    assert_eq!(ended.value("outcome"), "not sent", "{ended:?}");
    live.stored_ticket(reference).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_is_written_to_the_row_that_was_sent_and_not_to_one_that_made_way() {
    // By the ticket of either call: they ask for the same, and the one payment is of the second.
    for is_of_the_first in [false, true] {
        let live = LiveSandbox::start().await;
        let first = not_sent(&live, "X-1").await;
        lose(&live, POINTS, When::After, &allocate("X-1"));
        assert_eq!(outcomes(&live, "X-1"), ["not sent", "unknown"]);
        let ticket = match is_of_the_first {
            true => first,
            false => live.stored_ticket("X-1").await,
        };
        for _ in 0..2 {
            let settled = live.run(&["settle", &ticket, "--within", "0s"]);
            assert_eq!(
                (settled.code, settled.value("outcome")),
                (Some(0), "done"),
                "{settled:?}"
            );
            assert!(!settled.stderr.contains("look at X-1"), "{settled:?}");
            assert_eq!(outcomes(&live, "X-1"), ["not sent", "done"]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unknown_elsewhere_is_counted_and_not_taken_for_found() {
    let live = LiveSandbox::start().await;
    lose(&live, POINTS, When::After, &allocate("R1"));
    let settle = |name: &str, value: &str| {
        let mut command = live.command(&["settle", "--within", "0s"]);
        CommandResult::from(command.env(name, value).output().unwrap())
    };
    for (name, value, said) in [
        (
            "ENKASH_COMPANY_ID",
            "OTHERCO",
            "1 of other companies than the settings name",
        ),
        ("ENKASH_BASE_URL", NOBODY, "1 at other hosts than the settings name"),
    ] {
        let ended = settle(name, value);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""), "{ended:?}");
        assert!(ended.stderr.contains(said), "{said} in {ended:?}");
        assert!(
            ended.stderr.contains("enkash history --state unknown shows them."),
            "{ended:?}"
        );
        let denies = ended.stderr.contains("no call of the ledger is unknown at this host");
        assert_eq!(denies, name == "ENKASH_BASE_URL", "{ended:?}");
    }
    // Also where all that is looked up is found.
    let other = "allocate --title Ms --name Asha --email a@example.com --mobile 9000000005 --gender F --amount 5 --yes";
    let other: Vec<_> = other.split(' ').collect();
    let mut elsewhere = live.command(&other);
    elsewhere.env("ENKASH_COMPANY_ID", "OTHERCO");
    live.sandbox
        .add_fault(FaultRule::on(POINTS, Fault::Reset(When::Before)));
    let lost = CommandResult::from(elsewhere.output().unwrap());
    live.sandbox.clear_faults();
    assert_eq!(lost.code, Some(4), "{lost:?}");
    let ended = live.run(&["settle", "--within", "0s"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(ended.stdout.contains("1 ticket: 1 done"), "{ended:?}");
    assert!(ended.stderr.contains("1 of other companies"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_has_on_its_way_is_counted_and_left_alone() {
    let run = FileRun::of(20).await;
    let mut sending = run.start_and_hold().await;
    let ended = run.live.run(&["settle", "--within", "0s"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""), "{ended:?}");
    assert!(
        ended.stderr.contains("8 on their way in a run that is being sent"),
        "{ended:?}"
    );
    assert_eq!(run.live.sandbox.calls(Operation::SearchTransactions), 0);
    sending.signal("KILL");
    sending.ended();
    let ended = run.live.run(&["settle", "--within", "0s"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
}
