//! Whether a request is one that the bundled document allows: its proof, its parameters, its media type and its body. The
//! API's routes call it before the lock is taken for the effect; what does not pass is refused with the place named.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;

use super::{encryption, request_body};
use crate::document::{AuthScheme, OperationSpec, Parameter, ParameterLocation, ValidationError};
use crate::operations::Refusal;
use crate::store::logins::BearerFault;
use crate::switches::Encryption;

/// A request as it came.
pub(super) struct RawRequest<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) query: HashMap<String, String>,
    pub(super) path: &'a HashMap<String, String>,
    pub(super) body: &'a Bytes,
}

impl<'a> RawRequest<'a> {
    pub(super) fn new(parts: &'a Parts, path: &'a HashMap<String, String>, body: &'a Bytes) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        RawRequest {
            headers: &parts.headers,
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            path,
            body,
        }
    }
}

/// The proof that a request brings.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Credential {
    None,
    Basic(String, String),
    Bearer(String),
}

impl Credential {
    pub(super) fn basic(&self) -> Option<(&str, &str)> {
        match self {
            Credential::Basic(id, secret) => Some((id, secret)),
            _ => None,
        }
    }
}

/// A request's body, read.
pub(super) struct ParsedBody {
    pub(super) value: Value,
    /// The JSON text, for exact money.
    pub(super) text: Bytes,
}

fn unauthorized(spec: &OperationSpec, message: &str) -> Refusal {
    let oauth = if spec.auth == AuthScheme::Basic {
        "unauthorized"
    } else {
        "invalid_token"
    };
    Refusal::oauth(StatusCode::UNAUTHORIZED, oauth, message)
}

/// A bearer that is not accepted.
pub(super) fn bearer_refused(spec: &OperationSpec, fault: BearerFault) -> Refusal {
    match fault {
        BearerFault::Unknown => unauthorized(spec, "The bearer token is not known"),
        BearerFault::Expired => unauthorized(spec, "The bearer token has expired"),
    }
}

/// The credential that the operation needs.
pub(super) fn credential(spec: &OperationSpec, headers: &HeaderMap) -> Result<Credential, Refusal> {
    let value = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    match spec.auth {
        AuthScheme::None => Ok(Credential::None),
        AuthScheme::Bearer if scheme.eq_ignore_ascii_case("bearer") && !rest.trim().is_empty() => {
            Ok(Credential::Bearer(rest.trim().to_owned()))
        }
        AuthScheme::Bearer => Err(unauthorized(spec, "A bearer token is required")),
        AuthScheme::Basic => {
            let pair = STANDARD
                .decode(rest.trim())
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok());
            let pair = pair.as_deref().and_then(|pair| pair.split_once(':'));
            match pair {
                Some((id, secret)) if scheme.eq_ignore_ascii_case("basic") => {
                    Ok(Credential::Basic(id.to_owned(), secret.to_owned()))
                }
                _ => Err(unauthorized(spec, "Basic credentials are required")),
            }
        }
    }
}

/// The parameters of the query, the path and the headers.
pub(super) fn parameters(spec: &OperationSpec, raw: &RawRequest<'_>) -> Result<(), Refusal> {
    let (mut missing, mut invalid) = (Vec::new(), Vec::new());
    for parameter in &spec.parameters {
        match value(parameter, raw) {
            None if parameter.required => missing.push(format!("{}: is required", parameter.name)),
            None => {}
            Some(text) => {
                let errors = parameter.validate(text);
                invalid.extend(errors.iter().map(|error| format!("{}: {}", parameter.name, error.what)));
            }
        }
    }
    refuse(&missing, &invalid)
}

fn value<'a>(parameter: &Parameter, raw: &'a RawRequest<'_>) -> Option<&'a str> {
    match parameter.location {
        ParameterLocation::Query => raw.query.get(&parameter.name).map(String::as_str),
        ParameterLocation::Path => raw.path.get(&parameter.name).map(String::as_str),
        ParameterLocation::Header => {
            let value = raw.headers.get(&parameter.name)?.to_str().ok()?;
            (!value.trim().is_empty()).then_some(value)
        }
    }
}

/// The general guide's two statuses: 400 where something mandatory is missing, 422 where something is not valid.
fn refuse(missing: &[String], invalid: &[String]) -> Result<(), Refusal> {
    if !missing.is_empty() {
        Err(Refusal::status(StatusCode::BAD_REQUEST, missing.join("; ")))
    } else if !invalid.is_empty() {
        Err(Refusal::invalid(invalid.join("; ")))
    } else {
        Ok(())
    }
}

/// Reads the body: media type, decryption, syntax, and the document's schema.
pub(super) fn body(
    spec: &OperationSpec,
    raw: &RawRequest<'_>,
    encryption: Encryption,
    secret: &str,
) -> Result<ParsedBody, Refusal> {
    let nothing = ParsedBody {
        value: Value::Null,
        text: Bytes::new(),
    };
    let Some(rule) = &spec.body else { return Ok(nothing) };
    if raw.body.is_empty() {
        if rule.required {
            return Err(Refusal::status(StatusCode::BAD_REQUEST, "The body is required"));
        }
        return Ok(nothing);
    }
    let media = raw
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case(&rule.content_type) {
        // The document has no 415 for a login, and OAuth calls any malformed request 400.
        let status = match spec.auth {
            AuthScheme::Basic => StatusCode::BAD_REQUEST,
            _ => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        };
        return Err(Refusal::status(
            status,
            format!("The body must be {}", rule.content_type),
        ));
    }
    let read = if rule.content_type == "application/x-www-form-urlencoded" {
        let fields = form_urlencoded::parse(raw.body);
        let value = fields
            .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
            .collect();
        ParsedBody {
            value: Value::Object(value),
            text: raw.body.clone(),
        }
    } else {
        let text = decrypted(raw.body, encryption, secret)?;
        ParsedBody {
            value: json(&text)?,
            text,
        }
    };
    let errors = rule.validate(&read.value);
    let (missing, invalid): (Vec<_>, Vec<_>) = errors.iter().partition(|error| error.missing);
    let words = |errors: Vec<&ValidationError>| errors.iter().map(ToString::to_string).collect::<Vec<_>>();
    refuse(&words(missing), &words(invalid))?;
    Ok(read)
}

fn json(text: &[u8]) -> Result<Value, Refusal> {
    request_body::check_values(text).map_err(|unread| Refusal::status(unread.status(), unread.to_string()))?;
    serde_json::from_slice(text).map_err(|error| {
        let text = format!("The body is not JSON: line {}, column {}", error.line(), error.column());
        Refusal::status(StatusCode::BAD_REQUEST, text)
    })
}

/// The JSON text of a body that the switch may want encrypted. The words are those of the Payouts code table.
fn decrypted(body: &Bytes, encryption: Encryption, secret: &str) -> Result<Bytes, Refusal> {
    let wrapped = match encryption {
        Encryption::Off => return Ok(body.clone()),
        Encryption::Requests | Encryption::Both => json(body)?.get("request").cloned(),
        Encryption::BareString => Some(json(body)?),
    };
    let plain = wrapped
        .as_ref()
        .and_then(Value::as_str)
        .and_then(|text| encryption::decrypt(secret, text));
    plain
        .map(Bytes::from)
        .ok_or_else(|| Refusal::invalid("Invalid encrypted request."))
}
