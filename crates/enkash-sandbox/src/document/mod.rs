//! The bundled OpenAPI document, read as plain JSON. It gives the server its routes, says what a
//! call must look like, and lets every response be held against what is documented. It is the only knowledge that the
//! sandbox shares with a client: no type of a client crate is used here.

mod operation_spec;
pub(crate) mod schema;
#[cfg(feature = "self-check")]
mod self_check;
mod served;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::operation::Operation;
use operation_spec::Reader;
pub(crate) use operation_spec::{AuthScheme, OperationSpec, Parameter, ParameterLocation};
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
