//! Commands of a fleet, as on many machines: each process has a state folder of its own, and nothing in common with the others but a
//! database.

use std::{path::PathBuf, process::Command};

use crate::{
    login_server::LoginServer,
    profiles::profile_of,
    support::{CommandResult, TemporaryFolder, enkash, permit},
};

// Its servers are started on Unix alone, and it ends commands by signals.
#[cfg(all(unix, any(feature = "postgres", feature = "redis")))]
mod shared;

/// Key files of the tests.
const KEY: &str = "AQgPFh0kKzI5QEdOVVxjanF4f4aNlJuiqbC3vsXM09o=\n";

/// An address with a canary for everything that is not to be shown.
const ADDRESS: &str = "postgresql://zoe:s3cret@db.example/fleet";

fn at(server: &LoginServer, arguments: &[&str]) -> Command {
    let mut command = enkash(arguments);
    for name in [
        "PARTNER_ID",
        "CLIENT_ID",
        "CLIENT_SECRET",
        "USERNAME",
        "PASSWORD",
        "COMPANY_ID",
        "CARD_ACCOUNT_ID",
    ] {
        command.env(format!("ENKASH_{name}"), "CEK1PU9AOO");
    }
    command.env("ENKASH_BASE_URL", server.url());
    command
}

/// Runs `enkash token` with these variables. It must end with code 2, and show nothing that it must not.
fn refusal(server: &LoginServer, variables: &[(&str, &str)]) -> String {
    let mut command = at(server, &["token"]);
    command.envs(variables.iter().copied());
    let ended = CommandResult::from(command.output().unwrap());
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (Some(2), ""),
        "{variables:?}: {ended:?}"
    );
    for secret in ["s3cret", "zoe", KEY.trim()] {
        assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
    }
    ended.stderr
}

#[test]
fn a_fleet_that_is_not_whole_or_cannot_be_right_is_refused_and_nothing_is_sent() {
    let server = LoginServer::start();
    let folder = TemporaryFolder::new();
    let file = |name: &str, text: &str| folder.write(name, text).display().to_string();
    let (key, no_key, open) = (file("key", KEY), file("no-key", "s3cret\n"), file("open", KEY));
    permit(&PathBuf::from(&open), 0o644);
    let (url, token_url, key_file) = ("ENKASH_FLEET_URL", "ENKASH_FLEET_TOKEN_URL", "ENKASH_FLEET_KEY_FILE");
    for (variables, said) in [
        (
            &[(url, ADDRESS)][..],
            "ENKASH_FLEET_URL names a fleet, and nothing names its key",
        ),
        (
            &[(key_file, &key)],
            "ENKASH_FLEET_KEY_FILE is of use only with a fleet, which fleet_url_file (or ENKASH_FLEET_URL) names",
        ),
        (
            &[(token_url, ADDRESS)],
            "ENKASH_FLEET_TOKEN_URL is of use only with a fleet",
        ),
        (
            &[(url, ADDRESS), (key_file, &no_key)],
            "ENKASH_FLEET_KEY_FILE: line 1 of the fleet's key file is not Base64",
        ),
        (&[(url, ADDRESS), (key_file, &open)], "open can be read by others"),
        (
            &[(url, ADDRESS), (key_file, "/no/such/file")],
            "ENKASH_FLEET_KEY_FILE: /no/such/file cannot be read",
        ),
        (
            &[(url, "mysql://zoe:s3cret@db.example/fleet"), (key_file, &key)],
            "ENKASH_FLEET_URL: the fleet's address cannot be read",
        ),
    ] {
        let stderr = refusal(&server, variables);
        assert!(stderr.contains(said), "{said}\n{stderr}");
        // One mistake, and no advice about what is missing.
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
    let stderr = refusal(&server, &[("ENKASH_FLEET_KEY", KEY.trim())]);
    let said = "ENKASH_FLEET_KEY is set, and the key of a fleet never stands in the environment";
    assert!(stderr.contains(said), "{stderr}");
    assert_eq!(server.log_ins(), 0);
}

#[test]
fn a_database_that_this_program_cannot_reach_is_refused_with_the_feature_that_is_missing() {
    let server = LoginServer::start();
    let folder = TemporaryFolder::new();
    let key = folder.write("key", KEY).display().to_string();
    for (address, feature, is_built_with) in [
        (
            "postgresql://zoe:s3cret@db.example/fleet?sslmode=disable",
            "postgres",
            cfg!(feature = "postgres"),
        ),
        ("redis://zoe:s3cret@db.example/0", "redis", cfg!(feature = "redis")),
    ] {
        let stderr = refusal(
            &server,
            &[("ENKASH_FLEET_URL", address), ("ENKASH_FLEET_KEY_FILE", &key)],
        );
        let said = match is_built_with {
            // Both are refused in any case, so that nothing is looked for.
            true => "must be reached with TLS".to_owned(),
            false => format!(
                "ENKASH_FLEET_URL: this enkash was built without the feature {feature}: build it with `cargo install --path \
                 crates/enkash-cli --features {feature}`"
            ),
        };
        assert!(stderr.contains(&said), "{said}\n{stderr}");
    }
    assert_eq!(server.log_ins(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_fleet_of_a_profile_is_named_with_its_line() {
    let sandbox = enkash_sandbox::Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    let profile = profile_of(sandbox.credentials(), &folder);
    folder.write("fleet.url", ADDRESS);
    folder.write("fleet.key", "s3cret");
    let with = |lines: &str| {
        folder.write("config.toml", &format!("{profile}{lines}"));
        let mut command = enkash(&["--profile", "hrms", "token"]);
        command.env("ENKASH_CONFIG", folder.path().join("config.toml"));
        let ended = CommandResult::from(command.output().unwrap());
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(!ended.stderr.contains("s3cret"), "{}", ended.stderr);
        ended
            .stderr
            .replace(&folder.path().join("config.toml").display().to_string(), "F")
    };
    for (lines, said) in [
        (
            "fleet_url_file = \"fleet.url\"\n",
            "F:10: fleet_url_file names a fleet, and nothing names its key",
        ),
        (
            "fleet_key_file = \"fleet.key\"\n",
            "F:10: fleet_key_file is of use only with a fleet",
        ),
        (
            "fleet_url_file = \"fleet.url\"\nfleet_key_file = \"fleet.key\"\n",
            "F:11: fleet_key_file: line 1 of the fleet's key file is not Base64",
        ),
        (
            "fleet_key = \"s3cret\"\n",
            "F:10: fleet_key stands here in plain text, where backups and other people find it",
        ),
        ("fleet_url = \"s3cret\"\n", "F:10: fleet_url stands here in plain text"),
    ] {
        let stderr = with(lines);
        assert!(stderr.contains(said), "{said}\n{stderr}");
    }
    assert!(sandbox.log().is_empty());
}

/// Its accounts end with the command, and nobody else has them.
#[test]
fn the_sandbox_of_a_command_uses_no_fleet() {
    let mut command = enkash(&["--sandbox", "account"]);
    command
        .env("ENKASH_FLEET_URL", ADDRESS)
        .env("ENKASH_FLEET_KEY_FILE", "/no/such/file");
    let ended = CommandResult::from(command.output().unwrap());
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
}
