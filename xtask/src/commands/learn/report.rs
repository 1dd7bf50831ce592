//! The report of `cargo xtask learn` for people: disagreements, facts that are raised, and what of the description was seen.

use std::fmt::Write;

use enkash_codegen::learn::{Finding, FindingKind, Lessons, OperationCoverage};

/// The whole report.
pub(super) fn text(lessons: &Lessons) -> String {
    let (evidence, disagreements): (Vec<_>, Vec<_>) = lessons
        .findings
        .iter()
        .partition(|finding| finding.kind == FindingKind::Evidence);
    let mut text = String::new();
    section(&mut text, "where the recording disagrees with spec/", &disagreements);
    section(&mut text, "evidence that it raises to observed", &evidence);
    text.push_str(&coverage(&lessons.coverage));
    if !lessons.uncalled.is_empty() {
        let _ = writeln!(text, "\nnot called: {}", lessons.uncalled.join(", "));
    }
    for (count, what) in [
        (lessons.elsewhere, "with another API were left out"),
        (
            lessons.refused_unmatched,
            "of no operation were refused, and show nothing of a path",
        ),
        (lessons.unanswered, "had no response"),
    ] {
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            let _ = writeln!(text, "{count} exchange{plural} {what}");
        }
    }
    if lessons.dropped > 0 {
        let _ = writeln!(
            text,
            "{} sightings more than are kept were left out: learn from fewer exchanges",
            lessons.dropped
        );
    }
    text
}

fn section(text: &mut String, heading: &str, findings: &[&Finding]) {
    let _ = writeln!(
        text,
        "{heading}: {}",
        if findings.is_empty() {
            "nothing".to_owned()
        } else {
            findings.len().to_string()
        }
    );
    for finding in findings {
        let _ = writeln!(text, "  {}", printable(&finding.text));
    }
    text.push('\n');
}

fn coverage(operations: &[OperationCoverage]) -> String {
    let headings = [
        "operation",
        "exchanges",
        "accepted",
        "request fields",
        "response fields",
        "words",
        "statuses",
    ];
    let share = |seen: usize, unseen: usize| match seen + unseen {
        0 => "-".to_owned(),
        all => format!("{seen} of {all}"),
    };
    let row = |operation: &OperationCoverage| {
        let (request, response) = (&operation.request, &operation.response);
        let statuses = operation
            .statuses
            .iter()
            .map(|(status, count)| format!("{status}: {count}"));
        [
            operation.operation.clone(),
            operation.exchanges.to_string(),
            operation.accepted.to_string(),
            share(request.seen.len(), request.unseen.len()),
            share(response.seen.len(), response.unseen.len()),
            share(
                request.seen_words.len() + response.seen_words.len(),
                request.unseen_words.len() + response.unseen_words.len(),
            ),
            statuses.collect::<Vec<_>>().join(", "),
        ]
    };
    let rows: Vec<[String; 7]> = std::iter::once(headings.map(str::to_owned))
        .chain(operations.iter().map(row))
        .collect();
    let widths: [usize; 7] = std::array::from_fn(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or(0));
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    text
}

/// A text without what would steer a terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|character| if character.is_control() { '?' } else { character })
        .collect()
}
