//! The commands that read: what they show, how they say what is not documented, and what they keep back.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use enkash_sandbox::Sandbox;
use serde_json::Value;

use crate::support::{CommandResult, NOBODY, enkash, run, settings};

fn json(arguments: &[&str]) -> Value {
    let ended = run(arguments);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn the_account_is_shown_with_amounts_under_each_other() {
    let ended = run(&["--sandbox", "account"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let amount = |name: &str| {
        ended
            .stdout
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap()
            .to_owned()
    };
    assert_eq!(amount("available balance"), "available balance     1000000.00");
    assert_eq!(amount("on cards"), "on cards                 2500.50");
    let account = json(&["--sandbox", "account", "--output", "json"]);
    assert_eq!(account["available_balance"], "1000000.00");
    assert_eq!(account["account"], "CA0SNDBX1");
}

#[test]
fn the_state_of_the_token_is_shown_and_never_the_token() {
    let token = json(&["--sandbox", "token", "--json"]);
    let seconds = token["lifetime_left_seconds"].as_u64().unwrap();
    assert!((200..=300).contains(&seconds), "{token}");
    assert_eq!((&token["strikes"], &token["logged_in"]), (&0.into(), &true.into()));
    let names: Vec<_> = token.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "from_earlier_run",
            "kept_in",
            "lifetime_left_seconds",
            "logged_in",
            "strikes",
            "strikes_that_lock"
        ]
    );
    let ended = run(&["--sandbox", "token"]);
    assert!(ended.stdout.contains("strikes  0 of 3"), "{}", ended.stdout);
}

#[test]
fn cards_are_shown_with_their_people_and_a_note_of_the_evidence() {
    let ended = run(&["--sandbox", "cards"]);
    assert_eq!(ended.code, Some(0));
    let ravi = ended.stdout.lines().find(|line| line.ends_with("Ravi")).unwrap();
    assert!(ravi.contains("2500.50") && ravi.contains("9000000901"), "{ravi}");
    assert_eq!(
        ended.stderr,
        "note: the response's form is inferred; EnKash's pages do not document it\n"
    );
    assert_eq!(run(&["--sandbox", "--quiet", "cards"]).stderr, "");

    let cards = json(&["--sandbox", "cards", "--json"]);
    assert_eq!(cards["evidence"]["response"], "inferred");
    let one = cards["cards"][1]["card"].as_str().unwrap();
    let only = json(&["--sandbox", "cards", "--card", one, "--json"]);
    assert_eq!(
        (only["cards"].as_array().unwrap().len(), &only["cards"][0]["card"]),
        (1, &one.into())
    );
}

#[test]
fn finding_no_transaction_is_said_to_prove_nothing() {
    let ended = run(&["--sandbox", "transactions", "--reference", "NEVER-SENT"]);
    assert_eq!(ended.code, Some(0));
    assert_eq!(
        ended.stderr,
        "note: the path is inferred, and the response's form is unknown; EnKash's pages do not document it\n\
         note: finding nothing does not prove that nothing moved\n"
    );
    let none = json(&["--sandbox", "transactions", "--json"]);
    assert_eq!(none["transactions"], Value::Array(Vec::new()));
    assert_eq!(
        (&none["evidence"]["path"], &none["evidence"]["response"]),
        (&"inferred".into(), &"unknown".into())
    );
    assert_eq!(run(&["--sandbox", "transactions", "--reference", "a b"]).code, Some(2));
}

#[test]
fn a_sign_in_token_is_shown_on_request_only() {
    let hidden = run(&["--sandbox", "sso", "token", "--card", "EKCUQWZ8SX"]);
    assert_eq!(hidden.code, Some(0), "{hidden:?}");
    assert!(
        hidden.stdout.contains("token  issued; --reveal shows it"),
        "{}",
        hidden.stdout
    );
    let hidden = json(&["--sandbox", "sso", "token", "--card", "EKCUQWZ8SX", "--json"]);
    assert_eq!((&hidden["issued"], &hidden["token"]), (&true.into(), &Value::Null));
    let shown = json(&[
        "--sandbox",
        "sso",
        "token",
        "--card",
        "EKCUQWZ8SX",
        "--json",
        "--reveal",
    ]);
    let token = shown["token"].as_str().unwrap();
    assert_eq!(token.len(), 26);
    // The embedded sandbox gives the same token each time: without --reveal it was nowhere.
    let all = run(&["--sandbox", "-vv", "sso", "token", "--card", "EKCUQWZ8SX"]);
    assert!(!all.stdout.contains(token) && !all.stderr.contains(token), "{all:?}");
    assert_eq!(
        run(&["--sandbox", "sso", "token", "--card", "EKC0000000"]).code,
        Some(3)
    );
}

#[test]
fn the_people_are_found_by_their_name_and_in_the_incentive_account() {
    let cards = run(&["--sandbox", "cards", "--json"]);
    for command in [&["users"][..], &["incentives", "users"]] {
        let users = run(&[&["--sandbox", "--json"], command].concat());
        assert_eq!((users.code, &users.stdout), (Some(0), &cards.stdout), "{command:?}");
    }
    let csv = run(&["--sandbox", "incentives", "users", "--output", "csv"]);
    assert!(
        csv.stdout.contains(",Ravi,ravi@example.com,9000000901,2500.50\n"),
        "{csv:?}"
    );
    let none = json(&["--sandbox", "incentives", "transactions", "--json"]);
    assert_eq!(none["transactions"], Value::Array(Vec::new()));
}

#[test]
fn a_sign_in_link_is_shown_on_request_only() {
    let link = [
        "--sandbox",
        "sso",
        "link",
        "--card",
        "EKCUQWZ8SX",
        "--host",
        "uat",
        "--view",
        "employee",
        "--partner",
        "hrms",
    ];
    let shown = json(&[&link[..], &["--json", "--reveal"]].concat());
    let revealed = shown["link"].as_str().unwrap();
    let token = revealed
        .strip_prefix("https://invoice-uat.enkash.in/sso/")
        .and_then(|rest| rest.strip_suffix("/employee_rewards/hrms"))
        .unwrap();
    assert_eq!(token.len(), 26);
    // The embedded sandbox gives the same token each time: without --reveal it was nowhere.
    for hidden in [&["-vv"][..], &["-vv", "--json"]] {
        let hidden = run(&[&link[..], hidden].concat());
        assert_eq!(hidden.code, Some(0), "{hidden:?}");
        assert!(
            !hidden.stdout.contains(token) && !hidden.stderr.contains(token),
            "{hidden:?}"
        );
    }
    assert!(run(&link).stdout.contains("link  issued; --reveal shows it"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_is_issued_for_a_link_that_cannot_be_made() {
    let sandbox = Sandbox::start().await.unwrap();
    let arguments = "sso link --card EKCUQWZ8SX --host uat --view admin --partner ..";
    let mut command = enkash(&arguments.split(' ').collect::<Vec<_>>());
    let ended = CommandResult::from(command.envs(settings(sandbox.credentials())).output().unwrap());
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(sandbox.log().is_empty());
}

/// A server that logs everybody in and has one response to everything else.
fn server_that_responds(body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            // A client that has left is no matter.
            let _ = respond(&stream.unwrap(), body);
        }
    });
    url
}

fn respond(mut stream: &TcpStream, body: &str) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    while !head.ends_with("\r\n\r\n") {
        let start = head.len();
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
        if let Some(value) = head[start..].to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    reader.read_exact(&mut vec![0; length])?;
    let body = match head.lines().next().is_some_and(|line| line.contains("token")) {
        true => r#"{"access_token":"some-token","token_type":"bearer","expires_in":300}"#,
        false => body,
    };
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    stream.write_all(answer.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_without_its_list_is_a_failure_that_says_what_is_missing() {
    let sandbox = Sandbox::start().await.unwrap();
    for (command, body, shown) in [
        ("cards", r#"{"code":0}"#, Err("`payload`")),
        (
            "cards",
            r#"{"code":0,"payload":{"recordsCount":28}}"#,
            Err("`payload.data`"),
        ),
        ("transactions", r#"{"code":0}"#, Err("`payload.data`")),
        (
            "transactions",
            r#"{"code":0,"payload":{"recordsCount":28}}"#,
            Err("`payload.data`"),
        ),
        (
            "account",
            r#"{"code":0,"payload":{}}"#,
            Err("`payload.availableBalance`"),
        ),
        ("cards", r#"{"code":0,"payload":{"recordsCount":0}}"#, Ok("card")),
        (
            "transactions",
            r#"{"code":0,"payload":{"recordsCount":0,"data":null}}"#,
            Ok("reference"),
        ),
        (
            "account",
            r#"{"code":0,"payload":{"availableBalance":1e300}}"#,
            Ok("beyond what can be kept"),
        ),
    ] {
        let mut command = enkash(&[command]);
        command.envs(settings(sandbox.credentials()));
        command.env("ENKASH_BASE_URL", server_that_responds(body));
        let ended = CommandResult::from(command.output().unwrap());
        match shown {
            Ok(shown) => {
                assert_eq!(ended.code, Some(0), "{body}: {ended:?}");
                assert!(
                    ended.stdout.contains(shown) && !ended.stdout.contains("792281"),
                    "{ended:?}"
                );
            }
            Err(missing) => {
                assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{body}: {ended:?}");
                assert!(ended.stderr.contains(missing), "{body}: {}", ended.stderr);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_was_cut_says_so() {
    let sandbox = Sandbox::start().await.unwrap();
    let body = r#"{"code":0,"payload":{"recordsCount":8000,"data":[{"pgReferenceNumber":"R1"}]}}"#;
    for arguments in [
        &["transactions"][..],
        &["incentives", "transactions", "--output", "csv"],
    ] {
        let mut command = enkash(arguments);
        command.envs(settings(sandbox.credentials()));
        command.env("ENKASH_BASE_URL", server_that_responds(body));
        let ended = CommandResult::from(command.output().unwrap());
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.stdout.contains("R1"), "{ended:?}");
        assert!(ended.stderr.contains("warning: 1 of 8000 transactions;"), "{ended:?}");
    }
}

#[test]
fn transactions_of_a_time_are_asked_for_with_both_ends() {
    let time = ["--from", "2026-11-01T00:00:00Z", "--to", "2026-12-01T00:00:00Z"];
    let ended = run(&[&["--sandbox", "--dry-run", "transactions"][..], &time].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.stdout.contains("txnDateFrom") && ended.stdout.contains("txnDateTo"),
        "{ended:?}"
    );
    let half = run(&[&["--sandbox", "transactions"][..], &time[..2]].concat());
    assert_eq!((half.code, half.stdout.as_str()), (Some(2), ""), "{half:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_may_name_a_person_reach_no_log() {
    let sandbox = Sandbox::start().await.unwrap();
    let run = |arguments: &[&str], body| {
        let mut command = enkash(arguments);
        command.envs(settings(sandbox.credentials()));
        command.env("ENKASH_BASE_URL", server_that_responds(body));
        CommandResult::from(command.output().unwrap())
    };
    let named = r#"{"code":1,"message":"no account for Meera Nair, mobile 9000000004"}"#;
    for arguments in [&["account"][..], &["account", "-vv"], &["cards", "--json"]] {
        let ended = run(arguments, named);
        assert_eq!(ended.code, Some(3), "{ended:?}");
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(!said.contains("Meera") && !said.contains("9000000004"), "{said}");
        assert!(
            ended
                .stderr
                .contains("On a terminal this command shows the API's own words.")
        );
    }
    let plain = run(&["account"], r#"{"code":1,"message":"Card account not found"}"#);
    assert!(plain.stderr.contains("Card account not found"), "{plain:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_cannot_be_reached_is_named_with_the_cause_and_the_command_that_finds_out_more() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut command = enkash(&["account"]);
    command.envs(settings(sandbox.credentials()));
    command.env("ENKASH_BASE_URL", NOBODY).env("ENKASH_TOKEN_URL", NOBODY);
    let ended = CommandResult::from(command.output().unwrap());
    assert_eq!(ended.code, Some(6), "{ended:?}");
    let said =
        format!("the token host {NOBODY} could not be reached: the connection was refused\n`enkash doctor` checks");
    assert!(ended.stderr.contains(&said), "{}", ended.stderr);
}
