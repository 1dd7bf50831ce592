//! `enkash doctor` against a sandbox, against a server whose clock is wrong, and against nothing at all.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::Path,
    process::Command,
    thread,
    time::{Duration, SystemTime},
};

use enkash_sandbox::{Operation, Sandbox};
use serde_json::Value;

use crate::support::{CommandResult, NOBODY, TemporaryFolder, enkash, permit, run, settings};

fn command(sandbox: &Sandbox, state: &Path, arguments: &[&str]) -> Command {
    let mut command = enkash(arguments);
    command
        .envs(settings(sandbox.credentials()))
        .env("ENKASH_STATE_DIR", state);
    command
}

fn doctor(sandbox: &Sandbox, state: &Path, arguments: &[&str]) -> CommandResult {
    let arguments = [&["doctor"][..], arguments].concat();
    command(sandbox, state, &arguments).output().unwrap().into()
}

/// Status and detail of one check.
pub(crate) fn check(report: &str, name: &str) -> (String, String) {
    let report: Value = serde_json::from_str(report).unwrap();
    let found = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["name"] == name);
    let text = |field: &str| {
        found.unwrap_or_else(|| panic!("{name}: {report}"))[field]
            .as_str()
            .unwrap()
            .to_owned()
    };
    (text("status"), text("detail"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_installation_has_no_failure_and_costs_no_log_in() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    let ended = doctor(&sandbox, folder.path(), &[]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    let first = ended.stdout.lines().next().unwrap();
    assert!(
        first.starts_with("settings  ok    from the environment, partner "),
        "{first}"
    );
    assert!(
        !ended.stdout.contains(&sandbox.credentials().password),
        "{}",
        ended.stdout
    );
    assert_eq!(sandbox.calls(Operation::IssueToken), 0);

    let json = doctor(&sandbox, folder.path(), &["--login", "--json"]);
    assert_eq!(json.code, Some(0), "{json:?}");
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
    assert_eq!(check(&json.stdout, "log-in").0, "ok");
    let (status, detail) = check(&json.stdout, "API host");
    assert!(status == "ok" && detail.contains(" answers in "), "{detail}");
    // A busy machine takes a while to answer, and for the command that is a clock which is off.
    let (status, detail) = check(&json.stdout, "clock");
    assert!(
        status == "ok" || (status == "warn" && detail.contains("fine for tokens")),
        "{detail}"
    );
    let (status, detail) = check(&json.stdout, "paths");
    assert!(status == "note" && detail.contains("searchCatalog"), "{detail}");

    let later = doctor(&sandbox, folder.path(), &["--json"]);
    let (_, detail) = check(&later.stdout, "strikes");
    assert!(
        detail.starts_with("0 of 3; the last login that is kept succeeded "),
        "{detail}"
    );
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn strikes_and_open_files_fail_with_what_to_do() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    let wrong = |arguments: &[&str]| {
        let mut command = command(&sandbox, folder.path(), arguments);
        CommandResult::from(command.env("ENKASH_PASSWORD", "not-the-password").output().unwrap())
    };
    assert_eq!(wrong(&["token"]).code, Some(5));
    let report = wrong(&["doctor", "--json"]);
    assert_eq!(report.code, Some(1), "{report:?}");
    let (status, detail) = check(&report.stdout, "strikes");
    assert_eq!(status, "fail");
    assert!(
        detail.starts_with("1 of 3") && detail.contains("enkash token --reset-strikes"),
        "{detail}"
    );
    // With other credentials of the same account it is a warning.
    let report = doctor(&sandbox, folder.path(), &["--json"]);
    assert_eq!(
        (report.code, check(&report.stdout, "strikes").0.as_str()),
        (Some(0), "warn")
    );

    let strikes = folder.path().join("strikes.json");
    permit(&strikes, 0o640);
    let report = doctor(&sandbox, folder.path(), &["--json"]);
    assert_eq!(report.code, Some(1));
    let (status, detail) = check(&report.stdout, "state");
    assert!(
        status == "fail" && detail.contains(&format!("chmod 600 {}", strikes.display())),
        "{detail}"
    );
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
}

#[test]
fn missing_settings_do_not_end_the_checks() {
    let ended = run(&["doctor", "--json"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), ""), "{ended:?}");
    let (status, detail) = check(&ended.stdout, "settings");
    assert!(status == "fail" && detail.contains("ENKASH_BASE_URL"), "{detail}");
    assert_eq!(check(&ended.stdout, "state").0, "ok");
}

fn with_host(url: &str) -> CommandResult {
    let mut command = enkash(&["doctor", "--json"]);
    command.env("ENKASH_BASE_URL", url).output().unwrap().into()
}

#[test]
fn a_host_that_is_not_there_is_named_with_the_reason() {
    let ended = with_host(NOBODY);
    assert_eq!(ended.code, Some(1));
    let (status, detail) = check(&ended.stdout, "API host");
    assert!(status == "fail" && detail.contains("Connection refused"), "{detail}");
    assert_eq!(check(&ended.stdout, "clock").0, "note");

    let (_, detail) = check(&with_host("http://192.0.2.1").stdout, "API host");
    assert!(detail.contains("plain http"), "{detail}");
    let (_, detail) = check(&with_host("https://no-such-host.invalid").stdout, "API host");
    assert_eq!(detail, "https://no-such-host.invalid is not known to DNS");
}

/// Answers one request with a clock that is off by so many seconds, and tells what it was asked.
fn server_off_by(seconds: i64) -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answering = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = String::new();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while !asked.ends_with("\r\n\r\n") {
            assert_ne!(reader.read_line(&mut asked).unwrap(), 0);
        }
        let off = Duration::from_secs(seconds.unsigned_abs());
        let now = SystemTime::now();
        let date = httpdate::fmt_http_date(if seconds < 0 { now - off } else { now + off });
        let answer =
            format!("HTTP/1.1 404 Not Found\r\ndate: {date}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(answer.as_bytes()).unwrap();
        asked
    });
    (url, answering)
}

#[test]
fn a_clock_that_is_off_is_said_and_the_question_holds_no_credential() {
    for (seconds, status, words) in [
        (30, "warn", "s behind the server"),
        (-3600, "fail", "s ahead of the server"),
    ] {
        let (url, answering) = server_off_by(seconds);
        let mut command = enkash(&["doctor", "--json"]);
        command.env("ENKASH_BASE_URL", &url);
        for name in ["CLIENT_ID", "CLIENT_SECRET", "USERNAME", "PASSWORD", "PARTNER_ID"] {
            command.env(format!("ENKASH_{name}"), "canary");
        }
        let ended = CommandResult::from(command.output().unwrap());
        let asked = answering.join().unwrap();
        assert!(asked.starts_with("HEAD / HTTP/1.1\r\n"), "{asked}");
        assert!(
            !asked.contains("canary") && !asked.to_lowercase().contains("authorization"),
            "{asked}"
        );
        let (found, detail) = check(&ended.stdout, "clock");
        assert!(found == status && detail.contains(words), "{detail}");
        // A 404 is an answer.
        assert_eq!(check(&ended.stdout, "API host").0, "ok");
    }
}
