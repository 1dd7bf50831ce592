//! Learns from one exchange at a time: finds its operation, compares request and response with the description, and counts what
//! confirms it. The report is made from what it has gathered at the end.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::spec::{Level, ObservedSide, Operation, Spec};

use super::compare::{Known, KnownSides};
use super::coverage::Coverage;
use super::exchange::{BodyContent, RecordedExchange, reports_failure};
use super::known_call::KnownCall;
use super::routes::{OTHER_METHOD, Route, Routes, Unmatched};
use super::sighting::{Sight, Sightings, Subject, Tallies};
use super::unmatched_call::UnmatchedCall;

/// More different calls of no operation than this are counted and not kept.
const MAX_UNMATCHED: usize = 200;

/// How often a side of an operation was seen, and when last.
#[derive(Clone, Debug, Default)]
pub(super) struct Confirmation {
    pub(super) count: u64,
    pub(super) date: String,
}

/// The sides that evidence is stated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EvidenceSide {
    Path,
    Request,
    Response,
    Errors,
}

/// What was gathered.
pub(super) struct Observer<'a> {
    spec: &'a Spec,
    pub(super) routes: Routes<'a>,
    known: BTreeMap<&'a str, KnownSides>,
    pub(super) tallies: Tallies,
    pub(super) coverage: BTreeMap<String, Coverage>,
    pub(super) confirmed: BTreeMap<(String, EvidenceSide), Confirmation>,
    /// Exchanges with other hosts.
    pub(super) elsewhere: u64,
    /// Calls of no operation: how many there were, and how many of them were accepted, which proves the path.
    pub(super) unmatched: BTreeMap<Unmatched, (u64, u64)>,
    /// Exchanges without a response.
    pub(super) unanswered: u64,
}

impl<'a> Observer<'a> {
    pub(super) fn new(spec: &'a Spec, routes: Routes<'a>) -> Self {
        let sides = |operation: &Operation| KnownSides {
            request: Known::new(&operation.observed, ObservedSide::Request),
            response: Known::new(&operation.observed, ObservedSide::Response),
            errors: Known::new(&operation.observed, ObservedSide::Errors),
        };
        let known = spec
            .operations
            .iter()
            .map(|operation| (operation.id.as_str(), sides(operation)));
        Self {
            spec,
            routes,
            known: known.collect(),
            tallies: Tallies::default(),
            coverage: BTreeMap::new(),
            confirmed: BTreeMap::new(),
            elsewhere: 0,
            unmatched: BTreeMap::new(),
            unanswered: 0,
        }
    }

    /// Learns from one exchange.
    pub(super) fn observe(&mut self, recorded: &RecordedExchange) {
        let exchange = &recorded.exchange;
        if exchange.status == 0 {
            self.unanswered += 1;
            return;
        }
        let mut sightings = Sightings::default();
        match self.routes.find(&exchange.method, &exchange.path) {
            Route::Known(operation) => self.known_call(operation, recorded, &mut sightings),
            Route::Unmatched(_) if !self.routes.is_of_this_api(&exchange.path) => self.elsewhere += 1,
            Route::Unmatched(unmatched) => self.unmatched_call(&unmatched, recorded, &mut sightings),
        }
        self.tallies.add(sightings, &recorded.place, &recorded.date());
    }

    fn known_call(&mut self, operation: &'a Operation, recorded: &RecordedExchange, sightings: &mut Sightings) {
        let response = BodyContent::read(&recorded.exchange.response);
        let is_failure = response.json().is_some_and(reports_failure);
        let is_accepted = recorded.is_success() && !is_failure;
        let coverage = self.coverage.entry(operation.id.clone()).or_default();
        coverage.exchanges += 1;
        *coverage.statuses.entry(recorded.exchange.status).or_default() += 1;
        let subject = Subject::Operation(operation.id.clone());
        let Some(known) = self.known.get(operation.id.as_str()) else {
            return;
        };
        let mut call = KnownCall {
            document: &self.spec.document,
            operation,
            recorded,
            subject,
            coverage,
            sightings,
        };
        if is_accepted {
            call.coverage.accepted += 1;
            call.request(&known.request);
        }
        call.response(&response, known);
        if is_accepted && operation.evidence.path.level == Level::Unknown {
            call.note(ObservedSide::Request, Sight::UnknownPath);
        }
        self.confirm(&operation.id, recorded, &response, is_accepted);
    }

    /// A call of no operation: all that is in it is new, except what every error has.
    fn unmatched_call(&mut self, unmatched: &Unmatched, recorded: &RecordedExchange, sightings: &mut Sightings) {
        if self.unmatched.len() >= MAX_UNMATCHED && !self.unmatched.contains_key(unmatched) {
            self.tallies.dropped += 1;
            return;
        }
        let exchange = &recorded.exchange;
        let response = BodyContent::read(&exchange.response);
        // A method that no operation can have proves no operation.
        let is_accepted =
            recorded.is_success() && unmatched.method != OTHER_METHOD && !response.json().is_some_and(reports_failure);
        let (total, accepted) = self.unmatched.entry(unmatched.clone()).or_default();
        *total += 1;
        *accepted += u64::from(is_accepted);
        let mut coverage = Coverage::default();
        let mut call = UnmatchedCall {
            document: &self.spec.document,
            subject: Subject::Unmatched(unmatched.clone()),
            recorded,
            coverage: &mut coverage,
            sightings,
        };
        if is_accepted {
            call.request();
        }
        call.response(&response);
        self.confirm(&unmatched.name(), recorded, &response, is_accepted);
    }

    fn confirm(&mut self, operation: &str, recorded: &RecordedExchange, response: &BodyContent, accepted: bool) {
        let mut sides = Vec::new();
        if accepted {
            sides.extend([EvidenceSide::Path, EvidenceSide::Request]);
        }
        match response.json() {
            Some(_) if accepted => sides.push(EvidenceSide::Response),
            Some(Value::Object(_)) => sides.push(EvidenceSide::Errors),
            _ => {}
        }
        for side in sides {
            let confirmation = self.confirmed.entry((operation.to_owned(), side)).or_default();
            confirmation.count += 1;
            confirmation.date = confirmation.date.clone().max(recorded.date());
        }
    }
}
