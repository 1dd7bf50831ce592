use serde_json::{Value, json};

use super::*;

fn status(json: &Value) -> EnvelopeStatus {
    Envelope::new(json).status()
}

#[test]
fn success_is_a_documented_zero_in_every_code_that_is_there() {
    for success in [
        json!({"code": 0}),
        json!({"code": "0"}),
        json!({"code": 0, "response_code": "0"}),
        json!({"code": null, "response_code": 0}),
        json!({"code": 0, "message": "Success", "errorResponse": null}),
    ] {
        assert_eq!(status(&success), EnvelopeStatus::Success, "{success}");
    }
}

#[test]
fn what_contradicts_itself_is_no_success() {
    for contradiction in [
        json!({"code": 0, "response_code": 1}),
        json!({"code": 0, "errorResponse": {}}),
        json!({"code": 0, "errorResponse": false}),
        json!({"code": 0, "message": "FAILURE"}),
        json!({"response_code": 0, "message": "Success", "response_message": "failure"}),
    ] {
        assert_eq!(status(&contradiction), EnvelopeStatus::Contradiction, "{contradiction}");
    }
    for absent in [
        json!({}),
        json!({"message": "Success"}),
        json!({"code": null}),
        json!([1, 1]),
        json!("Success"),
    ] {
        assert_eq!(status(&absent), EnvelopeStatus::Absent, "{absent}");
    }
}

#[test]
fn a_failure_keeps_its_code_and_no_other_notation_is_zero() {
    for (failure, code) in [
        (json!({"response_code": 1}), "1"),
        (json!({"code": "E42"}), "E42"),
        (json!({"code": true}), "true"),
        (json!({"code": "00"}), "00"),
        (json!({"code": " 0"}), " 0"),
        (json!({"code": 0.0}), "0.0 (not a whole number)"),
        (json!({"code": 1.0}), "1.0 (not a whole number)"),
    ] {
        assert_eq!(status(&failure), EnvelopeStatus::Failure { code: code.to_owned() });
    }
}

#[test]
fn nothing_but_words_is_printed() {
    let operation = OperationId::SearchCards;
    for data in ["{\"mobile\":\"9000000004\"}", " [1]", "\"text\""] {
        let json = json!({"code": data, "payload": data});
        assert_eq!(Envelope::new(&json).message(operation), None);
        let code = "something that is no code".to_owned();
        assert_eq!(Envelope::new(&json).status(), EnvelopeStatus::Failure { code });
    }
    let words = json!({"code": 1, "payload": "Card not found"});
    assert_eq!(Envelope::new(&words).message(operation), Some("Card not found"));
}

#[test]
fn payload_wins_over_its_misspelling_and_a_disagreement_is_seen() {
    let misspelt = json!({"paylod": {"orderId": "1"}});
    assert_eq!(Envelope::new(&misspelt).at("payload.orderId"), Some(&json!("1")));
    assert_eq!(Envelope::new(&misspelt).at("payload.none"), None);
    let both = json!({"payload": {"orderId": "2"}, "paylod": {"orderId": "1"}});
    assert_eq!(Envelope::new(&both).at("payload.orderId"), Some(&json!("2")));
    assert!(Envelope::new(&both).payloads_disagree());
    let same = json!({"payload": {}, "paylod": {}});
    assert!(!Envelope::new(&same).payloads_disagree() && !Envelope::new(&misspelt).payloads_disagree());
}

/// Reads look no deeper than this.
#[test]
fn the_top_of_a_response_says_what_the_whole_says() {
    let codes = [
        "",
        "\"code\":0,",
        "\"code\":\"1\",",
        "\"response_code\":500,",
        "\"code\":0,\"response_code\":1,",
    ];
    let signs = [
        "",
        "\"message\":\"FAILURE\",",
        "\"errorResponse\":{\"a\":1},",
        "\"c\\u006fde\":2,",
    ];
    let payloads = ["{\"code\":1}", "[1,[2]]", "\"text\"", "null", "{}"];
    for (code, sign, payload) in codes
        .iter()
        .flat_map(|code| signs.iter().map(move |sign| (code, sign)))
        .flat_map(|(code, sign)| payloads.iter().map(move |payload| (code, sign, payload)))
    {
        let body = format!("{{{code}{sign}\"payload\":{payload}}}");
        let status = |document: Option<json::Document<'_>>| Envelope::new(&document.unwrap().root).status();
        let whole = status(json::read(body.as_bytes()));
        assert_eq!(status(json::read_top(body.as_bytes())), whole, "{body}");
    }
}
