use super::*;
use crate::envelope::{Envelope, EnvelopeStatus, json};

#[test]
fn a_success_needs_no_parse() {
    for plain in [
        r#"{"code":0,"payload":{}}"#,
        r#"{"payload":{"name":"Asha"},"response_code" : "0" }"#,
        r#"{"code":0,"payload":{"code":0,"pincode":"560001","statusCode":7}}"#,
        r#"{"code":0,"message":"Success","errorResponse" : null,"payload":{"errorMessage":"FAILURE"}}"#,
        r#"{"availableBalance":5}"#,
        "",
    ] {
        assert!(!might_be_failure(plain.as_bytes()), "{plain}");
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
                let Some(document) = json::read(body.as_bytes()) else {
                    continue;
                };
                let status = Envelope::new(&document.root).status();
                if matches!(status, EnvelopeStatus::Failure { .. } | EnvelopeStatus::Contradiction) {
                    failures += 1;
                    assert!(might_be_failure(body.as_bytes()), "{body}");
                }
            }
        }
    }
    assert!(failures > 100);
}
