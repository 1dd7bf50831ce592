//! Rules about evidence: how each side of an operation is known, by which pages, with which notes and examples.

use std::collections::BTreeSet;

use super::comparison::{Comparison, Is, Unknown, cut};
use super::finding::{Category, Change, Severity};
use super::pair::{Pair, change};
use super::tree::Node;

const SIDES: [&str; 4] = ["path", "request", "response", "errors"];

/// Compares `x-enkash` of an operation.
pub(super) fn compare(comparison: &mut Comparison<'_>, pair: &Pair<'_>) {
    let (old, new) = (pair.old.node.below("x-enkash"), pair.new.node.below("x-enkash"));
    let id = pair.new.id.as_str();
    let verdict = match (old.value.is_object(), new.value.is_object()) {
        (false, false) => return,
        (true, false) => Some(("evidence-removed", Severity::Behaviour)),
        (false, true) => Some(("evidence-added", Severity::Compatible)),
        (true, true) => None,
    };
    if let Some((rule, severity)) = verdict {
        let text = "how the operation is known";
        let change = change(comparison, rule, id, pair).effect(Category::Evidence, severity, text);
        return comparison.push(change);
    }
    for side in SIDES {
        fact(
            comparison,
            pair,
            side,
            (&old.below("evidence").below(side), &new.below("evidence").below(side)),
        );
    }
    pages(comparison, pair, &old.below("pages"), &new.below("pages"));
    seen(comparison, pair, &old.below("seen"), &new.below("seen"));
    if old.text("note") != new.text("note") {
        let change = small(comparison, "note-changed", id, pair, &new.below("note"));
        comparison.push(change.with_transition(
            old.child("note").map(|n| cut(n.value)),
            new.child("note").map(|n| cut(n.value)),
        ));
    }
    if old.value.get("observed") != new.value.get("observed") {
        // What recordings showed beyond the schemas changes no type.
        let change = small(comparison, "observed-changed", id, pair, &new.below("observed"));
        comparison.push(change);
    }
    unknown(comparison, pair, &old, &new);
}

/// A change of evidence that changes nothing of what the client does.
fn small(comparison: &Comparison<'_>, rule: &'static str, subject: &str, pair: &Pair<'_>, at: &Node<'_>) -> Change {
    let mut found = change(comparison, rule, subject, pair);
    found.place = comparison.place(None, Some(&at.at));
    found.effect(
        Category::Evidence,
        Severity::Compatible,
        "what is written about how it is known",
    )
}

fn fact(comparison: &mut Comparison<'_>, pair: &Pair<'_>, side: &str, (old, new): (&Node<'_>, &Node<'_>)) {
    let subject = format!("{} {side}", pair.new.id);
    let trust = |level: Option<&str>| match level {
        Some("documented") => 3,
        Some("observed") => 2,
        Some("inferred") => 1,
        _ => 0,
    };
    let levels = (old.text("level"), new.text("level"));
    if levels.0 != levels.1 {
        let is_raised = trust(levels.1) > trust(levels.0);
        let (rule, severity, text) = match (side, levels.1) {
            _ if is_raised => ("evidence-raised", Severity::Compatible, "is known better"),
            // It is sent and shown as a documented one is.
            (_, Some("observed")) => ("evidence-lowered", Severity::Compatible, "is no longer documented"),
            ("path", Some("unknown") | None) => (
                "evidence-lowered",
                Severity::RunTime,
                "has no path of its own until the user gives one",
            ),
            ("path", _) => ("evidence-lowered", Severity::Behaviour, "warns once, and is marked"),
            _ => (
                "evidence-lowered",
                Severity::Behaviour,
                "is marked wherever a user meets it",
            ),
        };
        let mut found = change(comparison, rule, &subject, pair);
        found.place = comparison.place(Some(&old.at), Some(&new.at));
        let found = found
            .with_transition(levels.0.map(str::to_owned), levels.1.map(str::to_owned))
            .effect(Category::Evidence, severity, text);
        comparison.push(found);
    }
    for (key, rule) in [
        ("page", "evidence-page-changed"),
        ("note", "evidence-note-changed"),
        ("date", "evidence-date-changed"),
        ("count", "evidence-count-changed"),
    ] {
        let (a, b) = (old.value.get(key), new.value.get(key));
        if a != b {
            let change = small(comparison, rule, &subject, pair, new);
            comparison.push(change.with_transition(a.map(cut), b.map(cut)));
        }
    }
}

