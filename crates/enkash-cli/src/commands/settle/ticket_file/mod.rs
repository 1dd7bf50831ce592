//! Reads tickets that were stored. What is wrong with one is named by its field, and no value is repeated: a ticket may
//! hold a person's phone number.

use enkash::{Money, Ticket, Timestamp, ticket::Direction};
use enkash_ledger::RowId;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::input_file::{CappedList, MAX_TICKET};

/// More lines are several files.
const MAX_TICKETS: usize = 100_000;

/// A ticket, and where it stands.
pub(super) struct StoredTicket {
    /// In the file of tickets, from 1.
    pub(super) line: Option<u64>,
    pub(super) ticket: Ticket,
    /// The attempt in the ledger that it is of.
    pub(super) attempt: Option<(RowId, u32)>,
}

/// All tickets of a file, one a line, or what is wrong with it by line. Blank lines are skipped.
pub(super) fn parse_file(text: &str) -> Result<Vec<StoredTicket>, CappedList<(u64, String)>> {
    let (mut tickets, mut problems) = (Vec::new(), CappedList::new());
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let ends = text.ends_with('\n') || text.ends_with('}');
    let last = text.lines().count() as u64;
    for (line, text) in (1..).zip(text.lines()) {
        // A line that was being written when its run ended: its call was not sent.
        let is_torn = !ends && line == last && line > 1;
        if text.trim().is_empty() || is_torn {
            continue;
        }
        if tickets.len() + problems.count() == MAX_TICKETS {
            problems.push((line, format!("there are more than {MAX_TICKETS} lines: split the file")));
            break;
        }
        match parse(text) {
            Ok(ticket) => tickets.push(StoredTicket {
                line: Some(line),
                ticket,
                attempt: None,
            }),
            Err(problem) => problems.push((line, problem)),
        }
    }
    if tickets.is_empty() && problems.count() == 0 {
        problems.push((1, "there is no ticket".to_owned()));
    }
    if problems.count() == 0 {
        Ok(tickets)
    } else {
        Err(problems)
    }
}

/// What a field must hold.
#[derive(Clone, Copy)]
struct FieldType {
    /// As an error names it.
    name: &'static str,
    reads: fn(&Value) -> bool,
    /// Whether it may be missing, or `null`.
    is_optional: bool,
}

const fn field_type(name: &'static str, reads: fn(&Value) -> bool) -> FieldType {
    FieldType {
        name,
        reads,
        is_optional: false,
    }
}

const TEXT: FieldType = field_type("a text", reads_as::<String>);
const OPTIONAL_TEXT: FieldType = FieldType {
    is_optional: true,
    ..TEXT
};
const REFERENCE: FieldType = field_type("a reference", is_reference);
const TIME: FieldType = field_type("a time such as 2026-11-23T09:00:00Z", reads_as::<Timestamp>);
const DIRECTION: FieldType = field_type("credit or debit", reads_as::<Direction>);
const AMOUNT: FieldType = field_type("an amount", reads_as::<Money>);
const WHOLE: FieldType = field_type("a whole number", reads_as::<i64>);

const ALL: [(&str, FieldType); 2] = [("reference", REFERENCE), ("intended_at", TIME)];
const POINTS: [(&str, FieldType); 6] = [
    ("company", TEXT),
    ("account", TEXT),
    ("direction", DIRECTION),
    ("amount", AMOUNT),
    ("mobile", OPTIONAL_TEXT),
    ("card", OPTIONAL_TEXT),
];
const ORDER: [(&str, FieldType); 3] = [("product", TEXT), ("denomination", WHOLE), ("quantity", WHOLE)];
const COINS: [(&str, FieldType); 3] = [("company", TEXT), ("user", TEXT), ("event", TEXT)];

const OPERATIONS: [(&str, &[(&str, FieldType)]); 5] = [
    ("createAllocatePoints", &POINTS),
    ("bulkCreateAllocateRewards", &POINTS),
    ("createOrder", &ORDER),
    ("createOrderLowerCase", &[]),
    ("allocateCoins", &COINS),
];

/// A ticket, or what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Ticket, String> {
    if text.len() as u64 > MAX_TICKET {
        return Err(format!("it is longer than {} KiB, and no ticket is", MAX_TICKET / 1024));
    }
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let place = error.column();
        if error.is_eof() {
            format!("it ends too early, at character {place}")
        } else {
            format!("it is no JSON, at character {place}")
        }
    })?;
    let Some(object) = value.as_object() else {
        return Err("it is no JSON object".to_owned());
    };
    let operation = object.get("operation").and_then(Value::as_str);
    let known = OPERATIONS.iter().find(|(name, _)| Some(*name) == operation);
    let Some((_, fields)) = known else {
        let names: Vec<_> = OPERATIONS.iter().map(|(name, _)| *name).collect();
        return Err(format!("operation is not one of {}", names.join(", ")));
    };
    let problems: Vec<_> = ALL
        .iter()
        .chain(*fields)
        .filter_map(|(name, field)| check_field(name, *field, object.get(*name)))
        .collect();
    if !problems.is_empty() {
        return Err(problems.join("; "));
    }
    serde_json::from_value(value).map_err(|_| "it has another form than a ticket".to_owned())
}

fn check_field(name: &str, field: FieldType, value: Option<&Value>) -> Option<String> {
    match value {
        None | Some(Value::Null) if field.is_optional => None,
        None => Some(format!("{name} is missing")),
        Some(value) => (!(field.reads)(value)).then(|| format!("{name} is not {}", field.name)),
    }
}

/// As the ticket takes it: earlier versions made references of any letters.
fn is_reference(value: &Value) -> bool {
    let is_text = |text: &str| !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    value.as_str().is_some_and(is_text)
}

fn reads_as<T: DeserializeOwned>(value: &Value) -> bool {
    T::deserialize(value).is_ok()
}

#[cfg(test)]
mod tests;
