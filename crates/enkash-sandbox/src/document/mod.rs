//! The bundled OpenAPI document, read as plain JSON. It gives the server its routes, tells the request checks what a
//! call must look like, and lets every answer be held against what is documented. It is the only knowledge that the
//! sandbox shares with a client: no type of a client crate is used here.

mod schema;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use http::Method;
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::operation::Operation;
pub(crate) use schema::Mistake;
use schema::Schemas;

/// The document with what only the sandbox answers. Generated.
const BUNDLED: &str = include_str!("../openapi.json");

/// Operations whose path nobody saw stand in the document under this artificial prefix, which is not served.
const UNKNOWN_PREFIX: &str = "/-unknown-/";

/// Where the sandbox serves them instead. The sandbox's own choice; it says so where it announces itself.
const STATED_PATHS: [(Operation, &str); 3] = [
    (Operation::SearchCatalog, "/api/v0/sandbox/search-catalog"),
    (
        Operation::GetProductDetails,
        "/api/v0/sandbox/products/{productCatalogId}",
    ),
    (
        Operation::CreateOrderLowerCase,
        "/api/v0/sandbox/create-order-lower-case",
    ),
];

/// How a caller proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    None,
    Basic,
    Bearer,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

/// A parameter of an operation.
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) required: bool,
    kind: String,
    validator: Validator,
}

impl Parameter {
    /// The text of the parameter as the JSON value that its schema speaks of.
    pub(crate) fn mistakes(&self, text: &str) -> Vec<Mistake> {
        let value = match self.kind.as_str() {
            "boolean" | "integer" | "number" => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            _ => json!(text),
        };
        schema::mistakes(&self.validator, &value)
    }
}

/// The body that an operation takes.
pub(crate) struct BodyRule {
    pub(crate) content_type: String,
    pub(crate) required: bool,
    validator: Validator,
}

impl BodyRule {
    pub(crate) fn mistakes(&self, body: &Value) -> Vec<Mistake> {
        schema::mistakes(&self.validator, body)
    }
}

/// What the document says of one operation.
pub(crate) struct Rules {
    pub(crate) operation: Operation,
    pub(crate) method: Method,
    /// The path that the sandbox serves, as a template.
    pub(crate) path: String,
    /// The document has no path for this operation.
    pub(crate) unknown_path: bool,
    pub(crate) proof: Proof,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<BodyRule>,
    answers: BTreeMap<u16, Option<Validator>>,
}

impl Rules {
    /// What in an answer the document does not allow.
    pub(crate) fn answer_mistakes(&self, status: u16, body: &[u8]) -> Vec<String> {
        let validator = match self.answers.get(&status) {
            None => return vec![format!("status {status} is not documented")],
            Some(None) => return Vec::new(),
            Some(Some(validator)) => validator,
        };
        match serde_json::from_slice(body) {
            Err(error) => vec![format!("the body is not JSON: {error}")],
            Ok(value) => schema::mistakes(validator, &value)
                .iter()
                .map(ToString::to_string)
                .collect(),
        }
    }
}

/// The document, read.
pub(crate) struct Document {
    rules: Vec<Option<Rules>>,
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
        let mut rules: Vec<Option<Rules>> = (0..Operation::COUNT).map(|_| None).collect();
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
                let read = read.rules(id, method, path).map_err(|error| format!("{id}: {error}"))?;
                let place = rules
                    .get_mut(read.operation.index())
                    .ok_or("an operation without a place")?;
                *place = Some(read);
            }
        }
        let served = served(&document);
        Ok(Document { rules, served })
    }

    /// The operations of the document.
    pub(crate) fn operations(&self) -> impl Iterator<Item = &Rules> {
        self.rules.iter().flatten()
    }

    /// The leading segments of a path that some operation has literally, and `…` for the rest: what can be shown of a path
    /// that no operation has. A value that somebody put into a path is not shown by this.
    pub(crate) fn known_part(&self, path: &str) -> String {
        let mut known = String::new();
        for segment in path.trim_start_matches('/').split('/') {
            let longer = format!("{known}/{segment}");
            let literal = !segment.is_empty() && !segment.starts_with('{');
            let served = |rules: &Rules| {
                let rest = rules.path.strip_prefix(longer.as_str());
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
            put_ids(paths, ids, false);
        }
        served
    }
}

