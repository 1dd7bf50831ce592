//! Looks at an answer without reading it as JSON: nearly every one is a success, and reading it a second time only to learn
//! that costs more than everything else that a call does with it. Reads ask here first; when in doubt, they read.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// `code` and `response_code` both end so.
static CODE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"code\""));
/// `message` and `response_message` both end so.
static MESSAGE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"message\""));
static ERROR: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"errorResponse\""));

/// False only where the envelope cannot be that of a failure: at no depth a code stands that is not zero, a message that may
/// be `FAILURE`, or an error.
pub(crate) fn may_fail(body: &[u8]) -> bool {
    // With escapes a name can be spelled in other ways, and a text can look like a name.
    if memchr::memchr(b'\\', body).is_some() {
        return true;
    }
    let is_name = |start: usize| {
        let before = &body[..start];
        before.ends_with(b"\"") || before.ends_with(b"\"response_")
    };
    let value = |start: usize, name: &Finder<'_>| value_of(&body[start + name.needle().len()..]);
    CODE.find_iter(body)
        .any(|start| is_name(start) && !value(start, &CODE).is_some_and(is_zero))
        || MESSAGE
            .find_iter(body)
            .any(|start| is_name(start) && value(start, &MESSAGE).is_none_or(may_say_failure))
        || ERROR
            .find_iter(body)
            .any(|start| !value(start, &ERROR).is_some_and(|value| value.starts_with(b"null")))
}

/// What follows a name and its colon.
fn value_of(after_name: &[u8]) -> Option<&[u8]> {
    let value = after_name.trim_ascii_start().strip_prefix(b":")?;
    Some(value.trim_ascii_start())
}

/// Whether a value is zero, as a number or a text.
fn is_zero(value: &[u8]) -> bool {
    let after = value.strip_prefix(b"\"0\"").or_else(|| value.strip_prefix(b"0"));
    after.is_some_and(|after| matches!(after.trim_ascii_start().first(), Some(b',' | b'}')))
}

/// Whether a text begins as `FAILURE` does, in any case, or with white space before it.
fn may_say_failure(value: &[u8]) -> bool {
    match value {
        [b'"', first, ..] => first.eq_ignore_ascii_case(&b'f') || !first.is_ascii_graphic(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::Envelope;
    use crate::envelope::EnvelopeStatus;

    #[test]
    fn a_success_is_seen_at_a_glance() {
        for plain in [
            r#"{"code":0,"payload":{}}"#,
            r#"{"payload":{"name":"Asha"},"response_code" : "0" }"#,
            r#"{"code":0,"payload":{"code":0,"pincode":"560001","statusCode":7}}"#,
            r#"{"code":0,"message":"Success","errorResponse" : null,"payload":{"errorMessage":"FAILURE"}}"#,
            r#"{"availableBalance":5}"#,
            "",
        ] {
            assert!(!may_fail(plain.as_bytes()), "{plain}");
        }
    }

    /// Whatever is put together of these, a failure is never overlooked.
    #[test]
    fn no_failure_is_overlooked() {
        let names = [
            r#""code""#,
            r#""response_code""#,
            r#""\u0063ode""#,
            r#""pincode""#,
            r#""message""#,
            r#""response_message""#,
            r#""errorResponse""#,
        ];
        let values = [
            "0",
            r#""0""#,
            "1",
            r#""1""#,
            "0.0",
            "01",
            "-0",
            "null",
            r#""code""#,
            r#"{"code":1}"#,
            r#""FAILURE""#,
            r#"" failure ""#,
            r#""\u0066ailure""#,
            r#""\"code\":0""#,
        ];
        let mut failures = 0;
        for (first, second) in names
            .iter()
            .flat_map(|name| names.iter().map(move |other| (name, other)))
        {
            for (one, other) in values
                .iter()
                .flat_map(|value| values.iter().map(move |other| (value, other)))
            {
                for space in ["", " "] {
                    let body = format!("{{{first}{space}:{space}{one}{space},{second}:{other}}}");
                    let Some(json) = crate::envelope::json::read(body.as_bytes()) else {
                        continue;
                    };
                    let status = Envelope::new(&json.value).status();
                    if matches!(status, EnvelopeStatus::Failure { .. } | EnvelopeStatus::Contradiction) {
                        failures += 1;
                        assert!(may_fail(body.as_bytes()), "{body}");
                    }
                }
            }
        }
        assert!(failures > 100);
    }
}