/// What two lists have apart, each entry by its whole value.
fn apart<'a>(old: &Node<'a>, new: &Node<'a>) -> (Vec<Node<'a>>, Vec<Node<'a>>) {
    let (old, new) = (old.items(), new.items());
    let values = |all: &[Node<'a>]| -> BTreeSet<String> { all.iter().map(|node| node.value.to_string()).collect() };
    let (before, after) = (values(&old), values(&new));
    let gone = old
        .into_iter()
        .filter(|node| !after.contains(&node.value.to_string()))
        .collect();
    let come = new
        .into_iter()
        .filter(|node| !before.contains(&node.value.to_string()))
        .collect();
    (gone, come)
}

fn pages(comparison: &mut Comparison<'_>, pair: &Pair<'_>, old: &Node<'_>, new: &Node<'_>) {
    let (gone, mut come) = apart(old, new);
    let id = pair.new.id.as_str();
    for a in gone {
        // The same page with another title, or the same title with another id.
        let same = |b: &Node<'_>| {
            let is_id = a.text("id").is_some() && a.text("id") == b.text("id");
            is_id || (a.text("title"), a.text("section")) == (b.text("title"), b.text("section"))
        };
        let (rule, after, at) = match come.iter().position(same).map(|index| come.remove(index)) {
            Some(b) => ("page-changed", Some(cut(b.value)), b),
            None => ("page-removed", None, pair.new.node.clone()),
        };
        let change = small(comparison, rule, id, pair, &at);
        comparison.push(change.with_transition(Some(cut(a.value)), after));
    }
    for b in come {
        let change = small(comparison, "page-added", id, pair, &b);
        comparison.push(change.with_transition(None, Some(cut(b.value))));
    }
}

fn seen(comparison: &mut Comparison<'_>, pair: &Pair<'_>, old: &Node<'_>, new: &Node<'_>) {
    let (gone, mut come) = apart(old, new);
    let id = pair.new.id.as_str();
    // Examples are long, and only their place is of use to a reader.
    let named = |node: &Node<'_>| {
        let (kind, page) = (node.text("kind").unwrap_or("?"), node.text("page").unwrap_or("no page"));
        format!(
            "{kind} of {page} {}",
            super::fingerprint::fingerprint("seen", "", Some(&node.value.to_string()), None)
        )
    };
    for a in gone {
        let same = |b: &Node<'_>| ["kind", "page"].iter().all(|key| a.value.get(key) == b.value.get(key));
        let (rule, after, at) = match come.iter().position(same).map(|index| come.remove(index)) {
            Some(b) => ("seen-changed", Some(named(&b)), b),
            None => ("seen-removed", None, pair.new.node.clone()),
        };
        let change = small(comparison, rule, id, pair, &at);
        comparison.push(change.with_transition(Some(named(&a)), after));
    }
    for b in come {
        let change = small(comparison, "seen-added", id, pair, &b);
        comparison.push(change.with_transition(None, Some(named(&b))));
    }
}

fn unknown(comparison: &mut Comparison<'_>, pair: &Pair<'_>, old: &Node<'_>, new: &Node<'_>) {
    let usage = pair.usage();
    let subject = format!("{} x-enkash", pair.new.id);
    let what = Unknown {
        subject: &subject,
        category: Category::Evidence,
        usage: &usage,
        place: comparison.place(Some(&old.at), Some(&new.at)),
    };
    let whole = [
        ("pages", Is::List),
        ("evidence", Is::Map),
        ("note", Is::Text),
        ("seen", Is::List),
        ("observed", Is::Anything),
    ];
    comparison.unknown_keys(&what, old, new, &whole);
    let (old, new) = (old.below("evidence"), new.below("evidence"));
    comparison.unknown_keys(&what, &old, &new, &SIDES.map(|side| (side, Is::Map)));
    let known = [
        ("level", Is::Text),
        ("page", Is::Anything),
        ("note", Is::Text),
        ("date", Is::Anything),
        ("count", Is::Anything),
    ];
    for side in SIDES {
        comparison.unknown_keys(&what, &old.below(side), &new.below(side), &known);
    }
}
