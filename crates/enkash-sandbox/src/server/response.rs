//! From an operation's outcome to bytes: the envelope with its spelling, the body of an error, encryption. The API's
//! routes call it once for each call, with the switches as they were when the call was carried out.

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::encryption;
use crate::faults::Mutations;
use crate::operation::Operation;
use crate::operations::{EnvelopeKind, OperationResponse, OperationResult, Refusal};
use crate::switches::{CodeType, Encryption, EnvelopeSpelling, ErrorBody, Switches};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// A page as a gateway sends it.
pub(super) const HTML_PAGE: &str = "<html><head><title>Error</title></head><body><h1>Error</h1></body></html>\n";

/// A response before it is sent.
pub(super) struct EncodedResponse {
    pub(super) status: StatusCode,
    pub(super) content_type: Option<HeaderValue>,
    pub(super) body: Bytes,
    /// The response has the form that the document speaks of: no switch gave it another one.
    pub(super) documented_form: bool,
    pub(super) challenge: Option<HeaderValue>,
}

impl EncodedResponse {
    pub(super) fn json(status: StatusCode, body: impl Into<Bytes>) -> Self {
        EncodedResponse {
            status,
            content_type: Some(JSON),
            body: body.into(),
            documented_form: true,
            challenge: None,
        }
    }

    pub(super) fn html(status: StatusCode) -> Self {
        EncodedResponse {
            status,
            content_type: Some(HTML),
            body: Bytes::from_static(HTML_PAGE.as_bytes()),
            documented_form: false,
            challenge: None,
        }
    }

    /// Alters what is ready to be sent.
    pub(super) fn mutate(&mut self, mutations: &Mutations) {
        let (status, body) = mutations.apply(self.status.as_u16(), &self.body);
        self.status = StatusCode::from_u16(status).unwrap_or(self.status);
        self.body = body.into();
    }

    pub(super) fn into_response(self) -> Response<Body> {
        self.head().map(|()| Body::from(self.body))
    }

    /// The response without its body.
    pub(super) fn head(&self) -> Response<()> {
        let mut head = Response::new(());
        *head.status_mut() = self.status;
        if let Some(content_type) = &self.content_type {
            head.headers_mut().insert(header::CONTENT_TYPE, content_type.clone());
        }
        if let Some(challenge) = &self.challenge {
            head.headers_mut().insert(header::WWW_AUTHENTICATE, challenge.clone());
        }
        head
    }
}

/// What a sibling product's client reads. How its `errorResponse` looks where it is not null is the sandbox's own choice.
#[derive(Serialize)]
struct SiblingEnvelope<'a> {
    payload: Option<&'a RawValue>,
    #[serde(rename = "errorResponse")]
    error_response: Option<SiblingError<'a>>,
    response_code: Value,
    response_message: &'static str,
}

#[derive(Serialize)]
struct SiblingError<'a> {
    message: &'a str,
}

/// A response with what surrounds it.
struct Envelope<'a> {
    form: EnvelopeKind,
    code: Value,
    message: &'a str,
    payload: &'a RawValue,
}

impl Serialize for Envelope<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (code, message, payload) = match self.form {
            EnvelopeKind::Bare => return self.payload.serialize(serializer),
            EnvelopeKind::Code => ("code", "message", "payload"),
            EnvelopeKind::ResponseCode => ("response_code", "response_message", "payload"),
            // Order details, whose page spells it so and has the payload first.
            EnvelopeKind::OrderInfo => {
                let mut map = serializer.serialize_map(Some(3))?;
                map.serialize_entry("paylod", self.payload)?;
                map.serialize_entry("response_message", self.message)?;
                map.serialize_entry("response_code", &self.code)?;
                return map.end();
            }
        };
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry(code, &self.code)?;
        map.serialize_entry(message, self.message)?;
        map.serialize_entry(payload, self.payload)?;
        map.end()
    }
}

/// How responses are encoded now.
pub(super) struct Encoder<'a> {
    pub(super) operation: Operation,
    pub(super) switches: &'a Switches,
    /// How many responses were given before this one.
    pub(super) turn: u64,
    /// The client secret of the caller, where the caller is known.
    pub(super) secret: Option<&'a str>,
}

