//! The settings of live calls: named when they are missing, refused when they cannot be right, never needed
//! in the sandbox.

use crate::support::{enkash, run};

#[test]
fn every_missing_setting_is_named_at_once() {
    for command in [
        vec!["account"],
        vec!["cards"],
        vec!["transactions"],
        vec!["sso", "token", "--card", "X"],
        vec![
            "unallocate",
            "--title",
            "Ms",
            "--name",
            "M",
            "--email",
            "m@example.com",
            "--mobile",
            "9000000004",
            "--gender",
            "F",
            "--amount",
            "1",
            "--yes",
        ],
    ] {
        let ended = run(&command);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{command:?}");
        assert_eq!(
            ended.stderr,
            "enkash: missing in the environment: ENKASH_BASE_URL, ENKASH_PARTNER_ID, ENKASH_CLIENT_ID, \
             ENKASH_CLIENT_SECRET, ENKASH_USERNAME, ENKASH_PASSWORD, ENKASH_COMPANY_ID, ENKASH_CARD_ACCOUNT_ID\n\
             Set them, name a profile with --profile, or add --sandbox to try the command without an account.\n"
        );
    }
    // Logging in needs no account.
    let ended = run(&["token"]);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.stderr.contains("ENKASH_PASSWORD\n") && !ended.stderr.contains("COMPANY"),
        "{}",
        ended.stderr
    );
}

/// Another ledger knows nothing of what was paid.
#[test]
fn a_misspelt_variable_stops_a_call_before_anything_is_sent() {
    let person = "allocate --title Ms --name M --email m@example.com --mobile 9000000004 --gender F --amount 1 --reference R1 --yes";
    for arguments in [person, "account", "run list"] {
        let mut command = enkash(&arguments.split(' ').collect::<Vec<_>>());
        let ended = command
            .env("ENKASH_STATE_DR", "/nowhere")
            .env("ENKASH_BASE_URL", "https://portal.example");
        let ended = crate::support::CommandResult::from(ended.output().unwrap());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        let said = "ENKASH_STATE_DR is set, and nothing reads it; did you mean ENKASH_STATE_DIR?";
        assert!(ended.stderr.contains(said), "{ended:?}");
    }
}

#[test]
fn settings_that_cannot_be_right_are_refused_without_being_repeated() {
    let all = [
        "PARTNER_ID",
        "CLIENT_ID",
        "CLIENT_SECRET",
        "USERNAME",
        "PASSWORD",
        "COMPANY_ID",
        "CARD_ACCOUNT_ID",
    ];
    let with_url = |url: &str| {
        let mut command = enkash(&["account"]);
        command
            .envs(all.map(|name| (format!("ENKASH_{name}"), "x")))
            .env("ENKASH_BASE_URL", url);
        crate::support::CommandResult::from(command.output().unwrap())
    };
    let ended = with_url("https://me:hidden@portal.example");
    assert_eq!(
        (ended.code, ended.stderr.contains("hidden")),
        (Some(2), false),
        "{ended:?}"
    );
    assert_eq!(with_url("portal.example").code, Some(2));
    // Credentials do not leave over plain http.
    let ended = with_url("http://192.0.2.1");
    assert_eq!(ended.code, Some(6), "{ended:?}");
    assert!(ended.stderr.contains("plain http"), "{}", ended.stderr);
}
