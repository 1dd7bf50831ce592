//! What recordings teach: findings, coverage, and overlays that mend what was found. The recordings are plain pairs that stand
//! in the tests.

use enkash_codegen::learn::{Finding, FindingKind, Lessons, RecordedExchange, StatedPath, learn};
use enkash_codegen::spec::{Changes, Source, Sources, Spec};
use enkash_codegen::{generator, lint};
use enkash_recording::Recording;
use serde_json::{Value, json};

mod findings;
mod hostile;
mod overlays;

const ALLOCATE: &str = "/api/v0/partner/enKashCard/create-allocate-points";
const TRANSACTIONS: &str = "/api/v0/partner/enKashCard/transaction/all";

/// The description as the project ships it, after overlays.
fn spec_with(overlays: &[&str]) -> Spec {
    let overlays = overlays
        .iter()
        .map(|text| Source::text("seen.yaml", (*text).to_owned()));
    let changes = Changes {
        overlays: overlays.collect(),
        ..Changes::default()
    };
    assert_eq!(lint::run(&Sources::embedded(), &changes), []);
    lint::load(&Sources::embedded(), &changes).expect("it is there, and reads")
}

fn spec() -> Spec {
    lint::load(&Sources::embedded(), &Changes::default()).expect("it is there, and reads")
}

/// The exchanges of a recording of plain pairs.
fn exchanges(pairs: &Value) -> Vec<RecordedExchange> {
    let recording = Recording::from_slice(pairs.to_string().as_bytes()).expect("it is there, and reads");
    let numbered = recording.exchanges.into_iter().enumerate();
    numbered
        .map(|(index, exchange)| RecordedExchange {
            place: format!("it.json, exchange {}", index + 1),
            exchange,
        })
        .collect()
}

fn pair(method: &str, url: &str, sent: Value, status: u16, received: Value) -> Value {
    json!({
        "started_at": "2026-11-27T10:00:00Z",
        "request": {"method": method, "url": url, "body": sent},
        "response": {"status": status, "body": received},
    })
}

fn lessons_of(pairs: Value) -> Lessons {
    learn(&spec(), &[], exchanges(&pairs))
}

/// All disagreements, as kind, side and field.
fn disagreements(lessons: &Lessons) -> Vec<(FindingKind, &str, &str)> {
    let findings = lessons.findings.iter();
    let disagreements = findings.filter(|finding| finding.kind != FindingKind::Evidence);
    disagreements
        .map(|finding| (finding.kind, finding.side.as_str(), finding.field.as_str()))
        .collect()
}

fn finding<'a>(lessons: &'a Lessons, field: &str) -> &'a Finding {
    lessons
        .findings
        .iter()
        .find(|finding| finding.field == field)
        .expect("it is there, and reads")
}

/// Mends everything, and asserts that the overlay keeps every rule, generates, and leaves nothing to learn.
#[track_caller]
fn mended(pairs: &Value, stated: &[StatedPath], allow: &[&str]) -> String {
    let before = spec();
    let lessons = learn(&before, stated, exchanges(pairs));
    let overlay = lessons
        .overlay(&before, stated, |_| true)
        .expect("it is there, and reads");
    let changes = Changes {
        overlays: vec![Source::text("seen.yaml", overlay.clone())],
        allow_loosening: allow.iter().map(|id| (*id).to_owned()).collect(),
        ..Changes::default()
    };
    assert_eq!(lint::run(&Sources::embedded(), &changes), [], "{overlay}");
    let after = lint::load(&Sources::embedded(), &changes).expect("it is there, and reads");
    generator::files(&after).expect("it is there, and reads");
    let left = learn(&after, &[], exchanges(pairs)).findings;
    let left: Vec<_> = left.iter().map(|finding| finding.text.as_str()).collect();
    assert_eq!(left, Vec::<&str>::new(), "{overlay}");
    overlay
}
