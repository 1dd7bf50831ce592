//! Learns from recordings: where what was really sent and received disagrees with the description, what of the description was
//! seen at all, and the overlay that mends it. `cargo xtask learn` prints it; a person decides what enters an overlay.

mod compare;
mod coverage;
mod exchange;
mod finding;
mod known_call;
mod names;
mod observe;
mod overlay;
mod routes;
mod schema;
mod sighting;
mod unmatched_call;
mod wire;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::spec::{Level, Operation, Spec};

use coverage::{Coverage, Documented};
use observe::{Confirmation, EvidenceSide, Observer};
use routes::{Routes, Unmatched};
use sighting::{Key, Sight, Subject, Tally};

pub use coverage::{OperationCoverage, SideCoverage};
pub use exchange::RecordedExchange;
pub use finding::{Finding, FindingKind};

/// The path of an operation whose path nobody saw, as the user knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedPath {
    /// The operationId.
    pub operation: String,
    /// The method, in upper case.
    pub method: String,
    /// The path template.
    pub path: String,
}

/// What recordings taught.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Lessons {
    /// Where they disagree with the description, and the facts that they raise.
    pub findings: Vec<Finding>,
    /// What they touched: every operation that they called.
    pub coverage: Vec<OperationCoverage>,
    /// The operations that they did not call.
    pub uncalled: Vec<String>,
    /// Exchanges with other APIs, which were left out.
    pub elsewhere: u64,
    /// Calls of no operation that were refused, or whose method no operation can have: they show nothing of a path.
    pub refused_unmatched: u64,
    /// Requests that had no response.
    pub unanswered: u64,
    /// Sightings beyond the bound, which are not among the findings.
    pub dropped: u64,
    #[serde(skip)]
    confirmed: BTreeMap<(String, EvidenceSide), Confirmation>,
}

/// Compares exchanges with a description.
///
/// ```
/// use enkash_codegen::{learn, lint, spec::{Changes, Sources}};
/// use enkash_recording::Recording;
///
/// let spec = lint::load(&Sources::embedded(), &Changes::default()).map_err(|found| format!("{found:?}"))?;
/// let recording = Recording::from_slice(br#"{"request": {"method": "GET", "url": "/api/v0/cart?product=VOUCHER"},
///     "response": {"status": 200, "body": {"response_code": 0, "discount": 5}}}"#)?;
/// let exchanges = recording.exchanges.into_iter().map(|exchange| learn::RecordedExchange {
///     place: "monday.har, exchange 1".to_owned(),
///     exchange,
/// });
/// let lessons = learn::learn(&spec, &[], exchanges);
/// assert!(lessons.findings[0].text.contains("discount: undocumented field, integer"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn learn(spec: &Spec, stated: &[StatedPath], exchanges: impl IntoIterator<Item = RecordedExchange>) -> Lessons {
    let mut observer = Observer::new(spec, Routes::new(spec, stated));
    for exchange in exchanges {
        observer.observe(&exchange);
    }
    let mut findings = disagreements(&observer);
    findings.extend(raised(spec, &observer));
    findings.sort_by(|one, other| {
        (&one.operation, &one.side, &one.field, one.kind).cmp(&(
            &other.operation,
            &other.side,
            &other.field,
            other.kind,
        ))
    });
    let uncalled = spec
        .operations
        .iter()
        .filter(|operation| !observer.coverage.contains_key(&operation.id));
    Lessons {
        findings,
        coverage: spec
            .operations
            .iter()
            .filter_map(|operation| coverage_of(spec, &observer, operation))
            .collect(),
        uncalled: uncalled.map(|operation| operation.id.clone()).collect(),
        elsewhere: observer.elsewhere,
        refused_unmatched: observer
            .unmatched
            .values()
            .filter(|(_, accepted)| *accepted == 0)
            .map(|(total, _)| total)
            .sum(),
        unanswered: observer.unanswered,
        dropped: observer.tallies.dropped,
        confirmed: observer.confirmed,
    }
}

impl Lessons {
    /// The OpenAPI Overlay that mends the accepted findings, as YAML. `accepts` is asked for each of [`Lessons::findings`] by its
    /// index. `None` where there is nothing to write.
    #[must_use]
    pub fn overlay(&self, spec: &Spec, stated: &[StatedPath], accepts: impl Fn(usize) -> bool) -> Option<String> {
        let accepted = self.findings.iter().enumerate().filter(|(index, _)| accepts(*index));
        let context = overlay::Context {
            spec,
            stated,
            confirmed: &self.confirmed,
        };
        overlay::write(&context, accepted.map(|(_, finding)| finding))
    }
}

