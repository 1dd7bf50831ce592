//! Reads the response of a login, tolerantly: sibling products and older servers spell the fields in
//! camelCase or wrap them in `payload`, and integrators meet numbers as strings. What is not a token is
//! not taken for one.

use enkash_api::Secret;

use crate::{
    auth::{cache::bearer, lifetime::ReportedLifetime},
    envelope::{
        Envelope, EnvelopeStatus,
        json::{self, Json, Scalar},
    },
};

/// No server takes a longer header.
const MAX_TOKEN_LENGTH: usize = 16 * 1024;
/// The errors of OAuth 2.0 (RFC 6749, section 5.2) that speak of the credentials. The others speak of the request, which is
/// the same for everybody.
const GRANT_ERRORS: [&str; 3] = ["invalid_grant", "invalid_client", "unauthorized_client"];
/// What the guide documents as a failure.
const DOCUMENTED_NO: &str = "1";

/// What a login's 2xx answer says.
#[derive(Debug)]
pub(crate) enum TokenAnswer {
    Issued {
        token: Secret,
        lifetime: ReportedLifetime,
    },
    /// A documented failure inside a 2xx: the envelope says so.
    Refused {
        code: &'static str,
    },
    /// Neither a usable token nor a documented failure.
    Unreadable,
}

/// The error of OAuth 2.0 by which the credentials are rejected, in a response of any status.
pub(crate) fn grant_error(body: &[u8]) -> Option<&'static str> {
    let json = json::read(body).filter(|json| !json.has_duplicate_keys)?;
    let error = json.root.get("error")?.as_text()?;
    GRANT_ERRORS.into_iter().find(|known| *known == error)
}

pub(crate) fn parse(body: &[u8]) -> TokenAnswer {
    // A key that stands twice says two things.
    let json = match json::read(body) {
        Some(json) if !json.has_duplicate_keys => json.root,
        _ => return TokenAnswer::Unreadable,
    };
    let envelope = Envelope::new(&json);
    match envelope.status() {
        EnvelopeStatus::Failure { code } if code == DOCUMENTED_NO => {
            return TokenAnswer::Refused { code: DOCUMENTED_NO };
        }
        EnvelopeStatus::Failure { .. } | EnvelopeStatus::Contradiction => return TokenAnswer::Unreadable,
        EnvelopeStatus::Success | EnvelopeStatus::Absent => {}
    }
    // Nothing beside the token may say that there is none.
    if envelope.has_failure_sign() || json.get("error").is_some_and(|error| !error.is_null()) {
        return TokenAnswer::Unreadable;
    }
    match issued(&json).or_else(|| issued(envelope.payload()?)) {
        Some((token, lifetime)) => TokenAnswer::Issued { token, lifetime },
        None => TokenAnswer::Unreadable,
    }
}

fn issued(object: &impl Json) -> Option<(Secret, ReportedLifetime)> {
    let first = |names: &[&str]| names.iter().find_map(|name| object.get(name));
    let token = first(&["access_token", "accessToken", "token"])?.as_text()?.trim();
    let token = Secret::new(token);
    if token.is_empty() || token.expose().len() > MAX_TOKEN_LENGTH || bearer(&token).is_err() {
        return None;
    }
    let lifetime = first(&["expires_in", "expiresIn", "expiry"]).and_then(number);
    Some((
        token,
        lifetime.map_or(ReportedLifetime::Absent, ReportedLifetime::of_number),
    ))
}

/// A whole number, also as a string or with a fraction.
fn number(value: &impl Json) -> Option<i64> {
    match value.scalar() {
        Scalar::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64()?;
            // Saturates: an absurd number is clamped later.
            Some(float as i64)
        }),
        Scalar::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
