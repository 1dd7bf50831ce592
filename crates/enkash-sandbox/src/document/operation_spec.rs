//! What the document says of one operation: how it is called and what it answers, ready to be checked. The document reads these
//! once; the checks of requests and responses ask it.

use http::Method;
use serde_json::{Value, json};

use super::schema::{self, Schema, ValidationError};
#[cfg(feature = "self-check")]
use super::self_check::ResponseSpecs;
use super::served::{UNKNOWN_PREFIX, assigned_path};
use crate::operation::{Operation, UnknownOperation};

/// How a caller proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AuthScheme {
    None,
    Basic,
    Bearer,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParameterLocation {
    Path,
    Query,
    Header,
}

/// A parameter of an operation.
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) location: ParameterLocation,
    pub(crate) required: bool,
    kind: String,
    schema: Schema,
}

impl Parameter {
    /// The text of the parameter as the JSON value that its schema speaks of.
    pub(crate) fn validate(&self, text: &str) -> Vec<ValidationError> {
        let value = match self.kind.as_str() {
            "boolean" | "integer" | "number" => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            _ => json!(text),
        };
        self.schema.validate(&value)
    }
}

/// The body that an operation takes.
pub(crate) struct RequestBodySpec {
    pub(crate) content_type: String,
    pub(crate) required: bool,
    schema: Schema,
}

impl RequestBodySpec {
    pub(crate) fn validate(&self, body: &Value) -> Vec<ValidationError> {
        self.schema.validate(body)
    }
}

/// What the document says of one operation.
pub(crate) struct OperationSpec {
    pub(crate) operation: Operation,
    pub(crate) method: Method,
    /// The path that the sandbox serves, as a template.
    pub(crate) path: String,
    /// The document has no path for this operation.
    pub(crate) unknown_path: bool,
    pub(crate) auth: AuthScheme,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<RequestBodySpec>,
    #[cfg(feature = "self-check")]
    responses: ResponseSpecs,
}

impl OperationSpec {
    /// What in a response the document does not allow.
    #[cfg(feature = "self-check")]
    pub(crate) fn validate_response(&self, status: u16, body: &[u8]) -> Vec<String> {
        self.responses.validate(status, body)
    }
}

/// Reads one operation of the document.
pub(super) struct Reader<'a> {
    pub(super) document: &'a Value,
    pub(super) operation: &'a Value,
    pub(super) item: &'a Value,
}

impl Reader<'_> {
    pub(super) fn operation_spec(&self, id: &str, method: &str, path: &str) -> Result<OperationSpec, String> {
        Ok(OperationSpec {
            operation: id.parse().map_err(|error: UnknownOperation| error.to_string())?,
            method: method
                .to_ascii_uppercase()
                .parse()
                .map_err(|_| format!("{method} is no method"))?,
            path: assigned_path(path),
            unknown_path: path.starts_with(UNKNOWN_PREFIX),
            auth: self.auth(),
            parameters: self.parameters()?,
            body: self.body()?,
            #[cfg(feature = "self-check")]
            responses: ResponseSpecs::read(self.document, self.operation)?,
        })
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        schema::resolve(self.document, value)
    }

    fn auth(&self) -> AuthScheme {
        let security = self.operation.get("security").or_else(|| self.document.get("security"));
        let schemes = security.and_then(Value::as_array).into_iter().flatten();
        let names: Vec<&String> = schemes
            .filter_map(Value::as_object)
            .flat_map(|scheme| scheme.keys())
            .collect();
        let scheme = names.first().and_then(|name| {
            self.document
                .pointer(&format!("/components/securitySchemes/{name}/scheme"))
                .and_then(Value::as_str)
        });
        match scheme {
            Some("basic") => AuthScheme::Basic,
            Some(_) => AuthScheme::Bearer,
            None => AuthScheme::None,
        }
    }

    fn parameters(&self) -> Result<Vec<Parameter>, String> {
        let lists = [self.item.get("parameters"), self.operation.get("parameters")];
        let parameters = lists.into_iter().flatten().filter_map(Value::as_array).flatten();
        let mut read = Vec::new();
        for parameter in parameters.map(|parameter| self.resolve(parameter)) {
            let name = parameter
                .get("name")
                .and_then(Value::as_str)
                .ok_or("a parameter without a name")?;
            let location = match parameter.get("in").and_then(Value::as_str) {
                Some("path") => ParameterLocation::Path,
                Some("query") => ParameterLocation::Query,
                Some("header") => ParameterLocation::Header,
                _ => continue,
            };
            let schema = parameter.get("schema").ok_or("a parameter without a schema")?;
            read.push(Parameter {
                name: name.to_owned(),
                location,
                required: parameter.get("required") == Some(&Value::Bool(true)),
                kind: self
                    .resolve(schema)
                    .get("type")
                    .and_then(Value::as_str)
                    .unwrap_or("string")
                    .to_owned(),
                schema: Schema::read(self.document, schema)?,
            });
        }
        Ok(read)
    }

    fn body(&self) -> Result<Option<RequestBodySpec>, String> {
        let Some(body) = self.operation.get("requestBody").map(|body| self.resolve(body)) else {
            return Ok(None);
        };
        let content = body
            .get("content")
            .and_then(Value::as_object)
            .ok_or("a body without content")?;
        let (content_type, media) = content.iter().next().ok_or("a body without a content type")?;
        let schema = media.get("schema").ok_or("a body without a schema")?;
        Ok(Some(RequestBodySpec {
            content_type: content_type.clone(),
            required: body.get("required") == Some(&Value::Bool(true)),
            schema: Schema::read(self.document, schema)?,
        }))
    }
}
