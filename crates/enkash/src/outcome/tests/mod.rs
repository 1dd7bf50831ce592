//! The rules of the outcome as tables: a response a row, against what it proves.

mod response_mutations;

use bytes::Bytes;
use enkash_api::OperationId;
use http::StatusCode;
use serde_json::json;

use super::*;
use crate::{
    outcome::classify::{CallFacts, Classification, classify},
    policy::Policies,
    transport::{call_state::RawResponse, history::SendProgress},
};

const DONE: &str = r#"{"code":0,"message":"Success","payload":{"pgReferenceNumber":"REF1"}}"#;
const ORDERED: &str = r#"{"response_code":"0","response_message":"Success","payload":{"orderId":"OR1"}}"#;
const COINS: &str =
    r#"{"payload":"Successfully allocated enkash Coins","response_code":0,"response_message":"Success"}"#;

fn ticket(operation: OperationId, reference: &str) -> Ticket {
    let fields = match operation {
        OperationId::CreateOrder => json!({"product": "PC1", "denomination": 500, "quantity": 3}),
        OperationId::AllocateCoins => json!({"company": "CEK1PU9AOO", "user": "EKIQB4L2", "event": "REFERRAL_EVENT"}),
        _ => json!({
            "company": "CEK1PU9AOO", "account": "CAQL8YCV3", "direction": "credit", "amount": 250.5,
            "mobile": "9000000004", "card": null
        }),
    };
    let mut ticket = json!({
        "operation": operation.operation().name, "reference": reference, "intended_at": "2026-11-23T09:00:00Z",
    });
    ticket
        .as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    serde_json::from_value(ticket).unwrap()
}

fn classified(ticket: &Ticket, sent: SendProgress, answer: Option<(u16, &str)>) -> Classification<()> {
    let operation = ticket.operation();
    let facts = CallFacts {
        operation,
        sent,
        answer: answer.map(|(status, body)| RawResponse {
            status: StatusCode::from_u16(status).unwrap(),
            body: Bytes::copy_from_slice(body.as_bytes()),
            headers: http::HeaderMap::new(),
        }),
        history: Arc::default(),
    };
    let policies = Policies::shipped();
    classify(
        &facts,
        ticket,
        policies.of(operation),
        || Error::settings("no answer"),
        |_| (),
    )
}

fn label(classification: &Classification<()>) -> &'static str {
    match classification {
        Classification::Done(_) => "done",
        Classification::Refused(_) => "refused",
        Classification::NotSent(_) => "not sent",
        Classification::Unknown(_) => "unknown",
    }
}

fn of(operation: OperationId, status: u16, body: &str) -> &'static str {
    let ticket = ticket(operation, "REF1");
    label(&classified(&ticket, SendProgress::HandedOver, Some((status, body))))
}

/// An allocation's.
fn outcome(status: u16, body: &str) -> &'static str {
    of(OperationId::CreateAllocatePoints, status, body)
}

#[test]
fn without_an_answer_only_the_send_guard_decides() {
    let ticket = ticket(OperationId::CreateAllocatePoints, "REF1");
    let outcome = |sent| label(&classified(&ticket, sent, None));
    assert_eq!(outcome(SendProgress::Never), "not sent");
    assert_eq!(outcome(SendProgress::ConnectFailed), "not sent");
    assert_eq!(outcome(SendProgress::HandedOver), "unknown");
}

#[test]
fn done_is_a_documented_success() {
    for done in [
        DONE,
        r#"{"response_code":"0","payload":{"pgReferenceNumber":"REF1"}}"#,
        r#"{"code":0,"response_code":"0","message":"success","response_message":null,"payload":{"pgReferenceNumber":"REF1"}}"#,
        r#"{"code":0,"paylod":{"pgReferenceNumber":"REF1"}}"#,
        r#" {"payload":{"pgReferenceNumber":"REF1","loadAmount":"250.50","transactionType":"CR","future":{"status":"FAILED"}},"code":0} "#,
        r#"{"code":0,"errorResponse":null,"payload":{"pgReferenceNumber":"REF1","code":0,"message":"Success"}}"#,
    ] {
        assert_eq!(outcome(200, done), "done", "{done}");
    }
    assert_eq!(of(OperationId::CreateOrder, 200, ORDERED), "done");
    assert_eq!(of(OperationId::AllocateCoins, 200, COINS), "done");
}

