//! Builds an [`Enkash`]: checks every setting before anything is sent, and owns the HTTP client's rules
//! that safety rests on.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use enkash_api::{Client, OPERATIONS, OperationId, PathTemplate, Transport};
use reqwest::{ClientBuilder, Url};

use super::{Enkash, Shared};
use crate::{
    Credentials, Error, Hosts, PartnerId,
    clock::SystemClock,
    http_client::{self, HttpHook},
    pipeline::Pipeline,
    token::{PasswordGrant, TokenCache},
};

/// The settings of a client: see [`Enkash::builder`].
#[must_use = "a builder does nothing until `build`"]
pub struct EnkashBuilder {
    hosts: Hosts,
    credentials: Option<Credentials>,
    partner: Option<PartnerId>,
    connect_timeout: Duration,
    attempt_timeout: Duration,
    plain_http_hosts: Vec<String>,
    paths: Vec<(OperationId, PathTemplate)>,
    http: Option<HttpHook>,
}

impl EnkashBuilder {
    pub(super) fn new(hosts: Hosts) -> Self {
        Self {
            hosts,
            credentials: None,
            partner: None,
            connect_timeout: Duration::from_secs(5),
            attempt_timeout: Duration::from_secs(30),
            plain_http_hosts: Vec::new(),
            paths: Vec::new(),
            http: None,
        }
    }

    /// What to log in with. Required.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// The partner that calls, as EnKash named it at onboarding. Required.
    pub fn partner_id(mut self, partner: impl Into<PartnerId>) -> Self {
        self.partner = Some(partner.into());
        self
    }

    /// How long making a connection may take; 5 s unless set. Must be shorter than the attempt's timeout.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long one request may take, with its answer; 30 s unless set.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Allows credentials over plain http to this host, such as a stub in a closed test network. Loopback is
    /// always allowed.
    pub fn allow_plain_http(mut self, host: impl Into<String>) -> Self {
        self.plain_http_hosts.push(host.into());
        self
    }

    /// Gives the path of an operation: needed where nobody saw one, possible everywhere.
    pub fn with_path(mut self, operation: OperationId, path: PathTemplate) -> Self {
        self.paths.push((operation, path));
        self
    }

    /// Tunes the HTTP client, for instance its proxy or its certificates. It runs before our own settings:
    /// redirects and reqwest's own retries stay off, because either could send a call twice.
    pub fn http(mut self, hook: impl FnOnce(ClientBuilder) -> ClientBuilder + Send + 'static) -> Self {
        self.http = Some(Box::new(hook));
        self
    }

    /// Builds the client. Sends nothing.
    ///
    /// # Errors
    ///
    /// Names every setting that is missing, or the one that cannot be right.
    pub fn build(self) -> Result<Enkash, Error> {
        let (Some(credentials), Some(partner)) = (self.credentials, self.partner) else {
            return Err(Error::settings("a client needs `credentials` and `partner_id`"));
        };
        if self.connect_timeout >= self.attempt_timeout {
            return Err(Error::settings(
                "the connect timeout must be shorter than the attempt timeout: otherwise a request that was never \
                 sent looks like one whose answer was lost",
            ));
        }
        if let Some(stray) = self
            .hosts
            .tags()
            .find(|tag| OPERATIONS.iter().all(|known| known.tag != *tag))
        {
            return Err(Error::settings(format!("no operation has the tag {stray:?}")));
        }
        let bases = base_urls(&self.hosts)?;

        let http = http_client::build(self.http, self.connect_timeout, &bases)?;

        let pipeline = |tokens: Option<TokenCache>| Pipeline {
            tokens,
            origins: bases.iter().map(|url| url.origin().ascii_serialization()).collect(),
            plain_http_hosts: self.plain_http_hosts.clone(),
            attempt_timeout: self.attempt_timeout,
        };
        let low_level = |base: &str, transport: Transport| {
            Client::with_transport(base, http.clone(), transport).map_err(|error| Error::settings(error.to_string()))
        };

        let log_in = low_level(self.hosts.of_token(), Transport::new(pipeline(None)))?;
        let log_in = log_in
            .authorization(credentials.basic())
            .map_err(|error| Error::settings(error.to_string()))?;
        let tokens = TokenCache::new(PasswordGrant::new(log_in, credentials), Arc::new(SystemClock));

        let mut transport = Transport::new(pipeline(Some(tokens.clone())));
        for (operation, path) in self.paths {
            transport = transport.with_path(operation, path);
        }
        let mut clients = BTreeMap::new();
        for operation in OPERATIONS {
            if !clients.contains_key(operation.tag) {
                clients.insert(
                    operation.tag,
                    low_level(self.hosts.of_tag(operation.tag), transport.clone())?,
                );
            }
        }
        Ok(Enkash {
            shared: Arc::new(Shared {
                tokens,
                clients,
                partner,
            }),
        })
    }
}

fn base_urls(hosts: &Hosts) -> Result<Vec<Url>, Error> {
    let tags = OPERATIONS.iter().map(|operation| hosts.of_tag(operation.tag));
    std::iter::once(hosts.of_token())
        .chain(tags)
        .map(http_client::base_url)
        .collect()
}
