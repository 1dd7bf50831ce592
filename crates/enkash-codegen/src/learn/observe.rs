//! Learns from one exchange at a time: finds its operation, compares request and response with the description, and counts what
//! confirms it. The report is made from what it has gathered at the end.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::spec::pointer::Pointer;
use crate::spec::{Level, ObservedSide, Operation, Spec};

use super::compare::{Comparison, Known};
use super::coverage::Coverage;
use super::exchange::{BodyContent, RecordedExchange, reports_failure};
use super::names;
use super::routes::{OTHER_METHOD, Route, Routes, Unmatched};
use super::sighting::{Key, Sight, Sightings, Subject, Tallies};
use super::wire;

/// The schema of every error.
const ERROR_BODY: &str = "/components/schemas/ErrorBody";

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

/// What is known of an operation from earlier recordings, side by side.
struct KnownSides {
    request: Known,
    response: Known,
    errors: Known,
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
        let mut call = CallComparison {
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

/// A call of an operation that the description has.
struct CallComparison<'a, 'b> {
    document: &'a Value,
    operation: &'a Operation,
    recorded: &'b RecordedExchange,
    subject: Subject,
    coverage: &'b mut Coverage,
    sightings: &'b mut Sightings,
}

impl CallComparison<'_, '_> {
    fn request(&mut self, known: &Known) {
        self.parameters(known);
        let message = &self.recorded.exchange.request;
        let body = BodyContent::read(message);
        let documented = wire::request_body(self.document, self.operation);
        let media_type = message.media_type();
        if let (Some(documented), Some(found)) = (&documented, &media_type)
            && !matches!(body, BodyContent::Absent)
        {
            self.media_type(ObservedSide::Request, documented.media_type, found, known);
        }
        if let BodyContent::Json(value) = &body {
            let schema = documented.map(|content| content.schema);
            let is_form = media_type.as_deref() == Some("application/x-www-form-urlencoded");
            self.body(ObservedSide::Request, known, value, schema.as_ref(), is_form);
        }
    }

    fn response(&mut self, body: &BodyContent, known: &KnownSides) {
        let status = self.recorded.exchange.status;
        let is_success = self.recorded.is_success();
        let (side, known) = match is_success {
            true => (ObservedSide::Response, &known.response),
            false => (ObservedSide::Errors, &known.errors),
        };
        let documented = wire::response(self.document, self.operation, status);
        if documented.is_none() && !known.statuses.contains(&status) {
            let is_json = matches!(body.json(), Some(Value::Object(_)));
            self.note(side, Sight::OtherStatus { status, is_json });
        }
        let content = match documented {
            Some(content) => content,
            None if is_success => wire::success(self.document, self.operation),
            None => None,
        };
        let schema = match content {
            Some(content) => Some(content.schema),
            None => (!is_success).then(|| Pointer::from_valid(ERROR_BODY)),
        };
        match body {
            BodyContent::Absent => {}
            BodyContent::Other => {
                let found = self.recorded.exchange.response.media_type();
                let found = found.filter(|found| !names::is_json(found)).unwrap_or_default();
                self.media_type(side, "application/json", &found, known);
            }
            BodyContent::Json(value) => {
                if let Some(found) = self.recorded.exchange.response.media_type() {
                    self.media_type(side, "application/json", &found, known);
                }
                self.body(side, known, value, schema.as_ref(), false);
            }
        }
    }

    fn body(&mut self, side: ObservedSide, known: &Known, value: &Value, schema: Option<&Pointer>, is_form: bool) {
        let mut comparison = Comparison {
            document: self.document,
            subject: &self.subject,
            side,
            holds_required: side == ObservedSide::Request,
            is_form,
            known,
            sightings: self.sightings,
            coverage: self.coverage,
        };
        match schema {
            Some(schema) => comparison.body(value, schema),
            None => comparison.free_body(value),
        }
    }

    fn media_type(&mut self, side: ObservedSide, documented: &str, found: &str, known: &Known) {
        let fits = found == documented || (names::is_json(documented) && names::is_json(found));
        let media_type = names::media_type(found).to_owned();
        if !fits && !known.media_types.contains(&media_type) {
            self.note(side, Sight::OtherContentType { media_type });
        }
    }

    fn parameters(&mut self, known: &Known) {
        let exchange = &self.recorded.exchange;
        let documented = wire::parameters(self.document, self.operation);
        // A recording that has no header but that of the body says nothing of headers.
        let has_headers = exchange.request.headers.iter().any(|(name, _)| name != "content-type");
        for parameter in documented.iter().filter(|parameter| parameter.is_required) {
            let is_there = match parameter.place {
                "query" => exchange.query.iter().any(|(name, _)| name == parameter.name),
                "header" if has_headers => exchange.request.header(&parameter.name.to_ascii_lowercase()).is_some(),
                _ => true,
            };
            let field = format!("{}.{}", parameter.place, parameter.name);
            if !is_there && !known.absent.contains(&field) {
                let name = parameter.name.to_owned();
                self.note_field(ObservedSide::Request, &field, Sight::Missing { required: None, name });
            }
        }
        for (name, value) in &exchange.query {
            let mut queries = documented.iter().filter(|parameter| parameter.place == "query");
            let Some(parameter) = queries.find(|parameter| parameter.name == name) else {
                let field = format!("query.{}", names::field_step(name));
                if !known.types.contains_key(&field) {
                    let (owner, name) = (None, names::field_step(name).to_owned());
                    let tally =
                        self.note_field(ObservedSide::Request, &field, Sight::UndocumentedField { owner, name });
                    tally.types.insert("string");
                }
                continue;
            };
            let mut comparison = Comparison {
                document: self.document,
                subject: &self.subject,
                side: ObservedSide::Request,
                holds_required: false,
                is_form: true,
                known,
                sightings: self.sightings,
                coverage: self.coverage,
            };
            let field = format!("query.{name}");
            comparison.parameter(&field, &Value::String(value.clone()), &parameter.schema);
        }
    }

    fn note(&mut self, side: ObservedSide, sight: Sight) {
        self.note_field(side, "", sight);
    }

    fn note_field(&mut self, side: ObservedSide, field: &str, sight: Sight) -> &mut super::sighting::Tally {
        self.sightings.note(Key {
            subject: self.subject.clone(),
            side,
            field: field.to_owned(),
            sight,
        })
    }
}

/// A call of no operation.
struct UnmatchedCall<'a, 'b> {
    document: &'a Value,
    subject: Subject,
    recorded: &'b RecordedExchange,
    coverage: &'b mut Coverage,
    sightings: &'b mut Sightings,
}

impl UnmatchedCall<'_, '_> {
    fn request(&mut self) {
        let exchange = &self.recorded.exchange;
        self.note(ObservedSide::Request, "", Sight::UnknownPath);
        for (name, _) in &exchange.query {
            let name = names::field_step(name).to_owned();
            let field = format!("query.{name}");
            let tally = self.note(
                ObservedSide::Request,
                &field,
                Sight::UndocumentedField { owner: None, name },
            );
            tally.types.insert("string");
        }
        if let BodyContent::Json(value) = BodyContent::read(&exchange.request) {
            self.body(ObservedSide::Request, &value, None);
        }
    }

    fn response(&mut self, body: &BodyContent) {
        let status = self.recorded.exchange.status;
        let (side, schema) = match self.recorded.is_success() {
            true => (ObservedSide::Response, None),
            false => (ObservedSide::Errors, Some(Pointer::from_valid(ERROR_BODY))),
        };
        let is_json = matches!(body.json(), Some(Value::Object(_)));
        self.note(side, "", Sight::OtherStatus { status, is_json });
        let media_type = self.recorded.exchange.response.media_type();
        let is_named_json = media_type.as_deref().is_none_or(names::is_json);
        match body {
            BodyContent::Absent => return,
            BodyContent::Json(value) => {
                self.body(side, value, schema.as_ref());
                if is_named_json {
                    return;
                }
            }
            BodyContent::Other => {}
        }
        let found = media_type.filter(|_| !is_named_json).unwrap_or_default();
        let media_type = names::media_type(&found).to_owned();
        self.note(side, "", Sight::OtherContentType { media_type });
    }

    fn body(&mut self, side: ObservedSide, value: &Value, schema: Option<&Pointer>) {
        let known = Known::default();
        let mut comparison = Comparison {
            document: self.document,
            subject: &self.subject,
            side,
            holds_required: false,
            is_form: false,
            known: &known,
            sightings: self.sightings,
            coverage: self.coverage,
        };
        match schema {
            Some(schema) => comparison.body(value, schema),
            None => comparison.free_body(value),
        }
    }

    fn note(&mut self, side: ObservedSide, field: &str, sight: Sight) -> &mut super::sighting::Tally {
        self.sightings.note(Key {
            subject: self.subject.clone(),
            side,
            field: field.to_owned(),
            sight,
        })
    }
}
