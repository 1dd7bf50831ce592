//! The keys of OpenAPI 3.0, as far as the library that reads it knows them.
//!
//! The OpenAPI library keeps what it knows and drops the rest in silence. [`super::shape`] holds the document against
//! these tables before the library sees it. A key that stands in the standard but not in the library (`xml`) is left
//! out on purpose: it would be lost.

use super::evidence;
use super::shape::Shape::{
    Anything, Boolean, BooleanOr, Count, List, MapOf, Number, Object as ObjectOf, ObjectOrReference, Text, Word,
};
use super::shape::{Object, Others, Shape, optional, required};

/// The whole document.
pub(crate) static DOCUMENT: Shape = ObjectOf(&ROOT);

static ROOT: Object = Object {
    section: None,
    fields: &[
        required("openapi", Text),
        required("info", ObjectOf(&INFO)),
        optional("servers", List(&ObjectOf(&SERVER))),
        required("paths", ObjectOf(&PATHS)),
        optional("components", ObjectOf(&COMPONENTS)),
        optional("security", List(&SECURITY_REQUIREMENT)),
        optional("tags", List(&ObjectOf(&TAG))),
        optional("externalDocs", ObjectOf(&EXTERNAL_DOCS)),
    ],
    others: Others::Extensions,
};

static INFO: Object = Object {
    section: None,
    fields: &[
        required("title", Text),
        required("version", Text),
        optional("description", Text),
        optional("termsOfService", Text),
        optional("contact", ObjectOf(&CONTACT)),
        optional("license", ObjectOf(&LICENSE)),
    ],
    others: Others::Extensions,
};

static CONTACT: Object = Object {
    section: None,
    fields: &[optional("name", Text), optional("url", Text), optional("email", Text)],
    others: Others::Extensions,
};

static LICENSE: Object = Object {
    section: None,
    fields: &[required("name", Text), optional("url", Text)],
    others: Others::Extensions,
};

static SERVER: Object = Object {
    section: None,
    fields: &[
        required("url", Text),
        optional("description", Text),
        optional("variables", MapOf(&ObjectOf(&SERVER_VARIABLE))),
    ],
    others: Others::Extensions,
};

static SERVER_VARIABLE: Object = Object {
    section: None,
    fields: &[
        required("default", Text),
        optional("enum", List(&Text)),
        optional("description", Text),
    ],
    others: Others::Extensions,
};

static TAG: Object = Object {
    section: None,
    fields: &[
        required("name", Text),
        optional("description", Text),
        optional("externalDocs", ObjectOf(&EXTERNAL_DOCS)),
    ],
    others: Others::Extensions,
};

static EXTERNAL_DOCS: Object = Object {
    section: None,
    fields: &[required("url", Text), optional("description", Text)],
    others: Others::Extensions,
};

static SECURITY_REQUIREMENT: Shape = MapOf(&List(&Text));

static PATHS: Object = Object {
    section: None,
    fields: &[],
    others: Others::Named {
        accepts: |key| key.starts_with('/'),
        remedy: |key| format!("a path begins with a slash, write /{key}"),
        shape: ObjectOf(&PATH_ITEM),
    },
};

/// What is the same for all methods of a path, and the methods.
pub(crate) static PATH_ITEM: Object = Object {
    section: None,
    fields: &[
        optional("summary", Text),
        optional("description", Text),
        optional("get", ObjectOf(&OPERATION)),
        optional("put", ObjectOf(&OPERATION)),
        optional("post", ObjectOf(&OPERATION)),
        optional("delete", ObjectOf(&OPERATION)),
        optional("options", ObjectOf(&OPERATION)),
        optional("head", ObjectOf(&OPERATION)),
        optional("patch", ObjectOf(&OPERATION)),
        optional("trace", ObjectOf(&OPERATION)),
        optional("servers", List(&ObjectOf(&SERVER))),
        optional("parameters", List(&ObjectOrReference(&PARAMETER))),
    ],
    others: Others::Extensions,
};