#[test]
fn a_success_that_is_not_documented_so_proves_nothing() {
    for (from, to) in [
        // The echo.
        ("REF1", "REF2"),
        ("\"REF1\"", "null"),
        ("\"REF1\"", "[\"REF1\"]"),
        ("pgReferenceNumber", "reference"),
        // The code.
        ("\"code\":0,", ""),
        ("\"code\":0", "\"code\":null"),
        ("\"code\":0", "\"code\":\"0.0\""),
        ("\"code\":0", "\"code\":0.0"),
        ("\"code\":0", "\"code\":0e0"),
        ("\"code\":0", "\"code\":-0"),
        ("\"code\":0", "\"code\":\"00\""),
        ("\"code\":0", "\"code\":\" 0\""),
        ("\"code\":0", "\"code\":\"null\""),
        ("\"code\":0", "\"code\":false"),
        ("\"code\":0", "\"code\":[0]"),
        ("\"code\":0", "\"code\":200"),
        ("\"code\":0", "\"code\":0,\"response_code\":1"),
        ("\"code\":0", "\"code\":0,\"response_code\":200"),
        ("\"code\":0", "\"code\":0,\"response_code\":\"SUCCESS\""),
        // A sign of failure.
        ("\"code\":0", "\"code\":0,\"errorResponse\":{}"),
        ("\"code\":0", "\"code\":0,\"errorResponse\":\"none\""),
        ("\"code\":0", "\"code\":0,\"response_message\":\"FAILURE\""),
        ("Success", "FAILURE"),
        ("Success", "Failed"),
        ("Success", "PENDING"),
        ("\"Success\"", "true"),
        ("\"code\":0", "\"code\":0,\"status\":\"FAILED\""),
        ("\"code\":0", "\"code\":0,\"success\":false"),
        ("\"REF1\"", "\"REF1\",\"response_code\":1"),
        ("\"REF1\"", "\"REF1\",\"errorResponse\":{\"code\":4}"),
        ("\"REF1\"", "\"REF1\",\"message\":\"FAILURE\""),
        // What contradicts the call.
        ("\"REF1\"", "\"REF1\",\"loadAmount\":250.51"),
        ("\"REF1\"", "\"REF1\",\"transactionType\":\"DR\""),
        ("\"REF1\"", "\"REF1\",\"status\":\"FAILED\""),
        ("\"REF1\"", "\"REF1\",\"status\":true"),
        ("\"REF1\"", "\"REF1\",\"uniqueReferenceNumber\":\"REF2\""),
        ("\"REF1\"", "\"REF1\",\"cardAccountId\":\"CA0\""),
        // A key twice, at any depth, with any value.
        ("\"code\":0", "\"code\":1,\"code\":0"),
        ("\"code\":0", "\"code\":0,\"code\":0"),
        ("\"code\":0", "\"\\u0063ode\":1,\"code\":0"),
        ("\"REF1\"", "\"REF2\",\"pgReferenceNumber\":\"REF1\""),
        ("\"REF1\"", "\"REF1\",\"a\":{\"b\":1,\"b\":2}"),
        ("\"code\":0", "\"payload\":{},\"code\":0"),
        // Two payloads.
        ("\"code\":0", "\"code\":0,\"paylod\":{\"pgReferenceNumber\":\"REF2\"}"),
        ("\"code\":0", "\"code\":0,\"paylod\":\"Success\""),
        // Another form.
        ("{\"pgReferenceNumber\":\"REF1\"}", "\"REF1\""),
        ("}}", "}}x"),
        ("}}", "}}{}"),
        ("}}", "}} null"),
        ("}}", "}"),
        ("{\"code\"", "[{\"code\""),
        ("{\"code\"", "\u{feff}{\"code\""),
    ] {
        let answer = DONE.replacen(from, to, 1);
        assert_ne!(answer, DONE, "{from} -> {to}");
        assert_eq!(outcome(200, &answer), "unknown", "{answer}");
    }
    for answer in ["", "null", "\"Success\"", "<html>", "{}", "[]", &format!("[{DONE}]")] {
        assert_eq!(outcome(200, answer), "unknown", "{answer}");
    }
}

