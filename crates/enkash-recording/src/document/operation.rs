//! Which operation of the document a method and a path call.

use serde_json::Value;

use super::UNKNOWN_PREFIX;
use crate::error::RecordingError;

/// What an exchange is, by the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationMatch<'a> {
    /// This operation.
    Known(&'a DocumentedOperation),
    /// None that the document knows.
    Unknown,
}

impl<'a> OperationMatch<'a> {
    /// The operation, where it is known.
    #[must_use]
    pub fn known(self) -> Option<&'a DocumentedOperation> {
        match self {
            OperationMatch::Known(operation) => Some(operation),
            OperationMatch::Unknown => None,
        }
    }
}

/// One operation of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentedOperation {
    id: String,
    tag: Option<String>,
    document_method: String,
    document_path: String,
    servers: Vec<String>,
    paths: Vec<PathTemplate>,
}

/// A method and a path with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PathTemplate {
    method: String,
    segments: Vec<String>,
}

impl DocumentedOperation {
    /// The operationId.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The first tag, which decides the host.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The method in the document, in lower case.
    pub(super) fn document_method(&self) -> &str {
        &self.document_method
    }

    /// The path in the document.
    pub(super) fn document_path(&self) -> &str {
        &self.document_path
    }

    pub(super) fn has_server(&self, origin: &str) -> bool {
        self.servers.iter().any(|server| server == origin)
    }

    pub(super) fn add_path(&mut self, method: &str, path: &str) {
        self.paths.push(PathTemplate {
            method: method.to_ascii_uppercase(),
            segments: segments(path).map(str::to_owned).collect(),
        });
    }

    /// How many parameters stand in the path, if it is one of this operation.
    pub(super) fn match_path(&self, method: &str, path: &str) -> Option<usize> {
        self.template(method, path).map(|template| {
            let parameters = template.segments.iter().filter(|segment| is_parameter(segment));
            parameters.count()
        })
    }

    /// For each segment of the path the name of the parameter that it is, or nothing where it is literal.
    pub(crate) fn parameters_of(&self, method: &str, path: &str) -> Option<Vec<Option<&str>>> {
        let template = self.template(method, path)?;
        let names = template.segments.iter().map(|segment| {
            let name = is_parameter(segment).then(|| segment.trim_matches(['{', '}']));
            name.filter(|name| !name.is_empty())
        });
        Some(names.collect())
    }

    fn template(&self, method: &str, path: &str) -> Option<&PathTemplate> {
        let matching = self.paths.iter().filter(|template| {
            let mut given = segments(path);
            let all = template.segments.iter().all(|segment| {
                let given = given.next();
                given.is_some_and(|given| (is_parameter(segment) && !given.is_empty()) || given == segment)
            });
            all && given.next().is_none() && template.method.eq_ignore_ascii_case(method)
        });
        matching.min_by_key(|template| template.segments.iter().filter(|segment| is_parameter(segment)).count())
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.trim_start_matches('/').trim_end_matches('/').split('/')
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{') && segment.ends_with('}')
}

/// The origins under `servers` of a document or an operation.
pub(super) fn servers(value: &Value) -> impl Iterator<Item = &str> {
    let servers = value.get("servers").and_then(Value::as_array).into_iter().flatten();
    servers
        .filter_map(|server| server.get("url").and_then(Value::as_str))
        .map(|url| url.trim_end_matches('/'))
}

/// All operations of a document.
pub(super) fn read_all(document: &Value) -> Result<Vec<DocumentedOperation>, RecordingError> {
    let paths = document.get("paths").and_then(Value::as_object);
    let paths = paths.ok_or_else(|| RecordingError::Document("it has no paths".to_owned()))?;
    let mut operations = Vec::new();
    for (path, item) in paths {
        for (method, value) in item.as_object().into_iter().flatten() {
            let Some(id) = value.get("operationId").and_then(Value::as_str) else {
                continue;
            };
            let mut operation = DocumentedOperation {
                id: id.to_owned(),
                tag: value.pointer("/tags/0").and_then(Value::as_str).map(str::to_owned),
                document_method: method.clone(),
                document_path: path.clone(),
                servers: servers(value).map(str::to_owned).collect(),
                paths: Vec::new(),
            };
            if !path.starts_with(UNKNOWN_PREFIX) {
                operation.add_path(method, path);
            }
            operations.push(operation);
        }
    }
    Ok(operations)
}
