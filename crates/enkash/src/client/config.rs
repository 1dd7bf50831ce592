//! What the clients for several people's tokens have in common: the settings, the HTTP client, and the pipeline's limits and
//! budget. The builder makes one; each session is made from it.

use std::{collections::BTreeMap, sync::Arc};

use enkash_api::{Client, OPERATIONS, OperationId, PathTemplate, Transport};

use crate::{
    auth::{cache::TokenCache, ledger::StrikeLedger},
    client::echo_check::ReferenceEchoCheck,
    error::Error,
    layers::{dry_run::DryRunExecutor, pipeline::Pipeline},
    metrics::MetricsHook,
    model::{amount_rules::AmountRules, credentials::Credentials, hosts::Hosts, ids::PartnerId},
    policy::Policies,
    token_source::TokenSource,
    transport::{deadline::Timeouts, plain_http::PlainHttpPolicy, sender::HttpSender},
};

/// One low-level client for each tag of the spec: their hosts may differ.
pub(super) type LowLevelClients = BTreeMap<&'static str, Client>;

pub(super) struct ClientConfig {
    pub(super) partner: PartnerId,
    pub(super) timeouts: Timeouts,
    pub(super) amount_rules: AmountRules,
    pub(super) policies: Arc<Policies>,
    pub(super) echo_check: ReferenceEchoCheck,
    pub(super) hosts: Hosts,
    pub(super) http: reqwest::Client,
    /// Whether the user tuned the HTTP client: then a login through it is not shared with other clients.
    pub(super) is_http_tuned: bool,
    pub(super) plain_http: PlainHttpPolicy,
    pub(super) observer: MetricsHook,
    pub(super) ledger: Option<Arc<dyn StrikeLedger>>,
    pub(super) paths: Vec<(OperationId, PathTemplate)>,
    pub(super) transports: TransportFactory,
    /// Then nothing is sent, whoever's token it would be.
    pub(super) dry_run: Option<DryRunExecutor>,
}

/// Makes the transport that uses one cache's tokens.
pub(super) struct TransportFactory(Box<dyn Fn(TokenCache) -> Transport + Send + Sync>);

impl TransportFactory {
    /// Each transport describes requests and sends none.
    pub(super) fn dry_run(dry_run: DryRunExecutor) -> Self {
        Self(Box::new(move |_| Transport::new(dry_run.clone())))
    }

    /// Each transport gets a pipeline of this kind.
    pub(super) fn new<S: HttpSender>(pipeline: impl Fn(TokenCache) -> Pipeline<S> + Send + Sync + 'static) -> Self {
        Self(Box::new(move |tokens| Transport::new(pipeline(tokens))))
    }
}

impl ClientConfig {
    /// The tokens of somebody who logs in at this client's token host.
    pub(super) fn token_source_for(&self, credentials: Credentials) -> Result<TokenSource, Error> {
        TokenSource::builder(self.hosts.token_base_url())
            .credentials(credentials)
            .default_ledger(self.ledger.clone())
            .connect_timeout(self.timeouts.connect)
            .timeout(self.timeouts.attempt)
            .with_http_client(self.http.clone(), self.plain_http.clone(), !self.is_http_tuned)
            .observer(self.observer.clone())
            .dry_run(self.dry_run.clone())
            .build()
    }

    /// Low-level clients that use these tokens.
    pub(super) fn build_clients(&self, tokens: &TokenSource) -> Result<LowLevelClients, Error> {
        let mut transport = (self.transports.0)(tokens.cache().clone());
        for (operation, path) in &self.paths {
            transport = transport.with_path(*operation, path.clone());
        }
        let mut clients = BTreeMap::new();
        for operation in OPERATIONS {
            if clients.contains_key(operation.tag) {
                continue;
            }
            let base = self.hosts.base_url_for(operation.tag);
            let client = Client::with_transport(base, self.http.clone(), transport.clone())
                .map_err(|error| Error::settings(error.to_string()))?;
            clients.insert(operation.tag, client);
        }
        Ok(clients)
    }
}
