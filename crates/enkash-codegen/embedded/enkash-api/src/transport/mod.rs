//! What stands between a call and the network: it applies the path that the user gave, and reads the response up to its
//! limit. The high level supplies an [`Executor`]; without one the requests go straight to reqwest. The client calls it.

mod resolve_path;
mod response_limit;

use std::{any::Any, collections::BTreeMap, fmt, future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;
use reqwest::{
    StatusCode,
    header::{AUTHORIZATION, HeaderValue},
};

use self::resolve_path::InferredPaths;
pub use self::{
    resolve_path::UnknownPath,
    response_limit::{ResponseBodyError, ResponseLimit, ResponseTooLarge, with_body},
};
use crate::{
    operation::{Operation, OperationId},
    origin,
    path_template::PathTemplate,
};

/// An error of any type; it reaches the caller as the source of [`Error`](crate::Error), with its type kept.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What [`Executor::execute`] returns.
pub type ExecutorFuture<'a> = Pin<Box<dyn Future<Output = Result<reqwest::Response, BoxError>> + Send + 'a>>;

/// Sends the requests of the generated client: the place for tokens, retries, limits and encryption.
///
/// ```
/// use enkash_api::{Call, Executor, ExecutorFuture};
///
/// /// Counts, then sends.
/// struct Counting(std::sync::atomic::AtomicUsize);
///
/// impl Executor for Counting {
///     fn execute<'a>(
///         &'a self,
///         http: &'a reqwest::Client,
///         request: reqwest::Request,
///         _call: Call<'a>,
///     ) -> ExecutorFuture<'a> {
///         Box::pin(async move {
///             self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
///             Ok(http.execute(request).await?)
///         })
///     }
/// }
/// ```
pub trait Executor: Send + Sync + 'static {
    /// Sends one request and returns the response, whatever its status.
    fn execute<'a>(
        &'a self,
        http: &'a reqwest::Client,
        request: reqwest::Request,
        call: Call<'a>,
    ) -> ExecutorFuture<'a>;

    /// Whether every response that it returns has a body in memory that was held to a [`ResponseLimit`]. Where it does not say
    /// so, the transport reads the body and holds it to its own.
    fn limits_responses(&self) -> bool {
        false
    }
}

/// What an [`Executor`] is told of a request beside the request itself.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Call<'a> {
    /// The operation.
    pub operation: &'static Operation,
    /// Whether the user gave the path, with [`Transport::with_path`]. What the spec says of the operation may not hold
    /// there: whether it may be repeated, for one.
    pub has_given_path: bool,
    context: Option<&'a (dyn Any + Send + Sync)>,
}

impl<'a> Call<'a> {
    /// What was given to [`Transport::for_call`], if it has this type.
    #[must_use]
    pub fn context<T: 'static>(&self) -> Option<&'a T> {
        self.context?.downcast_ref()
    }
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation.name)
            .finish_non_exhaustive()
    }
}

/// How a [`Client`](crate::Client) sends: alone, or through an [`Executor`]. Cloning is cheap.
#[derive(Clone, Default)]
pub struct Transport {
    inner: Arc<TransportInner>,
    context: Option<Arc<dyn Any + Send + Sync>>,
}

/// What all calls of a client share: one count of owners, because calls of several threads change it.
#[derive(Clone)]
struct TransportInner {
    executor: Option<Arc<dyn Executor>>,
    authorization: Option<HeaderValue>,
    paths: BTreeMap<OperationId, PathTemplate>,
    inferred: Arc<InferredPaths>,
    response_limit: ResponseLimit,
}

impl Default for TransportInner {
    fn default() -> Self {
        Self {
            executor: None,
            authorization: None,
            paths: BTreeMap::new(),
            inferred: Arc::default(),
            response_limit: ResponseLimit::bytes(DEFAULT_RESPONSE_LIMIT),
        }
    }
}

/// Larger than every list that was seen.
const DEFAULT_RESPONSE_LIMIT: usize = 16 * 1024 * 1024;

