use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{RedactedExchange, Redactor, Rule};
use crate::document::Document;
use crate::exchange::{Body, Exchange, Message};

fn redactor() -> Redactor {
    Redactor::new(Document::bundled().unwrap()).unwrap()
}

fn message(body: &Value) -> Message {
    Message {
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: Body::Bytes(body.to_string().into_bytes()),
    }
}

fn exchange(method: &str, path: &str, request: &Value, response: &Value) -> Exchange {
    Exchange {
        started_at: Timestamp::UNIX_EPOCH,
        elapsed: Duration::ZERO,
        origin: Some("https://pay-en-uat.enkash.in".to_owned()),
        method: method.to_owned(),
        path: path.to_owned(),
        query: Vec::new(),
        request: message(request),
        status: 200,
        response: message(response),
        operation: None,
    }
}

fn body(message: &Message) -> Value {
    serde_json::from_slice(message.body.bytes().unwrap()).unwrap()
}

const ALLOCATE: &str = "/api/v0/partner/enKashCard/create-allocate-points";

fn allocation() -> RedactedExchange {
    let request = json!({
        "companyId": "CEK1PU9AOO", "transactionType": "CR", "type": "ALLOCATE_POINT", "email": "asha77@example.org",
        "mobile": "9123456789", "firstName": "Asha", "gender": "F", "loadAmount": 250.5,
        "uniqueReferenceNumber": "TEST234236", "nickname": "Ash", "note": {"vip": true, "mobile": "9123456789"},
        "9123456789": 1, "empty": "",
    });
    let response = json!({
        "code": 0, "message": "Card of Asha found", "payload": {
            "pgReferenceNumber": "TEST234236", "otbBalance": 250.5, "token": "00112233445566778899", "mobile": "9123456789",
        },
    });
    redactor().redact(&exchange("POST", ALLOCATE, &request, &response))
}

#[test]
fn a_value_is_kept_only_where_the_document_says_that_it_is_harmless() {
    let redacted = allocation();
    let request = body(&redacted.exchange().request);
    assert_eq!(request["transactionType"], "CR");
    assert_eq!(request["type"], "ALLOCATE_POINT");
    assert_eq!(request["gender"], "F");
    assert_eq!(request["empty"], "");
    assert_eq!(request["note"]["vip"], false);
    let response = body(&redacted.exchange().response);
    assert_eq!(response["code"], 0);
    assert_eq!(response["message"], "Card of [word] found");
    assert_eq!(response["payload"]["token"], "[secret]");
    let all = format!("{request}{response}");
    for canary in [
        "CEK1PU9AOO",
        // With digits: four letters could be drawn by chance.
        "asha77",
        "Asha",
        "9123456789",
        "250.5",
        "TEST234236",
        "Ash",
        "00112233445566778899",
    ] {
        assert!(!all.contains(canary), "{canary} in {all}");
    }
    assert_eq!(redacted.exchange().operation.as_deref(), Some("createAllocatePoints"));
}

#[test]
fn a_value_and_its_echo_stay_equal() {
    let redacted = allocation();
    let (request, response) = (body(&redacted.exchange().request), body(&redacted.exchange().response));
    assert_eq!(
        request["uniqueReferenceNumber"],
        response["payload"]["pgReferenceNumber"]
    );
    assert_eq!(request["loadAmount"], response["payload"]["otbBalance"]);
    assert_eq!(request["mobile"], response["payload"]["mobile"]);
    assert_eq!(request["mobile"], request["note"]["mobile"]);
    assert!(request["mobile"].as_str().unwrap().starts_with("90000"));
}

#[test]
fn the_manifest_counts_every_rule() {
    let redacted = allocation();
    let manifest = redacted.manifest();
    assert_eq!(manifest.count(Rule::Secret), 1);
    assert_eq!(manifest.count(Rule::Personal), 4);
    assert_eq!(manifest.count(Rule::Amount), 2);
    assert_eq!(manifest.count(Rule::Reference), 3);
    assert_eq!(manifest.count(Rule::UndocumentedValue), 4);
    assert_eq!(manifest.count(Rule::Name), 1);
    assert_eq!(manifest.count(Rule::KeptWord), 3);
    assert_eq!(manifest.count(Rule::KeptCode), 1);
    assert_eq!(manifest.count(Rule::MessageWords), 1);
    assert_eq!(manifest.count(Rule::KeptHeader), 2);
}

