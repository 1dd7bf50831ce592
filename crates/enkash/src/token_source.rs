//! A token source of its own: for a client of this crate that needs more than the defaults, and for people
//! who bring their own HTTP client and want nothing but the token.

use std::{fmt, sync::Arc, time::Duration};

use enkash_api::{Client, Secret, Transport};
use http::HeaderValue;
use reqwest::ClientBuilder;

use crate::{
    auth::{
        cache::{CacheConfig, CacheInner, TokenCache},
        clock::{Clock, SystemClock},
        identity::LoginIdentity,
        ledger::{StrikeLedger, memory::MemoryLedger},
        lifetime::DOCUMENTED_LIFETIME,
        login::{LoginExecutor, PasswordGrant},
        login_response::{LoginResponse, LoginResponseHook},
        random::process_key,
        registry,
        store::TokenStore,
        strikes::LoginRules,
        token::TokenState,
    },
    error::Error,
    layers::dry_run::DryRunExecutor,
    metrics::{Metrics, MetricsHook},
    model::credentials::Credentials,
    transport::{
        http_client::{self, Connections, HttpHook},
        plain_http::PlainHttpPolicy,
    },
};

/// Hands out the access token of one set of credentials. Cloning is cheap and shares the token.
///
/// Clients of one process with equal complete credentials share the token, the login in flight and the latch, unless
/// their ledger, store, rules or HTTP settings differ.
///
/// ```
/// use enkash::{Credentials, token::{FileLedger, TokenSource}};
///
/// # fn example(folder: &std::path::Path) -> Result<(), enkash::Error> {
/// let tokens = TokenSource::builder("https://token.example")
///     .credentials(Credentials::new("CEK1PU9AOO", "client secret", "user", "password"))
///     .strike_ledger(FileLedger::new(folder.join("strikes.json")))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct TokenSource {
    cache: TokenCache,
    origin: String,
}

impl TokenSource {
    /// Starts a token source at this host: the path `/oauth/token` is added.
    pub fn builder(token_host: impl Into<String>) -> TokenSourceBuilder {
        TokenSourceBuilder {
            token_host: token_host.into(),
            credentials: None,
            ledger: None,
            store: None,
            rules: LoginRules::default(),
            max_lifetime: DOCUMENTED_LIFETIME,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
            plain_http_hosts: Vec::new(),
            http: None,
            with_http_client: None,
            is_shared: true,
            observer: MetricsHook::default(),
            on_login_response: LoginResponseHook::default(),
            dry_run: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// The token, logging in if there is none. For your own requests: keep it out of logs and URLs.
    ///
    /// # Errors
    ///
    /// The login gave no token: see [`Error::is_credentials_rejected`] and [`Error::is_account_at_risk`].
    pub async fn access_token(&self) -> Result<Secret, Error> {
        let token = self.cache.token().await.map_err(Error::login)?;
        Ok(token.text())
    }

    /// The `Authorization` header, if a token can be served right now: one atomic load and two clocks, no lock, no
    /// allocation. `None` means that [`access_token`](Self::access_token) would log in or wait. Marked as sensitive.
    #[must_use]
    pub fn cached_header(&self) -> Option<HeaderValue> {
        self.cache.cached().map(|(_, header)| header)
    }

    /// Which token is held: 0 before the first login, then counting up. One atomic load.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.cache.generation()
    }

    /// Logs in now, whatever is left of the token. It is given up, also where a store keeps it.
    ///
    /// # Errors
    ///
    /// As [`access_token`](Self::access_token).
    pub async fn refresh_now(&self) -> Result<TokenState, Error> {
        self.cache.refresh_now().await.map_err(Error::login)?;
        Ok(self.state())
    }

    /// What is known of the token. Sends nothing, and does not ask the ledger.
    #[must_use]
    pub fn state(&self) -> TokenState {
        self.cache.state()
    }

    /// What is known of the token, with the ledger's own count of strikes. Sends nothing.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read.
    pub async fn query_state(&self) -> Result<TokenState, Error> {
        self.cache
            .query_ledger()
            .await
            .map_err(|error| Error::settings(error.to_string()))
    }

    /// Allows logins again after a rejection, or after so many doubtful ones that the next could lock the account. Call
    /// it only when you know that the credentials are right: a third failure in a row locks the account.
    ///
    /// # Errors
    ///
    /// The ledger cannot be written.
    pub async fn reset_latch(&self) -> Result<(), Error> {
        self.cache
            .reset_latch()
            .await
            .map_err(|error| Error::settings(error.to_string()))
    }

    /// Waits for a login that runs behind, so that its token is kept and others may log in, and tells the ledger what it could not
    /// be told before. **Do:** call it before a program ends: a login that is cut off counts as one that got no response, and
    /// nobody else logs in until its lease has ended. The source can be used afterwards.
    ///
    /// # Errors
    ///
    /// The ledger cannot be told how the last login ended.
    ///
    /// ```
    /// # async fn example(tokens: enkash::token::TokenSource) -> Result<(), enkash::Error> {
    /// tokens.close().await
    /// # }
    /// ```
    pub async fn close(&self) -> Result<(), Error> {
        self.cache
            .close()
            .await
            .map_err(|error| Error::settings(error.to_string()))
    }

    /// Who logs in: with it a [`TokenStore`] can be asked for the token that it keeps. Tells nothing but the host.
    #[must_use]
    pub fn identity(&self) -> &LoginIdentity {
        self.cache.identity()
    }

    pub(crate) fn cache(&self) -> &TokenCache {
        &self.cache
    }

    /// Where its logins go.
    #[cfg(feature = "middleware")]
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource")
            .field("origin", &self.origin)
            .field("state", &self.state())
            .finish()
    }
}