impl Encoder<'_> {
    fn wrap(
        &self,
        documented: EnvelopeKind,
        code: u16,
        message: &str,
        payload: &RawValue,
    ) -> serde_json::Result<Vec<u8>> {
        let form = match (documented, self.switches.envelope) {
            (EnvelopeKind::Bare | EnvelopeKind::OrderInfo, _)
            | (_, EnvelopeSpelling::Documented | EnvelopeSpelling::Sibling) => documented,
            (_, EnvelopeSpelling::Code) => EnvelopeKind::Code,
            (_, EnvelopeSpelling::ResponseCode) => EnvelopeKind::ResponseCode,
            (_, EnvelopeSpelling::Mixed) if self.turn.is_multiple_of(2) => EnvelopeKind::Code,
            (_, EnvelopeSpelling::Mixed) => EnvelopeKind::ResponseCode,
        };
        let code = self.code(code, documented);
        serde_json::to_vec(&Envelope {
            form,
            code,
            message,
            payload,
        })
    }

    /// A result code, as a number or as a string.
    fn code(&self, code: u16, documented: EnvelopeKind) -> Value {
        let is_text = match self.switches.code_type {
            CodeType::Documented => documented == EnvelopeKind::OrderInfo,
            CodeType::Number => false,
            CodeType::Text => true,
        };
        if is_text { json!(code.to_string()) } else { json!(code) }
    }

    /// Whether the envelope is that of a sibling product.
    fn is_sibling(&self, documented: EnvelopeKind) -> bool {
        self.switches.envelope == EnvelopeSpelling::Sibling && documented != EnvelopeKind::Bare
    }

    /// The response before it is encrypted.
    pub(super) fn encode(&self, outcome: &OperationResult) -> EncodedResponse {
        let encoded = match outcome {
            Ok(response) => self
                .success(response)
                .map(|body| EncodedResponse::json(StatusCode::OK, body)),
            Err(Refusal::Failure(message)) => self
                .failure(StatusCode::UNPROCESSABLE_ENTITY, message)
                .map(|body| EncodedResponse::json(StatusCode::OK, body)),
            Err(Refusal::Status {
                status, message, oauth, ..
            }) => self.error(*status, message, *oauth),
        };
        let is_documented = self.switches.envelope != EnvelopeSpelling::Sibling;
        let encoded = encoded.map(|encoded| EncodedResponse {
            documented_form: encoded.documented_form && is_documented,
            ..encoded
        });
        encoded.unwrap_or_else(|error| {
            tracing::error!(%error, "a response cannot be written");
            EncodedResponse::json(StatusCode::INTERNAL_SERVER_ERROR, "{}")
        })
    }

    fn success(&self, response: &OperationResponse) -> serde_json::Result<Vec<u8>> {
        if !self.is_sibling(response.form) {
            return self.wrap(response.form, 0, "Success", &response.payload);
        }
        serde_json::to_vec(&SiblingEnvelope {
            payload: Some(&response.payload),
            error_response: None,
            response_code: self.code(StatusCode::OK.as_u16(), response.form),
            response_message: "SUCCESS",
        })
    }

    /// The failure of the general guide: the message stands in the envelope and again as the payload. A sibling's has a
    /// code of HTTP.
    fn failure(&self, status: StatusCode, message: &str) -> serde_json::Result<Vec<u8>> {
        if !self.is_sibling(EnvelopeKind::ResponseCode) {
            let payload = serde_json::value::to_raw_value(message)?;
            return self.wrap(EnvelopeKind::ResponseCode, 1, message, &payload);
        }
        serde_json::to_vec(&SiblingEnvelope {
            payload: None,
            error_response: Some(SiblingError { message }),
            response_code: self.code(status.as_u16(), EnvelopeKind::ResponseCode),
            response_message: "FAILURE",
        })
    }

    /// Encrypts the body, where the switch says so.
    pub(super) fn encrypt(&self, encoded: &mut EncodedResponse) {
        let encrypted = match (self.switches.encryption, self.secret) {
            (Encryption::Both, Some(secret)) => json!({ "request": encryption::encrypt(secret, &encoded.body) }),
            (Encryption::BareString, Some(secret)) => json!(encryption::encrypt(secret, &encoded.body)),
            _ => return,
        };
        encoded.body = encrypted.to_string().into();
    }

    fn error(
        &self,
        status: StatusCode,
        message: &str,
        oauth: Option<&'static str>,
    ) -> serde_json::Result<EncodedResponse> {
        let mut encoded = match self.switches.error_body {
            ErrorBody::Html => EncodedResponse::html(status),
            ErrorBody::Empty => EncodedResponse {
                content_type: None,
                documented_form: false,
                ..EncodedResponse::json(status, Bytes::new())
            },
            ErrorBody::Json if self.operation == Operation::IssueToken => {
                let error = oauth.unwrap_or("invalid_request");
                EncodedResponse::json(
                    status,
                    json!({ "error": error, "error_description": message }).to_string(),
                )
            }
            ErrorBody::Json => EncodedResponse::json(status, self.failure(status, message)?),
        };
        if status == StatusCode::UNAUTHORIZED {
            let challenge = match self.operation {
                Operation::IssueToken => HeaderValue::from_static("Basic realm=\"sandbox\""),
                _ => HeaderValue::from_static("Bearer error=\"invalid_token\""),
            };
            encoded.challenge = Some(challenge);
        }
        Ok(encoded)
    }
}

/// The JSON body of an error that belongs to no operation.
pub(super) fn plain_error(status: StatusCode, message: &str) -> EncodedResponse {
    let body = json!({ "response_code": 1, "response_message": message, "payload": message });
    EncodedResponse::json(status, body.to_string())
}

/// The same response with another reference in it.
pub(super) fn with_other_reference(body: &Bytes) -> Bytes {
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else {
        return body.clone();
    };
    let payload = if value.get("payload").is_some() {
        "payload"
    } else {
        "paylod"
    };
    let mut changed = false;
    for name in ["pgReferenceNumber", "partnerOrderReferenceId"] {
        if let Some(reference) = value.get_mut(payload).and_then(|payload| payload.get_mut(name)) {
            *reference = json!("OTHER-REFERENCE");
            changed = true;
        }
    }
    if changed {
        Bytes::from(value.to_string())
    } else {
        body.clone()
    }
}
