//! What the generator learns from recordings that were really made: of a sandbox as it is, of one with other switches, and of
//! an independent mock. The overlay keeps every rule, it generates, and nothing is left to learn.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on shall panic, and says what it skips"
)]

mod mock;
mod recorder;

use enkash_codegen::learn::{FindingKind, Lessons, RecordedExchange, learn};
use enkash_codegen::spec::{Changes, Source, Sources};
use enkash_codegen::{generator, lint};
use enkash_recording::{Document, Recording, Redactor};
use enkash_sandbox::{Sandbox, Switches};
use mock::Mock;
use recorder::Recorder;
use serde_json::json;

fn exchanges(recording: &Recording) -> impl Iterator<Item = RecordedExchange> {
    recording
        .exchanges
        .iter()
        .enumerate()
        .map(|(index, exchange)| RecordedExchange {
            place: format!("exchange {}", index + 1),
            exchange: exchange.clone(),
        })
}

/// What a recording teaches, and that the overlay of all of it leaves nothing.
fn learned(recording: &Recording) -> Lessons {
    let spec = lint::load(&Sources::embedded(), &Changes::default()).unwrap();
    let lessons = learn(&spec, &[], exchanges(recording));
    if let Some(overlay) = lessons.overlay(&spec, &[], |_| true) {
        let changes = Changes {
            overlays: vec![Source::text("seen.yaml", overlay.clone())],
            ..Changes::default()
        };
        assert_eq!(lint::run(&Sources::embedded(), &changes), [], "{overlay}");
        let after = lint::load(&Sources::embedded(), &changes).unwrap();
        generator::files(&after).unwrap();
        let left = learn(&after, &[], exchanges(recording)).findings;
        let left: Vec<_> = left.iter().map(|finding| finding.text.as_str()).collect();
        assert!(left.is_empty(), "{left:#?}");
    }
    lessons
}

async fn recorded(switches: &str) -> Recording {
    let switches: Switches = switches.parse().unwrap();
    let sandbox = Sandbox::builder().switches(switches).start().await.unwrap();
    let own = sandbox.credentials();
    let account = json!({"companyId": own.company_id, "cardAccountId": own.card_account_id});
    let mut recorder = Recorder::new(own);
    recorder.login().await;
    recorder
        .post("/api/v0/partner/enKashCard/cardAccount/get", &account)
        .await;
    recorder.allocate("9000012345", "r1").await;
    recorder.post("/api/v0/partner/enKashCard/search", &account).await;
    recorder
        .post("/api/v0/partner/enKashCard/transaction/all", &account)
        .await;
    recorder
        .post("/api/v0/partner/enKashCard/cardAccount/get", &json!({}))
        .await;
    recorder.recording()
}

/// The fields of a kind, as operation and field.
fn fields(lessons: &Lessons, kind: FindingKind) -> Vec<String> {
    let findings = lessons.findings.iter().filter(|finding| finding.kind == kind);
    findings
        .map(|finding| format!("{} {}", finding.operation, finding.field))
        .collect()
}

#[tokio::test]
async fn a_sandbox_as_it_is_differs_only_where_nobody_saw_a_response() {
    let lessons = learned(&recorded("").await);
    let found = lessons
        .findings
        .iter()
        .filter(|finding| finding.kind != FindingKind::Evidence);
    let found: Vec<_> = found
        .filter(|finding| finding.operation != "searchTransactions")
        .collect();
    assert!(found.is_empty(), "{found:#?}");
    let raised = fields(&lessons, FindingKind::Evidence);
    assert!(raised.contains(&"searchTransactions ".to_owned()), "{raised:?}");
}

#[tokio::test]
async fn what_redaction_put_in_place_of_values_teaches_nothing() {
    let redactor = Redactor::new(Document::bundled().unwrap()).unwrap();
    let mut redacted = Recording::default();
    for exchange in &recorded("").await.exchanges {
        redacted.exchanges.push(redactor.redact(exchange).exchange().clone());
    }
    let lessons = learned(&redacted);
    let found = lessons
        .findings
        .iter()
        .filter(|finding| finding.kind != FindingKind::Evidence);
    let found: Vec<_> = found
        .filter(|finding| finding.operation != "searchTransactions")
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test]
async fn a_sandbox_with_other_switches_differs_in_what_they_change() {
    let lessons = learned(&recorded("token_casing=camel,envelope=sibling,expires_in=absolute-milliseconds").await);
    let undocumented = fields(&lessons, FindingKind::UndocumentedField);
    for expected in [
        "issueToken accessToken",
        "issueToken refreshToken",
        "searchCards errorResponse",
    ] {
        assert!(
            undocumented.contains(&expected.to_owned()),
            "{expected}: {undocumented:#?}"
        );
    }
    let lessons = learned(&recorded("error_body=html").await);
    assert_eq!(fields(&lessons, FindingKind::OtherContentType), ["getRewardAccount "]);
    let redactor = Redactor::new(Document::bundled().unwrap()).unwrap();
    let mut redacted = Recording::default();
    for exchange in &recorded("error_body=html").await.exchanges {
        redacted.exchanges.push(redactor.redact(exchange).exchange().clone());
    }
    // A redacted recording leaves the page itself out.
    assert_eq!(
        fields(&learned(&redacted), FindingKind::OtherContentType),
        ["getRewardAccount "]
    );
}

#[tokio::test]
async fn a_mock_that_knows_nothing_of_the_spec_differs_field_by_field() {
    let Some(mock) = Mock::start() else { return };
    let sandbox = Sandbox::start().await.unwrap();
    let mut recorder = Recorder::to(&mock.url, sandbox.credentials());
    recorder.login().await;
    let account = json!({"companyId": "CEK9", "cardAccountId": "CA9"});
    recorder
        .post("/api/v0/partner/enKashCard/cardAccount/get", &account)
        .await;
    recorder.post("/api/v0/partner/enKashCard/search", &account).await;
    let lessons = learned(&recorder.recording());
    assert_eq!(
        fields(&lessons, FindingKind::OtherType),
        ["getRewardAccount payload.availableBalance"]
    );
    let undocumented = fields(&lessons, FindingKind::UndocumentedField);
    for expected in [
        "getRewardAccount payload.currency",
        "issueToken accessToken",
        "searchCards error",
    ] {
        assert!(
            undocumented.contains(&expected.to_owned()),
            "{expected}: {undocumented:#?}"
        );
    }
}
