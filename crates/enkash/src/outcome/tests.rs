//! The rules of the outcome as a table: status, body and how far the call got, against the word.

use bytes::Bytes;
use enkash_api::OperationId;
use http::StatusCode;

use super::*;
use crate::pipeline::{RawAnswer, Sent};

const DONE: &str = r#"{"code":0,"message":"Success","payload":{"pgReferenceNumber":"REF1"}}"#;

fn judged(operation: OperationId, sent: Sent, answer: Option<(u16, &str)>) -> Judged {
    let observed = Observed {
        operation,
        sent,
        answer: answer.map(|(status, body)| RawAnswer {
            status: StatusCode::from_u16(status).unwrap(),
            body: Bytes::copy_from_slice(body.as_bytes()),
            date: None,
            retry_after: None,
        }),
        history: Arc::default(),
    };
    judge(&observed, &"REF1".parse().unwrap(), || Error::settings("no answer"))
}

impl Judged {
    fn word(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Refused(_) => "refused",
            Self::NotSent(_) => "not sent",
            Self::Unknown(_) => "unknown",
        }
    }
}

fn word(status: u16, body: &str) -> &'static str {
    judged(
        OperationId::CreateAllocatePoints,
        Sent::HandedOver,
        Some((status, body)),
    )
    .word()
}

#[test]
fn without_an_answer_only_the_send_guard_decides() {
    let word = |sent| judged(OperationId::CreateAllocatePoints, sent, None).word();
    assert_eq!(word(Sent::Never), "not sent");
    assert_eq!(word(Sent::ConnectFailed), "not sent");
    assert_eq!(word(Sent::HandedOver), "unknown");
}

#[test]
fn done_needs_an_explicit_code_and_our_reference() {
    assert_eq!(word(200, DONE), "done");
    assert_eq!(word(201, DONE), "done");
    assert_eq!(
        word(200, &DONE.replace("\"code\":0", "\"response_code\":\"0\"")),
        "done"
    );
    assert_eq!(word(200, &DONE.replace("payload", "paylod")), "done");
    for doubtful in [
        DONE.replace("REF1", "REF2"),
        DONE.replace("pgReferenceNumber", "reference"),
        DONE.replace("\"code\":0,", ""),
        DONE.replace("\"code\":0", "\"code\":0,\"response_code\":1"),
        DONE[..40].to_owned(),
        String::new(),
        "null".to_owned(),
        "\"Success\"".to_owned(),
        "<html>".to_owned(),
    ] {
        assert_eq!(word(200, &doubtful), "unknown", "{doubtful}");
    }
}

#[test]
fn refused_needs_the_portals_own_words() {
    let failure = r#"{"response_code":1,"response_message":"Insufficient balance in card account","payload":"x"}"#;
    assert_eq!(word(200, failure), "refused");
    for status in [400, 404, 422] {
        assert_eq!(word(status, failure), "refused");
        assert_eq!(word(status, "{}"), "refused");
        assert_eq!(word(status, "<html>404</html>"), "unknown");
        assert_eq!(word(status, ""), "unknown");
        assert_eq!(word(status, DONE), "unknown");
    }
}

#[test]
fn a_code_that_is_no_plain_no_is_in_doubt() {
    for code in [
        "true",
        "false",
        "{}",
        "[]",
        "\"\"",
        "200",
        "201",
        "500",
        "\"504\"",
        "\"SUCCESS\"",
        "\"ok\"",
        "\"PENDING\"",
    ] {
        assert_eq!(word(200, &format!("{{\"code\":{code}}}")), "unknown", "{code}");
    }
    for code in ["1", "-1", "\"E42\"", "412", "\"UNPROCESSABLE_ENTITY\"", "600101"] {
        assert_eq!(word(200, &format!("{{\"code\":{code}}}")), "refused", "{code}");
    }
    assert_eq!(word(200, &DONE.replace("\"code\":0", "\"code\":\"0.0\"")), "done");
}

#[test]
fn a_reference_that_comes_back_as_a_number_is_ours() {
    let answer = r#"{"code":0,"payload":{"pgReferenceNumber":1234567}}"#;
    let observed = Observed {
        operation: OperationId::CreateAllocatePoints,
        sent: Sent::HandedOver,
        answer: Some(RawAnswer {
            status: StatusCode::OK,
            body: Bytes::from_static(answer.as_bytes()),
            date: None,
            retry_after: None,
        }),
        history: Arc::default(),
    };
    let judged = judge(&observed, &"1234567".parse().unwrap(), || Error::settings("no answer"));
    assert_eq!(judged.word(), "done");
}

#[test]
fn every_other_status_is_unknown_whatever_it_says() {
    let failure = r#"{"code":1,"message":"no"}"#;
    for status in [302, 307, 401, 403, 405, 408, 409, 412, 413, 429, 500, 502, 503, 504] {
        for body in [DONE, failure, "{}", "", "<html>"] {
            assert_eq!(word(status, body), "unknown", "{status} {body}");
        }
    }
}

#[test]
fn no_echo_is_asked_for_where_no_page_promises_one() {
    let answer = Some((200, r#"{"response_code":0,"payload":"ok"}"#));
    assert_eq!(
        judged(OperationId::AllocateCoins, Sent::HandedOver, answer).word(),
        "done"
    );
}

#[test]
fn a_refusal_keeps_the_portals_words() {
    let answer = Some((
        200,
        r#"{"response_code":"1","response_message":"Insufficient balance in card account"}"#,
    ));
    let Judged::Refused(error) = judged(OperationId::CreateAllocatePoints, Sent::HandedOver, answer) else {
        panic!("not refused");
    };
    assert_eq!(error.code(), Some("1"));
    assert_eq!(error.message(), Some("Insufficient balance in card account"));
    assert!(error.is_refused() && error.was_sent());
}
