//! A client that sends nothing: each request that a call would begin with is described to whoever asked for the dry run,
//! and the call ends as "not sent". It takes the pipeline's place, so there is no login, no limit and no retry.

use std::{collections::BTreeMap, fmt, sync::Arc};

use enkash_api::{BoxError, Call, Executor, ExecutorFuture, OperationId};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName};
use reqwest::{Request, Url};
use serde::Serialize;
use serde_json::Value;

use crate::{encryption::PayloadEncryption, model::serialize::text, transport::plain_http::PlainHttpPolicy};

const REDACTED: &str = "[redacted]";

/// The fields whose values are shown, in bodies and queries: amounts, references, ids and fixed words. A value under any
/// other name is a person's, a secret, or free text that may hold either. A test holds the list against the spec.
const SHOWN_FIELDS: &[&str] = &[
    "aggregator",
    "aggregatorDiscountFrom",
    "aggregatorDiscountTo",
    "aggregatorOrderId",
    "aggregatorProductId",
    "amount",
    "amountFrom",
    "amountTo",
    "brand",
    "cardAccountId",
    "cardTransactionType",
    "cartId",
    "category",
    "clientId",
    "clientReferenceId",
    "companyId",
    "configuration",
    "createdOnFrom",
    "createdOnTo",
    "denomination",
    "direction",
    "ekUserId",
    "enKashCardId",
    "enKashTransactionId",
    "enKashTransactionIds",
    "enkashCardId",
    "enkashDiscountFrom",
    "enkashDiscountTo",
    "event",
    "grant_type",
    "isPointsAllocation",
    "limit",
    "loadAmount",
    "offset",
    "orderId",
    "orderReferenceId",
    "partnerId",
    "pgReferenceNumber",
    "pgReferenceNumbers",
    "product",
    "productCatalogId",
    "quantity",
    "requestId",
    "status",
    "transactionCode",
    "transactionType",
    "txnDateFrom",
    "txnDateTo",
    "type",
    "uniqueReferenceNum",
    "uniqueReferenceNumber",
    "userId",
];

const SHOWN_HEADERS: &[&str] = &["accept", "content-type", "partnerid", "user-agent"];

/// A request that was not sent, without secrets and without people's data. `Display` shows it as it would travel;
/// serialising gives the same as fields.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DryRunRequest {
    /// The operation.
    #[serde(serialize_with = "text")]
    pub operation: OperationId,
    /// The HTTP method.
    pub method: String,
    /// The URL; values of its query that may be a person's are left out.
    pub url: String,
    /// The headers by their names. The token is `[redacted]`.
    pub headers: BTreeMap<String, String>,
    /// The body, before any encryption: JSON as it is, a form as an object.
    pub body: Option<Value>,
    /// Whether the body would travel encrypted.
    pub is_encrypted: bool,
}

impl fmt::Display for DryRunRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)?;
        for (name, value) in &self.headers {
            write!(f, "\n{name}: {value}")?;
        }
        if self.is_encrypted {
            write!(f, "\n(the body below travels encrypted)")?;
        }
        match &self.body {
            None => Ok(()),
            Some(body) => write!(f, "\n\n{body:#}"),
        }
    }
}

/// Whoever is told.
type Sink = dyn Fn(DryRunRequest) + Send + Sync;

/// The executor of a dry run.
#[derive(Clone)]
pub(crate) struct DryRunExecutor {
    show: Arc<Sink>,
    /// What the pipeline would check.
    pub(crate) plain_http: PlainHttpPolicy,
    /// What the pipeline would encrypt.
    pub(crate) encryption: Option<Arc<PayloadEncryption>>,
}

/// The request was described instead of sent.
#[derive(Debug, thiserror::Error)]
#[error("this is a dry run")]
pub(crate) struct SuppressedByDryRun;

impl DryRunExecutor {
    pub(crate) fn new(show: impl Fn(DryRunRequest) + Send + Sync + 'static) -> Self {
        Self {
            show: Arc::new(show),
            plain_http: PlainHttpPolicy::default(),
            encryption: None,
        }
    }

    fn describe(&self, operation: OperationId, request: &Request) -> DryRunRequest {
        let body = request.body().map(|body| match body.as_bytes() {
            None => Value::String(REDACTED.to_owned()),
            Some(bytes) => shown_body(request, bytes),
        });
        let mut headers: BTreeMap<String, String> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), shown_header(name, value)))
            .collect();
        // The token layer would put it there.
        headers.insert(AUTHORIZATION.to_string(), REDACTED.to_owned());
        DryRunRequest {
            operation,
            method: request.method().to_string(),
            url: shown_url(request.url()),
            headers,
            is_encrypted: body.is_some()
                && self
                    .encryption
                    .as_ref()
                    .is_some_and(|encryption| encryption.encrypts(operation)),
            body,
        }
    }
}

impl Executor for DryRunExecutor {
    fn execute<'a>(&'a self, _http: &'a reqwest::Client, request: Request, call: Call<'a>) -> ExecutorFuture<'a> {
        Box::pin(async move {
            self.plain_http.check(request.url())?;
            (self.show)(self.describe(call.operation.id, &request));
            Err(BoxError::from(SuppressedByDryRun))
        })
    }
}

fn is_shown(name: &str) -> bool {
    SHOWN_FIELDS.contains(&name)
}

fn shown_header(name: &HeaderName, value: &http::HeaderValue) -> String {
    match value.to_str() {
        Ok(text) if !value.is_sensitive() && SHOWN_HEADERS.contains(&name.as_str()) => text.to_owned(),
        _ => REDACTED.to_owned(),
    }
}

fn shown_url(url: &Url) -> String {
    let mut shown = url.clone();
    if url.query().is_some() {
        let pairs: Vec<_> = url
            .query_pairs()
            .map(|(name, value)| match is_shown(&name) {
                true => (name, value),
                false => (name, REDACTED.into()),
            })
            .collect();
        shown.query_pairs_mut().clear().extend_pairs(pairs);
    }
    // The brackets are ours, and easier to read unescaped.
    shown.to_string().replace("%5Bredacted%5D", REDACTED)
}

fn shown_body(request: &Request, bytes: &[u8]) -> Value {
    let is_form = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
    if is_form {
        // A form is written as a query is.
        let mut url = request.url().clone();
        url.set_query(Some(&String::from_utf8_lossy(bytes)));
        let fields = url.query_pairs().map(|(name, value)| {
            let value = Value::String(value.into_owned());
            let shown = redacted(&name, value);
            (name.into_owned(), shown)
        });
        return Value::Object(fields.collect());
    }
    match serde_json::from_slice(bytes) {
        Ok(json) => redacted("", json),
        Err(_) => Value::String(REDACTED.to_owned()),
    }
}

/// The value that stands under this name, without what must not be shown.
fn redacted(name: &str, value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| {
                    let shown = redacted(&name, value);
                    (name, shown)
                })
                .collect(),
        ),
        Value::Array(items) => items.into_iter().map(|item| redacted(name, item)).collect(),
        Value::Null | Value::Bool(_) => value,
        Value::Number(_) | Value::String(_) if is_shown(name) => value,
        Value::Number(_) | Value::String(_) => Value::String(REDACTED.to_owned()),
    }
}

#[cfg(test)]
mod tests;
