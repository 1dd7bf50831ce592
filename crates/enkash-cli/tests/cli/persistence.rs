//! What one run leaves for the next: the token, and the strikes. Each run is a process of its own, with settings that lead
//! to a sandbox which counts the logins.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use enkash_sandbox::{Operation, Sandbox};
use serde_json::Value;

use crate::{
    live_calls::ALLOCATE_ARGS,
    support::{CommandResult, Running, TemporaryFolder, enkash, permit, settings},
};

fn command(sandbox: &Sandbox, state: &Path, arguments: &[&str]) -> Command {
    let mut command = enkash(arguments);
    command
        .envs(settings(sandbox.credentials()))
        .env("ENKASH_STATE_DIR", state);
    command
}

fn live(sandbox: &Sandbox, state: &Path, arguments: &[&str]) -> CommandResult {
    command(sandbox, state, arguments).output().unwrap().into()
}

fn with_password(sandbox: &Sandbox, state: &Path, password: &str, arguments: &[&str]) -> CommandResult {
    let mut command = command(sandbox, state, arguments);
    command.env("ENKASH_PASSWORD", password).output().unwrap().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_runs_in_a_row_log_in_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    // Made by the first run, for its owner alone.
    let state = folder.path().join("a").join("state");
    for _ in 0..10 {
        let ended = live(&sandbox, &state, &["account"]);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    }
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&state), 0o700);
    for name in ["strikes.json", "tokens.json"] {
        assert_eq!(mode(&state.join(name)), 0o600, "{name}");
    }

    let token = live(&sandbox, &state, &["token"]);
    assert_eq!(token.value("log-in"), "not needed: the token of an earlier run is good");
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_side_by_side_log_in_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    let runs: Vec<_> = (0..2)
        .map(|_| Running::start(command(&sandbox, folder.path(), &["account"])))
        .collect();
    for run in runs {
        let ended = run.ended();
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
}

