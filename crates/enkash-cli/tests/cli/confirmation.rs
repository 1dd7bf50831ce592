//! Every command that moves value, where nobody says yes and where nothing may be sent: the same promises for all.

use enkash_sandbox::{Operation, Sandbox};

use crate::{
    live_calls::{ALLOCATE_ARGS, live},
    support::{CommandResult, LiveSandbox, TemporaryFolder, enkash, settings},
};

/// Each command with what its question must name.
fn commands() -> Vec<(Vec<&'static str>, &'static str)> {
    let person = |command: &[&'static str]| [command, &ALLOCATE_ARGS, &["--reference", "R1"]].concat();
    vec![
        (person(&["allocate"]), "allocate 250.50 to Meera (mobile 9000000004)"),
        (
            person(&["unallocate"]),
            "unallocate 250.50 from Meera (mobile 9000000004)",
        ),
        (person(&["incentives", "allocate"]), "incentive account CA0SNDBX1"),
        (person(&["incentives", "unallocate"]), "incentive account CA0SNDBX1"),
        (
            vec!["allocate", "--file", "examples/allocations.csv"],
            "allocate 31760.86 in 24 calls",
        ),
        (
            vec!["incentives", "allocate", "--file", "examples/allocations.csv"],
            "allocate 31760.86 in 24 calls",
        ),
        (
            vec!["bulk", "--file", "examples/bulk.csv", "--mode", "new-only"],
            "allocate 425.75 to new people only in one request, with the 3 rows",
        ),
        (
            vec![
                "order",
                "create",
                "--product",
                "PC0SANDBOXBOOKS1",
                "--denomination",
                "100",
                "--quantity",
                "2",
            ],
            "order 2 vouchers of 100 (200.00 in all) of product PC0SANDBOXBOOKS1",
        ),
        (
            vec!["points", "allocate", "--user", "EK3FLBHN", "--event", "REFERRAL_EVENT"],
            "allocate the coins of event REFERRAL_EVENT to user EK3FLBHN",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_yes_nothing_is_sent_and_the_question_says_what_and_where() {
    let sandbox = Sandbox::start().await.unwrap();
    for (command, what) in commands() {
        let ended = live(&sandbox, &command);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        let place = format!("\non {}, ", sandbox.credentials().url);
        for text in [what, &place, "Add --yes to send it."] {
            assert!(ended.stderr.contains(text), "{text}: {}", ended.stderr);
        }
    }
    assert!(sandbox.log().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_the_requests_and_sends_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    for (command, _) in commands() {
        let ended = live(&sandbox, &[&command[..], &["--dry-run", "--json"]].concat());
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.stdout.starts_with("{\"dry_run\":true"), "{}", ended.stdout);
        assert!(
            !ended.stdout.contains("90000") && !ended.stdout.contains("@example"),
            "{}",
            ended.stdout
        );
    }
    assert!(sandbox.log().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_compared_with_the_card_before_points_are_taken_back() {
    let ravi = |name: &'static str, more: &[&'static str]| {
        let flags = [
            "unallocate",
            "--title",
            "Mr",
            "--name",
            name,
            "--email",
            "ravi@example.com",
            "--mobile",
            "9000000901",
            "--gender",
            "M",
            "--amount",
            "100",
            "--reference",
            "UNDO1",
            "--yes",
        ];
        [&flags, more].concat()
    };
    let sandbox = Sandbox::start().await.unwrap();
    let other = live(&sandbox, &ravi("Vikram", &[]));
    assert_eq!((other.code, other.stdout.as_str()), (Some(2), ""), "{other:?}");
    assert!(
        other.stderr.contains("another name") && other.stderr.contains("--person-checked"),
        "{}",
        other.stderr
    );
    assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 0);

    let same = live(&sandbox, &ravi("Ravi", &[]));
    assert_eq!((same.code, sandbox.debits("UNDO1")), (Some(0), 1), "{same:?}");
    assert!(
        same.stderr.contains("compared: the person holds card EKCUQWZ8SX"),
        "{}",
        same.stderr
    );

    let sandbox = Sandbox::start().await.unwrap();
    let told = live(&sandbox, &ravi("Ravi", &["--person-checked"]));
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(!told.stderr.contains("compared"), "{}", told.stderr);
    assert_eq!(sandbox.calls(Operation::SearchCards), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn coins_are_given_once_and_an_unknown_outcome_says_that_no_look_up_exists() {
    use enkash_sandbox::{Fault, FaultRule, When};

    let sandbox = Sandbox::start().await.unwrap();
    let coins = [
        "points",
        "allocate",
        "--user",
        "EK3FLBHN",
        "--event",
        "REFERRAL_EVENT",
        "--reference",
        "C1",
        "--yes",
    ];
    let done = live(&sandbox, &coins);
    assert_eq!((done.code, done.value("outcome")), (Some(0), "done"), "{done:?}");
    assert_eq!(sandbox.calls(Operation::AllocateCoins), 1);

    // The company of the settings is all that is needed of them; no account is.
    let mut without = enkash(&coins);
    without
        .envs(settings(sandbox.credentials()))
        .env_remove("ENKASH_CARD_ACCOUNT_ID")
        .env_remove("ENKASH_COMPANY_ID");
    let ended = CommandResult::from(without.output().unwrap());
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("missing: --company"), "{}", ended.stderr);

    sandbox.add_fault(FaultRule::on(Operation::AllocateCoins, Fault::Reset(When::After)));
    let here = LiveSandbox::of(sandbox);
    let lost = here.run(&coins);
    assert_eq!((lost.code, lost.value("outcome")), (Some(4), "unknown"), "{lost:?}");
    assert!(
        lost.value("next").contains("No page documents a look-up for it"),
        "{}",
        lost.stdout
    );
    let settled = here.run(&["settle", &here.stored_ticket("C1").await]);
    assert_eq!(settled.code, Some(4), "{settled:?}");
    assert!(
        settled.stdout.contains("ask EnKash with the reference"),
        "{}",
        settled.stdout
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undocumented_order_needs_a_path_and_says_how_to_give_one() {
    let sandbox = Sandbox::start().await.unwrap();
    let order = [
        "order",
        "undocumented",
        "--body",
        "examples/order.json",
        "--reference",
        "GIFT-2026-0007",
        "--yes",
    ];
    let ended = live(&sandbox, &order);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    assert!(
        ended.stderr.contains("[profile.NAME.paths]") && ended.stderr.contains("createOrderLowerCase = "),
        "{}",
        ended.stderr
    );
    assert!(sandbox.log().is_empty());

    let folder = TemporaryFolder::new();
    let (method, path) = sandbox.stated_paths()[&Operation::CreateOrderLowerCase].clone();
    let profile = format!("[profile.p.paths]\ncreateOrderLowerCase = \"{method} {path}\"\n");
    let config = folder.write("config.toml", &profile);
    let live = LiveSandbox::of(sandbox);
    let mut with_path = live.command(&[&order[..], &["--profile", "p"]].concat());
    with_path.env("ENKASH_CONFIG", config);
    let ended = CommandResult::from(with_path.output().unwrap());
    assert_eq!((ended.code, ended.value("outcome")), (Some(0), "done"), "{ended:?}");
    let ticket = live.stored_ticket("GIFT-2026-0007").await;
    assert!(ticket.contains("\"createOrderLowerCase\""), "{ticket}");
    assert_eq!(live.sandbox.calls(Operation::CreateOrderLowerCase), 1);
}
