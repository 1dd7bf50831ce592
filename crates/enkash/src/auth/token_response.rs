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
mod tests {
    use super::*;

    #[test]
    fn every_spelling_that_was_seen_is_read() {
        for body in [
            r#"{"access_token":"t","token_type":"bearer","refresh_token":"r","expires_in":86399,"scope":"read"}"#,
            r#"{"accessToken":"t","expiresIn":86399}"#,
            r#"{"payload":{"access_token":"t","expires_in":"86399"},"response_code":0}"#,
            r#"{"token":"t","expires_in":86399.0}"#,
        ] {
            let TokenAnswer::Issued { token, lifetime } = parse(body.as_bytes()) else {
                panic!("{body}");
            };
            assert_eq!(token.expose(), "t");
            assert_eq!(lifetime, ReportedLifetime::Seconds(86399), "{body}");
        }
    }

    #[test]
    fn what_is_not_a_token_is_not_taken_for_one() {
        for body in [
            "",
            "<html>",
            "{}",
            r#"{"access_token":""}"#,
            r#"{"access_token":7}"#,
            "[]",
            "null",
            r#"{"access_token":"two\nlines"}"#,
            r#"{"access_token":"t","error":"server_error"}"#,
            r#"{"access_token":"t","response_code":500}"#,
            r#"{"access_token":"t","code":0,"response_code":1}"#,
            r#"{"access_token":"t","errorResponse":{}}"#,
            r#"{"access_token":"t","message":"FAILURE"}"#,
            r#"{"access_token":"t","access_token":"u"}"#,
            r#"{"response_code":200,"response_message":"SUCCESS"}"#,
        ] {
            assert!(matches!(parse(body.as_bytes()), TokenAnswer::Unreadable), "{body}");
        }
        let endless = format!(r#"{{"access_token":"{}"}}"#, "x".repeat(MAX_TOKEN_LENGTH + 1));
        assert!(matches!(parse(endless.as_bytes()), TokenAnswer::Unreadable));
        let refused = br#"{"response_code":"1","response_message":"locked","payload":"locked"}"#;
        assert!(matches!(parse(refused), TokenAnswer::Refused { code } if code == "1"));
    }

    #[test]
    fn only_the_words_for_wrong_credentials_are_a_grant_error() {
        assert_eq!(grant_error(br#"{"error":"invalid_grant"}"#), Some("invalid_grant"));
        for body in [
            "",
            "invalid_grant",
            r#"["invalid_grant"]"#,
            r#"{"error":"temporarily_unavailable"}"#,
            r#"{"error":"invalid_grant","error":"invalid_grant"}"#,
            r#"{"error":{"error":"invalid_grant"}}"#,
            r#"{"payload":{"error":"invalid_grant"}}"#,
        ] {
            assert_eq!(grant_error(body.as_bytes()), None, "{body}");
        }
    }
}