#[test]
fn only_a_200_is_done() {
    for status in [201, 202, 203, 206, 207, 226, 400, 404, 422] {
        assert_eq!(outcome(status, DONE), "unknown", "{status}");
        assert_eq!(of(OperationId::CreateOrder, status, ORDERED), "unknown", "{status}");
    }
}

#[test]
fn an_order_is_done_only_by_an_object_that_names_no_other_order() {
    for payload in [
        json!("OR1"),
        json!([]),
        json!(null),
        json!({"partnerOrderReferenceId": "REF2"}),
        json!({"orderReferenceId": "REF2"}),
        json!({"totalQuantity": 2}),
        json!({"totalAmount": 500}),
        json!({"productCatalogId": "PC2"}),
        json!({"denomination": 100}),
        json!({"orderStatus": true}),
        json!({"paymentStatus": 1}),
    ] {
        let answer = json!({"response_code": "0", "payload": payload}).to_string();
        assert_eq!(of(OperationId::CreateOrder, 200, &answer), "unknown", "{answer}");
    }
    let fits = json!({
        "partnerOrderReferenceId": "REF1", "totalQuantity": 3, "totalAmount": 1500, "paidAmount": 1400,
        "orderStatus": "SUCCESS",
    });
    let answer = json!({"response_code": "0", "paylod": fits}).to_string();
    assert_eq!(of(OperationId::CreateOrder, 200, &answer), "done");
}

#[test]
fn coins_are_given_only_by_the_documented_text() {
    for (from, to) in [
        ("Successfully allocated enkash Coins", "Coins are on their way"),
        ("\"Successfully allocated enkash Coins\"", "{}"),
        ("\"Successfully allocated enkash Coins\"", "null"),
        ("Success\"}", "Queued\"}"),
    ] {
        let answer = COINS.replacen(from, to, 1);
        assert_ne!(answer, COINS);
        assert_eq!(of(OperationId::AllocateCoins, 200, &answer), "unknown", "{answer}");
    }
}

#[test]
fn the_envelope_of_a_sibling_product_is_documented_nowhere_for_rewards() {
    let third = json!({
        "payload": {"pgReferenceNumber": "REF1"}, "errorResponse": null, "response_code": 200,
        "response_message": "SUCCESS",
    });
    assert_eq!(outcome(200, &third.to_string()), "unknown");
    for (code, message, error) in [
        (400, "FAILURE", json!({"code": 1})),
        (200, "FAILURE", json!(null)),
        (1, "FAILURE", json!({"message": "no"})),
        (0, "SUCCESS", json!({"message": "no"})),
    ] {
        let answer =
            json!({"payload": null, "errorResponse": error, "response_code": code, "response_message": message});
        for status in [200, 400, 422] {
            assert_eq!(outcome(status, &answer.to_string()), "unknown", "{status} {answer}");
        }
    }
}

#[test]
fn refused_is_a_documented_no_and_nothing_else() {
    for no in [
        r#"{"response_code":1,"response_message":"Insufficient balance in card account","payload":"Insufficient balance in card account"}"#,
        r#"{"code":"1","message":"Bad Request"}"#,
        r#"{"code":1,"response_code":"1","payload":null}"#,
        r#"{"code":1}"#,
        r#"{"code":1,"message":"Invalid mobile number"}"#,
    ] {
        for status in [200, 400, 404, 422] {
            assert_eq!(outcome(status, no), "refused", "{status} {no}");
        }
        for status in [201, 202, 206, 302, 401, 403, 405, 409, 410, 429, 500, 502, 503] {
            assert_eq!(outcome(status, no), "unknown", "{status} {no}");
        }
    }
}

