//! The client: how it is built alone, and how one call is given what it needs. The method of each operation, with the
//! builder of its call, is generated.

#[rustfmt::skip]
#[allow(missing_docs, unreachable_pub, rustdoc::broken_intra_doc_links, unused_imports)]
mod generated;

use std::{any::Any, sync::Arc, time::Duration};

use progenitor_client::ResponseValue;
use reqwest::header::HeaderValue;
use serde::de::DeserializeOwned;

pub use self::generated::builder;
use crate::{
    error::Error,
    operation::OperationId,
    path_template::PathTemplate,
    secret::Secret,
    tls::http_client_builder,
    transport::{ResponseLimit, Transport},
};

/// The client of the EnKash Reward APIs: a method for each operation. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Client {
    baseurl: Arc<str>,
    client: reqwest::Client,
    transport: Transport,
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(30);

impl Client {
    /// A client that works alone: no token, no retry, no redirect. The whole request takes at most 30 s, and a response
    /// has at most 16 MiB.
    ///
    /// # Errors
    ///
    /// The base URL is not one, or TLS could not be set up.
    pub fn unauthenticated(base_url: &str) -> Result<Self, Error> {
        let http = http_client_builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .build()
            .map_err(Error::from_reqwest)?;
        Self::with_transport(base_url, http, Transport::default())
    }

    /// A client with an HTTP client and a transport of the caller's.
    ///
    /// Make the HTTP client by [`http_client_builder`]: one that follows redirects or repeats requests by itself, as reqwest's own
    /// builder makes it, may send a call that moves value twice.
    ///
    /// # Errors
    ///
    /// The base URL is not an `http` or `https` URL without query and fragment.
    pub fn with_transport(base_url: &str, http: reqwest::Client, transport: Transport) -> Result<Self, Error> {
        Ok(Self {
            baseurl: check_base_url(base_url)?.into(),
            client: http,
            transport,
        })
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
        self.transport = self.transport.with_authorization(value);
        Ok(self)
    }

    /// Takes the path of an operation from the user: needed where nobody saw one, possible everywhere.
    #[must_use]
    pub fn with_path(mut self, operation: OperationId, path: PathTemplate) -> Self {
        self.transport = self.transport.with_path(operation, path);
        self
    }

    /// How large a response may be; 16 MiB unless set. A larger one is an error whose source is a
    /// [`ResponseTooLarge`](crate::ResponseTooLarge).
    #[must_use]
    pub fn with_response_limit(mut self, limit: ResponseLimit) -> Self {
        self.transport = self.transport.with_response_limit(limit);
        self
    }

    /// The same client for one call, with whatever that call needs to tell the executor. Cheap.
    #[must_use]
    pub fn for_call<T: Any + Send + Sync>(&self, context: Arc<T>) -> Self {
        Self {
            baseurl: Arc::clone(&self.baseurl),
            client: self.client.clone(),
            transport: self.transport.for_call(context),
        }
    }

    /// Sends the request of a call; its builder is generated. `documented` are the statuses that the spec knows.
    async fn send<T: DeserializeOwned>(
        &self,
        operation: OperationId,
        request: reqwest::Request,
        documented: &[u16],
    ) -> Result<ResponseValue<T>, Error> {
        let sent = self
            .transport
            .send(&self.client, &self.baseurl, operation.operation(), request);
        let response = sent.await.map_err(Error::from_transport)?;
        let status = response.status();
        if !status.is_success() {
            let advice = self.transport.advice(status);
            return Err(Error::from_response(&response, documented).with_advice(advice));
        }
        if !documented.contains(&status.as_u16()) {
            return Err(Error::undocumented(status));
        }
        // Each text of a slice would be checked by itself.
        let text = std::str::from_utf8(response.body()).map_err(|_| Error::undecodable())?;
        let value = serde_json::from_str(text).map_err(|_| Error::undecodable())?;
        let (parts, _) = response.into_parts();
        Ok(ResponseValue::new(value, parts.status, parts.headers))
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
