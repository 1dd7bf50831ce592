//! The hand-written half of the generated [`Client`]: how it is built alone, and how one call is given
//! what it needs. Generated code is never edited.

use std::{any::Any, sync::Arc, time::Duration};

use reqwest::header::HeaderValue;

use crate::{Client, Error, OperationId, PathTemplate, ResponseLimit, Secret, Transport};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(30);

impl Client {
    /// A client that works alone: no token, no retry, no redirect. The whole request takes at most 30 s, and a response
    /// has at most 16 MiB.
    ///
    /// # Errors
    ///
    /// The base URL is not one, or TLS could not be set up.
    pub fn plain(base_url: &str) -> Result<Self, Error> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .build()
            .map_err(Error::from_reqwest)?;
        Self::with_transport(base_url, http, Transport::default())
    }

    /// A client with an HTTP client and a transport of the caller's.
    ///
    /// # Errors
    ///
    /// The base URL is not an `http` or `https` URL without query and fragment.
    pub fn with_transport(base_url: &str, http: reqwest::Client, transport: Transport) -> Result<Self, Error> {
        Ok(Self::new_with_client(&check_base_url(base_url)?, http, transport))
    }

    /// Sends this bearer token with each request. Refused over plain http, except to loopback.
    ///
    /// # Errors
    ///
    /// The token has characters that a header cannot hold.
    pub fn bearer(self, token: &Secret) -> Result<Self, Error> {
        self.authorization(format!("Bearer {}", token.expose()))
    }

    /// Sends a complete `Authorization` value with each request, such as the Basic credential that
    /// [`issue_token`](Self::issue_token) needs. Refused over plain http, except to loopback.
    ///
    /// # Errors
    ///
    /// The value has characters that a header cannot hold.
    pub fn authorization(mut self, value: impl Into<Secret>) -> Result<Self, Error> {
        let value = HeaderValue::from_str(value.into().expose())
            .map_err(|_| Error::settings("the credential has characters that a header cannot hold"))?;
        self.inner = self.inner.with_authorization(value);
        Ok(self)
    }

    /// Takes the path of an operation from the user: needed where nobody saw one, possible everywhere.
    #[must_use]
    pub fn with_path(mut self, operation: OperationId, path: PathTemplate) -> Self {
        self.inner = self.inner.with_path(operation, path);
        self
    }

    /// How large a response may be; 16 MiB unless set. A larger one is an error whose source is a
    /// [`ResponseTooLarge`](crate::ResponseTooLarge).
    #[must_use]
    pub fn with_response_limit(mut self, limit: ResponseLimit) -> Self {
        self.inner = self.inner.with_response_limit(limit);
        self
    }

    /// The same client for one call, with whatever that call needs to tell the executor. Cheap.
    #[must_use]
    pub fn for_call<T: Any + Send + Sync>(&self, context: Arc<T>) -> Self {
        Self {
            baseurl: self.baseurl.clone(),
            client: self.client.clone(),
            inner: self.inner.for_call(context),
        }
    }
}

/// The base without a trailing slash: paths bring their own.
fn check_base_url(base_url: &str) -> Result<String, Error> {
    let url: reqwest::Url = base_url
        .parse()
        .map_err(|error| Error::settings(format!("the base URL {base_url:?} is not a URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
        return Err(Error::settings(format!(
            "the base URL {base_url:?} must be http or https, without query and fragment"
        )));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}
