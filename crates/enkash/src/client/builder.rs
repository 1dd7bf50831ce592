//! Builds an [`Enkash`]: checks every setting before anything is sent, and owns the HTTP client's rules
//! that safety rests on.

use std::{sync::Arc, time::Duration};

use enkash_api::{OPERATIONS, OperationId, PathTemplate};
use reqwest::{ClientBuilder, Url};

use crate::{
    auth::ledger::StrikeLedger,
    client::{
        Enkash, Session,
        config::{ClientConfig, TransportFactory},
        echo_check::ReferenceEchoCheck,
    },
    encryption::{PayloadEncryption, settings::Encryption},
    error::Error,
    layers::{
        bearer::Bearer,
        dry_run::{DryRunExecutor, DryRunRequest},
        limits::{Limiter, Limits},
        path_guard::PathGuard,
        pipeline::Pipeline,
        retry::{Retrier, RetryPolicy},
    },
    metrics::{Metrics, MetricsHook},
    model::{
        amount_rules::AmountRules,
        credentials::Credentials,
        hosts::Hosts,
        ids::PartnerId,
        invalid::InvalidInput,
        reference::{ClientReference, ReferenceField},
    },
    policy::{Policies, overlay::PolicyOverlay},
    token_source::TokenSource,
    transport::{
        attempt::HttpTransport,
        deadline::Timeouts,
        http_client::{self, Connections, HttpHook},
        options::CallOptions,
        plain_http::PlainHttpPolicy,
        response_limits::ResponseLimits,
        sender::{HttpSender, ReqwestSender},
    },
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
    operation_timeout: Option<Duration>,
    limits: Limits,
    retries: RetryPolicy,
    encryption: Option<Encryption>,
    response_limits: ResponseLimits,
    observer: MetricsHook,
    plain_http_hosts: Vec<String>,
    paths: Vec<(OperationId, PathTemplate)>,
    http: Option<HttpHook>,
    amount_rules: AmountRules,
    ledger: Option<Arc<dyn StrikeLedger>>,
    dry_run: Option<DryRunExecutor>,
    policy_overlays: Vec<PolicyOverlay>,
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
            operation_timeout: None,
            limits: Limits::none(),
            retries: RetryPolicy::default(),
            encryption: None,
            response_limits: ResponseLimits::default(),
            observer: MetricsHook::default(),
            plain_http_hosts: Vec::new(),
            paths: Vec::new(),
            http: None,
            amount_rules: AmountRules::default(),
            ledger: None,
            dry_run: None,
            policy_overlays: Vec::new(),
        }
    }

    /// What to log in with. Required, unless `token_source` is given.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Where failed logins are counted, those of [`Enkash::redemption`] too. In memory unless set: then a program that restarts in
    /// a loop with a wrong password locks the account at its third start. Not used where `token_source` is given, which have one.
    pub fn strike_ledger(mut self, ledger: impl StrikeLedger) -> Self {
        self.ledger = Some(Arc::new(ledger));
        self
    }

    /// Where tokens come from, for more than the defaults: strikes that survive a restart, a token kept between runs. The
    /// token host of [`Hosts`] is not used then.
    pub fn token_source(mut self, tokens: TokenSource) -> Self {
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

    /// How long one request may take, with its response; 30 s unless set.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// How long a whole call may take: limits, back-off, waiting for a token and every attempt together. Three times the
    /// attempt's timeout unless set.
    ///
    /// A call that moves value and whose time ends is not sent if it was not handed over yet, and unknown after that. So
    /// that it does not end in doubt, it is not handed over at all when no more time is left than a connection may take.
    pub fn operation_timeout(mut self, timeout: Duration) -> Self {
        self.operation_timeout = Some(timeout);
        self
    }

    /// How many calls are in flight at once, and how many requests go out in a time. No limits unless set.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How reads are repeated. Three attempts unless set; nothing that moves value is ever repeated.
    pub fn retries(mut self, retries: RetryPolicy) -> Self {
        self.retries = retries;
        self
    }

    /// Encrypts payloads, as the API asks of some of its clients. **Inferred** for the Reward APIs: see
    /// [`Encryption`], also for what it does not protect.
    pub fn encryption(mut self, encryption: Encryption) -> Self {
        self.encryption = Some(encryption);
        self
    }

    /// How large responses may be. Unless set, 1 MiB, and 16 MiB for lists: see [`ResponseLimits`].
    pub fn response_limits(mut self, limits: ResponseLimits) -> Self {
        self.response_limits = limits;
        self
    }

    /// Is told of calls, retries and logins.
    pub fn metrics(mut self, metrics: impl Metrics) -> Self {
        self.observer = MetricsHook::new(metrics);
        self
    }

    /// Allows credentials over plain http to this host, such as a stub in a closed test network. Loopback is
    /// always allowed: an address, or a name for as long as it resolves to nothing else. Then the client uses no proxy.
    pub fn allow_plain_http(mut self, host: impl Into<String>) -> Self {
        self.plain_http_hosts.push(host.into());
        self
    }

    /// Gives the path of an operation: needed where nobody saw one, possible everywhere.
    ///
    /// It may not be, or become by its placeholders, the path of another operation that moves value; for a read not that of
    /// one that is never repeated either. What is called on a path of yours is never repeated by itself, neither after a
    /// failure nor after a 401.
    pub fn path(mut self, operation: OperationId, path: PathTemplate) -> Self {
        self.paths.push((operation, path));
        self
    }

    /// Tunes the HTTP client, for instance its proxy or its certificates. It runs before our own settings:
    /// redirects and reqwest's own retries stay off, because either could send a call twice. It runs once for each of the two HTTP
    /// clients: one of them makes a connection for each call that changes something and is not answered with its reference.
    pub fn configure_http(mut self, hook: impl Fn(ClientBuilder) -> ClientBuilder + Send + 'static) -> Self {
        self.http = Some(Box::new(hook));
        self
    }

    /// Under which name the reference of an allocation is sent; `uniqueReferenceNumber` unless set: see
    /// [`ReferenceField`].
    pub fn reference_field(mut self, field: ReferenceField) -> Self {
        self.amount_rules.reference_field = field;
        self
    }

    /// How many decimals an amount may have; 2 unless set. What the API does with more is not documented, so amounts
    /// with more are not sent.
    pub fn amount_decimals(mut self, decimals: u32) -> Self {
        self.amount_rules.amount_decimals = decimals;
        self
    }

    /// How long the references are that [`Enkash::new_reference`] makes; 26 characters unless set.
    pub fn reference_length(mut self, length: usize) -> Self {
        self.amount_rules.reference_length = length;
        self
    }

    /// Sends nothing, not even a login: each request that a call would begin with is shown to this instead, without secrets
    /// and without people's data, and the call ends as not sent. Needs `credentials`; `token_source` is not used.
    pub fn dry_run(mut self, show: impl Fn(DryRunRequest) + Send + Sync + 'static) -> Self {
        self.dry_run = Some(DryRunExecutor::new(show));
        self
    }

    /// Changes what the client takes for proof, and what it may repeat: see [`PolicyOverlay`]. Several are applied in order.
    pub fn policy_overlay(mut self, overlay: PolicyOverlay) -> Self {
        self.policy_overlays.push(overlay);
        self
    }

    /// Builds the client. Sends nothing.
    ///
    /// # Errors
    ///
    /// Names every setting that is missing, or the one that cannot be right.
    pub fn build(self) -> Result<Enkash, Error> {
        self.build_with_sender(ReqwestSender)
    }

    /// Builds a client that sends by this; tests give a script.
    pub(crate) fn build_with_sender(self, sender: impl HttpSender) -> Result<Enkash, Error> {
        let (Some(partner), true) = (&self.partner, self.credentials.is_some() || self.tokens.is_some()) else {
            return Err(Error::settings(
                "a client needs `credentials` (or `token_source`) and `partner_id`",
            ));
        };
        let partner = partner.clone();
        let timeouts = Timeouts {
            connect: self.connect_timeout,
            attempt: self.attempt_timeout,
            operation: self
                .operation_timeout
                .unwrap_or_else(|| self.attempt_timeout.saturating_mul(3)),
        }
        .check()?;
        ClientReference::generate_of_length(self.amount_rules.reference_length)?;
        let policies = Policies::shipped().with_overlays(&self.policy_overlays)?;
        let client_secret = self.credentials.as_ref().map(|credentials| &credentials.client_secret);
        let encryption = self
            .encryption
            .map(|encryption| PayloadEncryption::new(encryption, client_secret, Arc::clone(&policies)))
            .transpose()?
            .map(Arc::new);
        let bases = base_urls(&self.hosts)?;
        let path_guard = path_guard(&self.paths, &self.hosts, &policies)?;
        let plain_http = PlainHttpPolicy::new(&bases, self.plain_http_hosts);
        let is_http_tuned = self.http.is_some();
        let build_http = |connections| {
            http_client::build(
                connections,
                self.http.as_ref(),
                self.connect_timeout,
                &bases,
                &plain_http,
            )
        };
        let http = build_http(Connections::Pooled)?;
        let unpooled_http = build_http(Connections::Unpooled)?;
        let mut dry_run = self.dry_run;
        if let Some(dry_run) = &mut dry_run {
            dry_run.plain_http = plain_http.clone();
            dry_run.encryption = encryption.clone();
        }
        let transport = Arc::new(HttpTransport {
            sender,
            connect_timeout: timeouts.connect,
            response_limits: self.response_limits.check()?,
            encryption,
        });
        let (limiter, retrier) = (
            Arc::new(Limiter::new(self.limits)?),
            Arc::new(Retrier::new(self.retries)?),
        );
        let (pipeline_policies, observer) = (Arc::clone(&policies), self.observer.clone());
        let local = plain_http.clone();
        let transports = match &dry_run {
            Some(dry_run) => TransportFactory::dry_run(dry_run.clone()),
            None => TransportFactory::new(move |tokens| Pipeline {
                bearer: Bearer {
                    tokens,
                    limiter: Arc::clone(&limiter),
                    transport: Arc::clone(&transport),
                },
                unpooled_http: unpooled_http.clone(),
                bases: bases.clone(),
                plain_http: local.clone(),
                path_guard: Arc::clone(&path_guard),
                timeouts,
                limiter: Arc::clone(&limiter),
                retrier: Arc::clone(&retrier),
                policies: Arc::clone(&pipeline_policies),
                observer: observer.clone(),
            }),
        };
        let config = ClientConfig {
            partner,
            timeouts,
            amount_rules: self.amount_rules,
            policies,
            echo_check: ReferenceEchoCheck::default(),
            hosts: self.hosts,
            http,
            is_http_tuned,
            plain_http,
            observer: self.observer,
            ledger: self.ledger,
            paths: self.paths,
            transports,
            dry_run,
        };
        Enkash::open(config, self.tokens, self.credentials)
    }
}

