//! The bundled OpenAPI document, read as plain JSON: which operation an exchange is, and what the document says of each field.
//! No type of a client is used, so that a client's mistake is not repeated here.

mod operation;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::error::RecordingError;
pub use operation::{DocumentedOperation, OperationMatch};
pub(crate) use schema::SchemaView;

/// The document with what only the sandbox answers, without its evidence. Generated.
const BUNDLED: &str = include_str!("../openapi.json");

/// The prefix of the artificial paths of operations whose path nobody saw.
const UNKNOWN_PREFIX: &str = "/-unknown-/";

/// The document, read.
#[derive(Clone)]
pub struct Document {
    document: Value,
    operations: Vec<DocumentedOperation>,
    base_paths: Vec<String>,
    words: BTreeSet<String>,
}

impl Document {
    /// The document that this crate was built with.
    ///
    /// # Errors
    ///
    /// It cannot be read, which no build of this crate should allow.
    ///
    /// ```
    /// use enkash_recording::{Document, OperationMatch};
    ///
    /// let document = Document::bundled()?;
    /// let found = document.find("GET", "/api/v0/enkash-coins/COIN01");
    /// assert!(matches!(found, OperationMatch::Known(operation) if operation.id() == "getCoinEvent"));
    /// # Ok::<(), enkash_recording::RecordingError>(())
    /// ```
    pub fn bundled() -> Result<Document, RecordingError> {
        Document::from_json(BUNDLED)
    }

    /// Another OpenAPI 3.0 document, as JSON.
    ///
    /// # Errors
    ///
    /// It is not JSON, or has no paths.
    pub fn from_json(text: &str) -> Result<Document, RecordingError> {
        let document: Value =
            serde_json::from_str(text).map_err(|error| RecordingError::Document(error.to_string()))?;
        let operations = operation::read_all(&document)?;
        let mut words = BTreeSet::new();
        schema::collect_words(&document, &mut words);
        Ok(Document {
            document,
            operations,
            base_paths: Vec::new(),
            words,
        })
    }

    /// A host of yours has this path before those of the document, such as `/gateway`.
    #[must_use]
    pub fn with_base_path(mut self, base_path: &str) -> Document {
        let base_path = base_path.trim_end_matches('/');
        if !base_path.is_empty() {
            self.base_paths.push(base_path.to_owned());
        }
        self
    }

    /// Another method and path template of an operation, such as one whose path the document does not know.
    ///
    /// # Errors
    ///
    /// The document has no such operation, or the template is none.
    ///
    /// ```
    /// use enkash_recording::{Document, OperationMatch};
    ///
    /// let document = Document::bundled()?.with_path("searchCatalog", "POST", "/api/v0/catalog/search")?;
    /// let found = document.find("POST", "/api/v0/catalog/search");
    /// assert!(matches!(found, OperationMatch::Known(operation) if operation.id() == "searchCatalog"));
    /// # Ok::<(), enkash_recording::RecordingError>(())
    /// ```
    pub fn with_path(mut self, operation: &str, method: &str, path: &str) -> Result<Document, RecordingError> {
        if !path.starts_with('/') {
            return Err(RecordingError::Document(format!(
                "the path of {operation} starts with no /"
            )));
        }
        let found = self.operations.iter_mut().find(|known| known.id() == operation);
        let found = found.ok_or_else(|| RecordingError::Document(format!("it has no operation {operation}")))?;
        found.add_path(method, path);
        Ok(self)
    }

    /// All operations, in the order of the document.
    #[must_use]
    pub fn operations(&self) -> &[DocumentedOperation] {
        &self.operations
    }

