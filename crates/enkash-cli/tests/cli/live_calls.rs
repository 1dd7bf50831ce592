//! Single calls with settings from the environment, at a sandbox beside the test that can be asked what came.

use std::time::Duration;

use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, When};
use serde_json::Value;

use crate::support::{CommandResult, LiveSandbox, enkash, run, settings};

pub(crate) const ALLOCATE_ARGS: [&str; 12] = [
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
];

pub(crate) fn live(sandbox: &Sandbox, arguments: &[&str]) -> CommandResult {
    enkash(arguments)
        .envs(settings(sandbox.credentials()))
        .output()
        .unwrap()
        .into()
}

fn arguments<'a>(command: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&[command][..], &ALLOCATE_ARGS, more].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_and_without_yes_nothing_is_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let ended = live(&sandbox, &arguments("allocate", &["--reference", "R1"]));
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    let url = &sandbox.credentials().url;
    assert!(
        ended.stderr.contains(&format!("on {url}, account CA0SNDBX1")),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stderr.contains("allocate 250.50 to Meera (mobile 9000000004)"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("reference R1"), "{}", ended.stderr);
    assert!(ended.stderr.contains("Add --yes to send it."), "{}", ended.stderr);
    assert!(sandbox.log().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn with_yes_the_call_stands_in_the_ledger_and_the_points_move_once() {
    let here = LiveSandbox::start().await;
    let sandbox = &here.sandbox;
    let ended = here.run(&arguments("allocate", &["--reference", "R1", "--yes"]));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!((ended.value("outcome"), ended.value("balance")), ("done", "250.50"));
    let ticket: enkash::Ticket = serde_json::from_str(&here.stored_ticket("R1").await).unwrap();
    assert_eq!(
        (ticket.reference.as_str(), ticket.amount()),
        ("R1", "250.50".parse().ok())
    );
    // Nobody needs it on a terminal, where others may read the number in it.
    assert!(!ended.stderr.contains("ticket"), "{}", ended.stderr);
    assert_eq!(
        (sandbox.credits("R1"), sandbox.calls(Operation::CreateAllocatePoints)),
        (1, 1)
    );

    let account = here.run(&["account"]);
    assert_eq!(account.value("available balance"), "999749.50");

    let back = live(
        sandbox,
        &arguments("unallocate", &["--reference", "R2", "--yes", "--json"]),
    );
    assert_eq!(back.code, Some(0), "{back:?}");
    let back: Value = serde_json::from_str(&back.stdout).unwrap();
    assert_eq!(
        (&back["operation"], &back["outcome"], &back["balance"]),
        (&"unallocate".into(), &"done".into(), &"0.00".into())
    );
    assert_eq!(sandbox.debits("R2"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_is_made_where_none_is_given() {
    let sandbox = Sandbox::start().await.unwrap();
    let ended = live(&sandbox, &arguments("allocate", &["--yes", "--json"]));
    let result: Value = serde_json::from_str(&ended.stdout).unwrap();
    let reference = result["reference"].as_str().unwrap();
    assert_eq!((reference.len(), sandbox.credits(reference)), (26, 1));
    // It was shown before it was sent.
    assert!(
        ended.stderr.contains(&format!("reference {reference}")),
        "{}",
        ended.stderr
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_so_and_ends_with_3() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut arguments = arguments("allocate", &["--yes"]);
    arguments[12] = "99999999";
    let ended = live(&sandbox, &arguments);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert_eq!(ended.value("outcome"), "refused");
    assert!(
        ended.stdout.contains("Insufficient balance in card account"),
        "{}",
        ended.stdout
    );
    assert!(ended.stdout.contains("Nothing moved."), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_outcome_says_what_to_look_up_and_not_to_repeat() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.add_fault(FaultRule::on(
        Operation::CreateAllocatePoints,
        Fault::Reset(When::After),
    ));
    let ended = live(&sandbox, &arguments("allocate", &["--reference", "R1", "--yes"]));
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert_eq!(ended.value("outcome"), "unknown");
    assert!(
        ended
            .stdout
            .contains("Do not repeat the call, and never with a new reference"),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains("enkash transactions --reference R1"),
        "{}",
        ended.stdout
    );
    assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 1);

    assert!(ended.value("next").contains("`enkash settle`"), "{}", ended.stdout);

    // What it says to do works.
    let found = live(&sandbox, &["transactions", "--reference", "R1"]);
    assert_eq!(found.code, Some(0));
    assert!(
        found
            .stdout
            .lines()
            .nth(1)
            .is_some_and(|line| line.starts_with("R1 ") && line.contains("250.50")),
        "{found:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_cannot_be_reached_ends_with_6() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.refuse_connections().await;
    let ended = live(&sandbox, &arguments("allocate", &["--reference", "R1", "--yes"]));
    assert_eq!(ended.code, Some(6), "{ended:?}");
    assert_eq!(ended.value("outcome"), "not sent");
    assert!(
        ended.stdout.contains("with the same reference: --reference R1"),
        "{}",
        ended.stdout
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_costs_one_log_in_and_ends_with_5() {
    for command in [vec!["token"], vec!["account"], arguments("allocate", &["--yes"])] {
        let sandbox = Sandbox::start().await.unwrap();
        let mut wrong = enkash(&command);
        wrong
            .envs(settings(sandbox.credentials()))
            .env("ENKASH_PASSWORD", "not-the-password");
        let ended = CommandResult::from(wrong.output().unwrap());
        assert_eq!(ended.code, Some(5), "{ended:?}");
        assert_eq!(sandbox.calls(Operation::IssueToken), 1, "{command:?}");
        assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 0, "{command:?}");
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(
            said.contains("three failures in a row lock the account") && said.contains("--reset-strikes"),
            "{said}"
        );
        assert!(!said.contains("not-the-password"), "{said}");
    }
}

#[test]
fn every_flag_that_is_missing_or_wrong_is_named_at_once() {
    let ended = run(&[
        "allocate",
        "--name",
        " ",
        "--mobile",
        "90000",
        "--amount",
        "-4",
        "--reference",
        "a b",
    ]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert_eq!(
        ended.stderr,
        "enkash: missing: --title, --email, --gender\n\
         --name is empty\n\
         --mobile is not 10 digits (5 found)\n\
         --amount \"-4\" is not more than 0\n\
         --reference has white space or a control character\n\
         Nothing was sent. See enkash allocate --help.\n"
    );
    let ended = run(&["allocate", "--file", "x.csv", "--name", "Meera"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("cannot be used with"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_and_results_hold_no_secret_and_no_token() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.add_fault(FaultRule::on(
        Operation::GetRewardAccount,
        Fault::Delay(Duration::ZERO, When::Before),
    ));
    let credentials = sandbox.credentials();
    for command in [
        vec!["-vv", "token"],
        vec!["-vv", "account"],
        vec!["-vv", "sso", "token", "--card", "EKCUQWZ8SX"],
        arguments("allocate", &["--yes", "-vv"]),
    ] {
        let ended = live(&sandbox, &command);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let said = format!("{}{}", ended.stdout, ended.stderr);
        for secret in [&credentials.client_secret, &credentials.password, "Bearer", "Basic "] {
            assert!(!said.contains(secret), "{command:?}: {said}");
        }
    }
}

/// What nobody remembers could be paid again.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_cannot_be_written_down_is_not_sent() {
    let live = LiveSandbox::start().await;
    std::fs::create_dir_all(live.state().join("ledger.db")).unwrap();
    crate::support::permit(&live.state(), 0o700);
    for more in [
        &arguments("allocate", &["--yes"])[..],
        &["allocate", "--file", "examples/tour.csv", "--yes"],
        &["bulk", "--file", "examples/bulk.csv", "--mode", "new-only", "--yes"],
    ] {
        let ended = live.run(more);
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(6), ""),
            "{more:?}: {ended:?}"
        );
        for said in [
            "ledger.db cannot be used: it is not a regular file",
            "Nothing was sent.",
        ] {
            assert!(ended.stderr.contains(said), "{said} in {}", ended.stderr);
        }
    }
    assert!(live.sandbox.log().is_empty());
}

/// The question goes unread, and the call is remembered all the same.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_notes_nobody_reads_stands_in_the_ledger() {
    let live = LiveSandbox::start().await;
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = live.command(&arguments("allocate", &["--yes", "--reference", "R1"]));
    assert_eq!(command.stderr(full).output().unwrap().status.code(), Some(0));
    let rows = live.json(&["history"]);
    assert_eq!(
        (rows.len(), &rows[0]["reference"], &rows[0]["outcome"]),
        (1, &"R1".into(), &"done".into())
    );
}
