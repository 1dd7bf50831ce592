//! Looks at an answer without reading it as JSON: nearly every one is a success, and reading it a second time only to learn
//! that costs more than everything else that a call does with it. Reads ask here first; when in doubt, they read.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// `code` and `response_code` both end so.
static NAME: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"code\""));

/// False only where the envelope cannot be that of a failure: at no depth a code stands that is not zero.
pub(crate) fn may_fail(body: &[u8]) -> bool {
    // With escapes a name can be spelled in other ways, and a text can look like a name.
    if memchr::memchr(b'\\', body).is_some() {
        return true;
    }
    NAME.find_iter(body).any(|start| {
        let (before, rest) = body.split_at(start);
        let is_code = before.ends_with(b"\"") || before.ends_with(b"\"response_");
        is_code && !is_zero(&rest[b"code\"".len()..])
    })
}

/// Whether a name is followed by a value of zero, as a number or a text.
fn is_zero(rest: &[u8]) -> bool {
    let value = rest.trim_ascii_start().strip_prefix(b":").map(<[u8]>::trim_ascii_start);
    let after = value.and_then(|value| value.strip_prefix(b"\"0\"").or_else(|| value.strip_prefix(b"0")));
    after.is_some_and(|after| matches!(after.trim_ascii_start().first(), Some(b',' | b'}')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::{Verdict, verdict_of};

    #[test]
    fn a_success_is_seen_at_a_glance() {
        for plain in [
            r#"{"code":0,"payload":{}}"#,
            r#"{"payload":{"name":"Asha"},"response_code" : "0" }"#,
            r#"{"code":0,"payload":{"code":0,"pincode":"560001","statusCode":7}}"#,
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
                    if let Verdict::Failure { .. } = verdict_of(body.as_bytes()) {
                        failures += 1;
                        assert!(may_fail(body.as_bytes()), "{body}");
                    }
                }
            }
        }
        assert!(failures > 100);
    }
}
