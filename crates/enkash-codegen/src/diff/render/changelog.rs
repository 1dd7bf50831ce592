//! The changelog: the draft of an entry for each change that breaks or behaves otherwise, and which of the accepted ones the
//! changelog does not name.

use std::fmt::Write;

use super::super::Report;
use super::super::accepted::Accepted;
use super::super::finding::{Category, Finding};
use super::is_minor;

pub(super) fn render(report: &Report, accepted: &Accepted) -> String {
    let (breaking, others): (Vec<_>, Vec<_>) = report
        .findings
        .iter()
        .partition(|finding| finding.severity.is_breaking());
    // Writing to a text never fails.
    let mut out = String::new();
    if !breaking.is_empty() {
        out.push_str("### Breaking\n\n");
    }
    for finding in breaking {
        _ = writeln!(out, "{}", entry(finding, accepted));
    }
    let others: Vec<_> = others.into_iter().filter(|finding| !is_minor(finding)).collect();
    if !others.is_empty() {
        out.push_str(if out.is_empty() {
            "### Changed\n\n"
        } else {
            "\n### Changed\n\n"
        });
    }
    for finding in others {
        _ = writeln!(out, "{}", entry(finding, accepted));
    }
    out
}

fn entry(finding: &Finding, accepted: &Accepted) -> String {
    let transition = finding.transition();
    let transition = if transition.is_empty() {
        transition
    } else {
        format!(" ({transition})")
    };
    let shown = [Category::Rust, Category::HighLevel, Category::Policy, Category::Wire];
    let effect = shown.iter().find_map(|category| {
        let effects = finding.effects.iter();
        effects
            .clone()
            .find(|effect| effect.category == *category && effect.severity == finding.severity)
    });
    let effect = effect.map_or_else(String::new, |effect| {
        let (first, rest) = finding.severity.phrase().split_at(1);
        format!(" {}{rest}: {}.", first.to_uppercase(), effect.text)
    });
    let reason = accepted
        .of(finding)
        .map_or_else(String::new, |entry| format!(" {}", entry.reason));
    format!(
        "* `{}`: {}{transition}.{effect}{reason}",
        finding.subject,
        finding.title()
    )
}

pub(super) fn missing<'r>(report: &'r Report, changelog: &str, accepted: &Accepted) -> Vec<&'r Finding> {
    let section = unreleased(changelog);
    let breaking = report.findings.iter().filter(|finding| finding.severity.is_breaking());
    let breaking = breaking.filter(|finding| accepted.of(finding).is_some());
    breaking
        .filter(|finding| !section.contains(&format!("`{}`", finding.subject)))
        .collect()
}

/// The section of what was not released yet.
fn unreleased(changelog: &str) -> &str {
    let Some(start) = changelog.find("## Unreleased") else {
        return "";
    };
    let section = &changelog[start..];
    let end = section[2..].find("\n## ").map_or(section.len(), |end| end + 2);
    &section[..end]
}
