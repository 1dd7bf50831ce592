//! Orders at a sandbox beside the test: whose login they use, and that codes stay hidden.

use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, When};
use serde_json::Value;

use crate::{
    live_calls::live,
    support::{CommandResult, TemporaryFolder, enkash, settings},
};

const BOOKS: [&str; 11] = [
    "order",
    "create",
    "--product",
    "PC0SANDBOXBOOKS1",
    "--denomination",
    "100",
    "--quantity",
    "2",
    "--reference",
    "GIFT1",
    "--yes",
];

fn as_user(sandbox: &Sandbox, arguments: &[&str]) -> CommandResult {
    let user = sandbox.credentials_of("9000000901").unwrap();
    let mut command = enkash(arguments);
    command
        .envs(settings(sandbox.credentials()))
        .env("ENKASH_REDEMPTION_USERNAME", &user.username)
        .env("ENKASH_REDEMPTION_PASSWORD", &user.password);
    command.output().unwrap().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_and_pins_are_shown_on_request_only() {
    let sandbox = Sandbox::start().await.unwrap();
    let hidden = live(&sandbox, &[&BOOKS[..], &["--json"]].concat());
    assert_eq!(hidden.code, Some(0), "{hidden:?}");
    let result: Value = serde_json::from_str(&hidden.stdout).unwrap();
    assert_eq!(
        (&result["operation"], &result["amount"], &result["outcome"]),
        (&"order create".into(), &"200.00".into(), &"done".into())
    );
    let vouchers = result["vouchers"].as_array().unwrap();
    assert_eq!(vouchers.len(), 2);
    assert!(
        vouchers
            .iter()
            .all(|voucher| voucher["code"].is_null() && voucher["pin"].is_null())
    );

    let mut revealing = BOOKS;
    revealing[9] = "GIFT2";
    let shown = live(&sandbox, &[&revealing[..], &["--json", "--reveal"]].concat());
    let result: Value = serde_json::from_str(&shown.stdout).unwrap();
    let code = result["vouchers"][0]["code"].as_str().unwrap();
    assert!(code.len() > 8, "{result}");
    assert!(!hidden.stdout.contains(code) && !shown.stderr.contains(code));
    assert_eq!(sandbox.calls(Operation::CreateOrder), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn as_user_logs_in_as_the_redemption_user_alone() {
    let sandbox = Sandbox::start().await.unwrap();
    let missing = live(&sandbox, &[&BOOKS[..], &["--as-user"]].concat());
    assert_eq!(missing.code, Some(2), "{missing:?}");
    assert!(
        missing
            .stderr
            .contains("missing in the environment: ENKASH_REDEMPTION_USERNAME, ENKASH_REDEMPTION_PASSWORD"),
        "{}",
        missing.stderr
    );
    assert!(sandbox.log().is_empty());

    let ended = as_user(&sandbox, &[&BOOKS[..], &["--as-user"]].concat());
    assert_eq!((ended.code, ended.value("outcome")), (Some(0), "done"), "{ended:?}");
    assert!(
        ended.stderr.contains(", as the redemption user, reference GIFT1"),
        "{}",
        ended.stderr
    );
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);

    // The wrong password of the user is not the partner's.
    let mut wrong = enkash(&[&BOOKS[..], &["--as-user"]].concat());
    wrong
        .envs(settings(sandbox.credentials()))
        .env("ENKASH_REDEMPTION_USERNAME", "9000000901")
        .env("ENKASH_REDEMPTION_PASSWORD", "not-the-password");
    let ended = CommandResult::from(wrong.output().unwrap());
    assert_eq!((ended.code, ended.value("outcome")), (Some(5), "not sent"), "{ended:?}");
    assert_eq!(live(&sandbox, &["account"]).code, Some(0));
}

/// Neither the call nor its settlement needs the partner's login.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_order_of_the_user_is_settled_as_the_user() {
    let sandbox = Sandbox::start().await.unwrap();
    let user = sandbox.credentials_of("9000000901").unwrap();
    let folder = TemporaryFolder::new();
    let alone = |arguments: &[&str]| {
        let mut command = enkash(arguments);
        command
            .envs(settings(sandbox.credentials()))
            .env("ENKASH_REDEMPTION_USERNAME", &user.username)
            .env("ENKASH_REDEMPTION_PASSWORD", &user.password)
            .env_remove("ENKASH_USERNAME")
            .env_remove("ENKASH_PASSWORD")
            .env("ENKASH_STATE_DIR", folder.path().join("state"));
        CommandResult::from(command.output().unwrap())
    };
    sandbox.add_fault(FaultRule::on(Operation::CreateOrder, Fault::Reset(When::After)));
    let lost = alone(&[&BOOKS[..], &["--as-user"]].concat());
    assert_eq!((lost.code, lost.value("outcome")), (Some(4), "unknown"), "{lost:?}");
    let settled = alone(&["settle", "--as-user", "--json"]);
    assert_eq!(settled.code, Some(0), "{settled:?}");
    let settled: Value = serde_json::from_str(&settled.stdout).unwrap();
    assert_eq!(
        (&settled["reference"], &settled["outcome"]),
        (&"GIFT1".into(), &"done".into()),
        "{settled}"
    );
    assert!(settled["order"].as_str().unwrap().starts_with("OR"), "{settled}");
    assert_eq!(sandbox.calls(Operation::CreateOrder), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_ordered_is_refused_before_anything_is_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    for (place, value, problem) in [
        (5, "0", "denomination"),
        (7, "-1", "quantity"),
        (9, "a b", "--reference"),
    ] {
        let mut order = BOOKS;
        order[place] = value;
        let ended = live(&sandbox, &order);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        assert!(ended.stderr.contains(problem), "{}", ended.stderr);
    }
    assert!(sandbox.log().is_empty());
}