#[test]
fn headers_queries_and_paths_keep_what_is_listed() {
    let mut call = exchange(
        "GET",
        "/api/v0/partner/fetch-order-details/ORDER77",
        &json!({}),
        &json!({}),
    );
    let headers = [
        ("Authorization", "Bearer t0ken"),
        ("partnerid", "CRMXWB3ZM"),
        ("cookie", "session=t0ken"),
        ("x-trace", "t0ken"),
        ("x-9123456789", "t0ken"),
        ("content-type", "application/json; boundary=t0ken"),
        ("retry-after", "30"),
        ("cache-control", "no-cache, max-age=60"),
    ];
    call.request.headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    call.query = vec![("limit".into(), "10".into()), ("9123456789".into(), "t0ken".into())];
    call.origin = Some("https://acme-gateway.example.com".to_owned());
    let redacted = redactor().redact(&call);
    let found = redacted.exchange();
    let header = |name| found.request.header(name);
    assert_eq!(header("authorization"), Some("Bearer [secret]"));
    assert_eq!(header("cookie"), Some("[redacted]"));
    assert_eq!(header("x-trace"), Some("[redacted]"));
    assert_eq!(header("content-type"), Some("[redacted]"));
    assert_eq!(header("retry-after"), Some("30"));
    assert_eq!(header("cache-control"), Some("no-cache, max-age=60"));
    assert_eq!(found.origin.as_deref(), Some("https://host.invalid"));
    assert!(found.path.starts_with("/api/v0/partner/fetch-order-details/"));
    let all = format!("{} {:?} {:?}", found.path, found.query, found.request.headers);
    for canary in ["t0ken", "9123456789", "ORDER77", "CRMXWB3ZM"] {
        assert!(!all.contains(canary), "{canary} in {all}");
    }
    call.path = "/api/v1/customers/9123456789/block-card".to_owned();
    let unknown = redactor().redact(&call);
    assert!(unknown.exchange().path.starts_with("/api/v1/customers/90000"));
    assert!(unknown.exchange().path.ends_with("/block-card"));
    assert_eq!(unknown.exchange().operation, None);
}

#[test]
fn a_body_that_is_not_json_is_its_size_and_an_encrypted_one_its_shape() {
    let mut call = exchange(
        "POST",
        ALLOCATE,
        &json!({"request": "QUJDREVGR0hJSktMTU5PUA=="}),
        &json!({}),
    );
    call.response.body = Body::Bytes(b"<html>Asha</html>".to_vec());
    let redacted = redactor().redact(&call);
    assert_eq!(
        body(&redacted.exchange().request),
        json!({"request": "[encrypted, 24 characters]"})
    );
    assert_eq!(redacted.exchange().response.body.bytes(), None);
    assert_eq!(redacted.exchange().response.body.size(), 17);
    assert_eq!(redacted.manifest().count(Rule::BodyEncrypted), 1);
    assert_eq!(redacted.manifest().count(Rule::BodyNotJson), 1);
}

#[test]
fn a_login_keeps_its_fields_and_none_of_its_secrets() {
    let response =
        json!({"access_token": "t0ken", "token_type": "bearer", "expires_in": 86399, "scope": "read write trust"});
    let mut call = exchange("POST", "/oauth/token", &json!({}), &response);
    call.request.headers = vec![
        ("content-type".into(), "application/x-www-form-urlencoded".into()),
        ("authorization".into(), "basic c2VjcmV0".into()),
    ];
    call.request.body = Body::Bytes(b"username=9123456789&password=p%40ss&grant_type=password&clientId=CEK1".to_vec());
    let redacted = redactor().redact(&call);
    let form = String::from_utf8(redacted.exchange().request.body.bytes().unwrap().to_vec()).unwrap();
    assert!(form.contains("password=%5Bsecret%5D&grant_type=password"), "{form}");
    assert!(
        !form.contains("9123456789") && !form.contains("CEK1") && !form.contains("p%40ss"),
        "{form}"
    );
    let answer = body(&redacted.exchange().response);
    assert_eq!(answer["access_token"], "[secret]");
    assert_eq!(answer["expires_in"], 86399);
    assert_eq!(answer["scope"], "read write trust");
    assert_eq!(
        redacted.exchange().request.header("authorization"),
        Some("Basic [secret]")
    );
}

#[test]
fn an_undocumented_state_is_kept_if_the_document_has_its_word() {
    let response = json!({"code": 0, "payload": {"orderStatus": "SUCCESS", "status": "ASHA", "nickname": "SUCCESS"}});
    let redacted = redactor().redact(&exchange("POST", "/api/v0/partner/create-order", &json!({}), &response));
    let payload = &body(&redacted.exchange().response)["payload"];
    assert_eq!(payload["orderStatus"], "SUCCESS");
    assert!(payload["status"].as_str().unwrap().starts_with("WORD_"), "{payload}");
    assert!(payload["nickname"].as_str().unwrap().starts_with("WORD_"), "{payload}");
}

