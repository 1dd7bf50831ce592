//! `--dry-run`: what would be sent is shown, nobody logs in, and no person and no secret is in it.

use enkash_sandbox::Sandbox;
use serde_json::Value;

use crate::support::{CommandResult, LiveSandbox, TemporaryFolder, enkash, run, settings};

const ALLOCATE_ARGS: [&str; 16] = [
    "allocate",
    "--dry-run",
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
    "--reference",
    "BONUS-1",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_live_call_is_shown_and_nothing_is_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    let state = folder.path().join("state");
    let dry = |arguments: &[&str]| {
        let mut command = enkash(arguments);
        command
            .envs(settings(sandbox.credentials()))
            .env("ENKASH_STATE_DIR", &state)
            // Nobody logs in, so nothing secret is asked for.
            .env_remove("ENKASH_CLIENT_SECRET")
            .env_remove("ENKASH_PASSWORD");
        CommandResult::from(command.output().unwrap())
    };
    let shown = dry(&ALLOCATE_ARGS);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    let url = &sandbox.credentials().url;
    let first = format!("POST {url}/api/v0/partner/enKashCard/create-allocate-points\n");
    assert!(shown.stdout.starts_with(&first), "{}", shown.stdout);
    assert!(
        shown.stdout.contains("\nauthorization: [redacted]\n"),
        "{}",
        shown.stdout
    );
    assert!(
        shown.stdout.contains("250.5") && shown.stdout.contains("\"BONUS-1\""),
        "{}",
        shown.stdout
    );
    assert_eq!(shown.stderr, "dry run: this request would be sent; nothing was\n");

    let told = dry(&[&ALLOCATE_ARGS[..], &["--json"]].concat());
    let request: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(
        (&request["dry_run"], &request["operation"], &request["method"]),
        (&true.into(), &"createAllocatePoints".into(), &"POST".into())
    );
    assert_eq!(request["headers"]["authorization"], "[redacted]");
    for said in [&shown, &told] {
        for personal in ["Meera", "meera", "9000000004", "\"F\""] {
            assert!(
                !said.stdout.contains(personal) && !said.stderr.contains(personal),
                "{said:?}"
            );
        }
    }

    for command in [
        &["account"][..],
        &["cards"],
        &["transactions"],
        &["sso", "token", "--card", "EKC1"],
        &[
            "sso",
            "link",
            "--card",
            "EKC1",
            "--host",
            "uat",
            "--view",
            "admin",
            "--partner",
            "hrms",
        ],
        &["incentives", "users"],
        &["incentives", "transactions"],
        &["product", "PC1"],
        &["order", "show", "R1"],
        &["order", "list", "--all"],
        &["points", "balance", "--user", "EK1"],
        &["points", "event", "show", "WCC1"],
        &["points", "event", "create", "--event", "JOINED", "--coins", "1"],
        &["points", "event", "update", "WCC1", "--coins", "1"],
        &["token"],
    ] {
        let ended = dry(&[command, &["--dry-run", "--json"]].concat());
        assert_eq!(ended.code, Some(0), "{command:?}: {ended:?}");
        assert_eq!(ended.stdout.lines().count(), 1, "{ended:?}");
        assert!(!ended.stdout.contains(&sandbox.credentials().username), "{ended:?}");
    }
    assert!(sandbox.log().is_empty());
    assert!(!state.exists());
}

#[test]
fn of_a_file_the_summary_and_the_first_request_are_shown() {
    let ended = run(&[
        "--sandbox",
        "allocate",
        "--file",
        "examples/allocations.csv",
        "--dry-run",
        "--json",
    ]);
    assert_eq!((ended.code, ended.stdout.lines().count()), (Some(0), 1), "{ended:?}");
    let request: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(request["body"]["uniqueReferenceNumber"], "BONUS-2026-001");
    for said in [
        "allocate 31760.86 in 24 calls, one for each row of examples/allocations.csv\n",
        "the largest row is ",
        "24 rows are for people without an earlier payment in this ledger, 0 for others\n",
        "nothing was\n",
    ] {
        assert!(ended.stderr.contains(said), "{said} in {}", ended.stderr);
    }
    for text in [&ended.stdout, &ended.stderr] {
        assert!(!text.contains("90000") && !text.contains("@example"), "{text}");
    }
}

/// The ledger speaks in it, and is left as it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_used_reference_is_refused_in_a_dry_run_as_well() {
    let live = LiveSandbox::start().await;
    let mut single: Vec<_> = ALLOCATE_ARGS.into_iter().filter(|word| *word != "--dry-run").collect();
    single.push("--yes");
    let row = "title,name,email,mobile,gender,amount,reference\nMs,Meera,m@example.com,9000000004,F,1,";
    let file = live.folder.write("file.csv", &format!("{row}BONUS-1\n"));
    let file = ["allocate", "--dry-run", "--file", file.to_str().unwrap()];
    assert_eq!(
        (live.run(&ALLOCATE_ARGS).code, live.run(&file).code),
        (Some(0), Some(0))
    );
    assert!(!live.state().exists());
    assert_eq!(live.run(&single).code, Some(0));
    let asked = live.sandbox.log().len();
    for again in [&ALLOCATE_ARGS[..], &file] {
        let ended = live.run(again);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        assert!(
            ended.stderr.contains("BONUS-1 was used before: done at "),
            "{}",
            ended.stderr
        );
    }
    let other = live.folder.write("other.csv", &format!("{row}BONUS-2\n"));
    assert_eq!(
        live.run(&["allocate", "--dry-run", "--file", other.to_str().unwrap()])
            .code,
        Some(0)
    );
    assert_eq!(live.json(&["run", "list"]).len(), 0);
    assert_eq!(live.json(&["history"]).len(), 1);
    assert_eq!(live.sandbox.log().len(), asked);
}

#[test]
fn what_is_wrong_is_said_in_a_dry_run_as_well() {
    let ended = run(&["--sandbox", "allocate", "--dry-run", "--name", "Meera"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(ended.stderr.contains("missing: --title"), "{}", ended.stderr);
    // A reset is no call, and must not happen by trying.
    let ended = run(&["--sandbox", "token", "--reset-strikes", "--yes", "--dry-run"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    let ended = run(&["account", "--dry-run"]);
    assert!(
        ended.stderr.contains("ENKASH_BASE_URL") && !ended.stderr.contains("ENKASH_PASSWORD"),
        "{}",
        ended.stderr
    );
}
