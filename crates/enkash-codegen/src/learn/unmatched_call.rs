//! Notes all that is in a call of no operation: it is new, except for what every error has. The observer makes one for each such
//! exchange; whether the call proves an operation is decided when all are read.

use serde_json::Value;

use crate::spec::ObservedSide;
use crate::spec::pointer::Pointer;

use super::compare::{Comparison, Known};
use super::coverage::Coverage;
use super::exchange::{BodyContent, RecordedExchange};
use super::sighting::{Key, Sight, Sightings, Subject, Tally};
use super::{names, wire};

/// A call of no operation.
pub(super) struct UnmatchedCall<'a, 'b> {
    pub(super) document: &'a Value,
    pub(super) subject: Subject,
    pub(super) recorded: &'b RecordedExchange,
    pub(super) coverage: &'b mut Coverage,
    pub(super) sightings: &'b mut Sightings,
}

impl UnmatchedCall<'_, '_> {
    pub(super) fn request(&mut self) {
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

    pub(super) fn response(&mut self, body: &BodyContent) {
        let status = self.recorded.exchange.status;
        let (side, schema) = match self.recorded.is_success() {
            true => (ObservedSide::Response, None),
            false => (ObservedSide::Errors, Some(Pointer::from_valid(wire::ERROR_BODY))),
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

    fn note(&mut self, side: ObservedSide, field: &str, sight: Sight) -> &mut Tally {
        self.sightings.note(Key {
            subject: self.subject.clone(),
            side,
            field: field.to_owned(),
            sight,
        })
    }
}