impl Enkash {
    /// A client with these tokens, or with those of these credentials; a dry run logs nobody in.
    fn open(
        config: ClientConfig,
        tokens: Option<TokenSource>,
        credentials: Option<Credentials>,
    ) -> Result<Self, Error> {
        let tokens = match (tokens.filter(|_| config.dry_run.is_none()), credentials) {
            (Some(tokens), _) => tokens,
            (None, Some(credentials)) => config.token_source_for(credentials)?,
            (None, None) => {
                return Err(Error::settings(
                    "a dry run needs `credentials`: `token_source` would log in",
                ));
            }
        };
        Ok(Self {
            session: Session::open(Arc::new(config), tokens)?,
            options: CallOptions::default(),
        })
    }
}

/// Refuses a path that is, or can become, that of an operation with other rules.
fn path_guard(
    paths: &[(OperationId, PathTemplate)],
    hosts: &Hosts,
    policies: &Arc<Policies>,
) -> Result<Arc<PathGuard>, Error> {
    let path_guard = PathGuard::new(paths, Arc::clone(policies));
    for (operation, path) in paths {
        let base = http_client::base_url(hosts.base_url_for(operation.operation().tag))?;
        path_guard
            .check_template(*operation, &base, path)
            .map_err(|misdirected| {
                let (method, template) = (path.method(), path.template());
                Error::settings(format!(
                    "{misdirected}: correct {method} {template}, or write its placeholders out"
                ))
            })?;
    }
    Ok(Arc::new(path_guard))
}

fn base_urls(hosts: &Hosts) -> Result<Vec<Url>, InvalidInput> {
    let is_known = |tag: &str| OPERATIONS.iter().any(|operation| operation.tag == tag);
    if let Some(stray) = hosts.tags().find(|tag| !is_known(tag)) {
        return Err(InvalidInput::setting(format!("no operation has the tag {stray:?}")));
    }
    let tags = OPERATIONS.iter().map(|operation| hosts.base_url_for(operation.tag));
    std::iter::once(hosts.token_base_url())
        .chain(tags)
        .map(http_client::base_url)
        .collect()
}

/// Shows no secret and nothing of a person.
impl std::fmt::Debug for EnkashBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnkashBuilder")
            .field("hosts", &self.hosts)
            .field("credentials", &self.credentials)
            .field("partner", &self.partner)
            .field("limits", &self.limits)
            .field("retries", &self.retries)
            .field("encryption", &self.encryption)
            .finish_non_exhaustive()
    }
}