/// An instance of a schema in which every text and number is a canary.
fn instance(document: &Value, schema: &Value, depth: usize) -> Value {
    if depth > 12 {
        return Value::Null;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        return instance(document, document.pointer(&reference[1..]).unwrap(), depth + 1);
    }
    let mut whole = json!({});
    for part in ["allOf", "oneOf"]
        .iter()
        .filter_map(|kind| schema[kind].as_array())
        .flatten()
    {
        match instance(document, part, depth + 1) {
            Value::Object(fields) => whole.as_object_mut().unwrap().extend(fields),
            other if whole.as_object().unwrap().is_empty() => return other,
            _ => {}
        }
    }
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        whole[name] = instance(document, schema, depth + 1);
    }
    match schema["type"].as_str() {
        Some("array") => json!([instance(document, &schema["items"], depth + 1)]),
        Some("string") => json!("Canary 77"),
        Some("integer" | "number") => json!(7_777_777),
        Some("boolean") => json!(true),
        _ if schema["additionalProperties"].is_object() => {
            json!({"CANARY77": instance(document, &schema["additionalProperties"], depth + 1)})
        }
        _ => whole,
    }
}

#[test]
fn no_documented_field_of_any_operation_lets_a_value_through() {
    let document: Value = serde_json::from_str(include_str!("../openapi.json")).unwrap();
    let redactor = redactor();
    let mut seen = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let request = &operation["requestBody"]["content"]["application/json"]["schema"];
            let response = &operation["responses"]["200"]["content"]["application/json"]["schema"];
            let call = exchange(
                &method.to_ascii_uppercase(),
                path,
                &instance(&document, request, 0),
                &instance(&document, response, 0),
            );
            let redacted = redactor.redact(&call);
            let found = redacted.exchange();
            let all = format!("{} {}", body(&found.request), body(&found.response)).to_lowercase();
            assert!(!all.contains("canary") && !all.contains("7777777"), "{path}: {all}");
            seen += 1;
        }
    }
    assert!(seen > 20);
}

/// Any JSON whose fields have documented and undocumented names, and whose texts, numbers and some names are canaries.
fn any_body() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        proptest::sample::select(vec![
            "payload",
            "message",
            "data",
            "status",
            "type",
            "code",
            "mobile",
            "email",
            "items",
            "error",
            "firstName",
            "orderStatus",
            "request",
            "limit",
            "token",
            "loadAmount",
            "description",
            "images",
            "title",
            "Asha",
        ])
        .prop_map(str::to_owned),
        "[0-9]{7}[a-z]{3}",
    ];
    let leaf = prop_oneof![
        "[a-z]{2}[0-9]{5}[A-Za-z@ .:/-]{0,12}".prop_map(Value::from),
        "[A-Z][a-z]{3}zq [A-Z][a-z]{3}zq".prop_map(Value::from),
        (10_000_000..99_999_999_u64).prop_map(Value::from),
        (10_000_000.5..99_999_999.5).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(name.clone(), inner, 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// The canaries of a body: what must not be in the recording.
fn canaries(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| canaries(item, found)),
        Value::Object(fields) => {
            for (name, value) in fields {
                if name.starts_with(|first: char| first.is_ascii_digit()) {
                    found.push(name.clone());
                }
                canaries(value, found);
            }
        }
        Value::String(text) => found.extend(text.split_inclusive(' ').map(|word| word.trim().to_owned())),
        other => found.push(other.to_string()),
    }
}

proptest! {
    #[test]
    fn no_body_at_all_lets_a_canary_through(
        request in any_body(), response in any_body(), at in any::<proptest::sample::Index>(),
        status in proptest::sample::select(vec![200_u16, 400, 500]),
    ) {
        let redactor = redactor();
        let operations = redactor.document().operations();
        let operation = &operations[at.index(operations.len())];
        let document: Value = serde_json::from_str(include_str!("../openapi.json")).unwrap();
        let paths = document["paths"].as_object().unwrap();
        let (path, method) = paths.iter().find_map(|(path, item)| {
            let found = item.as_object()?.iter().find(|(_, found)| found["operationId"] == operation.id())?;
            Some((path.as_str(), found.0.to_ascii_uppercase()))
        }).unwrap();
        let mut call = exchange(&method, path, &request, &response);
        call.status = status;
        let redacted = redactor.redact(&call);
        let found = redacted.exchange();
        let texts = [&found.request, &found.response].map(|message| {
            String::from_utf8(message.body.bytes().unwrap_or_default().to_vec()).unwrap()
        });
        let mut all = Vec::new();
        canaries(&request, &mut all);
        canaries(&response, &mut all);
        for canary in all.iter().filter(|canary| canary.len() >= 6) {
            prop_assert!(texts.iter().all(|text| !text.contains(canary.as_str())), "{canary} in {texts:?}");
        }
    }
}
