//! What one answer to a look-up lists, and whether that is all there is. A response that proves something is an explicit
//! success without a key that stands twice, and says nothing that could mean further rows.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use enkash_api::OperationId;
use enkash_policy::EntryRules;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    envelope::{Envelope, EnvelopeStatus, json::is_empty, list::List},
    error::Error,
    model::reference::ClientReference,
    outcome::proof::NotSettledReason,
    response::Response,
    settle::{LookupResult, entry, fields},
    transport::history::AttemptResult,
};

/// The fields of a list.
const LIST_FIELDS: [&str; 2] = ["recordsCount", "data"];

/// Whether a list has all that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Completeness {
    /// It counts its rows, and shows as many.
    Whole,
    /// Nothing says that there are more.
    Uncounted,
    Cut(Cut),
}

/// A list that says that it is not whole, or has a field that may mean so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) shown: usize,
    /// How many there are, where the response says it.
    pub(super) of: Option<u64>,
    /// The field that may mean so.
    pub(super) field: Option<String>,
}

impl From<Cut> for LookupResult {
    fn from(Cut { shown, of, field }: Cut) -> Self {
        Self::Unproven(NotSettledReason::Incomplete { shown, of, field })
    }
}

impl Completeness {
    /// Of two lists together.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Cut(cut), _) | (_, Self::Cut(cut)) => Self::Cut(cut),
            (Self::Whole, Self::Whole) => Self::Whole,
            _ => Self::Uncounted,
        }
    }
}

/// The JSON of a response that may prove something.
pub(super) fn proof_json<T>(operation: OperationId, answer: &Response<T>) -> Result<&Value, Error> {
    let unclear = |problem: &str| Error::unclear(operation, StatusCode::OK, problem).with_history(&answer.history());
    let json = answer.raw();
    let envelope = Envelope::new(json);
    let status = answer.attempts().last().map(|attempt| attempt.result);
    let problem = if status != Some(AttemptResult::Answered(StatusCode::OK)) {
        "its status is not 200"
    } else if answer.has_duplicate_keys() {
        "a key stands in it twice"
    } else if envelope.status() != EnvelopeStatus::Success {
        "it does not say success in a documented way"
    } else if envelope.payloads_disagree() {
        "its two payloads disagree"
    } else {
        return Ok(json);
    };
    Err(unclear(problem))
}

/// Whether a list is all there is. `other_fields` may stand in a response and say nothing.
pub(super) fn completeness(json: &Value, list: &List<'_>, other_fields: &[String]) -> Completeness {
    let envelope = Envelope::new(json);
    let cut = |field: Option<&str>| {
        Completeness::Cut(Cut {
            shown: list.rows.len(),
            of: list.total_count,
            field: field.map(str::to_owned),
        })
    };
    let payload = envelope.payload().and_then(Value::as_object);
    let is_other = |(name, value): &(&String, &Value)| {
        let is_known = list.is_single || LIST_FIELDS.contains(&name.as_str()) || other_fields.contains(name);
        !is_known && !is_empty(value)
    };
    let others: Vec<_> = payload.into_iter().flatten().filter(is_other).collect();
    let mut may_page = others
        .iter()
        .filter(|(name, value)| !says_that_is_all(name, value, list.rows.len()));
    let may_page = may_page.next().map(|(name, _)| name.as_str());
    if let Some(field) = may_page.or_else(|| envelope.unknown_field(other_fields)) {
        return cut(Some(field));
    }
    let count = payload
        .and_then(|payload| payload.get("recordsCount"))
        .filter(|count| !count.is_null());
    match (count, list.total_count) {
        (None, _) => Completeness::Uncounted,
        (Some(_), Some(count)) if count == list.rows.len() as u64 => match others.is_empty() {
            true => Completeness::Whole,
            false => Completeness::Uncounted,
        },
        _ => cut(None),
    }
}

/// Whether a field of paging, under a name that is common for it, says that these rows are all. No page of rewards shows one, so
/// it is no proof that they are; but neither does it say that there are more.
fn says_that_is_all(name: &str, value: &Value, shown: usize) -> bool {
    let number = value.as_u64();
    let shown = shown as u64;
    match name {
        "totalPages" => number.is_some_and(|pages| pages <= 1),
        "totalElements" | "totalRecords" | "totalCount" | "total" | "numberOfElements" => number == Some(shown),
        "pageNumber" | "page" | "number" | "offset" => number == Some(0),
        "pageSize" | "size" | "limit" => number.is_some_and(|size| size > shown),
        "first" | "last" => value == true,
        "hasNext" | "hasMore" => value == false,
        _ => false,
    }
}

/// The references that are looked up, by their folded form.
pub(super) struct Asked(HashSet<String>);