impl Transport {
    /// Sends through an executor.
    #[must_use]
    pub fn new(executor: impl Executor) -> Self {
        let inner = TransportInner {
            executor: Some(Arc::new(executor)),
            ..TransportInner::default()
        };
        Self {
            inner: Arc::new(inner),
            context: None,
        }
    }

    /// The same transport for one call, with whatever that call needs to tell the executor.
    #[must_use]
    pub fn for_call<T: Any + Send + Sync>(&self, context: Arc<T>) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            context: Some(context),
        }
    }

    /// Takes the path of an operation from the user: needed where nobody saw one, possible everywhere. Nothing here knows
    /// what an operation does with value, so whether the path is that of another one is for the caller to check.
    #[must_use]
    pub fn with_path(mut self, operation: OperationId, path: PathTemplate) -> Self {
        Arc::make_mut(&mut self.inner).paths.insert(operation, path);
        self
    }

    /// How large a response may be; 16 MiB unless set. An executor that limits responses itself has limits of its own.
    #[must_use]
    pub fn with_response_limit(mut self, limit: ResponseLimit) -> Self {
        Arc::make_mut(&mut self.inner).response_limit = limit;
        self
    }

    pub(crate) fn with_authorization(mut self, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        Arc::make_mut(&mut self.inner).authorization = Some(value);
        self
    }

    /// Sends a request and reads the whole response, whatever its status.
    pub(crate) async fn send(
        &self,
        http: &reqwest::Client,
        base_url: &str,
        operation: &'static Operation,
        mut request: reqwest::Request,
    ) -> Result<http::Response<Bytes>, BoxError> {
        let TransportInner {
            executor,
            authorization,
            paths,
            inferred,
            response_limit,
        } = &*self.inner;
        let given_path = paths.get(&operation.id);
        resolve_path::apply_path(&mut request, base_url, operation, given_path)?;
        if given_path.is_none() {
            inferred.warn_once(operation);
        }
        if let Some(value) = authorization {
            origin::refuse_plain_http(request.url(), &[])?;
            request.headers_mut().insert(AUTHORIZATION, value.clone());
        }
        let mut response = match executor {
            None => http.execute(request).await?,
            Some(executor) => {
                let call = Call {
                    operation,
                    has_given_path: given_path.is_some(),
                    context: self.context.as_deref(),
                };
                executor.execute(http, request, call).await?
            }
        };
        let limit = match executor {
            Some(executor) if executor.limits_responses() => ResponseLimit::bytes(usize::MAX),
            _ => *response_limit,
        };
        let body = limit.read(&mut response).await;
        let body = body.map_err(ResponseBodyError::into_reason)?;
        limit.check_values(response.status(), &body)?;
        let mut read = http::Response::new(body);
        *read.status_mut() = response.status();
        *read.headers_mut() = std::mem::take(response.headers_mut());
        Ok(read)
    }

    /// What the user can do about a status, where this transport knows the credential: an executor has its own.
    pub(crate) fn advice(&self, status: StatusCode) -> Option<&'static str> {
        if status != StatusCode::UNAUTHORIZED || self.inner.executor.is_some() {
            return None;
        }
        match &self.inner.authorization {
            None => Some(NO_CREDENTIAL),
            Some(value) if value.as_bytes().starts_with(b"Bearer ") => Some(TOKEN_REFUSED),
            Some(_) => None,
        }
    }
}

const NO_CREDENTIAL: &str = "No credential was sent: give an access token with `Client::bearer`. The crate `enkash` logs in \
                             and refreshes tokens by itself";
const TOKEN_REFUSED: &str = "The access token was refused. By the documentation a token lives 5 minutes: get a new one with \
                             `issue_token`. The crate `enkash` refreshes tokens by itself";

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("executor", &self.inner.executor.is_some())
            .field("authorization", &self.inner.authorization.is_some())
            .field("paths", &self.inner.paths)
            .finish_non_exhaustive()
    }
}
