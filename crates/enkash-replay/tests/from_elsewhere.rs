//! Recordings that no sandbox of ours made: of an independent mock, and of somebody hostile.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on shall panic, and says what it skips"
)]

mod mock;
mod recorder;

use enkash_recording::Recording;
use enkash_replay::compare;
use enkash_sandbox::{Sandbox, Switches};
use mock::Mock;
use recorder::Recorder;
use serde_json::{Value, json};

#[tokio::test]
async fn what_a_mock_does_otherwise_is_said_and_switches_bring_the_sandbox_nearer() {
    let Some(mock) = Mock::start() else { return };
    let sandbox = Sandbox::start().await.unwrap();
    let mut recorder = Recorder::to(&mock.url, sandbox.credentials());
    recorder.login().await;
    let account = json!({"companyId": "CEK9", "cardAccountId": "CA9"});
    recorder
        .post("/api/v0/partner/enKashCard/cardAccount/get", &account)
        .await;
    recorder.post("/api/v0/partner/enKashCard/search", &account).await;
    let report = compare(&recorder.recording(), Switches::new()).await.unwrap();
    let chosen: Vec<_> = report.switches.iter().filter(|choice| choice.is_changed).collect();
    let chosen: Vec<_> = chosen
        .iter()
        .map(|choice| format!("{}={}", choice.name, choice.value))
        .collect();
    for expected in [
        "token_casing=camel",
        "expires_in=86399",
        "envelope=code",
        "code_type=string",
    ] {
        assert!(chosen.contains(&expected.to_owned()), "{chosen:?}");
    }
    assert_eq!(
        (report.before.same, report.after.same, report.after.played),
        (0, 1, 3),
        "{:#?}",
        report.after
    );
    // What no switch can bring about is named.
    let account = &report.after.operations["getRewardAccount"];
    let fields: Vec<_> = account.fields.iter().map(|(field, _)| field.field.as_str()).collect();
    assert!(
        fields.contains(&"payload.currency") && fields.contains(&"payload.availableBalance"),
        "{fields:?}"
    );
    assert_eq!(report.after.operations["searchCards"].statuses, [(404, 200, 1)]);
}

/// Letters that stand in every value of the recording.
const MARKER: &str = "zzqx7";

#[tokio::test]
async fn a_hostile_recording_shows_nothing_and_ends() {
    let deep = (0..40).fold(json!(MARKER), |inner, _| json!({MARKER: [inner]}));
    let wide: serde_json::Map<String, Value> = (0..5_000)
        .map(|number| (format!("{MARKER}-{number}"), json!(MARKER)))
        .collect();
    let hostile = json!({
        "companyId": MARKER, "mobile": "9876543210", "enKashCardId": {"a": MARKER}, format!("{MARKER}@mail.example"): MARKER,
        "code": 0, "payload": deep, "wide": wide,
    });
    let search = "/api/v0/partner/enKashCard/search";
    let mut pairs = vec![
        json!({"request": {"method": "POST", "url": format!("https://{MARKER}.example{search}?{MARKER}={MARKER}"),
            "headers": {"authorization": MARKER, "host": MARKER}, "body": hostile},
            "response": {"status": 200, "headers": {"location": "https://elsewhere.example"}, "body": hostile}}),
        json!({"request": {"method": "POST", "url": search, "headers": {"content-type": format!("a/b\r\nx: {MARKER}")}, "body": "{"},
            "response": {"status": 999, "body": MARKER}}),
        json!({"request": {"method": "GET", "url": "/api/v0/enkash-coins/..%2F..%2F_sandbox%2Freset"}, "response": {"status": 200}}),
        json!({"request": {"method": "GET", "url": "/_sandbox/openapi.json"}, "response": {"status": 200}}),
        json!({"request": {"method": "POST", "url": search, "body": {"request": "AAAA"}}, "response": {"status": 200, "body": {"request": "AAAA"}}}),
    ];
    pairs.extend((0..400).map(
        |_| json!({"request": {"method": "GET", "url": "/api/v0/cart?product=VOUCHER"}, "response": {"status": 0}}),
    ));
    let recording = Recording::from_slice(Value::Array(pairs).to_string().as_bytes()).unwrap();
    let report = compare(&recording, Switches::new()).await.unwrap();
    let printed = format!("{report:?}{}", serde_json::to_string(&report).unwrap());
    assert!(
        !printed.contains(MARKER) && !printed.contains("9876543210"),
        "{printed}"
    );
    assert_eq!((report.unmatched, report.encrypted, report.unanswered), (1, 1, 400));
    let encryption = report
        .switches
        .iter()
        .find(|choice| choice.name == "encryption")
        .unwrap();
    assert_eq!(encryption.value, "both");
}