/// Replaces ids in examples, by the name of the field or parameter that they stand in.
fn put_ids(value: &mut Value, ids: &BTreeMap<&str, String>, in_example: bool) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| put_ids(item, ids, in_example)),
        Value::Object(object) => {
            let parameter = object
                .get("name")
                .and_then(Value::as_str)
                .and_then(|name| ids.get(name))
                .cloned();
            if let (Some(example), Some(id)) = (object.get_mut("example"), parameter) {
                *example = json!(id);
            }
            for (key, item) in object {
                match ids.get(key.as_str()) {
                    Some(id) if in_example && item.is_string() => *item = json!(id),
                    Some(id) if in_example && item.is_u64() => *item = json!(id.parse::<u64>().unwrap_or_default()),
                    // The items of a cart, whose keys are ids.
                    _ if in_example && key == "items" && item.is_object() => put_config_id(item, ids),
                    // What the portal printed stays as it was printed.
                    _ if key == "x-enkash" => {}
                    _ => put_ids(item, ids, in_example || key == "examples"),
                }
            }
        }
        _ => {}
    }
}

fn put_config_id(items: &mut Value, ids: &BTreeMap<&str, String>) {
    if let (Some(id), Some(items)) = (ids.get("productConfigId"), items.as_object_mut())
        && items.len() == 1
        && let Some(first) = items.keys().next().cloned()
        && let Some(item) = items.remove(&first)
    {
        items.insert(id.clone(), item);
    }
}

fn served(document: &Value) -> Value {
    let mut served = document.clone();
    if let Some(paths) = served.get_mut("paths").and_then(Value::as_object_mut) {
        for (operation, path) in STATED_PATHS {
            let Some(mut item) = paths.remove(&format!("{UNKNOWN_PREFIX}{operation}")) else {
                continue;
            };
            // The document cannot know the parameters of a path that it does not know.
            if let Some((name, _)) = path.split_once('{').and_then(|(_, rest)| rest.split_once('}')) {
                let schema = json!({ "type": "string" });
                item["parameters"] = json!([{ "name": name, "in": "path", "required": true, "schema": schema }]);
            }
            paths.insert(path.to_owned(), item);
        }
        // Hosts that were seen for single operations; here there is one host.
        for item in paths.values_mut().filter_map(Value::as_object_mut) {
            item.remove("servers");
            for operation in item.values_mut().filter_map(Value::as_object_mut) {
                operation.remove("servers");
            }
        }
    }
    served
}

/// The path that is served for the document's path.
fn stated_path(path: &str) -> String {
    let Some(id) = path.strip_prefix(UNKNOWN_PREFIX) else {
        return path.to_owned();
    };
    let stated = STATED_PATHS.iter().find(|(operation, _)| operation.id() == id);
    stated.map_or_else(|| format!("/api/v0/sandbox/{id}"), |(_, path)| (*path).to_owned())
}

/// Reads one operation of the document.
struct Reader<'a> {
    document: &'a Value,
    schemas: &'a Schemas,
    operation: &'a Value,
    item: &'a Value,
}