#[test]
fn a_no_that_is_not_documented_so_proves_nothing() {
    let codes = [
        "null",
        "true",
        "false",
        "{}",
        "[]",
        "[1]",
        "\"\"",
        "2",
        "-1",
        "1.0",
        "1e0",
        "10e-1",
        "\"01\"",
        "\"1.0\"",
        "\" 1\"",
        "\"1 \"",
        "\"+1\"",
        "200",
        "200.0",
        "2e2",
        "\"200\"",
        "\"200 OK\"",
        "201",
        "401",
        "404",
        "409",
        "422",
        "429",
        "500",
        "\"504\"",
        "600101",
        "\"null\"",
        "\"SUCCESS\"",
        "\"ok\"",
        "\"PENDING\"",
        "\"COMPLETED\"",
        "\"QUEUED\"",
        "\"TXN_SUCCESS\"",
        "\"E42\"",
        "\"UNPROCESSABLE_ENTITY\"",
        "\"FAILURE\"",
    ];
    for code in codes {
        for status in [200, 400, 404, 422] {
            let answer = format!("{{\"code\":{code},\"message\":\"no\"}}");
            assert_eq!(outcome(status, &answer), "unknown", "{status} {answer}");
        }
    }
    for answer in [
        // What gateways send.
        r#"{}"#,
        r#"{"message":"Not Found"}"#,
        r#"{"status":404,"error":"Not Found","path":"/x"}"#,
        r#"{"code":1,"status":404}"#,
        "<html>404</html>",
        "",
        "1",
        r#"[{"code":1}]"#,
        // More than a no.
        r#"{"code":1,"payload":{"enkashCardTxnId":"T1"}}"#,
        r#"{"code":1,"payload":{}}"#,
        r#"{"code":1,"payload":[]}"#,
        r#"{"code":1,"payload":true}"#,
        r#"{"code":1,"message":{"text":"no"}}"#,
        r#"{"code":1,"message":"Success"}"#,
        r#"{"code":1,"message":"Insufficient balance","payload":"Success"}"#,
        r#"{"code":1,"errorResponse":{}}"#,
        r#"{"code":1,"response_code":0}"#,
        r#"{"code":1,"response_code":2}"#,
        r#"{"code":1,"payload":"no","paylod":"other"}"#,
        r#"{"code":0,"code":1}"#,
        r#"{"code":1,"code":1}"#,
        // Our reference beside it.
        r#"{"code":1,"message":"Insufficient balance","payload":"REF1"}"#,
        r#"{"code":1,"message":"Insufficient balance for REF1"}"#,
        r#"{"code":1,"payload":{"pgReferenceNumber":"REF1"}}"#,
        // The reference itself, or a request before.
        r#"{"code":1,"message":"Transaction ID already exists."}"#,
        r#"{"code":1,"message":"Duplicate reference"}"#,
        r#"{"response_code":"1","response_message":"ALREADY_PROCESSED"}"#,
        r#"{"code":1,"message":"Invalid","payload":"Request is being processed"}"#,
        r#"{"code":1,"message":"Your request is under review"}"#,
        r#"{"code":1,"message":"Request id not available"}"#,
        r#"{"code":1,"message":"Insufficient balance in card account","payload":"This request is not the first"}"#,
    ] {
        for status in [200, 400, 404, 422] {
            assert_eq!(outcome(status, answer), "unknown", "{status} {answer}");
        }
    }
}

