//! The report for a terminal: the worst first, a headline for each change and a line for each category that it touches; what is
//! compatible in one line each.

use std::fmt::Write;

use super::super::Report;
use super::super::accepted::Accepted;
use super::super::finding::{Category, Finding};
use super::{counts, is_minor};

pub(super) fn render(report: &Report, accepted: &Accepted) -> String {
    let findings = &report.findings;
    let mut out = String::new();
    // Writing to a text never fails.
    if findings.is_empty() {
        out.push_str("no change\n");
    } else {
        let plural = if findings.len() == 1 { "" } else { "s" };
        _ = writeln!(out, "{} change{plural}: {}", findings.len(), counts(findings));
    }
    for finding in findings.iter().filter(|finding| !is_minor(finding)) {
        full(&mut out, finding, accepted);
    }
    let minor: Vec<_> = findings.iter().filter(|finding| is_minor(finding)).collect();
    for finding in &minor {
        _ = writeln!(out, "compatible  {}", short(finding));
    }
    for entry in accepted.stale(findings) {
        _ = writeln!(
            out,
            "accepted, and does not occur: {} ({})",
            entry.fingerprint, entry.reason
        );
    }
    out
}

fn full(out: &mut String, finding: &Finding, accepted: &Accepted) {
    let transition = finding.transition();
    let transition = if transition.is_empty() {
        transition
    } else {
        format!(": {transition}")
    };
    let (phrase, title) = (finding.severity.phrase(), finding.title());
    _ = writeln!(
        out,
        "{phrase}  {title}  {}{transition}  [{}]",
        finding.subject, finding.fingerprint
    );
    for effect in &finding.effects {
        let severity = if effect.severity == finding.severity {
            ""
        } else {
            effect.severity.phrase()
        };
        let gap = if severity.is_empty() { "" } else { ": " };
        _ = writeln!(out, "  {:<10} {severity}{gap}{}", effect.category.as_str(), effect.text);
    }
    if let Some(entry) = accepted.of(finding) {
        _ = writeln!(out, "  accepted   {} ({})", entry.reason, entry.date);
    }
}

/// One line, with what people look for: the wrappers.
fn short(finding: &Finding) -> String {
    let transition = finding.transition();
    let transition = if transition.is_empty() {
        transition
    } else {
        format!(": {transition}")
    };
    let title = finding.title();
    let high_level = finding
        .effects
        .iter()
        .find(|effect| effect.category == Category::HighLevel);
    let high_level = high_level.map_or_else(String::new, |effect| format!(" ({})", effect.text));
    format!("{title}  {}{transition}{high_level}", finding.subject)
}
