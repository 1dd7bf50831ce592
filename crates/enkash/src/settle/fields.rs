//! How a field of an entry is read: whether it has a content, what it may mention, and whether it is a date. Nothing here
//! knows a ticket.

use std::collections::BTreeSet;

use enkash_policy::EntryRules;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::envelope::json::is_empty;

/// A reference without what systems change in one: white space and case.
pub(super) fn folded(reference: &str) -> String {
    let kept = reference.chars().filter(|c| !c.is_whitespace());
    kept.flat_map(char::to_lowercase).collect()
}

/// What may be a reference in an entry, folded: each value, and each word of a text.
pub(super) fn mentions(value: &Value, found: &mut BTreeSet<String>) {
    const AROUND: &[char] = &[',', ';', ':', '(', ')', '[', ']', '{', '}', '"', '\'', '.', '#'];
    match value {
        Value::String(text) => {
            found.insert(folded(text));
            found.extend(text.split_whitespace().map(|word| folded(word.trim_matches(AROUND))));
        }
        Value::Number(number) => {
            found.insert(number.to_string());
        }
        Value::Array(values) => values.iter().for_each(|value| mentions(value, found)),
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, value)| !is_amount(name, value))
            .for_each(|(_, value)| mentions(value, found)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Whether a field is a date that says nothing: its value is one, and its name is made of these words alone. A date that is
/// named after something bad (`reversedOn`) is not neutral.
pub(super) fn is_neutral_date(name: &str, value: &Value) -> bool {
    const DATES: [&str; 6] = ["on", "at", "date", "time", "datetime", "timestamp"];
    const NEUTRAL: [&str; 22] = [
        "txn",
        "transaction",
        "created",
        "modified",
        "updated",
        "last",
        "value",
        "posted",
        "posting",
        "settled",
        "settlement",
        "booked",
        "booking",
        "processed",
        "approved",
        "payment",
        "due",
        "expiry",
        "effective",
        "entry",
        "date",
        "time",
    ];
    let is_date = match value {
        Value::String(text) => {
            let is_in_a_date = |c: char| c.is_ascii_digit() || "-:+./ TZ".contains(c);
            text.starts_with(|c: char| c.is_ascii_digit()) && text.len() >= 8 && text.chars().all(is_in_a_date)
        }
        value => instant(value).is_some(),
    };
    let mut words: Vec<String> = Vec::new();
    for c in name.chars().filter(|c| *c != '_') {
        match words.last_mut() {
            Some(word) if !c.is_uppercase() => word.push(c),
            _ => words.push(c.to_lowercase().collect()),
        }
    }
    let is_named_so = words.split_last().is_some_and(|(last, before)| {
        DATES.contains(&last.as_str()) && before.iter().all(|word| NEUTRAL.contains(&word.as_str()))
    });
    is_date && is_named_so
}

/// A number that the pages explain, and that is no reference: it may be the same by chance.
fn is_amount(name: &str, value: &Value) -> bool {
    const AMOUNTS: [&str; 7] = [
        "principalAmount",
        "loadAmount",
        "amount",
        "fcyAmount",
        "balance",
        "otbBalance",
        "availableBalance",
    ];
    value.is_number() && AMOUNTS.contains(&name)
}

/// Whether the rules name this field: what it says is compared, or known to be harmless.
pub(super) fn is_named(rules: &EntryRules, name: &str) -> bool {
    let mut lists = [&rules.same_dates, &rules.later_dates, &rules.other_fields].into_iter();
    lists.any(|list| list.iter().any(|known| known == name))
}

/// The fields that say something: an API server may leave empty ones out or send them blank.
pub(super) fn with_content(row: &Value) -> Map<String, Value> {
    let fields = row.as_object().into_iter().flatten();
    let fields = fields.filter(|(_, value)| !is_empty(value));
    fields.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// A text or a whole number, as text. A blank text says nothing.
pub(super) fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

/// A time that names its zone, or milliseconds since 1970. No page shows the format; a local time would be a guess.
pub(super) fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number
            .as_i64()
            .filter(|millis| *millis > 100_000_000_000)
            .and_then(|millis| Timestamp::from_millisecond(millis).ok()),
        _ => None,
    }
}
