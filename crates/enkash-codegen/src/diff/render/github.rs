//! Annotations: GitHub shows each at its line of the changed file. What breaks is an error, unless it is accepted.

use std::fmt::Write;

use super::super::Report;
use super::super::accepted::Accepted;
use super::super::finding::{Finding, Severity};

pub(super) fn render(report: &Report, accepted: &Accepted) -> String {
    // Writing to a text never fails.
    let mut out = String::new();
    for finding in &report.findings {
        let level = match finding.severity {
            _ if accepted.of(finding).is_some() => "notice",
            Severity::Behaviour => "warning",
            severity if severity.is_breaking() => "error",
            _ => "notice",
        };
        let place = if finding.file.is_empty() {
            String::new()
        } else {
            format!("file={},line={},", property(&finding.file), finding.line)
        };
        let title = format!("{}: {} {}", finding.severity.phrase(), finding.title(), finding.subject);
        _ = writeln!(
            out,
            "::{level} {place}title={}::{}",
            property(&title),
            data(&message(finding))
        );
    }
    for entry in accepted.stale(&report.findings) {
        let message = format!(
            "{} ({}) is accepted and does not occur",
            entry.fingerprint, entry.reason
        );
        _ = writeln!(out, "::notice title=accepted changes::{}", data(&message));
    }
    out
}

fn message(finding: &Finding) -> String {
    let mut lines = vec![finding.transition()];
    lines.extend(finding.effects.iter().map(|effect| {
        format!(
            "{}: {}: {}",
            effect.category.as_str(),
            effect.severity.phrase(),
            effect.text
        )
    }));
    lines.push(format!("fingerprint {}", finding.fingerprint));
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// As GitHub's own toolkit writes the text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The same for a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
