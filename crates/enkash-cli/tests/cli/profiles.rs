//! Profiles as a person keeps them: one file, secrets beside it, and one value changed for one run by the environment.

use std::{fs, process::Command};

use enkash_sandbox::{Credentials, Operation, Sandbox, Switches, switches::DuplicateReference};
use serde_json::Value;

use crate::{
    live_calls::ALLOCATE_ARGS,
    support::{CommandResult, TemporaryFolder, enkash, permit},
};

/// A file with the profile `hrms` that leads to the sandbox, with its secrets in files beside it.
pub(crate) fn profile_of(credentials: &Credentials, folder: &TemporaryFolder) -> String {
    folder.write("hrms.secret", &format!("{}\n", credentials.client_secret));
    folder.write("hrms.password", &format!("{}\n", credentials.password));
    let text = format!(
        "[profile.hrms]\n\
         base_url = \"{}\"\n\
         partner_id = \"{}\"\n\
         company_id = \"{}\"\n\
         card_account_id = \"{}\"\n\
         client_id = \"{}\"\n\
         username = \"{}\"\n\
         client_secret_file = \"hrms.secret\"\n\
         password_file = \"hrms.password\"\n",
        credentials.url,
        credentials.partner_id,
        credentials.company_id,
        credentials.card_account_id,
        credentials.client_id,
        credentials.username,
    );
    folder.write("config.toml", &text);
    text
}

fn with_file(folder: &TemporaryFolder, arguments: &[&str]) -> Command {
    let mut command = enkash(arguments);
    command.env("ENKASH_CONFIG", folder.path().join("config.toml"));
    command
}

fn run(folder: &TemporaryFolder, arguments: &[&str]) -> CommandResult {
    with_file(folder, arguments).output().unwrap().into()
}