    /// The operation that this method and path call. One whose path is literally that goes before one with a parameter there.
    #[must_use]
    pub fn find(&self, method: &str, path: &str) -> OperationMatch<'_> {
        let without_base = self
            .base_paths
            .iter()
            .filter_map(|base| path.strip_prefix(base.as_str()));
        let paths = std::iter::once(path).chain(without_base.filter(|rest| rest.starts_with('/')));
        let matches = paths.flat_map(|path| {
            let candidates = self.operations.iter();
            candidates.filter_map(move |operation| Some((operation.match_path(method, path)?, operation)))
        });
        let best = matches.min_by_key(|(parameters, _)| *parameters);
        best.map_or(OperationMatch::Unknown, |(_, operation)| {
            OperationMatch::Known(operation)
        })
    }

    /// The length of the base path that stands before this path.
    pub(crate) fn base_length(&self, path: &str) -> usize {
        let matching = self.base_paths.iter().filter(|base| {
            let rest = path.strip_prefix(base.as_str());
            rest.is_some_and(|rest| rest.starts_with('/'))
        });
        matching.map(String::len).max().unwrap_or(0)
    }

    /// The origins that the document names.
    pub(crate) fn knows_origin(&self, origin: &str) -> bool {
        self.operations.iter().any(|operation| operation.has_server(origin))
            || operation::servers(&self.document).any(|server| server == origin)
    }

    /// Whether the document itself has this word, in an enumeration or in a description.
    pub(crate) fn has_word(&self, text: &str) -> bool {
        self.words.contains(text)
    }

    /// What the body of a request is, by the document.
    pub(crate) fn request_schema(&self, operation: Option<&DocumentedOperation>) -> SchemaView<'_> {
        let schema = operation.and_then(|operation| self.raw(operation).pointer("/requestBody"));
        let body = schema.map(|body| schema::resolve(&self.document, body));
        let media = body.and_then(|body| body.get("content")).and_then(Value::as_object);
        let schemas = media.into_iter().flat_map(|media| media.values());
        SchemaView::new(
            &self.document,
            schemas.filter_map(|media| media.get("schema")).collect(),
        )
    }

    /// What the body of a response is. The envelope of the general guide is added: it stands around every response.
    pub(crate) fn response_schema(&self, operation: Option<&DocumentedOperation>, status: u16) -> SchemaView<'_> {
        let responses = operation.and_then(|operation| self.raw(operation).get("responses"));
        let exact = responses.and_then(|responses| responses.get(status.to_string()));
        let success = responses.and_then(|responses| responses.get("200"));
        let mut schemas: Vec<&Value> = [exact, success]
            .into_iter()
            .flatten()
            .filter_map(|response| {
                schema::resolve(&self.document, response).pointer("/content/application~1json/schema")
            })
            .collect();
        schemas.extend(self.document.pointer("/components/schemas/ErrorBody"));
        SchemaView::new(&self.document, schemas)
    }

    /// What a parameter of an operation is, by where it stands and its name.
    pub(crate) fn parameter(&self, operation: Option<&DocumentedOperation>, place: &str, name: &str) -> SchemaView<'_> {
        let lists = operation.map(|operation| {
            let item = self.item(operation).and_then(|item| item.get("parameters"));
            [item, self.raw(operation).get("parameters")]
        });
        let parameters = lists
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(Value::as_array)
            .flatten();
        let schemas = parameters
            .map(|parameter| schema::resolve(&self.document, parameter))
            .filter(|parameter| parameter.get("in").and_then(Value::as_str) == Some(place))
            .filter(|parameter| {
                let documented = parameter.get("name").and_then(Value::as_str);
                documented.is_some_and(|documented| documented.eq_ignore_ascii_case(name))
            })
            .filter_map(|parameter| parameter.get("schema"));
        SchemaView::new(&self.document, schemas.collect())
    }

    fn item(&self, operation: &DocumentedOperation) -> Option<&Value> {
        self.document.get("paths")?.get(operation.document_path())
    }

    fn raw(&self, operation: &DocumentedOperation) -> &Value {
        let item = self.item(operation);
        item.and_then(|item| item.get(operation.document_method()))
            .unwrap_or(&Value::Null)
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Document({} operations)", self.operations.len())
    }
}