/// The settings of a [`TokenSource`].
#[must_use = "a builder does nothing until `build`"]
pub struct TokenSourceBuilder {
    token_host: String,
    credentials: Option<Credentials>,
    ledger: Option<Arc<dyn StrikeLedger>>,
    store: Option<Arc<dyn TokenStore>>,
    rules: LoginRules,
    max_lifetime: Duration,
    connect_timeout: Duration,
    timeout: Duration,
    plain_http_hosts: Vec<String>,
    http: Option<HttpHook>,
    with_http_client: Option<(reqwest::Client, PlainHttpPolicy)>,
    is_shared: bool,
    observer: MetricsHook,
    on_login_response: LoginResponseHook,
    dry_run: Option<DryRunExecutor>,
    clock: Arc<dyn Clock>,
}

impl TokenSourceBuilder {
    /// Another clock, for tests: they move it and never wait.
    #[cfg(test)]
    pub(crate) fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self.is_shared = false;
        self
    }

    /// Logs in with an HTTP client that was made by our rules already.
    pub(crate) fn with_http_client(
        mut self,
        http: reqwest::Client,
        plain_http: PlainHttpPolicy,
        is_shared: bool,
    ) -> Self {
        self.with_http_client = Some((http, plain_http));
        self.is_shared = is_shared;
        self
    }

    /// Shows the login in place of sending it.
    pub(crate) fn dry_run(mut self, dry_run: Option<DryRunExecutor>) -> Self {
        self.is_shared &= dry_run.is_none();
        self.dry_run = dry_run;
        self
    }

    /// What to log in with. Required.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Where strikes are counted. In memory unless set: then a program that restarts in a loop with a wrong password
    /// locks the account at its third start. Use a [`FileLedger`](crate::token::FileLedger), or one that all your processes share.
    pub fn strike_ledger(mut self, ledger: impl StrikeLedger) -> Self {
        self.ledger = Some(Arc::new(ledger));
        self
    }

    /// The ledger that a client gives to all who log in through it, if it has one.
    pub(crate) fn default_ledger(mut self, ledger: Option<Arc<dyn StrikeLedger>>) -> Self {
        self.ledger = ledger;
        self
    }

    /// Where the token is kept between runs. Nowhere unless set.
    pub fn token_store(mut self, store: impl TokenStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Which answers to a login are the API's own no.
    pub fn rules(mut self, rules: LoginRules) -> Self {
        self.rules = rules;
        self
    }

    /// How long a token is used at the most; five minutes unless set, as the API's prose has it. The API's example
    /// answer says a day: raise this only when you know which is true for you.
    pub fn max_lifetime(mut self, lifetime: Duration) -> Self {
        self.max_lifetime = lifetime;
        self
    }

    /// How long making a connection may take; 5 s unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long a login may take; 30 s unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Allows credentials over plain http to this host. Loopback is always allowed: an address, or a name for as long as it
    /// resolves to nothing else.
    pub fn allow_plain_http(mut self, host: impl Into<String>) -> Self {
        self.plain_http_hosts.push(host.into());
        self
    }

    /// Tells this hook of each login. Keeps this source from being shared: another client would not be told.
    pub fn metrics(self, metrics: impl Metrics) -> Self {
        self.observer(MetricsHook::new(metrics))
    }

    pub(crate) fn observer(mut self, observer: MetricsHook) -> Self {
        self.is_shared &= !observer.is_enabled();
        self.observer = observer;
        self
    }

    /// Shows each response to a login, before anything is concluded from it. It holds the token: this is for a recorder, which
    /// takes the token out. Keeps this source from being shared: another client would not be shown it.
    pub fn on_login_response(mut self, hook: impl Fn(LoginResponse<'_>) + Send + Sync + 'static) -> Self {
        self.on_login_response = LoginResponseHook::new(hook);
        self.is_shared = false;
        self
    }

    /// Tunes the HTTP client that logs in. It runs before our own settings, and keeps this source from being shared.
    pub fn configure_http(mut self, hook: impl Fn(ClientBuilder) -> ClientBuilder + Send + 'static) -> Self {
        self.http = Some(Box::new(hook));
        self.is_shared = false;
        self
    }

    /// Builds the source. Sends nothing.
    ///
    /// # Errors
    ///
    /// Names the setting that is missing or cannot be right.
    pub fn build(self) -> Result<TokenSource, Error> {
        let credentials = self
            .credentials
            .ok_or_else(|| Error::settings("a token source needs `credentials`"))?;
        if self.connect_timeout >= self.timeout {
            return Err(Error::settings(
                "the connect timeout must be shorter than the timeout: otherwise a login that was never sent looks \
                 like one whose response was lost, and counts as a possible strike",
            ));
        }
        let base = http_client::base_url(&self.token_host)?;
        let origin = base.origin().ascii_serialization();
        let identity = LoginIdentity::new(&base, &credentials);
        let ledger = self.ledger.unwrap_or_else(MemoryLedger::of_process);
        let (http, plain_http) = match self.with_http_client {
            Some(with_http_client) => with_http_client,
            None => {
                let bases = std::slice::from_ref(&base);
                let plain_http = PlainHttpPolicy::new(bases, self.plain_http_hosts);
                let http = http_client::build(
                    Connections::Pooled,
                    self.http.as_ref(),
                    self.connect_timeout,
                    bases,
                    &plain_http,
                )?;
                (http, plain_http)
            }
        };
        let sharing = registry::SharingKey {
            credentials: identity.credentials(process_key()),
            rules: self.rules.clone(),
            backends: [
                Arc::as_ptr(&ledger).cast::<()>().addr(),
                self.store
                    .as_ref()
                    .map_or(0, |store| Arc::as_ptr(store).cast::<()>().addr()),
            ],
            times: [self.max_lifetime, self.timeout],
            may_log_in: plain_http.check(&base).is_ok(),
        };
        let transport = match self.dry_run {
            Some(dry_run) => Transport::new(dry_run),
            None => Transport::new(LoginExecutor::new(&credentials, plain_http, self.timeout)?),
        };
        let settings = |error: enkash_api::Error| Error::settings(error.to_string());
        let client = Client::with_transport(&self.token_host, http, transport).map_err(settings)?;

        let make = || {
            CacheInner::new(CacheConfig {
                identity,
                login: Box::new(PasswordGrant::new(
                    client,
                    &base,
                    credentials,
                    self.rules,
                    self.on_login_response,
                )),
                clock: self.clock,
                ledger,
                store: self.store,
                max_lifetime: self.max_lifetime,
                login_timeout: self.timeout,
                jitter: fastrand::f64,
                observer: self.observer,
            })
        };
        let shared = if self.is_shared {
            registry::shared(sharing, make)
        } else {
            make()
        };
        Ok(TokenSource {
            cache: TokenCache::new(shared),
            origin,
        })
    }
}
