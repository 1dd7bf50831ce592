//! Coins and events: what an event is worth changes what later allocations give, so nothing of it is sent by accident.

use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, When};
use serde_json::Value;

use crate::support::{CommandResult, enkash, run, settings};

fn live(sandbox: &Sandbox, arguments: &str) -> CommandResult {
    let arguments: Vec<_> = arguments.split(' ').collect();
    let mut command = enkash(&arguments);
    command.envs(settings(sandbox.credentials()));
    command.output().unwrap().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_made_changed_and_read_and_only_with_a_yes() {
    let sandbox = Sandbox::start().await.unwrap();
    let create = "points event create --event JOINED --coins 10";
    let asked = live(&sandbox, create);
    assert_eq!((asked.code, asked.stdout.as_str()), (Some(2), ""), "{asked:?}");
    for said in [
        "create the event JOINED, worth 10 coins, for company CEK0SANDBX",
        &format!("on {}", sandbox.credentials().url),
        "Add --yes to send it.",
    ] {
        assert!(asked.stderr.contains(said), "{said} in {}", asked.stderr);
    }
    assert!(sandbox.log().is_empty());

    let created = live(&sandbox, &format!("{create} --yes --json"));
    assert_eq!(created.code, Some(0), "{created:?}");
    let created: Value = serde_json::from_str(&created.stdout).unwrap();
    assert_eq!(
        (&created["found"], &created["event"]["coins"]),
        (&true.into(), &10.into())
    );
    assert_eq!(created["event"]["configuration"], "DEFAULT");
    assert!(created.get("raw").is_none());
    let id = created["event"]["id"].as_str().unwrap();

    let asked = live(&sandbox, &format!("points event update {id} --coins 30"));
    assert_eq!(asked.code, Some(2), "{asked:?}");
    assert!(
        asked.stderr.contains(&format!("change the event {id}: 30 coins")),
        "{asked:?}"
    );
    assert_eq!(sandbox.calls(Operation::UpdateCoinEvent), 0);
    let updated = live(
        &sandbox,
        &format!("points event update {id} --coins 30 --configuration custom --yes"),
    );
    assert_eq!(updated.value("coins"), "30");

    let shown = live(&sandbox, &format!("points event show {id} --json --raw"));
    let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(
        (
            &shown["event"]["event"],
            &shown["event"]["coins"],
            &shown["event"]["configuration"]
        ),
        (&"JOINED".into(), &30.into(), &"CUSTOM".into())
    );
    assert_eq!(shown["raw"]["payload"]["coinConfigId"], id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_change_of_an_event_is_sent_once() {
    let sandbox = Sandbox::start().await.unwrap();
    for operation in [Operation::CreateCoinEvent, Operation::UpdateCoinEvent] {
        sandbox.add_fault(FaultRule::on(operation, Fault::Reset(When::After)));
    }
    let lost = live(&sandbox, "points event create --event JOINED --coins 10 --yes");
    assert_eq!(lost.code, Some(1), "{lost:?}");
    assert!(
        lost.stderr.contains("not repeated, and it may have happened"),
        "{}",
        lost.stderr
    );
    let lost = live(&sandbox, "points event update WCC1 --coins 10 --yes");
    assert!(
        lost.stderr.contains("`enkash points event show WCC1`"),
        "{}",
        lost.stderr
    );
    for operation in [Operation::CreateCoinEvent, Operation::UpdateCoinEvent] {
        assert_eq!(sandbox.calls(operation), 1);
    }
}

#[test]
fn what_changes_nothing_or_cannot_be_is_not_sent() {
    for (arguments, said) in [
        (&["points", "event", "update", "WCC1"][..], "nothing to change"),
        (&["points", "event", "update", "WCC1", "--coins", "0"], "--coins"),
        (
            &["points", "event", "create", "--event", "E", "--coins", "1.5"],
            "--coins",
        ),
    ] {
        let ended = run(&[&["--sandbox"], arguments].concat());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn coins_are_counted() {
    let sandbox = Sandbox::start().await.unwrap();
    let cards = live(&sandbox, "users --json");
    let cards: Value = serde_json::from_str(&cards.stdout).unwrap();
    let user = cards["cards"][1]["user"].as_str().unwrap();
    let balance = live(&sandbox, &format!("points balance --user {user}"));
    assert_eq!((balance.code, balance.value("coins")), (Some(0), "0"), "{balance:?}");
    let balance = live(&sandbox, &format!("points balance --user {user} --json"));
    let balance: Value = serde_json::from_str(&balance.stdout).unwrap();
    assert_eq!((&balance["user"], &balance["coins"]), (&user.into(), &0.into()));
    assert_eq!(live(&sandbox, "points balance --user EK0").code, Some(3));
}