/// One method of a path.
pub(crate) static OPERATION: Object = Object {
    section: None,
    fields: &[
        optional("operationId", Text),
        optional("tags", List(&Text)),
        optional("summary", Text),
        optional("description", Text),
        optional("parameters", List(&ObjectOrReference(&PARAMETER))),
        optional("requestBody", ObjectOrReference(&REQUEST_BODY)),
        required("responses", ObjectOf(&RESPONSES)),
        optional("deprecated", Boolean),
        optional("security", List(&SECURITY_REQUIREMENT)),
        optional("servers", List(&ObjectOf(&SERVER))),
        optional("externalDocs", ObjectOf(&EXTERNAL_DOCS)),
        optional("callbacks", MapOf(&Anything)),
        optional(evidence::KEY, evidence::SHAPE),
    ],
    others: Others::Extensions,
};

/// A parameter in the path, the query or a header.
pub(crate) static PARAMETER: Object = Object {
    section: Some("parameters"),
    fields: &[
        required("name", Text),
        required("in", Word(&["path", "query", "header", "cookie"])),
        optional("description", Text),
        optional("required", Boolean),
        optional("deprecated", Boolean),
        // The standard allows `content` instead, the generator does not.
        required("schema", ObjectOrReference(&SCHEMA)),
        optional("style", Text),
        optional("explode", Boolean),
        optional("allowReserved", Boolean),
        optional("allowEmptyValue", Boolean),
        optional("example", Anything),
        optional("examples", MapOf(&ObjectOrReference(&EXAMPLE))),
    ],
    others: Others::Extensions,
};

/// The body of a request.
pub(crate) static REQUEST_BODY: Object = Object {
    section: Some("requestBodies"),
    fields: &[
        required("content", MapOf(&ObjectOf(&MEDIA_TYPE))),
        optional("description", Text),
        optional("required", Boolean),
    ],
    others: Others::Extensions,
};

/// A body of one content type.
pub(crate) static MEDIA_TYPE: Object = Object {
    section: None,
    fields: &[
        optional("schema", ObjectOrReference(&SCHEMA)),
        optional("example", Anything),
        optional("examples", MapOf(&ObjectOrReference(&EXAMPLE))),
        optional("encoding", MapOf(&ObjectOf(&ENCODING))),
    ],
    others: Others::Extensions,
};

static ENCODING: Object = Object {
    section: None,
    fields: &[
        optional("contentType", Text),
        optional("headers", MapOf(&ObjectOrReference(&HEADER))),
        optional("style", Text),
        optional("explode", Boolean),
        optional("allowReserved", Boolean),
    ],
    others: Others::Extensions,
};

static EXAMPLE: Object = Object {
    section: Some("examples"),
    fields: &[
        optional("summary", Text),
        optional("description", Text),
        optional("value", Anything),
        optional("externalValue", Text),
    ],
    others: Others::Extensions,
};

static RESPONSES: Object = Object {
    section: None,
    fields: &[],
    others: Others::Named {
        accepts: |key| key == "default" || is_status(key),
        remedy: |_| "a response is named by its status, such as '200' or '4XX'".to_owned(),
        shape: ObjectOrReference(&RESPONSE),
    },
};

fn is_status(key: &str) -> bool {
    let digits_after_the_first = |rest: &str| rest == "XX" || rest.bytes().all(|b| b.is_ascii_digit());
    key.len() == 3 && key.starts_with(['1', '2', '3', '4', '5']) && digits_after_the_first(&key[1..])
}

/// One answer of an operation.
pub(crate) static RESPONSE: Object = Object {
    section: Some("responses"),
    fields: &[
        required("description", Text),
        optional("headers", MapOf(&ObjectOrReference(&HEADER))),
        optional("content", MapOf(&ObjectOf(&MEDIA_TYPE))),
        optional("links", MapOf(&Anything)),
    ],
    others: Others::Extensions,
};

