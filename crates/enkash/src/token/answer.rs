//! Reads the answer of a log-in, tolerantly: sibling products and older portals spell the fields in
//! camelCase or wrap them in `payload`, and integrators meet numbers as strings. What is not a token is
//! not taken for one.

use enkash_api::Secret;
use serde_json::Value;

use super::lifetime::StatedLifetime;
use crate::envelope::Envelope;

/// What a log-in's 2xx answer says.
#[derive(Debug)]
pub(super) enum TokenAnswer {
    Issued {
        token: Secret,
        lifetime: StatedLifetime,
    },
    /// A failure inside a 2xx: the envelope says so.
    Refused {
        code: String,
    },
    /// Neither a token nor a failure.
    Unreadable,
}

pub(super) fn read(body: &[u8]) -> TokenAnswer {
    let Ok(json) = serde_json::from_slice::<Value>(body) else {
        return TokenAnswer::Unreadable;
    };
    if let Some(code) = Envelope::new(&json).failure_code() {
        return TokenAnswer::Refused { code };
    }
    match issued(&json).or_else(|| issued(json.get("payload")?)) {
        Some((token, lifetime)) => TokenAnswer::Issued { token, lifetime },
        None => TokenAnswer::Unreadable,
    }
}

fn issued(object: &Value) -> Option<(Secret, StatedLifetime)> {
    let first = |names: &[&str]| names.iter().find_map(|name| object.get(name));
    let token = first(&["access_token", "accessToken", "token"])?.as_str()?.trim();
    if token.is_empty() {
        return None;
    }
    let lifetime = first(&["expires_in", "expiresIn", "expiry"]).and_then(number);
    Some((
        Secret::new(token),
        lifetime.map_or(StatedLifetime::Absent, StatedLifetime::of_number),
    ))
}

/// A whole number, also as a string or with a fraction.
fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64()?;
            // Saturates: an absurd number is clamped later.
            Some(float as i64)
        }),
        Value::String(text) => text.trim().parse().ok(),
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
            let TokenAnswer::Issued { token, lifetime } = read(body.as_bytes()) else {
                panic!("{body}");
            };
            assert_eq!(token.expose(), "t");
            assert_eq!(lifetime, StatedLifetime::Seconds(86399), "{body}");
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
        ] {
            assert!(matches!(read(body.as_bytes()), TokenAnswer::Unreadable), "{body}");
        }
        let refused = br#"{"response_code":"1","response_message":"locked","payload":"locked"}"#;
        assert!(matches!(read(refused), TokenAnswer::Refused { code } if code == "1"));
    }
}
