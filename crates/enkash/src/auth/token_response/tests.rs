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
