//! From an operation's outcome to bytes: the envelope with its spelling, the body of an error, encryption. The portal's
//! routes call it once for each call, with the switches as they were when the call was carried out.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde::{Serialize, Serializer};
use serde_json::json;
use serde_json::value::RawValue;

use super::encryption;
use crate::operation::Operation;
use crate::operations::{Form, Outcome, Refusal};
use crate::switches::{CodeType, Encryption, EnvelopeSpelling, ErrorBody, Switches};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// A page as a gateway sends it.
pub(super) const HTML_PAGE: &str = "<html><head><title>Error</title></head><body><h1>Error</h1></body></html>\n";

/// An answer before it is sent.
pub(super) struct Encoded {
    pub(super) status: StatusCode,
    pub(super) content_type: Option<HeaderValue>,
    pub(super) body: Bytes,
    /// The answer has the form that the document speaks of: no switch gave it another one.
    pub(super) documented_form: bool,
    pub(super) challenge: Option<HeaderValue>,
}

impl Encoded {
    pub(super) fn json(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Encoded {
            status,
            content_type: Some(JSON),
            body: body.into(),
            documented_form: true,
            challenge: None,
        }
    }

    pub(super) fn html(status: StatusCode) -> Self {
        Encoded {
            status,
            content_type: Some(HTML),
            body: Bytes::from_static(HTML_PAGE.as_bytes()),
            documented_form: false,
            challenge: None,
        }
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

/// A result code, as a number or as a string.
#[derive(Clone, Copy)]
struct Code {
    code: u8,
    text: bool,
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.text {
            serializer.collect_str(&self.code)
        } else {
            serializer.serialize_u8(self.code)
        }
    }
}

#[derive(Serialize)]
struct CodeEnvelope<'a> {
    code: Code,
    message: &'a str,
    payload: &'a RawValue,
}

#[derive(Serialize)]
struct ResponseCodeEnvelope<'a> {
    response_code: Code,
    response_message: &'a str,
    payload: &'a RawValue,
}

/// Order details, whose page spells it so.
#[derive(Serialize)]
struct PaylodEnvelope<'a> {
    paylod: &'a RawValue,
    response_message: &'a str,
    response_code: Code,
}

/// What surrounds an answer.
struct Envelope {
    form: Form,
    code: Code,
}

impl Envelope {
    fn wrap(&self, message: &str, payload: &RawValue) -> serde_json::Result<Vec<u8>> {
        let code = self.code;
        match self.form {
            Form::Bare => Ok(payload.get().as_bytes().to_vec()),
            Form::Code => serde_json::to_vec(&CodeEnvelope { code, message, payload }),
            Form::ResponseCode => serde_json::to_vec(&ResponseCodeEnvelope {
                response_code: code,
                response_message: message,
                payload,
            }),
            Form::OrderInfo => {
                let envelope = PaylodEnvelope {
                    paylod: payload,
                    response_message: message,
                    response_code: code,
                };
                serde_json::to_vec(&envelope)
            }
        }
    }
}

/// How answers are encoded now.
pub(super) struct Encoder<'a> {
    pub(super) operation: Operation,
    pub(super) switches: &'a Switches,
    /// How many answers were given before this one.
    pub(super) turn: u64,
    /// The client secret of the caller, where the caller is known.
    pub(super) secret: Option<&'a str>,
}

impl Encoder<'_> {
    fn envelope(&self, documented: Form, code: u8) -> Envelope {
        let form = match (documented, self.switches.envelope) {
            (Form::Bare | Form::OrderInfo, _) | (_, EnvelopeSpelling::Documented) => documented,
            (_, EnvelopeSpelling::Code) => Form::Code,
            (_, EnvelopeSpelling::ResponseCode) => Form::ResponseCode,
            (_, EnvelopeSpelling::Mixed) if self.turn.is_multiple_of(2) => Form::Code,
            (_, EnvelopeSpelling::Mixed) => Form::ResponseCode,
        };
        let text = match self.switches.code_type {
            CodeType::Documented => documented == Form::OrderInfo,
            CodeType::Number => false,
            CodeType::Text => true,
        };
        Envelope {
            form,
            code: Code { code, text },
        }
    }

    /// The answer to send.
    pub(super) fn encode(&self, outcome: &Outcome) -> Encoded {
        let encoded = match outcome {
            Ok(answer) => self
                .envelope(answer.form, 0)
                .wrap("Success", &answer.payload)
                .map(|body| self.success(body)),
            Err(Refusal::Failure(message)) => self.failure(message).map(|body| self.success(body)),
            Err(Refusal::Status {
                status, message, oauth, ..
            }) => self.error(*status, message, *oauth),
        };
        encoded.unwrap_or_else(|error| {
            tracing::error!(%error, "an answer cannot be written");
            Encoded::json(StatusCode::INTERNAL_SERVER_ERROR, "{}")
        })
    }

    /// The failure of the general guide: the message stands in the envelope and again as the payload.
    fn failure(&self, message: &str) -> serde_json::Result<Vec<u8>> {
        let payload = serde_json::value::to_raw_value(message)?;
        self.envelope(Form::ResponseCode, 1).wrap(message, &payload)
    }

    fn success(&self, plain: Vec<u8>) -> Encoded {
        let encrypted = match (self.switches.encryption, self.secret) {
            (Encryption::Both, Some(secret)) => json!({ "request": encryption::encrypt(secret, &plain) }),
            (Encryption::BareString, Some(secret)) => json!(encryption::encrypt(secret, &plain)),
            _ => return Encoded::json(StatusCode::OK, plain),
        };
        Encoded {
            documented_form: false,
            ..Encoded::json(StatusCode::OK, encrypted.to_string())
        }
    }

    fn error(&self, status: StatusCode, message: &str, oauth: Option<&'static str>) -> serde_json::Result<Encoded> {
        let mut encoded = match self.switches.error_body {
            ErrorBody::Html => Encoded::html(status),
            ErrorBody::Empty => Encoded {
                content_type: None,
                documented_form: false,
                ..Encoded::json(status, Bytes::new())
            },
            ErrorBody::Json if self.operation == Operation::IssueToken => {
                let error = oauth.unwrap_or("invalid_request");
                Encoded::json(
                    status,
                    json!({ "error": error, "error_description": message }).to_string(),
                )
            }
            ErrorBody::Json => Encoded::json(status, self.failure(message)?),
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
pub(super) fn plain_error(status: StatusCode, message: &str) -> Encoded {
    let body = json!({ "response_code": 1, "response_message": message, "payload": message });
    Encoded::json(status, body.to_string())
}

/// The same answer with another reference in it.
pub(super) fn with_other_reference(body: &Bytes) -> Bytes {
    let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(body) else {
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