impl Asked {
    pub(super) fn new(references: &[ClientReference]) -> Self {
        Self(
            references
                .iter()
                .map(|reference| fields::folded(reference.as_str()))
                .collect(),
        )
    }

    /// Those that a row mentions, exactly or nearly.
    fn mentioned(&self, row: &Value) -> BTreeSet<String> {
        let mut words = BTreeSet::new();
        fields::mentions(row, &mut words);
        words.retain(|word| self.0.contains(word));
        words
    }
}

/// A row that mentions a reference that was asked for.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) value: Value,
    /// The one that shows it, without its body.
    pub(super) response: Arc<Response<()>>,
    mentions: BTreeSet<String>,
}

/// A range of time.
pub(super) type Window = (Timestamp, Timestamp);

fn dates(row: &Value, rules: &EntryRules) -> Option<Window> {
    let dates = entry::dates(row, rules);
    Some((*dates.iter().min()?, *dates.iter().max()?))
}

/// One response of the transaction search.
pub(super) struct Page {
    rows: Vec<Row>,
    /// All rows by what tells them apart, each with its first and its last date.
    pub(super) dated: HashMap<String, Option<Window>>,
    pub(super) completeness: Completeness,
}

impl Page {
    pub(super) fn read<T>(answer: &Response<T>, asked: &Asked, rules: &EntryRules) -> Result<Self, Error> {
        let operation = OperationId::SearchTransactions;
        let json = proof_json(operation, answer)?;
        let list = List::from_response_or_single(json, "pgReferenceNumber").ok_or_else(|| {
            let problem = "it says success, and its `payload.data` is missing or has another form";
            Error::unclear(operation, StatusCode::OK, problem).with_history(&answer.history())
        })?;
        let response = Arc::new(answer.head());
        let row = |value: &Value| {
            let mentions = asked.mentioned(value);
            (!mentions.is_empty()).then(|| Row {
                value: value.clone(),
                response: Arc::clone(&response),
                mentions,
            })
        };
        Ok(Self {
            rows: list.rows.iter().filter_map(row).collect(),
            dated: list
                .rows
                .iter()
                .map(|row| (entry::row_key(row, rules), dates(row, rules)))
                .collect(),
            completeness: completeness(json, &list, &rules.other_fields),
        })
    }

    pub(super) fn is_cut(&self) -> bool {
        matches!(self.completeness, Completeness::Cut(_))
    }

    /// The time that its rows lie in.
    pub(super) fn span(&self) -> Option<Window> {
        let dates = self.dated.values().flatten();
        dates
            .copied()
            .reduce(|(first, last), (other, later)| (first.min(other), last.max(later)))
    }
}

/// What several answers to one question show together.
#[derive(Default)]
pub(super) struct Reading {
    /// Rows that mention a reference that was asked for. A movement that several answers show is here once; rows without an
    /// id that one answer shows several times are so many movements.
    rows: Vec<Row>,
    keys: HashSet<String>,
    /// References whose entries could not all be read.
    pub(super) cut: HashMap<ClientReference, Cut>,
    /// Some list did not count its rows, or was read in parts of time.
    pub(super) is_uncounted: bool,
}

impl Reading {
    /// Whether the response brings rows that no response before it had.
    pub(super) fn add(&mut self, page: &Page) -> bool {
        let mut in_page: HashMap<&Value, usize> = HashMap::new();
        for row in &page.rows {
            let seen = in_page.entry(&row.value).or_default();
            *seen += 1;
            let have = self.rows.iter().filter(|known| known.value == row.value).count();
            if have < *seen {
                self.rows.push(row.clone());
            }
        }
        let before = self.keys.len();
        self.keys.extend(page.dated.keys().cloned());
        self.keys.len() > before
    }

    /// The rows that mention this reference.
    pub(super) fn rows_of(&self, reference: &ClientReference) -> impl Iterator<Item = &Row> {
        let wanted = fields::folded(reference.as_str());
        self.rows.iter().filter(move |row| row.mentions.contains(&wanted))
    }

    /// Notes that not all entries of these references can be read, because of this response.
    pub(super) fn give_up(&mut self, references: &[ClientReference], page: &Page) {
        if let Completeness::Cut(cut) = &page.completeness {
            self.cut
                .extend(references.iter().map(|reference| (reference.clone(), cut.clone())));
        }
    }

    pub(super) fn completeness(&self, reference: &ClientReference) -> Completeness {
        match self.cut.get(reference) {
            Some(cut) => Completeness::Cut(cut.clone()),
            None if self.is_uncounted => Completeness::Uncounted,
            None => Completeness::Whole,
        }
    }
}
