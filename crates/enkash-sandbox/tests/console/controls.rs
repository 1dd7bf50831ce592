//! What the buttons of the console do, as a browser without a script sends them.

use std::time::Duration;

use enkash_sandbox::{
    Sandbox,
    switches::{DuplicateReference, TransactionLookup},
};

use crate::browser::{act, page, part};
use crate::client::{ACCOUNT, Client};

#[tokio::test]
async fn the_clock_the_switches_and_the_tokens_are_steered() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let before = sandbox.now();
    assert_eq!(act(&client, "clock/advance", &[("seconds", "60")]).await.0, 303);
    assert!(sandbox.now() >= before + Duration::from_secs(60));
    assert_eq!(client.post(ACCOUNT, &client.account()).await.0, 200);
    assert_eq!(act(&client, "tokens/revoke", &[]).await.0, 303);
    assert_eq!(client.post(ACCOUNT, &client.account()).await.0, 401);
    assert_eq!(
        act(&client, "clock/set", &[("instant", " 2030-01-31T12:00:00Z ")])
            .await
            .0,
        303
    );
    assert!(page(&client, "/").await.contains("2030-01-31 12:0"));

    let set = [("name", "duplicate_reference"), ("value", "refuse")];
    assert_eq!(act(&client, "switches/set", &set).await.0, 303);
    let set = [
        ("name", "transaction_lookup"),
        ("value", "delayed:SECONDS"),
        ("number", "45"),
    ];
    assert_eq!(act(&client, "switches/set", &set).await.0, 303);
    let expected = enkash_sandbox::Switches::new()
        .duplicate_reference(DuplicateReference::Refuse)
        .transaction_lookup(TransactionLookup::Delayed(Duration::from_secs(45)));
    assert_eq!(sandbox.switches(), expected);
    assert!(page(&client, "/").await.contains("2 changed"));

    for (path, fields, reason) in [
        (
            "clock/advance",
            [("seconds", "-1")].as_slice(),
            "not a number of seconds",
        ),
        ("clock/advance", &[], "seconds is missing"),
        ("clock/set", &[("instant", "tomorrow")], "not an instant"),
        (
            "switches/set",
            &[("name", "envelope"), ("value", "none")],
            "its values are",
        ),
        ("switches/set", &[("name", "no"), ("value", "none")], "the switches are"),
    ] {
        let (status, text) = act(&client, path, fields).await;
        assert_eq!(status, 422, "{path}");
        assert!(text.contains(reason), "{text:?} does not say {reason:?}");
    }
    assert_eq!(sandbox.switches(), expected);
    // The end of time can be shown as well.
    assert_eq!(
        act(&client, "clock/advance", &[("seconds", "18446744073709551615")])
            .await
            .0,
        303
    );
    assert!(page(&client, "/").await.contains("9999-12-30"));
}

#[tokio::test]
async fn faults_are_added_and_removed_one_by_one() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let list = "- {operation: getRewardAccount, nth: 2, kind: server-error}\n- {operation: getCart, kind: reset}";
    assert_eq!(act(&client, "faults/add", &[("rule", list)]).await.0, 303);
    let one = "{operation: getRewardAccount, nth: 1, kind: bad-gateway}";
    assert_eq!(act(&client, "faults/add", &[("rule", one)]).await.0, 303);
    assert_eq!(client.post(ACCOUNT, &client.account()).await.0, 502);
    let shown = page(&client, "/").await;
    assert!(
        shown.contains("{operation: getRewardAccount, nth: 1, kind: bad-gateway, when: before}"),
        "{shown}"
    );

    let cart = "{\"operation\":\"getCart\",\"kind\":\"reset\",\"when\":\"before\"}";
    let (status, text) = act(&client, "faults/remove", &[("place", "0"), ("rule", cart)]).await;
    assert_eq!(
        (status, text.as_str()),
        (422, "that rule is gone already"),
        "another rule stands there"
    );
    assert_eq!(
        act(&client, "faults/remove", &[("place", "1"), ("rule", cart)]).await.0,
        303
    );
    let shown = page(&client, "/").await;
    assert!(!shown.contains("{operation: getCart") && shown.contains("nth: 2"));
    let (status, _) = client.post(ACCOUNT, &client.account()).await;
    assert_eq!(status, 500, "the rules that stay go on counting");

    let (status, text) = act(&client, "faults/add", &[("rule", "{kind: resett}")]).await;
    assert_eq!(status, 422);
    assert!(text.contains("the kinds are"), "{text}");
    assert_eq!(act(&client, "faults/add", &[("rule", "[]")]).await.0, 422);

    // As many as a control route sets at once, and not one more.
    let many = "- {kind: server-error, nth: 9}\n".repeat(999);
    let (status, text) = act(&client, "faults/add", &[("rule", &many)]).await;
    assert_eq!(status, 422);
    assert!(text.contains("more than 1000 rules"), "{text}");
}

#[tokio::test]
async fn the_state_is_saved_loaded_and_reset() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    client.give("9000001234", 5.0, "A").await;
    assert_eq!(
        act(&client, "snapshots/save", &[("name", "before-friday")]).await.0,
        303
    );
    client.give("9000001234", 7.0, "B").await;
    let shown = page(&client, "/").await;
    assert!(part(&shown, "snapshots").contains("<code>before-friday</code>"));

    assert_eq!(
        act(&client, "snapshots/load", &[("name", "before-friday")]).await.0,
        303
    );
    assert_eq!((sandbox.credits("A"), sandbox.credits("B")), (1, 0));
    assert_eq!(act(&client, "reset", &[]).await.0, 303);
    assert_eq!(sandbox.credits("A"), 0);
    assert_eq!(
        act(&client, "snapshots/delete", &[("name", "before-friday")]).await.0,
        303
    );
    assert!(part(&page(&client, "/").await, "snapshots").contains("None is saved"));

    for (path, fields, reason) in [
        ("snapshots/save", &[("name", "../x")][..], "small letters"),
        ("snapshots/save", &[], "name is missing"),
        (
            "snapshots/load",
            &[("name", "before-friday")],
            "no snapshot has this name",
        ),
        (
            "snapshots/delete",
            &[("name", "before-friday")],
            "no snapshot has this name",
        ),
    ] {
        let (status, text) = act(&client, path, fields).await;
        assert_eq!(status, 422, "{path}");
        assert!(text.contains(reason), "{text:?} does not say {reason:?}");
    }
}
