//! Both envelopes of the portal, read from raw JSON: `code`/`message` and
//! `response_code`/`response_message`, with codes as numbers or strings, and `paylod` beside `payload`.
//! A failure inside a 2xx is found here.

mod glance;

use std::borrow::Cow;

use enkash_api::OperationId;
use serde::Deserialize;
use serde_json::Value;

pub(crate) use self::glance::may_fail;

/// What an answer says of itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope<'a> {
    json: &'a Value,
}

/// What the code of an envelope means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// An explicit zero, and no other code beside it.
    Success,
    /// An explicit code other than zero.
    Failure { code: String },
    /// No code, or codes that contradict each other.
    Unclear,
}

impl<'a> Envelope<'a> {
    pub(crate) fn of(json: &'a Value) -> Self {
        Self { json }
    }

    pub(crate) fn verdict(self) -> Verdict {
        verdict(["code", "response_code"].iter().filter_map(|name| self.json.get(name)))
    }

    /// The code of a failure.
    pub(crate) fn failure_code(self) -> Option<String> {
        match self.verdict() {
            Verdict::Failure { code } => Some(code),
            _ => None,
        }
    }

    /// The portal's words. Its guide repeats them in `payload`, which is looked at only where it cannot hold a token.
    pub(crate) fn message(self, operation: OperationId) -> Option<&'a str> {
        let text = |name| self.json.get(name).and_then(Value::as_str);
        let gives_a_token = matches!(operation, OperationId::CreateSsoToken | OperationId::IssueToken);
        text("message")
            .or_else(|| text("response_message"))
            .or_else(|| text("payload").filter(|_| !gives_a_token))
    }

    /// A value by its dotted path, such as `payload.pgReferenceNumber`; the portal's other spelling of
    /// `payload` is tried as well.
    pub(crate) fn at(self, path: &str) -> Option<&'a Value> {
        let walk = |first: &str, rest: &str| {
            let start = self.json.get(first)?;
            rest.split('.')
                .filter(|step| !step.is_empty())
                .try_fold(start, |value, step| value.get(step))
        };
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        walk(first, rest).or_else(|| (first == "payload").then(|| walk("paylod", rest)).flatten())
    }
}

/// The verdict of a body, without building the JSON that it holds: a success is by far the most frequent answer.
pub(crate) fn verdict_of(body: &[u8]) -> Verdict {
    /// The codes of an envelope; everything else is skipped.
    #[derive(Deserialize)]
    struct Codes {
        #[serde(default)]
        code: Option<Value>,
        #[serde(default)]
        response_code: Option<Value>,
    }

    // A list would be read as a struct, field by field.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Verdict::Unclear;
    }
    let Ok(codes) = serde_json::from_slice::<Codes>(body) else {
        return Verdict::Unclear;
    };
    verdict([codes.code, codes.response_code].iter().flatten())
}

fn verdict<'a>(values: impl Iterator<Item = &'a Value>) -> Verdict {
    let (mut is_success, mut failure) = (false, None);
    for code in values.filter_map(code) {
        if code == SUCCESS {
            is_success = true;
        } else {
            failure.get_or_insert(code);
        }
    }
    match (is_success, failure) {
        (true, None) => Verdict::Success,
        (false, Some(code)) => Verdict::Failure {
            code: code.into_owned(),
        },
        _ => Verdict::Unclear,
    }
}

const SUCCESS: &str = "0";

/// A code as text: `0`, `0.0` and `"0"` are one code. Null is none.
fn code(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Number(number) if number.as_f64() == Some(0.0) => Some(SUCCESS.into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::String(text) => Some(match text.trim().parse::<i64>() {
            Ok(0) => SUCCESS.into(),
            Ok(number) => number.to_string().into(),
            Err(_) if text.trim().parse::<f64>() == Ok(0.0) => SUCCESS.into(),
            Err(_) => text.trim().into(),
        }),
        Value::Null => None,
        // Something else stands where a code should: not a success.
        other => Some(other.to_string().into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Both ways of reading an envelope agree.
    fn verdict(json: Value) -> Verdict {
        let verdict = Envelope::of(&json).verdict();
        assert_eq!(verdict_of(json.to_string().as_bytes()), verdict, "{json}");
        verdict
    }

    #[test]
    fn success_is_an_explicit_zero_in_either_envelope() {
        for success in [
            json!({"code": 0}),
            json!({"code": "0"}),
            json!({"response_code": 0.0}),
            json!({"response_code": "00"}),
            json!({"code": 0, "response_code": "0"}),
            json!({"code": null, "response_code": 0}),
        ] {
            assert_eq!(verdict(success.clone()), Verdict::Success, "{success}");
        }
    }

    #[test]
    fn what_is_not_explicit_is_unclear() {
        for unclear in [
            json!({}),
            json!({"message": "Success"}),
            json!({"code": null}),
            json!({"code": 0, "response_code": 1}),
            json!([]),
            json!([1, 1]),
            json!("Success"),
        ] {
            assert_eq!(verdict(unclear.clone()), Verdict::Unclear, "{unclear}");
        }
    }

    #[test]
    fn a_failure_keeps_its_code() {
        for (failure, code) in [
            (json!({"response_code": 1}), "1"),
            (json!({"code": "E42"}), "E42"),
            (json!({"code": true}), "true"),
            (json!({"code": 0.5}), "0.5"),
        ] {
            assert_eq!(verdict(failure), Verdict::Failure { code: code.to_owned() });
        }
    }

    #[test]
    fn both_spellings_of_payload_are_walked() {
        let json = json!({"paylod": {"orderId": "1"}});
        assert_eq!(Envelope::of(&json).at("payload.orderId"), Some(&json!("1")));
        assert_eq!(Envelope::of(&json).at("payload.none"), None);
    }
}
