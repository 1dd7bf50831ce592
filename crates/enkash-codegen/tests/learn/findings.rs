//! Which disagreements are found, and which are none.

use FindingKind::*;

use crate::*;

fn request() -> Value {
    json!({
        "companyId": "CEK1", "cardAccountId": "CA1", "transactionCode": "ALLOCATION", "transactionType": "CR",
        "type": "ALLOCATE_POINT", "loadAmount": 10, "uniqueReferenceNumber": "r1",
    })
}

fn response() -> Value {
    json!({"code": 0, "message": "Success", "payload": {"enKashCardId": "EKC1", "otbBalance": 10.5, "gender": "F"}})
}

fn allocation(sent: Value, status: u16, received: Value) -> Value {
    json!([pair("POST", ALLOCATE, sent, status, received)])
}

#[test]
fn a_call_as_documented_has_no_disagreement() {
    let lessons = lessons_of(allocation(request(), 200, response()));
    assert_eq!(disagreements(&lessons), []);
}

#[test]
fn each_kind_of_disagreement_is_found_with_its_field() {
    let mut sent = request();
    sent["loadAmount"] = json!(true);
    sent["campaign"] = json!("x");
    sent.as_object_mut().unwrap().remove("type");
    let received = json!({
        "code": 0, "traceId": "t", "payload": {
            "gender": "OTHER", "otbBalance": "10.50", "expiryMonth": 12, "email": null, "limits": {"daily": 5},
        },
    });
    let lessons = lessons_of(allocation(sent, 201, received));
    assert_eq!(
        disagreements(&lessons),
        [
            (UndocumentedField, "request", "campaign"),
            (OtherType, "request", "loadAmount"),
            (Missing, "request", "type"),
            (OtherStatus, "response", ""),
            (Null, "response", "payload.email"),
            (OtherType, "response", "payload.expiryMonth"),
            (OtherWord, "response", "payload.gender"),
            (UndocumentedField, "response", "payload.limits"),
            (UndocumentedField, "response", "payload.limits.daily"),
            (OtherType, "response", "payload.otbBalance"),
            (UndocumentedField, "response", "traceId"),
        ]
    );
    assert_eq!(finding(&lessons, "payload.gender").words, ["OTHER"]);
    assert_eq!(
        finding(&lessons, "payload.expiryMonth").text,
        "createAllocatePoints, response payload.expiryMonth: other type, integer, in 1 exchange, first in it.json, \
         exchange 1"
    );
}

#[test]
fn a_refused_request_is_no_disagreement() {
    let mut sent = request();
    sent["campaign"] = json!("x");
    sent.as_object_mut().unwrap().remove("type");
    for (status, received) in [
        (
            422,
            json!({"code": 1, "message": "type is missing", "payload": "type is missing"}),
        ),
        (
            200,
            json!({"code": 1, "message": "type is missing", "payload": "type is missing"}),
        ),
        (
            200,
            json!({"response_code": "1", "response_message": "type is missing"}),
        ),
    ] {
        let lessons = lessons_of(allocation(sent.clone(), status, received));
        assert_eq!(disagreements(&lessons), [], "{status}");
        assert_eq!((lessons.coverage[0].exchanges, lessons.coverage[0].accepted), (1, 0));
    }
}

#[test]
fn parameters_are_looked_at_where_the_recording_has_them() {
    let cart = json!({"response_code": 0, "payload": []});
    let with_headers = json!([{
        "request": {"method": "POST", "url": "/api/v0/partner/enKashCard/cardAccount/get", "headers": {"accept": "*/*"},
            "body": {"cardAccountId": "CA1", "companyId": "CEK1"}},
        "response": {"status": 200, "body": {"response_code": 0}},
    }]);
    assert_eq!(
        disagreements(&lessons_of(with_headers)),
        [(Missing, "request", "header.partnerId")]
    );
    let other_query = json!([pair("GET", "/api/v0/cart?page=2", Value::Null, 200, cart)]);
    assert_eq!(
        disagreements(&lessons_of(other_query)),
        [
            (UndocumentedField, "request", "query.page"),
            (Missing, "request", "query.product")
        ]
    );
}

