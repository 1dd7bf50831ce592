//! Compares one call of an operation with what the description says of it: its parameters, both bodies, the status and the content
//! types. The observer makes one for each exchange and decides what of it counts.

use serde_json::Value;

use crate::spec::pointer::Pointer;
use crate::spec::{ObservedSide, Operation};

use super::compare::{Comparison, Known, KnownSides};
use super::coverage::Coverage;
use super::exchange::{BodyContent, RecordedExchange};
use super::sighting::{Key, Sight, Sightings, Subject, Tally};
use super::{names, wire};

/// A call of an operation that the description has.
pub(super) struct KnownCall<'a, 'b> {
    pub(super) document: &'a Value,
    pub(super) operation: &'a Operation,
    pub(super) recorded: &'b RecordedExchange,
    pub(super) subject: Subject,
    pub(super) coverage: &'b mut Coverage,
    pub(super) sightings: &'b mut Sightings,
}

impl KnownCall<'_, '_> {
    pub(super) fn request(&mut self, known: &Known) {
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

    pub(super) fn response(&mut self, body: &BodyContent, known: &KnownSides) {
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
            None => (!is_success).then(|| Pointer::from_valid(wire::ERROR_BODY)),
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

    pub(super) fn note(&mut self, side: ObservedSide, sight: Sight) {
        self.note_field(side, "", sight);
    }

    fn note_field(&mut self, side: ObservedSide, field: &str, sight: Sight) -> &mut Tally {
        self.sightings.note(Key {
            subject: self.subject.clone(),
            side,
            field: field.to_owned(),
            sight,
        })
    }
}