fn disagreements(observer: &Observer<'_>) -> Vec<Finding> {
    let tallies = observer.tallies.by_key.iter();
    let is_proven = |key: &Key| match &key.subject {
        Subject::Operation(_) => true,
        Subject::Unmatched(unmatched) => observer
            .unmatched
            .get(unmatched)
            .is_some_and(|(_, accepted)| *accepted > 0),
    };
    let proven = tallies.filter(|(key, _)| is_proven(key));
    proven.map(|(key, tally)| disagreement(observer, key, tally)).collect()
}

fn disagreement(observer: &Observer<'_>, key: &Key, tally: &Tally) -> Finding {
    let mut hint = String::new();
    let kind = match (&key.sight, &key.subject) {
        (Sight::UndocumentedField { .. }, _) => FindingKind::UndocumentedField,
        (Sight::Missing { .. }, _) => FindingKind::Missing,
        (Sight::OtherType { .. }, _) => FindingKind::OtherType,
        (Sight::Null, _) => FindingKind::Null,
        (Sight::OtherWord { .. }, _) => FindingKind::OtherWord,
        (Sight::OtherStatus { .. }, _) => FindingKind::OtherStatus,
        (Sight::OtherContentType { .. }, _) => FindingKind::OtherContentType,
        (Sight::UnknownPath, Subject::Operation(_)) => FindingKind::UnknownPath,
        (Sight::UnknownPath, Subject::Unmatched(unmatched)) => {
            hint = near(observer, unmatched);
            match observer.routes.same_path(unmatched) {
                Some(_) => FindingKind::UnknownMethod,
                None => FindingKind::UnknownPath,
            }
        }
    };
    let documented_type_seen = match &key.sight {
        Sight::OtherType { schema, .. } => observer
            .coverage
            .values()
            .any(|coverage| coverage.has_documented_type(schema)),
        _ => false,
    };
    Finding::from_tally(key.clone(), tally.clone(), documented_type_seen, kind, &hint)
}

/// What a call of no operation may have been.
fn near(observer: &Observer<'_>, unmatched: &Unmatched) -> String {
    match (observer.routes.same_path(unmatched), observer.routes.nearest(unmatched)) {
        (Some(operation), _) => format!(" with this method, {} has it with {}", operation.id, operation.method),
        (None, Some(operation)) => format!("; the nearest is {} of {}", operation.path, operation.id),
        (None, None) => String::new(),
    }
}

/// The facts that were inferred or unknown and have been seen.
fn raised(spec: &Spec, observer: &Observer<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for operation in &spec.operations {
        let evidence = &operation.evidence;
        let sides: [_; 4] = [
            (EvidenceSide::Path, &evidence.path),
            (EvidenceSide::Request, &evidence.request),
            (EvidenceSide::Response, &evidence.response),
            (EvidenceSide::Errors, &evidence.errors),
        ];
        for (side, fact) in sides {
            // An unknown path has a finding of its own.
            let is_raised = match fact.level {
                Level::Documented | Level::Observed => false,
                Level::Inferred => true,
                Level::Unknown => side != EvidenceSide::Path,
            };
            if let Some(seen) = observer
                .confirmed
                .get(&(operation.id.clone(), side))
                .filter(|_| is_raised)
            {
                findings.push(Finding::from_evidence(
                    &operation.id,
                    side,
                    fact.level,
                    seen.count,
                    seen.date.clone(),
                ));
            }
        }
    }
    findings
}

fn coverage_of(spec: &Spec, observer: &Observer<'_>, operation: &Operation) -> Option<OperationCoverage> {
    let coverage: &Coverage = observer.coverage.get(&operation.id)?;
    let documented = |content: Option<wire::Content<'_>>| {
        Documented::new(&spec.document, content.map(|content| content.schema).as_ref())
    };
    let request = documented(wire::request_body(&spec.document, operation));
    let response = documented(wire::success(&spec.document, operation));
    Some(OperationCoverage {
        operation: operation.id.clone(),
        exchanges: coverage.exchanges,
        accepted: coverage.accepted,
        statuses: coverage.statuses.clone(),
        request: coverage.of_side(crate::spec::ObservedSide::Request, &request),
        response: coverage.of_side(crate::spec::ObservedSide::Response, &response),
    })
}