#[test]
fn statuses_and_content_types_are_compared() {
    let pairs = json!([
        pair("POST", ALLOCATE, request(), 503, json!({"code": 9, "retry": true})),
        {
            "request": {"method": "POST", "url": ALLOCATE, "body": request()},
            "response": {"status": 502, "headers": {"content-type": "text/html"}, "body": "<html>bad gateway</html>"},
        },
    ]);
    let lessons = lessons_of(pairs);
    assert_eq!(
        disagreements(&lessons),
        [
            (OtherStatus, "errors", ""),
            (OtherStatus, "errors", ""),
            (OtherContentType, "errors", ""),
            (UndocumentedField, "errors", "retry"),
        ]
    );
}

#[test]
fn a_call_of_no_operation_names_the_nearest() {
    let pairs = json!([
        pair(
            "POST",
            "/api/v0/cart/clear",
            json!({"all": true}),
            200,
            json!({"response_code": 0})
        ),
        pair("DELETE", "/api/v0/cart", Value::Null, 200, json!({"response_code": 0})),
        pair("POST", "/api/v0/nowhere", Value::Null, 404, json!({"code": 1})),
        pair("GET", "https://analytics.example/collect", Value::Null, 200, json!({})),
    ]);
    let lessons = lessons_of(pairs);
    let kinds: Vec<_> = lessons
        .findings
        .iter()
        .filter(|finding| finding.side == "path")
        .collect();
    assert_eq!(
        (kinds[0].kind, kinds[0].operation.as_str()),
        (UnknownMethod, "DELETE /api/v0/cart")
    );
    assert_eq!(
        (kinds[1].kind, kinds[1].operation.as_str()),
        (UnknownPath, "POST /api/v0/cart/clear")
    );
    assert_eq!(kinds.len(), 2);
    assert_eq!((lessons.refused_unmatched, lessons.elsewhere), (1, 1));
}

#[test]
fn what_was_inferred_or_unknown_and_is_seen_is_raised() {
    let sent = json!({"companyId": "CEK1", "cardAccountId": "CA1"});
    let received = json!({"response_code": 0, "payload": {"data": [{"txnId": "T1", "amount": 5}]}});
    let lessons = lessons_of(json!([
        pair("POST", TRANSACTIONS, sent.clone(), 200, received.clone()),
        pair("POST", TRANSACTIONS, sent, 200, received),
    ]));
    let raised: Vec<_> = lessons
        .findings
        .iter()
        .filter(|finding| finding.kind == Evidence)
        .collect();
    let sides: Vec<_> = raised
        .iter()
        .map(|finding| (finding.side.as_str(), finding.count, finding.date.as_str()))
        .collect();
    assert_eq!(
        sides,
        [
            ("path", 2, "2026-11-27"),
            ("request", 2, "2026-11-27"),
            ("response", 2, "2026-11-27")
        ]
    );
    assert!(disagreements(&lessons).contains(&(UndocumentedField, "response", "payload.data[].txnId")));
}

#[test]
fn coverage_says_what_was_seen_and_what_was_not() {
    let lessons = lessons_of(allocation(request(), 200, response()));
    let coverage = &lessons.coverage[0];
    assert_eq!(coverage.operation, "createAllocatePoints");
    assert!(coverage.request.seen.contains(&"loadAmount".to_owned()));
    assert!(coverage.request.unseen.contains(&"email".to_owned()));
    assert!(coverage.response.seen.contains(&"payload.otbBalance".to_owned()));
    assert!(coverage.request.seen_words.contains(&"type=ALLOCATE_POINT".to_owned()));
    assert!(
        coverage
            .request
            .unseen_words
            .contains(&"type=UNALLOCATE_POINT".to_owned())
    );
    assert!(lessons.uncalled.contains(&"getCart".to_owned()));
    assert_eq!(coverage.statuses[&200], 1);
}
