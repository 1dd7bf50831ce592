//! The report for programs. Its schema is published: what stands in it stays, and more may come.

use serde::Serialize;

use super::super::Report;
use super::super::accepted::{Acceptance, Accepted};
use super::super::finding::{Finding, Severity};

/// The JSON Schema of the report (draft 2020-12).
pub const SCHEMA: &str = include_str!("report.schema.json");

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    /// Of all changes.
    worst: Severity,
    /// Of those that nobody accepted.
    worst_not_accepted: Severity,
    changes: Vec<Change<'a>>,
    /// Accepted, and does not occur.
    stale: Vec<&'a Acceptance>,
}

#[derive(Serialize)]
struct Change<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    accepted: Option<&'a Acceptance>,
}

pub(super) fn render(report: &Report, accepted: &Accepted) -> String {
    let findings = &report.findings;
    let document = Document {
        version: 1,
        worst: findings
            .iter()
            .map(|finding| finding.severity)
            .max()
            .unwrap_or(Severity::None),
        worst_not_accepted: accepted.worst(findings),
        changes: findings
            .iter()
            .map(|finding| Change {
                finding,
                accepted: accepted.of(finding),
            })
            .collect(),
        stale: accepted.stale(findings),
    };
    // Texts and numbers can always be written.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}
