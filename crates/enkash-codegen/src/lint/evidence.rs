//! Rules about `x-enkash`: how everything is known, and that the examples are there.

use serde_json::{Map, Value};

use super::context::{LintContext, OperationNode};
use crate::spec::Diagnostic;
use crate::spec::pointer::Pointer;

const SIDES: [&str; 4] = ["path", "request", "response", "errors"];

/// Without evidence an operation would look as well known as any other.
pub(super) fn present(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for site in &context.operations {
        let at = site.at.child("x-enkash");
        let Some(enkash) = site.map.get("x-enkash") else {
            let message = format!(
                "x-enkash: missing in {}, it says how the operation is known",
                site.name()
            );
            diagnostics.push(context.diagnostic(&site.at, message));
            continue;
        };
        if enkash.get("pages").and_then(Value::as_array).is_none_or(Vec::is_empty) {
            diagnostics.push(context.diagnostic(&at.child("pages"), format!("pages: {} names no page", site.name())));
        }
    }
    diagnostics
}

/// A level without a source cannot be checked by the next person.
pub(super) fn sources(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for site in &context.operations {
        for side in SIDES {
            let Some(fact) = site.fact(side) else {
                continue;
            };
            let level = site.level(side).unwrap_or_default();
            let at = site.at.child("x-enkash").child("evidence").child(side);
            // Its day and its count say where it is from.
            if level == "observed" {
                continue;
            }
            if !fact.contains_key("page") && !fact.contains_key("note") {
                let message = format!(
                    "{side}: of {} is {level}, name the page or say why in a note",
                    site.name()
                );
                diagnostics.push(context.diagnostic(&at, message));
            }
        }
    }
    diagnostics
}

/// What a recording showed is worth as much as it is new and often; without that it is a wish.
pub(super) fn observed(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for site in &context.operations {
        let enkash = site.at.child("x-enkash");
        for side in SIDES {
            let (Some(fact), Some(level)) = (site.fact(side), site.level(side)) else {
                continue;
            };
            let at = enkash.child("evidence").child(side);
            if level == "observed" {
                diagnostics.extend(date_and_count(context, &at, fact));
                continue;
            }
            for key in ["date", "count"].into_iter().filter(|key| fact.contains_key(*key)) {
                let message = format!("{key}: of {side} of {} is for observed, not for {level}", site.name());
                diagnostics.push(context.diagnostic(&at.child(key), message));
            }
        }
        let list = enkash.child("observed");
        let entries = context.document().get(&list).and_then(Value::as_array);
        for (index, entry) in entries.into_iter().flatten().enumerate() {
            if let Some(entry) = entry.as_object() {
                diagnostics.extend(date_and_count(context, &list.index(index), entry));
            }
        }
    }
    diagnostics
}

fn date_and_count(context: &LintContext<'_>, at: &Pointer, fact: &Map<String, Value>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let date = fact.get("date").and_then(Value::as_str);
    if !date.is_some_and(is_day) {
        let message = format!("date: {at} needs the day on which it was last seen, such as '2026-11-28'");
        diagnostics.push(context.diagnostic(&present_or_owner(context, at, "date"), message));
    }
    if fact.get("count").and_then(Value::as_u64).unwrap_or_default() == 0 {
        let message = format!("count: {at} needs the number of exchanges that showed it");
        diagnostics.push(context.diagnostic(&present_or_owner(context, at, "count"), message));
    }
    diagnostics
}

/// The key where it stands, or what should hold it.
fn present_or_owner(context: &LintContext<'_>, at: &Pointer, key: &str) -> Pointer {
    let place = at.child(key);
    if context.document().get(&place).is_some() {
        place
    } else {
        at.clone()
    }
}

/// A day of the calendar, as `2026-11-28`.
fn is_day(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let number = |part: &str, digits: usize| -> Option<u32> {
        let is_plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        is_plain.then(|| part.parse().ok())?
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(is_leap),
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// Contract tests decode what the documentation prints, so what is documented has to be there.
pub(super) fn seen(context: &LintContext<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for site in &context.operations {
        let at = site.at.child("x-enkash").child("seen");
        let examples: Vec<_> = context
            .document()
            .get(&at)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .collect();
        let has = |kind: &str| {
            examples
                .iter()
                .any(|seen| seen.get("kind").and_then(Value::as_str) == Some(kind))
        };
        let has_request_body = context.request_body(site).is_some();
        for side in ["request", "response"] {
            let needs_one = site.level(side) == Some("documented") && (side == "response" || has_request_body);
            if needs_one && !has(side) && !explains_the_gap(site, side) {
                let message = format!(
                    "seen: the {side} of {} is documented, but no example of it stands here; \
                     if the page has none, write \"no example\" into the note of the evidence",
                    site.name()
                );
                diagnostics.push(context.diagnostic(&at, message));
            }
        }
        for (index, example) in examples.iter().enumerate() {
            let is_request = example.get("kind").and_then(Value::as_str) == Some("request");
            if is_request && example.get("status").is_some() {
                let at = at.index(index);
                diagnostics
                    .push(context.diagnostic(&at.child("status"), format!("status: a request has none, in {at}")));
            }
        }
    }
    diagnostics
}

fn explains_the_gap(site: &OperationNode<'_>, side: &str) -> bool {
    let note = |map: &Map<String, Value>| map.get("note").and_then(Value::as_str).map(str::to_lowercase);
    let of_side = site.fact(side).and_then(note);
    let of_operation = site.map.get("x-enkash").and_then(Value::as_object).and_then(note);
    [of_side, of_operation]
        .into_iter()
        .flatten()
        .any(|note| note.contains("no example"))
}

#[cfg(test)]
mod tests {
    use super::is_day;

    #[test]
    fn a_day_is_one_of_the_calendar() {
        for day in ["2026-11-28", "2024-02-29", "2000-02-29", "2026-12-31"] {
            assert!(is_day(day), "{day}");
        }
        for none in [
            "2026-02-29",
            "2100-02-29",
            "2026-13-01",
            "2026-11-31",
            "26-11-28",
            "2026-11-28T00:00",
            "",
            "2026-1-1",
            "+026-01-01",
        ] {
            assert!(!is_day(none), "{none}");
        }
    }
}