#[test]
fn a_text_that_an_overlay_lists_is_a_no() {
    let mut policy = Policies::shipped().of(OperationId::CreateAllocatePoints).clone();
    policy.outcome.refusal_codes.push("E7".to_owned());
    policy
        .outcome
        .refusal_texts
        .push("Corporate wallet frozen by ops".to_owned());
    let ticket = ticket(OperationId::CreateAllocatePoints, "REF1");
    let outcome = |body: &'static str| {
        let facts = CallFacts {
            operation: ticket.operation(),
            sent: SendProgress::HandedOver,
            answer: Some(RawResponse {
                status: StatusCode::OK,
                body: Bytes::from_static(body.as_bytes()),
                headers: http::HeaderMap::new(),
            }),
            history: Arc::default(),
        };
        label(&classify(
            &facts,
            &ticket,
            &policy,
            || Error::settings("no answer"),
            |_| (),
        ))
    };
    assert_eq!(
        outcome(r#"{"code":"E7","message":"Corporate wallet frozen by ops"}"#),
        "refused"
    );
    assert_eq!(
        outcome(r#"{"code":"E7","message":"Corporate wallet frozen"}"#),
        "unknown"
    );
    assert_eq!(outcome(r#"{"code":"E8"}"#), "unknown");
}

#[test]
fn every_other_status_is_unknown_whatever_it_says() {
    let failure = r#"{"code":1,"message":"no"}"#;
    for status in [302, 307, 401, 403, 405, 408, 409, 412, 413, 429, 500, 502, 503, 504] {
        for body in [DONE, failure, "{}", "", "<html>"] {
            assert_eq!(outcome(status, body), "unknown", "{status} {body}");
        }
    }
}

#[test]
fn a_reference_that_comes_back_as_a_number_is_ours() {
    let ticket = ticket(OperationId::CreateAllocatePoints, "1234567");
    let answer = |body| label(&classified(&ticket, SendProgress::HandedOver, Some((200, body))));
    assert_eq!(answer(r#"{"code":0,"payload":{"pgReferenceNumber":1234567}}"#), "done");
    assert_eq!(
        answer(r#"{"code":0,"payload":{"pgReferenceNumber":1234567.0}}"#),
        "unknown"
    );
}

#[test]
fn a_refusal_keeps_the_words_and_a_doubt_says_what_it_is() {
    let ticket = ticket(OperationId::CreateAllocatePoints, "REF1");
    let no = r#"{"response_code":"1","response_message":"Insufficient balance in card account"}"#;
    let Classification::Refused(error) = classified(&ticket, SendProgress::HandedOver, Some((200, no))) else {
        panic!("not refused");
    };
    assert_eq!(error.code(), Some("1"));
    assert_eq!(error.message(), Some("Insufficient balance in card account"));
    assert!(error.is_refused() && error.was_sent());

    for (status, body, part) in [
        (202, DONE, "no page shows this status"),
        (200, r#"{"code":0,"code":0}"#, "holds a key twice"),
        (200, r#"{"code":200,"errorResponse":{}}"#, "`errorResponse`"),
        (200, r#"{"code":200}"#, "neither as a success nor as a refusal"),
        (
            200,
            r#"{"code":1,"message":"Duplicate"}"#,
            "list the text as one of `refusal-texts`",
        ),
    ] {
        let Classification::Unknown(UnknownReason::UnclearAnswer(error)) =
            classified(&ticket, SendProgress::HandedOver, Some((status, body)))
        else {
            panic!("{body}");
        };
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn what_a_settlement_says_is_written_in_words() {
    use crate::{
        outcome::proof::{NotSettled, NotSettledReason, Proof},
        tests::support::empty_response,
    };

    let operation = enkash_api::OperationId::SearchTransactions;
    let proof = Proof::new(
        operation,
        vec!["amount"],
        false,
        json!({"pin": "1234"}),
        empty_response(operation),
    );
    let written = serde_json::to_value(proof).unwrap();
    assert_eq!(
        (&written["operation"], &written["lookups"]),
        (&json!("searchTransactions"), &json!(1))
    );
    assert!(!written.to_string().contains("1234"), "{written}");
    let reason = NotSettledReason::LookUpFailed(Error::expired_before_start(operation));
    let written = serde_json::to_value(NotSettled { reason, lookups: 2 }).unwrap();
    let words = "searchTransactions: the time for the whole call ended; nothing was sent";
    assert_eq!(written, json!({"reason": {"look_up_failed": words}, "lookups": 2}));
}
