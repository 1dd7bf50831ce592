//! How a report is shown: a text for a terminal, markdown for a review, JSON for programs, annotations for GitHub, and the draft
//! of an entry in the changelog.

mod changelog;
mod github;
mod json;
mod markdown;
mod text;

use super::Report;
use super::accepted::Accepted;
use super::finding::{Finding, Severity};

pub use json::SCHEMA;

/// A form in which a report is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Text,
    /// For a review.
    Markdown,
    /// For programs, by [`SCHEMA`].
    Json,
    /// Annotations, as GitHub's runners read them from the output.
    Github,
    /// The draft of an entry in the changelog.
    Changelog,
}

impl Report {
    /// Shows the report.
    ///
    /// ```
    /// use enkash_codegen::diff::{compare, Accepted, Description, Format};
    /// use serde_json::Value;
    ///
    /// let nothing = Description::from_values([Value::Null, Value::Null, Value::Null, Value::Null]);
    /// let report = compare(&nothing, &nothing);
    /// assert_eq!(report.render(Format::Text, &Accepted::default()), "no change\n");
    /// ```
    #[must_use]
    pub fn render(&self, format: Format, accepted: &Accepted) -> String {
        match format {
            Format::Text => text::render(self, accepted),
            Format::Markdown => markdown::render(self, accepted),
            Format::Json => json::render(self, accepted),
            Format::Github => github::render(self, accepted),
            Format::Changelog => changelog::render(self, accepted),
        }
    }

    /// The accepted breaking changes whose subject the section `## Unreleased` of a changelog does not name.
    #[must_use]
    pub fn missing_in_changelog(&self, changelog: &str, accepted: &Accepted) -> Vec<&Finding> {
        changelog::missing(self, changelog, accepted)
    }
}

/// How many changes there are of each severity, the worst first: `2 break at compile time, 1 is compatible`.
fn counts(findings: &[Finding]) -> String {
    let counted = Severity::WORST_FIRST.iter().filter_map(|severity| {
        let count = findings.iter().filter(|finding| finding.severity == *severity).count();
        let phrase = if count == 1 {
            severity.phrase()
        } else {
            severity.phrase_of_many()
        };
        (count > 0).then(|| format!("{count} {phrase}"))
    });
    counted.collect::<Vec<_>>().join(", ")
}

/// Findings that say the same of several subjects, one after another.
fn is_minor(finding: &Finding) -> bool {
    finding.severity <= Severity::Compatible
}
