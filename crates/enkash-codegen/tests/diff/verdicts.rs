//! Every pair gets its verdict, and every rule has its mirrors.

use std::collections::BTreeSet;

use enkash_codegen::diff::{Category, Finding, Severity, compare};
use serde_json::Value;

use crate::pairs::{FAMILIES, SIDES, all, entries};

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::None => "-",
        Severity::Compatible => "ok",
        Severity::Behaviour => "behaviour",
        Severity::RunTime => "run",
        Severity::CompileTime => "compile",
        Severity::Unclassified => "unclassified",
    }
}

/// A finding as the pairs write it. The high level is told where the line has a place for it.
fn line(finding: &Finding, with_high_level: bool) -> String {
    let mut line = format!("{} {}", finding.rule, finding.subject);
    let categories = [
        ("wire", Category::Wire),
        ("rust", Category::Rust),
        ("high", Category::HighLevel),
        ("evidence", Category::Evidence),
        ("policy", Category::Policy),
    ];
    for (name, category) in categories {
        let severity = finding.severity_of(category);
        if severity != Severity::None && (category != Category::HighLevel || with_high_level) {
            line += &format!(" {name}={}", word(severity));
        }
    }
    line
}

/// A line with its severities in one order.
fn ordered(line: &str) -> String {
    let (mut words, mut severities): (Vec<_>, Vec<_>) = line.split(' ').partition(|word| !word.contains('='));
    let order = |word: &&str| {
        ["wire", "rust", "high", "evidence", "policy"]
            .iter()
            .position(|name| word.starts_with(name))
    };
    severities.sort_by_key(order);
    words.extend(severities);
    words.join(" ")
}

#[test]
fn every_pair_gets_its_verdict() {
    let pairs = all();
    assert!(pairs.len() >= 150, "only {} pairs", pairs.len());
    let mut wrong = Vec::new();
    for pair in &pairs {
        let with_high_level = pair.name.starts_with("surfaces");
        let found = compare(&pair.old.description(), &pair.new.description());
        let found: BTreeSet<_> = found
            .findings
            .iter()
            .map(|finding| line(finding, with_high_level))
            .collect();
        let expected: BTreeSet<_> = pair.expected.iter().map(|line| ordered(line)).collect();
        if found != expected {
            wrong.push(format!("{}\n  expected {expected:?}\n  found    {found:?}", pair.name));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}\n{}",
        wrong.len(),
        pairs.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_rule_has_its_mirrors_or_says_why_not() {
    let mut missing = Vec::new();
    for (family, text) in FAMILIES {
        for entry in entries(text) {
            let name = format!("{family}: {}", entry["pair"]);
            let of_sides: Vec<_> = SIDES.iter().filter(|(side, ..)| entry.get(*side).is_some()).collect();
            if entry.get("there").is_some() && !of_sides.is_empty() {
                missing.push(format!("{name}: is for a side, or for none"));
            }
            let verdicts = if of_sides.is_empty() {
                vec![&entry]
            } else {
                of_sides.iter().map(|(side, ..)| &entry[*side]).collect()
            };
            for verdict in verdicts {
                if !(verdict["there"].is_array() && verdict["back"].is_array()) {
                    missing.push(format!("{name}: there without back"));
                }
            }
            let reason = |side: &str| entry["no-mirror"].get(side).and_then(Value::as_str);
            for (side, ..) in SIDES.iter().filter(|_| !of_sides.is_empty()) {
                match (entry.get(*side), reason(side)) {
                    (None, None) => missing.push(format!("{name}: neither `{side}` nor why it has none")),
                    (Some(_), Some(_)) => missing.push(format!("{name}: `{side}` stands there, and why it does not")),
                    _ => {}
                }
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
