//! `--jq`: what it filters, what it cannot reach, and that an expression without an end harms nothing.

use std::io::{BufRead, BufReader};

use enkash_sandbox::{Operation, Sandbox};

use crate::{
    live_calls::ALLOCATE_ARGS,
    support::{LiveSandbox, Running, TemporaryFile, enkash, file_of, json_lines, run},
};

fn jq(command: &[&str], expression: &str) -> crate::support::CommandResult {
    run(&[&["--sandbox"], command, &["--jq", expression]].concat())
}

#[test]
fn texts_are_printed_as_they_are_and_all_else_as_json() {
    let account = jq(
        &["account"],
        ".available_balance, {a: .available_balance}, (.available_balance | tonumber)",
    );
    assert_eq!(
        (account.code, account.stdout.as_str()),
        (Some(0), "1000000.00\n{\"a\":\"1000000.00\"}\n1000000.00\n"),
        "{account:?}"
    );
    let empty = jq(&["account"], "empty");
    assert_eq!((empty.code, empty.stdout.as_str()), (Some(0), ""), "{empty:?}");
    // What steers a terminal stays escaped, tabs and lines are what they are.
    let steering = jq(&["account"], r#""a\u001b[31mb\tc\nd""#);
    assert_eq!(steering.stdout, "a\\u001b[31mb\tc\nd\n");
}

#[test]
fn each_line_of_a_stream_is_filtered() {
    let file = TemporaryFile::new(file_of(3));
    let rows = jq(
        &["allocate", "--file", file.path(), "--concurrency", "1"],
        r#"select(.type == "row") | [.reference, .outcome, .amount] | @tsv"#,
    );
    assert_eq!(rows.code, Some(0), "{rows:?}");
    assert_eq!(rows.stdout, "REF0\tdone\t0.01\nREF1\tdone\t0.01\nREF2\tdone\t0.01\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_found_before_anything_is_sent() {
    let live = LiveSandbox::start().await;
    let allocate = [&["allocate"], &ALLOCATE_ARGS[..], &["--yes", "--jq"]].concat();
    for (expression, problem) in [
        (".a |", "--jq: the end: expected term. Nothing was sent."),
        (".a | env", "character 6, at \"env\": there is no filter env"),
        (&"(".repeat(20_000), "and 16384 are the most"),
    ] {
        let ended = live.run(&[&allocate[..], &[expression]].concat());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        assert!(ended.stderr.contains(problem), "{ended:?}");
    }
    let csv = live.run(&[&allocate[..], &[".", "--output", "csv"]].concat());
    assert_eq!(csv.code, Some(2), "{csv:?}");
    assert!(csv.stderr.contains("--jq filters JSON"), "{csv:?}");
    assert_eq!((live.allocations(), live.sandbox.calls(Operation::IssueToken)), (0, 0));
}

#[test]
fn what_is_no_json_is_not_filtered() {
    for command in [&["completions", "bash"][..], &["man"], &["run", "export", "1"]] {
        let ended = run(&[command, &["--jq", "."]].concat());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        assert!(
            ended.stderr.contains("this command prints none. Nothing was done"),
            "{ended:?}"
        );
    }
}

/// A script asks for the one thing that it needs of the line.
#[test]
fn what_a_sandbox_announces_is_filtered() {
    let mut sandbox = Running::start(enkash(&["sandbox", "--port", "0", "--jq", ".url"]));
    let mut url = String::new();
    let mut stdout = BufReader::new(sandbox.child().stdout.take().unwrap());
    stdout.read_line(&mut url).unwrap();
    assert!(url.starts_with("http://127.0.0.1:"), "{url:?}");
    let health = run(&["sandbox", "health", "--url", url.trim_end()]);
    assert_eq!(health.code, Some(0), "{health:?}");
}

/// Memory, depth, results and time have an end each, and the command says which. That of memory is Linux's own.
#[cfg(target_os = "linux")]
#[test]
fn an_expression_without_an_end_ends() {
    for (expression, problem) in [
        ("\"0123456789\" * 300000000", "it wanted more than 1024 MiB of memory"),
        ("def f: 1 + f; f", "went too deep"),
        // On a slow machine the time is up first.
        ("repeat(\"0123456789\" * 1000000)", "the expression "),
        ("last(range(1e18))", "took longer than 5 s"),
    ] {
        // Where the machine is so busy that the time is up first, it is asked again.
        let mut ended = jq(&["account"], expression);
        for _ in 0..10 {
            if ended.stderr.contains(problem) || !ended.stderr.contains("took longer than 5 s") {
                break;
            }
            ended = jq(&["account"], expression);
        }
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(1), ""),
            "{expression}: {ended:?}"
        );
        assert!(ended.stderr.contains(problem), "{expression}: {ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_value_is_said_where_the_expression_fails() {
    let live = LiveSandbox::start().await;
    let arguments = [&["allocate"], &ALLOCATE_ARGS[..], &["--reference", "BONUS-1", "--yes"]].concat();
    let failed = live.run(&[&arguments[..], &["--jq", ".reference.x"]].concat());
    assert_eq!((failed.code, failed.stdout.as_str()), (Some(0), ""), "{failed:?}");
    assert!(
        failed.stderr.contains("--jq: a text cannot be indexed by a text"),
        "{failed:?}"
    );
    let told = failed.stderr.lines().find(|line| line.starts_with('{')).unwrap();
    // Logs keep it: nobody's name or number stands there.
    assert!(!told.contains("Meera") && !told.contains("9000000"), "{told}");
    assert_eq!(json_lines(told)[0]["outcome"], "done");

    // A run stops before its next call: what cannot be shown is not sent.
    let file = TemporaryFile::new(file_of(5));
    let run = live.run(&[
        "allocate",
        "--file",
        file.path(),
        "--yes",
        "--concurrency",
        "1",
        "--jq",
        r#"if .line == 3 then .line.x else .type end"#,
    ]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(6), "account\nrow\n"), "{run:?}");
    assert!(run.stderr.contains(r#""line":3"#), "{run:?}");
    assert_eq!(live.allocations(), 3);
}

/// Standard error is kept in logs. The calls that were in flight when the expression failed are told there too.
#[tokio::test(flavor = "multi_thread")]
async fn of_lines_that_were_not_filtered_only_the_outcome_is_said() {
    let live = LiveSandbox::start().await;
    let file = TemporaryFile::new(file_of(8));
    let run = live.run(&[
        "allocate",
        "--file",
        file.path(),
        "--yes",
        "--concurrency",
        "8",
        "--jq",
        r#"if .type == "row" then .line.x else .type end"#,
    ]);
    let told: Vec<_> = run.stderr.lines().filter(|line| line.starts_with('{')).collect();
    assert!(told[0].contains(r#""type":"row""#), "{run:?}");
    let summary = json_lines(told.last().unwrap()).remove(0);
    assert_eq!(summary["type"], "summary", "{run:?}");
    assert!(summary["rows"] == 8 && summary["done"].as_u64() >= Some(1), "{run:?}");
    for line in told {
        for (name, value) in json_lines(line)[0].as_object().unwrap() {
            let is_of_a_person = ["person", "mobile", "email", "card", "ticket"].contains(&name.as_str());
            assert!(!is_of_a_person && !value.is_object() && !value.is_array(), "{line}");
        }
    }
}

/// The process of the expression has no environment and takes no file.
#[tokio::test(flavor = "multi_thread")]
async fn codes_and_pins_stay_hidden() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut order = enkash(&[
        "--jq",
        ".vouchers[] | [.code, .pin]",
        "order",
        "create",
        "--product",
        "PC0SANDBOXBOOKS1",
        "--denomination",
        "100",
        "--quantity",
        "1",
        "--yes",
    ]);
    let folder = crate::support::TemporaryFolder::new();
    order
        .envs(crate::support::settings(sandbox.credentials()))
        .env("ENKASH_STATE_DIR", folder.path().join("state"));
    let ended = crate::support::CommandResult::from(order.output().unwrap());
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (Some(0), "[null,null]\n"),
        "{ended:?}"
    );
}