/// A money call is not sent again after a 401, so each one that carries a dead token is one more to settle.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_refused_is_not_sent_by_the_next_run() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    let allocate = |reference: &str| {
        let arguments = [&["allocate"], &ALLOCATE_ARGS[..], &["--reference", reference, "--yes"]].concat();
        live(&sandbox, folder.path(), &arguments).code
    };
    let kept = || fs::read_to_string(folder.path().join("tokens.json")).unwrap();
    assert_eq!(allocate("R1"), Some(0));
    assert!(kept().contains("\"token\""));
    sandbox.revoke_tokens();
    assert_eq!(allocate("R2"), Some(4));
    assert!(!kept().contains("\"token\""), "{}", kept());
    for reference in ["R3", "R4"] {
        assert_eq!(allocate(reference), Some(0), "{reference}");
    }
    assert_eq!(sandbox.calls(Operation::IssueToken), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_opts_out_leaves_no_token_and_still_counts() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    for log_ins in 1..=2 {
        let ended = live(&sandbox, folder.path(), &["--no-token-cache", "account"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(sandbox.calls(Operation::IssueToken), log_ins);
    }
    assert!(!folder.path().join("tokens.json").exists());
    assert!(folder.path().join("strikes.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn three_runs_with_a_wrong_password_spend_one_strike() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    for _ in 0..3 {
        let ended = with_password(&sandbox, folder.path(), "not-the-password", &["account"]);
        assert_eq!(ended.code, Some(5), "{ended:?}");
        assert!(
            ended.stderr.contains("`enkash token --reset-strikes`"),
            "{}",
            ended.stderr
        );
    }
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);

    // The corrected password is tried at once, and forgives.
    assert_eq!(live(&sandbox, folder.path(), &["account"]).code, Some(0));
    assert_eq!(live(&sandbox, folder.path(), &["token"]).value("strikes"), "0 of 3");
    assert_eq!(sandbox.calls(Operation::IssueToken), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn strikes_are_reset_by_name_and_with_a_yes() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    let wrong = |arguments: &[&str]| with_password(&sandbox, folder.path(), "not-the-password", arguments);
    assert_eq!(wrong(&["token"]).code, Some(5));

    let asked = wrong(&["token", "--reset-strikes"]);
    assert_eq!((asked.code, asked.stdout.as_str()), (Some(2), ""), "{asked:?}");
    assert!(
        asked
            .stderr
            .contains("1 of 3 failed logins are counted, and the API rejected these credentials"),
        "{}",
        asked.stderr
    );
    assert!(
        asked.stderr.contains("Add --yes to reset the strikes."),
        "{}",
        asked.stderr
    );
    assert_eq!(wrong(&["token"]).code, Some(5));
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);

    let reset = wrong(&["token", "--reset-strikes", "--yes", "--json"]);
    assert_eq!(reset.code, Some(0), "{reset:?}");
    let reset: Value = serde_json::from_str(&reset.stdout).unwrap();
    assert_eq!((&reset["strikes_before"], &reset["strikes"]), (&1.into(), &0.into()));
    // Resetting itself sends nothing; the next run does.
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
    assert_eq!(wrong(&["token"]).code, Some(5));
    assert_eq!(sandbox.calls(Operation::IssueToken), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn strikes_that_cannot_be_counted_send_no_log_in() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    let file = folder.write("not-a-folder", "");
    let ended = live(&sandbox, &file, &["account"]);
    assert_eq!(ended.code, Some(6), "{ended:?}");
    assert!(ended.stderr.contains("ENKASH_STATE_DIR"), "{}", ended.stderr);

    assert_eq!(live(&sandbox, folder.path(), &["account"]).code, Some(0));
    permit(&folder.path().join("strikes.json"), 0o644);
    let ended = live(&sandbox, folder.path(), &["--no-token-cache", "account"]);
    assert_eq!(ended.code, Some(6), "{ended:?}");
    assert!(ended.stderr.contains("run `chmod 600"), "{}", ended.stderr);
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
}

/// The sample of docs/guide/kubernetes.md: an `emptyDir` is somebody else's and everybody's.
#[tokio::test(flavor = "multi_thread")]
async fn the_folder_of_the_kubernetes_guide_is_made_inside_of_an_empty_dir_and_the_empty_dir_itself_is_refused() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/kubernetes.md");
    let guide = fs::read_to_string(guide).unwrap();
    let after = |text: &str| {
        let rest = &guide[guide.find(text).unwrap() + text.len()..];
        rest[..rest.find('\n').unwrap()].trim().to_owned()
    };
    let inside = after("- name: ENKASH_STATE_DIR\n              value:");
    let inside = inside
        .strip_prefix(&after("mountPath:"))
        .unwrap()
        .trim_start_matches('/')
        .to_owned();
    assert!(!inside.is_empty());

    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    let empty_dir = folder.path().join("volume");
    fs::create_dir(&empty_dir).unwrap();
    permit(&empty_dir, 0o777);
    // Where the tests run as root, it can be another user's as well.
    let _ = std::os::unix::fs::chown(&empty_dir, Some(12_345), None);
    let ended = live(&sandbox, &empty_dir, &["account"]);
    assert_eq!(ended.code, Some(6), "{ended:?}");
    assert!(
        ended.stderr.contains("name a new folder inside of it") && ended.stderr.contains("ENKASH_STATE_DIR"),
        "{ended:?}"
    );
    assert_eq!(sandbox.calls(Operation::IssueToken), 0);
    for _ in 0..2 {
        let ended = live(&sandbox, &empty_dir.join(&inside), &["account"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
    let mode = empty_dir.join(&inside).metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

/// Nothing is at stake in the sandbox, and its credentials are the same in every run.
#[test]
fn the_sandbox_leaves_nothing_behind() {
    let folder = TemporaryFolder::new();
    let state = folder.path().join("state");
    let mut command = enkash(&["--sandbox", "account"]);
    let ended = CommandResult::from(command.env("ENKASH_STATE_DIR", &state).output().unwrap());
    assert_eq!(ended.code, Some(0));
    assert!(!state.exists());
}
