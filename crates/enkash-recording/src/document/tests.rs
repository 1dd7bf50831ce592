use super::{Document, OperationMatch};

fn id<'a>(document: &'a Document, method: &str, path: &str) -> Option<&'a str> {
    document.find(method, path).known().map(|operation| operation.id())
}

#[test]
fn every_operation_with_a_path_is_found_by_it() {
    let document = Document::bundled().unwrap();
    assert!(document.operations().len() > 20);
    for operation in document.operations() {
        let path = operation.document_path().replace(['{', '}'], "");
        let found = id(&document, operation.document_method(), &path);
        let wanted = (!path.starts_with("/-unknown-/")).then(|| operation.id());
        assert_eq!(found, wanted, "{path}");
    }
}

#[test]
fn a_literal_path_goes_before_a_parameter_and_an_empty_segment_is_none() {
    let document = Document::bundled().unwrap();
    let document = document
        .with_path("searchCatalog", "GET", "/api/v0/enkash-coins/list")
        .unwrap();
    assert_eq!(id(&document, "GET", "/api/v0/enkash-coins/list"), Some("searchCatalog"));
    assert_eq!(id(&document, "GET", "/api/v0/enkash-coins/COIN1"), Some("getCoinEvent"));
    assert_eq!(id(&document, "GET", "/api/v0/enkash-coins"), None);
    assert_eq!(id(&document, "PUT", "/api/v0/enkash-coins/COIN1"), None);
    assert_eq!(document.find("GET", "/api/v0/partner/nothing"), OperationMatch::Unknown);
}

#[test]
fn a_path_of_the_user_and_a_base_path_are_known() {
    let document = Document::bundled().unwrap().with_base_path("/gateway/v2/");
    assert_eq!(id(&document, "POST", "/gateway/v2/oauth/token"), Some("issueToken"));
    assert_eq!(id(&document, "POST", "/oauth/token"), Some("issueToken"));
    assert_eq!(id(&document, "POST", "/gateway/v22/oauth/token"), None);
    let document = document
        .with_path("getProductDetails", "get", "/api/v0/product/{id}")
        .unwrap();
    assert_eq!(
        id(&document, "GET", "/gateway/v2/api/v0/product/P1"),
        Some("getProductDetails")
    );
    assert!(document.with_path("nothing", "GET", "/x").is_err());
}
