//! The report to paste into a review: a table of what breaks or behaves otherwise, and a list of what is compatible.

use std::fmt::Write;

use super::super::Report;
use super::super::accepted::Accepted;
use super::super::finding::{Category, Finding};
use super::{counts, is_minor};

pub(super) fn render(report: &Report, accepted: &Accepted) -> String {
    let findings = &report.findings;
    if findings.is_empty() {
        return "**No change** of the API.\n".to_owned();
    }
    // Writing to a text never fails.
    let mut out = String::new();
    _ = writeln!(
        out,
        "**{} of the API**: {}\n",
        changes(findings.len()),
        counts(findings)
    );
    if findings.iter().any(|finding| !is_minor(finding)) {
        out.push_str("| | what | wire | Rust | high level | evidence | policy |\n|---|---|---|---|---|---|---|\n");
    }
    for finding in findings.iter().filter(|finding| !is_minor(finding)) {
        row(&mut out, finding, accepted);
    }
    let mut is_first = true;
    for finding in findings.iter().filter(|finding| is_minor(finding)) {
        if is_first && findings.len() > 1 {
            out.push('\n');
        }
        is_first = false;
        let transition = finding.transition();
        let transition = if transition.is_empty() {
            transition
        } else {
            format!(": {}", cell(&transition))
        };
        _ = writeln!(
            out,
            "- compatible: {} `{}`{transition}",
            finding.title(),
            finding.subject
        );
    }
    let stale = accepted.stale(findings);
    if !stale.is_empty() {
        out.push('\n');
    }
    for entry in stale {
        _ = writeln!(
            out,
            "- accepted, and does not occur: `{}` ({})",
            entry.fingerprint,
            cell(&entry.reason)
        );
    }
    out
}

fn changes(count: usize) -> String {
    format!("{count} change{}", if count == 1 { "" } else { "s" })
}

fn row(out: &mut String, finding: &Finding, accepted: &Accepted) {
    let transition = finding.transition();
    let transition = if transition.is_empty() {
        transition
    } else {
        format!(": {}", cell(&transition))
    };
    let accepted = accepted.of(finding);
    let accepted = accepted.map_or_else(String::new, |entry| format!("<br>accepted: {}", cell(&entry.reason)));
    let what = format!(
        "{} `{}`{transition}<br>`{}`{accepted}",
        finding.title(),
        finding.subject,
        finding.fingerprint
    );
    _ = write!(out, "| {} | {what} |", finding.severity.phrase());
    for category in Category::ALL {
        let effect = finding.effects.iter().find(|effect| effect.category == category);
        let text = effect.map_or_else(String::new, |effect| {
            let severity = effect.severity.phrase();
            format!("{severity}: {}", cell(&effect.text))
        });
        _ = write!(out, " {text} |");
    }
    out.push('\n');
}

/// A text that leaves its cell of the table alone.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('\n', " ")
}