impl Reader<'_> {
    fn rules(&self, id: &str, method: &str, path: &str) -> Result<Rules, String> {
        Ok(Rules {
            operation: id
                .parse()
                .map_err(|error: crate::operation::UnknownOperation| error.to_string())?,
            method: method
                .to_ascii_uppercase()
                .parse()
                .map_err(|_| format!("{method} is no method"))?,
            path: stated_path(path),
            unknown_path: path.starts_with(UNKNOWN_PREFIX),
            proof: self.proof(),
            parameters: self.parameters()?,
            body: self.body()?,
            answers: self.answers()?,
        })
    }

    /// Follows a `$ref` to another part of the document.
    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let reference = value
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|text| text.strip_prefix('#'));
        reference
            .and_then(|pointer| self.document.pointer(pointer))
            .unwrap_or(value)
    }

    fn proof(&self) -> Proof {
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
            Some("basic") => Proof::Basic,
            Some(_) => Proof::Bearer,
            None => Proof::None,
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
            let place = match parameter.get("in").and_then(Value::as_str) {
                Some("path") => Place::Path,
                Some("query") => Place::Query,
                Some("header") => Place::Header,
                _ => continue,
            };
            let schema = parameter.get("schema").ok_or("a parameter without a schema")?;
            read.push(Parameter {
                name: name.to_owned(),
                place,
                required: parameter.get("required") == Some(&Value::Bool(true)),
                kind: self
                    .resolve(schema)
                    .get("type")
                    .and_then(Value::as_str)
                    .unwrap_or("string")
                    .to_owned(),
                validator: self.schemas.validator(schema)?,
            });
        }
        Ok(read)
    }

    fn body(&self) -> Result<Option<BodyRule>, String> {
        let Some(body) = self.operation.get("requestBody").map(|body| self.resolve(body)) else {
            return Ok(None);
        };
        let content = body
            .get("content")
            .and_then(Value::as_object)
            .ok_or("a body without content")?;
        let (content_type, media) = content.iter().next().ok_or("a body without a content type")?;
        let schema = media.get("schema").ok_or("a body without a schema")?;
        Ok(Some(BodyRule {
            content_type: content_type.clone(),
            required: body.get("required") == Some(&Value::Bool(true)),
            validator: self.schemas.validator(schema)?,
        }))
    }

    fn answers(&self) -> Result<BTreeMap<u16, Option<Validator>>, String> {
        let responses = self
            .operation
            .get("responses")
            .and_then(Value::as_object)
            .ok_or("no responses")?;
        let mut answers = BTreeMap::new();
        for (status, response) in responses {
            let status = status.parse().map_err(|_| format!("{status} is no status"))?;
            let schema = self.resolve(response).pointer("/content/application~1json/schema");
            answers.insert(status, schema.map(|schema| self.schemas.validator(schema)).transpose()?);
        }
        Ok(answers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_document_holds_every_operation() {
        let document = Document::bundled().unwrap();
        let missing: Vec<_> = Operation::ALL
            .iter()
            .filter(|operation| document.rules[operation.index()].is_none())
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn an_answer_that_is_not_as_documented_is_seen() {
        let document = Document::bundled().unwrap();
        let rules = document.rules[Operation::CreateAllocatePoints.index()]
            .as_ref()
            .unwrap();
        assert!(
            rules
                .answer_mistakes(200, br#"{"code":0,"payload":{"otbBalance":1.5}}"#)
                .is_empty()
        );
        assert!(
            !rules
                .answer_mistakes(200, br#"{"code":0,"payload":{"otbBalance":"1.5"}}"#)
                .is_empty()
        );
        assert!(!rules.answer_mistakes(200, b"<html>").is_empty());
        assert_eq!(rules.answer_mistakes(418, b"{}"), ["status 418 is not documented"]);
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
            assert_eq!(document.known_part(path), shown);
        }
    }

    #[test]
    fn no_artificial_path_is_served() {
        let document = Document::bundled().unwrap();
        assert!(document.operations().all(|rules| !rules.path.contains(UNKNOWN_PREFIX)));
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
        for rules in document.operations() {
            let expected = if rules.operation == Operation::IssueToken {
                Proof::Basic
            } else {
                Proof::Bearer
            };
            assert_eq!(rules.proof, expected, "{}", rules.operation);
        }
    }
}