/// What may be done with a call is decided by its operation: a profile must not turn a read into something else.
#[tokio::test(flavor = "multi_thread")]
async fn a_path_of_a_profile_leads_no_read_to_where_value_moves() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    let profile = profile_of(sandbox.credentials(), &folder);
    for (path, said) in [
        (
            "POST /api/v0/partner/enKashCard/create-allocate-points",
            "which moves value",
        ),
        (
            "POST /api/v0/partner/enKashCard/Create-Allocate-Points",
            "which moves value",
        ),
        ("POST /api/v0/partner/enKashCard/{page}", "write its placeholders out"),
        ("POST /oauth/token", "which is never repeated"),
        ("CONNECT /api/v0/account", "CONNECT is no method for a call"),
        ("TRACE /api/v0/account", "TRACE is no method for a call"),
    ] {
        let paths = format!("[profile.hrms.paths]\ngetRewardAccount = \"{path}\"\n");
        folder.write("config.toml", &format!("{profile}{paths}"));
        let ended = run(&folder, &["--profile", "hrms", "account"]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        assert!(
            ended.stderr.contains(said) && ended.stderr.contains("getRewardAccount"),
            "{path}: {}",
            ended.stderr
        );
    }
    assert!(sandbox.log().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_all_that_a_live_call_needs() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    profile_of(sandbox.credentials(), &folder);
    let ended = run(&folder, &["--profile", "hrms", "account"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let mut by_environment = with_file(&folder, &["account"]);
    by_environment.env("ENKASH_PROFILE", "hrms");
    assert_eq!(by_environment.status().unwrap().code(), Some(0));
    // Without its name it is not used.
    assert_eq!(run(&folder, &["account"]).code, Some(2));
    assert_eq!(sandbox.calls(Operation::GetRewardAccount), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_goes_before_the_profile() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    let text = profile_of(sandbox.credentials(), &folder);
    // Nothing may reach the profile's hosts when the environment names another API.
    let elsewhere = text.replace(&sandbox.credentials().url, "http://127.0.0.1:9");
    folder.write(
        "config.toml",
        &format!("{elsewhere}token_url = \"http://127.0.0.1:9\"\n"),
    );
    let mut command = with_file(&folder, &["--profile", "hrms", "account"]);
    command.env("ENKASH_BASE_URL", &sandbox.credentials().url);
    let ended = CommandResult::from(command.output().unwrap());
    assert_eq!(ended.code, Some(0), "{ended:?}");

    let mut command = with_file(&folder, &["--profile", "hrms", "profile", "show", "--json"]);
    command.env("ENKASH_BASE_URL", &sandbox.credentials().url);
    let shown: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    assert_eq!(shown["settings"][0]["from"]["variable"], "ENKASH_BASE_URL");
    assert_eq!(
        (&shown["settings"][1]["name"], &shown["settings"][1]["is_set"]),
        (&"token_url".into(), &false.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_profile_shows_is_no_secret_and_no_person() {
    let sandbox = Sandbox::start().await.unwrap();
    let credentials = sandbox.credentials();
    let folder = TemporaryFolder::new();
    profile_of(credentials, &folder);
    for form in [
        &["profile", "show", "hrms"][..],
        &["profile", "show", "hrms", "--json"],
        &["profile", "list"],
    ] {
        let ended = run(&folder, form);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.stdout.contains(&credentials.url), "{}", ended.stdout);
        for secret in [&credentials.client_secret, &credentials.password, &credentials.username] {
            assert!(!ended.stdout.contains(secret.as_str()), "{form:?}: {}", ended.stdout);
        }
    }
    let shown = run(&folder, &["profile", "show", "hrms"]);
    let line = |name: &str| {
        shown
            .stdout
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap()
            .to_owned()
    };
    assert!(line("password").contains("set, not shown") && line("password").ends_with("hrms.password"));
    assert!(line("username").contains("set, not shown") && line("username").ends_with("config.toml:7"));
    assert!(line("client_id").contains(&credentials.client_id));
}

#[test]
fn everything_that_is_wrong_with_a_profile_is_named_with_its_line() {
    let folder = TemporaryFolder::new();
    folder.write("open.password", "opaque\n");
    permit(&folder.path().join("open.password"), 0o644);
    folder.write(
        "config.toml",
        "[profile.hrms]\n\
         base_ulr = \"https://pay.example\"\n\
         client_secret = \"canary\"\n\
         password_file = \"open.password\"\n\
         partner_id = \"CEK1\"\n",
    );
    let ended = run(&folder, &["--profile", "hrms", "account"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    let file = folder.path().join("config.toml").display().to_string();
    let said = ended.stderr.replace(&file, "F");
    for expected in [
        "F:1: missing in profile hrms: client_id (or ENKASH_CLIENT_ID), username (or ENKASH_USERNAME), company_id",
        "F:2: there is no setting \"base_ulr\"; did you mean base_url?",
        "F:3: client_secret stands here in plain text",
        "F:4: ",
        "open.password can be read by others",
        "run `chmod 600 ",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    assert!(!said.contains("canary") && !said.contains("opaque"), "{said}");
}

#[test]
fn a_profile_that_is_not_there_is_named_with_one_that_is() {
    let folder = TemporaryFolder::new();
    folder.write("config.toml", "[profile.hrms]\n[profile.payroll]\n");
    let ended = run(&folder, &["--profile", "hmrs", "account"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("did you mean hrms?"), "{}", ended.stderr);
    let listed = run(&folder, &["profile", "list"]);
    assert_eq!(listed.stdout.lines().count(), 3, "{listed:?}");

    fs::remove_file(folder.path().join("config.toml")).unwrap();
    let ended = run(&folder, &["--profile", "hrms", "account"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("because there is no file "), "{}", ended.stderr);
    let path = run(&folder, &["profile", "path", "--json"]);
    let path: Value = serde_json::from_str(&path.stdout).unwrap();
    assert_eq!(path["exists"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_may_say_what_counts_as_a_refusal_and_names_the_operation_that_it_loosens() {
    let switches = Switches::new().duplicate_reference(DuplicateReference::Refuse);
    let sandbox = Sandbox::builder().switches(switches).start().await.unwrap();
    let folder = TemporaryFolder::new();
    let profile = profile_of(sandbox.credentials(), &folder);
    let allocate = || {
        let arguments = [
            &["--profile", "hrms", "allocate"],
            &ALLOCATE_ARGS[..],
            &["--reference", "R1", "--yes"],
        ]
        .concat();
        run(&folder, &arguments)
    };
    assert_eq!(allocate().code, Some(0));
    // What the API says to the second one speaks of the reference, so it proves nothing.
    assert_eq!(allocate().code, Some(4));

    folder.write(
        "policy.yaml",
        "overlay: 1.0.0
info: {title: Our contract, version: '1'}
actions:
  - target: $.operations.createAllocatePoints.outcome
    update: {refusal-texts: [Transaction ID already exists.]}
",
    );
    folder.write("config.toml", &format!("{profile}policy_overlay = \"policy.yaml\"\n"));
    let ended = allocate();
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.stderr.contains("loosens createAllocatePoints"),
        "{}",
        ended.stderr
    );
    assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 2);

    let allowed = "policy_overlay = \"policy.yaml\"\nallow_loosening = [\"createAllocatePoints\"]\n";
    folder.write("config.toml", &format!("{profile}{allowed}"));
    let ended = allocate();
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(
        ended.stderr.contains("refused") || ended.stdout.contains("refused"),
        "{ended:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_is_read_up_to_the_limit_of_the_profile() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    let profile = profile_of(sandbox.credentials(), &folder);
    let limit = |limit: &str| {
        let text = format!("{profile}[profile.hrms.response_limits]\n{limit}\n");
        folder.write("config.toml", &text);
    };
    limit("list = 100");
    let ended = run(&folder, &["--profile", "hrms", "cards"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
    let said = "searchCards: the response (HTTP 200) has more bytes than its limit of 100 bytes allows (response limit `list`)";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("under [profile.NAME.response_limits]"),
        "{}",
        ended.stderr
    );
    let shown = run(&folder, &["--profile", "hrms", "profile", "show"]);
    assert!(shown.stdout.contains("response limit of list"), "{shown:?}");
    limit("list = 1000000");
    assert_eq!(run(&folder, &["--profile", "hrms", "cards"]).code, Some(0));
}
