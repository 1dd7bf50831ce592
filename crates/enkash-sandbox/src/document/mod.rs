//! The bundled OpenAPI document, read as plain JSON. It gives the server its routes, says what a
//! call must look like, and lets every response be held against what is documented. It is the only knowledge that the
//! sandbox shares with a client: no type of a client crate is used here.

mod operation_spec;
pub(crate) mod schema;
mod served;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::operation::Operation;
use operation_spec::Reader;
pub(crate) use operation_spec::{AuthScheme, OperationSpec, Parameter, ParameterLocation};
use schema::Schemas;
pub(crate) use schema::ValidationError;
use served::fill_examples;

/// The document with what only the sandbox answers. Generated.
const BUNDLED: &str = include_str!("../openapi.json");

/// The document, read.
pub(crate) struct Document {
    operations: BTreeMap<Operation, OperationSpec>,
    served: Value,
}

impl Document {
    /// The bundled document, read once in a process.
    pub(crate) fn bundled() -> Result<&'static Document, String> {
        static DOCUMENT: OnceLock<Result<Document, String>> = OnceLock::new();
        DOCUMENT
            .get_or_init(|| Document::read(BUNDLED))
            .as_ref()
            .map_err(Clone::clone)
    }

    fn read(text: &str) -> Result<Document, String> {
        let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let schemas = Schemas::new(&document);
        let mut operations = BTreeMap::new();
        let paths = document
            .get("paths")
            .and_then(Value::as_object)
            .ok_or("the document has no paths")?;
        for (path, item) in paths {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let Some(id) = operation.get("operationId").and_then(Value::as_str) else {
                    continue;
                };
                let read = Reader {
                    document: &document,
                    schemas: &schemas,
                    operation,
                    item,
                };
                let read = read
                    .operation_spec(id, method, path)
                    .map_err(|error| format!("{id}: {error}"))?;
                operations.insert(read.operation, read);
            }
        }
        let served = served::served(&document);
        Ok(Document { operations, served })
    }

    /// The operations of the document.
    pub(crate) fn operations(&self) -> impl Iterator<Item = &OperationSpec> {
        self.operations.values()
    }

    /// The operations whose path nobody saw, each with the method and path that the sandbox serves.
    pub(crate) fn stated_paths(&self) -> impl Iterator<Item = (Operation, String)> {
        let unknown = self.operations().filter(|spec| spec.unknown_path);
        unknown.map(|spec| (spec.operation, format!("{} {}", spec.method, spec.path)))
    }

    /// The leading segments of a path that some operation has literally, and `…` for the rest: what can be shown of a path
    /// that no operation has. A value that somebody put into a path is not shown by this.
    pub(crate) fn redacted_path(&self, path: &str) -> String {
        let mut known = String::new();
        for segment in path.trim_start_matches('/').split('/') {
            let longer = format!("{known}/{segment}");
            let literal = !segment.is_empty() && !segment.starts_with('{');
            let served = |spec: &OperationSpec| {
                let rest = spec.path.strip_prefix(longer.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            if !literal || !self.operations().any(served) {
                known.push_str("/…");
                return known;
            }
            known = longer;
        }
        known
    }

    /// The document as the sandbox serves it: with its own URL, with the paths that it chose for operations of unknown
    /// path, and with ids in the examples that are there in this sandbox, so that a tester that starts from the examples
    /// gets somewhere.
    pub(crate) fn served(&self, url: &str, ids: &BTreeMap<&str, String>) -> Value {
        let mut served = self.served.clone();
        served["servers"] = json!([{ "url": url }]);
        if let Some(paths) = served.get_mut("paths") {
            fill_examples(paths, ids, false);
        }
        served
    }
}

#[cfg(test)]
mod tests {
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
        let example = &served["paths"]["/api/v0/cart"]["patch"]["requestBody"]["content"]["application/json"]["examples"]
            ["oneDenomination"]["value"];
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
}