static HEADER: Object = Object {
    section: Some("headers"),
    fields: &[
        optional("description", Text),
        optional("required", Boolean),
        optional("deprecated", Boolean),
        optional("schema", ObjectOrReference(&SCHEMA)),
        optional("content", MapOf(&ObjectOf(&MEDIA_TYPE))),
        optional("style", Text),
        optional("example", Anything),
        optional("examples", MapOf(&ObjectOrReference(&EXAMPLE))),
    ],
    others: Others::Extensions,
};

/// A schema.
pub(crate) static SCHEMA: Object = Object {
    section: Some("schemas"),
    fields: &[
        optional(
            "type",
            Word(&["string", "number", "integer", "boolean", "array", "object"]),
        ),
        optional("format", Text),
        optional("title", Text),
        optional("description", Text),
        optional("enum", List(&Anything)),
        optional("default", Anything),
        optional("nullable", Boolean),
        optional("readOnly", Boolean),
        optional("writeOnly", Boolean),
        optional("deprecated", Boolean),
        optional("example", Anything),
        optional("externalDocs", ObjectOf(&EXTERNAL_DOCS)),
        optional("properties", MapOf(&ObjectOrReference(&SCHEMA))),
        optional("required", List(&Text)),
        optional("additionalProperties", BooleanOr(&ObjectOrReference(&SCHEMA))),
        optional("minProperties", Count),
        optional("maxProperties", Count),
        optional("items", ObjectOrReference(&SCHEMA)),
        optional("minItems", Count),
        optional("maxItems", Count),
        optional("uniqueItems", Boolean),
        optional("minLength", Count),
        optional("maxLength", Count),
        optional("pattern", Text),
        optional("minimum", Number),
        optional("maximum", Number),
        optional("exclusiveMinimum", Boolean),
        optional("exclusiveMaximum", Boolean),
        optional("multipleOf", Number),
        optional("allOf", List(&ObjectOrReference(&SCHEMA))),
        optional("oneOf", List(&ObjectOrReference(&SCHEMA))),
        optional("anyOf", List(&ObjectOrReference(&SCHEMA))),
        optional("not", ObjectOrReference(&SCHEMA)),
        optional("discriminator", ObjectOf(&DISCRIMINATOR)),
    ],
    others: Others::Extensions,
};

static DISCRIMINATOR: Object = Object {
    section: None,
    fields: &[required("propertyName", Text), optional("mapping", MapOf(&Text))],
    others: Others::Extensions,
};

static COMPONENTS: Object = Object {
    section: None,
    fields: &[
        optional("schemas", MapOf(&ObjectOrReference(&SCHEMA))),
        optional("responses", MapOf(&ObjectOrReference(&RESPONSE))),
        optional("parameters", MapOf(&ObjectOrReference(&PARAMETER))),
        optional("examples", MapOf(&ObjectOrReference(&EXAMPLE))),
        optional("requestBodies", MapOf(&ObjectOrReference(&REQUEST_BODY))),
        optional("headers", MapOf(&ObjectOrReference(&HEADER))),
        optional("securitySchemes", MapOf(&ObjectOrReference(&SECURITY_SCHEME))),
        optional("links", MapOf(&Anything)),
        optional("callbacks", MapOf(&Anything)),
    ],
    others: Others::Extensions,
};

/// A way to prove who calls.
pub(crate) static SECURITY_SCHEME: Object = Object {
    section: Some("securitySchemes"),
    fields: &[
        required("type", Word(&["http", "apiKey", "oauth2", "openIdConnect"])),
        optional("description", Text),
        optional("scheme", Text),
        optional("bearerFormat", Text),
        optional("name", Text),
        optional("in", Word(&["query", "header", "cookie"])),
        optional("flows", Anything),
        optional("openIdConnectUrl", Text),
    ],
    others: Others::Extensions,
};
