//! Builds an [`Enkash`]: checks every setting before anything is sent, and owns the HTTP client's rules
//! that safety rests on.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use enkash_api::{Client, OPERATIONS, OperationId, PathTemplate, Transport};
use reqwest::{ClientBuilder, Url};

use super::{Enkash, Shared};
use crate::{
    Credentials, Error, Hosts, PartnerId, TokenSource,
    http_client::{self, HttpHook},
    pipeline::Pipeline,
};

/// The settings of a client: see [`Enkash::builder`].
#[must_use = "a builder does nothing until `build`"]
pub struct EnkashBuilder {
    hosts: Hosts,
    credentials: Option<Credentials>,
    tokens: Option<TokenSource>,
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
            tokens: None,
            partner: None,
            connect_timeout: Duration::from_secs(5),
            attempt_timeout: Duration::from_secs(30),
            plain_http_hosts: Vec::new(),
            paths: Vec::new(),
            http: None,
        }
    }

    /// What to log in with. Required, unless `tokens` is given.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Where tokens come from, for more than the defaults: strikes that survive a restart, a token kept between runs. The
    /// token host of [`Hosts`] is not used then.
    pub fn tokens(mut self, tokens: TokenSource) -> Self {
        self.tokens = Some(tokens);
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
        if self.credentials.is_none() && self.tokens.is_none() || self.partner.is_none() {
            return Err(Error::settings(
                "a client needs `credentials` (or `tokens`) and `partner_id`",
            ));
        }
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

        let has_hook = self.http.is_some();
        let http = http_client::build(self.http, self.connect_timeout, &bases)?;

        let low_level = |base: &str, transport: Transport| {
            Client::with_transport(base, http.clone(), transport).map_err(|error| Error::settings(error.to_string()))
        };

        let tokens = match (self.tokens, self.credentials) {
            (Some(tokens), _) => tokens,
            (None, Some(credentials)) => self
                .plain_http_hosts
                .iter()
                .fold(TokenSource::builder(self.hosts.of_token()), |builder, host| {
                    builder.allow_plain_http(host)
                })
                .credentials(credentials)
                .connect_timeout(self.connect_timeout)
                .timeout(self.attempt_timeout)
                .prepared(http.clone(), !has_hook)
                .build()?,
            (None, None) => return Err(Error::settings("a client needs `credentials` or `tokens`")),
        };
        let partner = self
            .partner
            .ok_or_else(|| Error::settings("a client needs `partner_id`"))?;

        let mut transport = Transport::new(Pipeline {
            tokens: Some(tokens.cache().clone()),
            origins: bases.iter().map(|url| url.origin().ascii_serialization()).collect(),
            plain_http_hosts: self.plain_http_hosts,
            attempt_timeout: self.attempt_timeout,
        });
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
