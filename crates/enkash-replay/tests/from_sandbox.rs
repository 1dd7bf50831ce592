//! Recordings of a sandbox with other switches: they are found, the sandbox then agrees, and what the recording does not show
//! stays undecided.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod recorder;

use enkash_recording::{Document, Recording, Redactor};
use enkash_replay::{Report, SwitchChoice, compare};
use enkash_sandbox::{Sandbox, Switches};
use recorder::Recorder;
use serde_json::json;

/// A day of calls against a sandbox with these switches.
async fn recorded(switches: &str) -> Recording {
    let switches: Switches = switches.parse().unwrap();
    let sandbox = Sandbox::builder().switches(switches).start().await.unwrap();
    let mut recorder = Recorder::new(sandbox.credentials());
    recorder.login().await;
    let own = sandbox.credentials();
    let account = json!({"companyId": own.company_id, "cardAccountId": own.card_account_id});
    recorder
        .post("/api/v0/partner/enKashCard/cardAccount/get", &account)
        .await;
    for reference in ["r1", "r1", "r2"] {
        recorder.allocate("9000012345", reference).await;
    }
    let mut by_mobile = account.clone();
    by_mobile["mobile"] = json!("9000012345");
    recorder.post("/api/v0/partner/enKashCard/search", &by_mobile).await;
    recorder.post("/api/v0/partner/enKashCard/search", &account).await;
    recorder
        .post("/api/v0/partner/enKashCard/transaction/all", &account)
        .await;
    // It lacks what the page requires.
    recorder
        .post("/api/v0/partner/enKashCard/cardAccount/get", &json!({}))
        .await;
    recorder.recording()
}

fn choice<'a>(report: &'a Report, name: &str) -> &'a SwitchChoice {
    report.switches.iter().find(|choice| choice.name == name).unwrap()
}

#[tokio::test]
async fn a_sandbox_as_it_is_agrees_with_its_own_recording() {
    let report = compare(&recorded("").await, Switches::new()).await.unwrap();
    assert_eq!(
        (report.before.played, report.before.same),
        (9, 9),
        "{:#?}",
        report.before
    );
    assert_eq!(report.chosen, Switches::new());
    assert!(report.switches.iter().all(|choice| !choice.is_changed));
    // Nothing in it went wrong on the way, and nothing was added to a cart.
    for name in ["lost_strikes", "cart_add"] {
        assert!(!choice(&report, name).is_shown, "{name}");
    }
}

#[tokio::test]
async fn other_switches_are_found_one_by_one_and_together() {
    for switches in [
        "token_casing=camel",
        "expires_in=absent",
        "expires_in=86399",
        "envelope=sibling",
        "code_type=string",
        "error_body=html",
        "duplicate_reference=refuse",
        "transaction_without_card=refused",
        "card_search=single",
        "token_casing=payload,envelope=code,code_type=string,error_body=empty,expires_in=zero",
    ] {
        let report = compare(&recorded(switches).await, Switches::new()).await.unwrap();
        assert!(report.before.same < report.before.played, "{switches}");
        assert_eq!(
            report.after.same, report.after.played,
            "{switches}: {:#?}",
            report.after
        );
        for setting in switches.split(',') {
            let (name, value) = setting.split_once('=').unwrap();
            let choice = choice(&report, name);
            let is_found = choice.value == value || choice.equals.iter().any(|equal| equal == value);
            assert!(
                is_found && choice.is_changed && choice.is_shown,
                "{switches}: {choice:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_redacted_recording_shows_the_same() {
    let plain = recorded("token_casing=camel,code_type=string,card_search=single").await;
    let redactor = Redactor::new(Document::bundled().unwrap()).unwrap();
    let mut redacted = Recording::default();
    for exchange in &plain.exchanges {
        redacted.exchanges.push(redactor.redact(exchange).exchange().clone());
    }
    redacted.redaction.insert("personal".to_owned(), 1);
    let report = compare(&redacted, Switches::new()).await.unwrap();
    for (name, value) in [
        ("token_casing", "camel"),
        ("code_type", "string"),
        ("card_search", "single"),
    ] {
        assert_eq!(choice(&report, name).value, value, "{:#?}", report.after);
    }
}

#[tokio::test]
async fn what_was_set_before_stays_where_the_recording_shows_nothing_of_it() {
    let start: Switches = "cart_add=replace,token_casing=camel".parse().unwrap();
    let report = compare(&recorded("").await, start).await.unwrap();
    assert_eq!(choice(&report, "cart_add").value, "replace");
    assert_eq!(choice(&report, "token_casing").value, "snake");
}

#[tokio::test]
async fn the_calls_of_a_card_holder_are_played_as_the_partner() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut recorder = Recorder::new(sandbox.credentials());
    recorder.login_as("9000000901").await;
    let cart = recorder.get("/api/v0/cart?product=VOUCHER").await;
    assert_eq!(cart["response_code"], 0, "{cart}");
    let report = compare(&recorder.recording(), Switches::new()).await.unwrap();
    assert_eq!(
        (report.before.played, report.before.same),
        (2, 2),
        "{:#?}",
        report.before
    );
}
