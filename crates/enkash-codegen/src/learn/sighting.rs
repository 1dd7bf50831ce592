//! What one exchange showed beyond the description, and the tally of it over all exchanges: how many showed it, where it stood
//! first, and when it was seen last. The comparison reports sightings; the findings are made from the tally.

use std::collections::{BTreeMap, BTreeSet};

use crate::spec::ObservedSide;
use crate::spec::pointer::Pointer;

use super::routes::Unmatched;

/// More different sightings than this are counted and not kept.
const MAX_SIGHTINGS: usize = 5_000;

/// Whom a sighting is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    /// An operation, by its id.
    Operation(String),
    /// A call of no operation.
    Unmatched(Unmatched),
}

/// What was seen.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sight {
    /// A field that the schema of its object does not have; `owner` is where it would be added, and nowhere in free JSON.
    UndocumentedField { owner: Option<Pointer>, name: String },
    /// A required field that was left out; the list that requires it, if it is one of a schema.
    Missing { required: Option<Pointer>, name: String },
    /// Another type than the schema has.
    OtherType { schema: Pointer, is_read_anyway: bool },
    /// `null`.
    Null,
    /// A word that the enumeration does not list.
    OtherWord { list: Pointer },
    /// A status that is not documented.
    OtherStatus { status: u16, is_json: bool },
    /// Another content type than the documented one.
    OtherContentType { media_type: String },
    /// The call itself, of no operation.
    UnknownPath,
}

/// What identifies a sighting.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) subject: Subject,
    pub(super) side: ObservedSide,
    pub(super) field: String,
    pub(super) sight: Sight,
}

/// What is counted of a sighting.
#[derive(Clone, Default)]
pub(super) struct Tally {
    /// The exchanges that showed it.
    pub(super) count: u64,
    /// Where the first of them stands.
    pub(super) first: String,
    /// The day of the newest.
    pub(super) date: String,
    /// The types of JSON that were seen.
    pub(super) types: BTreeSet<&'static str>,
    /// The words that may be shown.
    pub(super) words: BTreeSet<String>,
    /// Whether there were others.
    pub(super) has_hidden_words: bool,
}

/// The sightings of one exchange.
#[derive(Default)]
pub(super) struct Sightings(pub(super) BTreeMap<Key, Tally>);

impl Sightings {
    /// Notes a sighting, and hands out what is counted of it.
    pub(super) fn note(&mut self, key: Key) -> &mut Tally {
        self.0.entry(key).or_default()
    }
}

/// The tallies over all exchanges.
#[derive(Default)]
pub(super) struct Tallies {
    pub(super) by_key: BTreeMap<Key, Tally>,
    /// Sightings beyond the bound.
    pub(super) dropped: u64,
}

impl Tallies {
    /// Adds what one exchange showed.
    pub(super) fn add(&mut self, sightings: Sightings, place: &str, date: &str) {
        for (key, seen) in sightings.0 {
            if self.by_key.len() >= MAX_SIGHTINGS && !self.by_key.contains_key(&key) {
                self.dropped += 1;
                continue;
            }
            let tally = self.by_key.entry(key).or_default();
            if tally.count == 0 {
                tally.first = place.to_owned();
            }
            tally.count += 1;
            if tally.date.as_str() < date {
                tally.date = date.to_owned();
            }
            tally.types.extend(seen.types);
            tally.words.extend(seen.words);
            tally.has_hidden_words |= seen.has_hidden_words;
        }
    }
}
