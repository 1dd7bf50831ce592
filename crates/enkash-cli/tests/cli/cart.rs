//! The cart: whose login it takes, that the person's token is kept, and that no change of it is sent twice.

use std::path::Path;

use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, When};
use serde_json::Value;

use crate::{
    profiles::profile_of,
    support::{CommandResult, TemporaryFolder, enkash, permit, run, settings, settings_of_user},
};

const ADD: [&str; 6] = [
    "cart",
    "add",
    "--product",
    "PC0SANDBOXBOOKS1",
    "--item",
    "PCN0SANDBOXBK0100=2",
];

fn as_user(sandbox: &Sandbox, state: &Path, arguments: &[&str]) -> CommandResult {
    let mut command = enkash(arguments);
    command.envs(settings_of_user(sandbox)).env("ENKASH_STATE_DIR", state);
    command.output().unwrap().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_takes_one_log_in_of_the_person_and_none_of_the_partner() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    let user = |arguments: &[&str]| as_user(&sandbox, folder.path(), arguments);

    let added = user(&[&ADD[..], &["--json"]].concat());
    assert_eq!(added.code, Some(0), "{added:?}");
    let added: Value = serde_json::from_str(&added.stdout).unwrap();
    let row = &added["rows"][0];
    assert_eq!((&row["amount"], &row["quantity"]), (&"196.00".into(), &2.into()));
    assert_eq!(added["evidence"]["response"], "inferred");

    let row = row["row"].to_string();
    let updated = user(&["cart", "update", "--row", &row, "--item", "PCN0SANDBOXBK0100=5"]);
    assert_eq!(updated.code, Some(0), "{updated:?}");

    let shown = user(&["cart", "show"]);
    let line = shown.stdout.lines().nth(1).unwrap();
    for cell in [
        "PC0SANDBOXBOOKS1",
        "PCN0SANDBOXBK0100",
        "100.00",
        "98.00",
        " 5 ",
        "490.00",
    ] {
        assert!(line.contains(cell), "{cell} in {line}");
    }
    let csv = user(&["cart", "show", "--output", "csv"]);
    assert_eq!(
        csv.stdout,
        format!(
            "row,product,name,denomination,face_value,price,quantity,total\n\
             {row},PC0SANDBOXBOOKS1,Paper Moon Books,PCN0SANDBOXBK0100,100.00,98.00,5,490.00\n"
        )
    );
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);

    // The partner's token is another one, and both stay.
    let mut partner = enkash(&["account"]);
    partner
        .envs(settings(sandbox.credentials()))
        .env("ENKASH_STATE_DIR", folder.path());
    assert_eq!(partner.output().unwrap().status.code(), Some(0));
    assert_eq!(user(&["cart", "show"]).code, Some(0));
    assert_eq!(partner.output().unwrap().status.code(), Some(0));
    assert_eq!(sandbox.calls(Operation::IssueToken), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_change_is_sent_once_and_says_to_read_the_cart() {
    for fault in [Fault::Reset(When::After), Fault::ServerError(When::After)] {
        let sandbox = Sandbox::start().await.unwrap();
        let folder = TemporaryFolder::new();
        sandbox.add_fault(FaultRule::on(Operation::AddToCart, fault));
        let lost = as_user(&sandbox, folder.path(), &ADD);
        assert_eq!((lost.code, lost.stdout.as_str()), (Some(1), ""), "{lost:?}");
        assert!(
            lost.stderr
                .contains("it may have happened. Read the cart with `enkash cart show`"),
            "{}",
            lost.stderr
        );
        assert_eq!(sandbox.calls(Operation::AddToCart), 1);
        assert!(
            as_user(&sandbox, folder.path(), &["cart", "show"])
                .stdout
                .contains("196.00")
        );
    }
    // What was refused did not happen.
    let refused = run(&[
        "--sandbox",
        "cart",
        "update",
        "--row",
        "99",
        "--item",
        "PCN0SANDBOXBK0100=1",
    ]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(!refused.stderr.contains("may have happened"), "{}", refused.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_holds_the_persons_log_in_without_its_password() {
    let sandbox = Sandbox::start().await.unwrap();
    let person = sandbox.credentials_of("9000000901").unwrap();
    let folder = TemporaryFolder::new();
    let text = profile_of(sandbox.credentials(), &folder);
    let without_partner: String = text
        .lines()
        .filter(|line| !line.starts_with("username") && !line.starts_with("password_file"))
        .map(|line| format!("{line}\n"))
        .collect();
    let secret = folder.write("hrms.person", &person.password);
    let file = folder.write(
        "config.toml",
        &format!(
            "{without_partner}redemption_username = \"{}\"\nredemption_password_file = \"hrms.person\"\n",
            person.username
        ),
    );
    let with_profile = |arguments: &[&str]| {
        let mut command = enkash(&[&["--profile", "hrms"], arguments].concat());
        CommandResult::from(command.env("ENKASH_CONFIG", &file).output().unwrap())
    };
    let shown = with_profile(&["-vv", "cart", "show"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    let settings = with_profile(&["profile", "show"]);
    for said in [&shown, &settings] {
        for secret in [&person.password, &person.username] {
            assert!(
                !said.stdout.contains(secret.as_str()) && !said.stderr.contains(secret.as_str()),
                "{said:?}"
            );
        }
    }
    assert!(settings.stdout.contains("redemption_password"), "{}", settings.stdout);

    permit(&secret, 0o644);
    let open = with_profile(&["cart", "show"]);
    assert_eq!(open.code, Some(2), "{open:?}");
    assert!(
        open.stderr.contains("hrms.person can be read by others"),
        "{}",
        open.stderr
    );

    folder.write(
        "config.toml",
        &format!("{without_partner}redemption_password = \"canary\"\n"),
    );
    let plain = with_profile(&["cart", "show"]);
    assert_eq!(plain.code, Some(2), "{plain:?}");
    assert!(
        plain.stderr.contains("redemption_password stands here in plain text")
            && plain.stderr.contains("redemption_password_file")
            && !plain.stderr.contains("canary"),
        "{}",
        plain.stderr
    );
}

#[test]
fn what_is_missing_or_cannot_be_is_named_and_not_sent() {
    let ended = run(&["cart", "show"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(
        ended
            .stderr
            .contains("ENKASH_CLIENT_SECRET, ENKASH_REDEMPTION_USERNAME, ENKASH_REDEMPTION_PASSWORD\n"),
        "{}",
        ended.stderr
    );
    for item in ["PCN1", "PCN1=-1", "PCN1=1.5"] {
        let wrong = run(&["--sandbox", "cart", "update", "--row", "1", "--item", item]);
        assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(2), ""), "{wrong:?}");
    }
    let twice = run(&[&["--sandbox"], &ADD[..], &["--item", "PCN0SANDBOXBK0100=3"]].concat());
    assert_eq!(twice.code, Some(2), "{twice:?}");
    assert!(twice.stderr.contains("PCN0SANDBOXBK0100 twice"), "{}", twice.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_of_the_person_costs_one_log_in_and_stops_nobody_else() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    let wrong = |arguments: &[&str]| {
        let mut command = enkash(arguments);
        command
            .envs(settings_of_user(&sandbox))
            .env("ENKASH_STATE_DIR", folder.path())
            .env("ENKASH_REDEMPTION_PASSWORD", "not-the-password");
        CommandResult::from(command.output().unwrap())
    };
    for _ in 0..2 {
        let rejected = wrong(&["cart", "show"]);
        assert_eq!(rejected.code, Some(5), "{rejected:?}");
        assert!(rejected.stderr.contains("add --as-user"), "{}", rejected.stderr);
        assert!(!rejected.stderr.contains("not-the-password"), "{}", rejected.stderr);
    }
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
    let mut partner = enkash(&["account"]);
    partner
        .envs(settings(sandbox.credentials()))
        .env("ENKASH_STATE_DIR", folder.path());
    assert_eq!(partner.output().unwrap().status.code(), Some(0));

    // The advice works, and sends nothing itself.
    let reset = wrong(&["token", "--reset-strikes", "--as-user", "--yes", "--json"]);
    assert!(reset.stdout.contains(r#""strikes_before":1"#), "{reset:?}");
    assert_eq!(sandbox.calls(Operation::IssueToken), 2);
    assert_eq!(wrong(&["cart", "show"]).code, Some(5));
    assert_eq!(sandbox.calls(Operation::IssueToken), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_needs_no_password_and_shows_no_person() {
    let sandbox = Sandbox::start().await.unwrap();
    let person = sandbox.credentials_of("9000000901").unwrap();
    for arguments in [
        &["cart", "show"][..],
        &ADD,
        &["cart", "update", "--row", "1", "--item", "PCN1=1"],
        &["order", "list", "--as-user"],
    ] {
        let mut command = enkash(&[arguments, &["--dry-run", "--json"]].concat());
        command
            .envs(settings_of_user(&sandbox))
            .env_remove("ENKASH_REDEMPTION_PASSWORD")
            .env_remove("ENKASH_CLIENT_SECRET");
        let shown = CommandResult::from(command.output().unwrap());
        assert_eq!((shown.code, shown.stdout.lines().count()), (Some(0), 1), "{shown:?}");
        assert!(!shown.stdout.contains(&person.username), "{}", shown.stdout);
    }
    assert!(sandbox.log().is_empty());
}
