use super::served::UNKNOWN_PREFIX;
use super::*;

#[test]
fn the_bundled_document_holds_every_operation() {
    let document = Document::bundled().unwrap();
    let missing: Vec<_> = Operation::ALL
        .iter()
        .filter(|operation| !document.operations.contains_key(operation))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[cfg(feature = "self-check")]
#[test]
fn a_response_that_is_not_as_documented_is_seen() {
    let document = Document::bundled().unwrap();
    let spec = &document.operations[&Operation::CreateAllocatePoints];
    assert!(
        spec.validate_response(200, br#"{"code":0,"payload":{"otbBalance":1.5}}"#)
            .is_empty()
    );
    assert!(
        !spec
            .validate_response(200, br#"{"code":0,"payload":{"otbBalance":"1.5"}}"#)
            .is_empty()
    );
    assert!(!spec.validate_response(200, b"<html>").is_empty());
    assert_eq!(spec.validate_response(418, b"{}"), ["status 418 is not documented"]);
}

#[test]
fn of_an_unknown_path_only_what_the_document_knows_is_shown() {
    let document = Document::bundled().unwrap();
    for (path, shown) in [
        ("/api/v0/cart", "/api/v0/cart"),
        ("/api/v0/partner/enkashcard/search", "/api/v0/partner/…"),
        ("/api/v0/enkash-coins/9000001234", "/api/v0/enkash-coins/…"),
        ("/api/v0/enkash-coins/{coinConfigId}", "/api/v0/enkash-coins/…"),
        ("/9000001234", "/…"),
        ("/", "/…"),
    ] {
        assert_eq!(document.redacted_path(path), shown);
    }
}

#[test]
fn no_artificial_path_is_served() {
    let document = Document::bundled().unwrap();
    assert!(document.operations().all(|spec| !spec.path.contains(UNKNOWN_PREFIX)));
    let served = document.served("http://127.0.0.1:1", &BTreeMap::new()).to_string();
    assert!(!served.contains(UNKNOWN_PREFIX));
}

#[test]
fn the_served_document_has_one_host_and_ids_that_are_there() {
    let ids = BTreeMap::from([
        ("companyId", "CEK0HERE00".to_owned()),
        ("partnerId", "CRM0HERE0".to_owned()),
        ("productConfigId", "PCN0HERE0".to_owned()),
        ("cartId", "7".to_owned()),
    ]);
    let mut served = Document::bundled().unwrap().served("http://127.0.0.1:1", &ids);
    let operation = &mut served["paths"]["/api/v0/partner/enKashCard/cardAccount/get"]["post"];
    let body = &operation["requestBody"]["content"]["application/json"];
    let examples = body["examples"].as_object().unwrap();
    assert!(
        examples
            .values()
            .all(|example| example["value"]["companyId"] == "CEK0HERE00"),
        "{examples:?}"
    );
    // Ids that are keys, and ids that are numbers.
    let example = &served["paths"]["/api/v0/cart"]["patch"]["requestBody"]["content"]["application/json"]["examples"]["oneDenomination"]
        ["value"];
    assert_eq!(example["cartId"], 7);
    assert_eq!(
        example["items"],
        json!({ "PCN0HERE0": { "description": "", "quantity": 1 } })
    );
    for item in served["paths"].as_object().unwrap().values() {
        assert!(
            item.as_object()
                .unwrap()
                .values()
                .all(|operation| operation.get("servers").is_none())
        );
    }
}

#[test]
fn proofs_are_those_of_the_document() {
    let document = Document::bundled().unwrap();
    for spec in document.operations() {
        let expected = if spec.operation == Operation::IssueToken {
            AuthScheme::Basic
        } else {
            AuthScheme::Bearer
        };
        assert_eq!(spec.auth, expected, "{}", spec.operation);
    }
}
