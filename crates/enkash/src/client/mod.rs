//! The client: hosts, credentials and the pipeline that all calls share. Programs make one and clone it;
//! `call` holds the two ways of calling that every wrapper ends up in.

pub(crate) mod builder;
mod call;
mod call_guard;
mod config;
mod echo_check;
mod settings;
use std::sync::Arc;

use tokio::time::Instant;

use crate::{
    auth::token::TokenState,
    client::{
        builder::EnkashBuilder,
        config::{ClientConfig, LowLevelClients},
    },
    error::Error,
    metrics::MetricsHook,
    model::{amount_rules::AmountRules, credentials::Credentials, reference::ClientReference},
    policy::Policies,
    token_source::TokenSource,
    transport::options::CallOptions,
};

/// A client of the Reward APIs. Cloning is cheap and shares the token, the connections and the settings.
///
/// * One login serves any number of concurrent calls; a token is refreshed before it ends.
/// * The first rejected login stops all further ones: three would lock the account.
/// * A call that moves value is sent at most once, and says what became of it: see [`Outcome`](crate::Outcome).
///
/// # Example
///
/// ```
/// use enkash::{ClientReference, Enkash, Outcome, Person, rewards::Allocation};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = enkash_sandbox::Sandbox::start().await?; // in place of the API
/// let of = sandbox.credentials();
/// let enkash = Enkash::from_settings(of.settings())?;
/// let rewards = enkash.rewards(&of.company_id, &of.card_account_id);
///
/// let person = Person::new("Ms", "Asha", "asha@example.com", "9000000004", "F")?;
/// let reference = ClientReference::generate(); // store it before the call
/// match rewards.allocate(Allocation::for_person(person, "250.50".parse()?, reference)).await {
///     Outcome::Done(done) => println!("card {:?} now holds {:?}", done.value().card, done.value().card_balance),
///     Outcome::Refused(error) => println!("the API said no: {error}"),
///     Outcome::NotSent(error) => println!("nothing was sent: {error}"),
///     Outcome::Pending(pending) => println!("accepted, not finished: {}", pending.ticket.reference),
///     Outcome::Unknown(unknown) => println!("look it up: {}", unknown.ticket.reference),
/// }
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone)]
pub struct Enkash {
    session: Arc<Session>,
    options: CallOptions,
}

/// A client that uses one person's tokens.
struct Session {
    tokens: TokenSource,
    clients: LowLevelClients,
    config: Arc<ClientConfig>,
}

impl Session {
    fn open(config: Arc<ClientConfig>, tokens: TokenSource) -> Result<Arc<Self>, Error> {
        let clients = config.build_clients(&tokens)?;
        Ok(Arc::new(Self {
            tokens,
            clients,
            config,
        }))
    }
}

impl Enkash {
    /// Starts a client that talks to these hosts.
    pub fn builder(hosts: crate::model::hosts::Hosts) -> EnkashBuilder {
        EnkashBuilder::new(hosts)
    }

    /// The same client with other times or attempts for the calls made through it. Cheap; it shares everything else: the
    /// token, the connections, the limits and the retry budget. Handles made from it have them, too.
    ///
    /// ```
    /// # fn example(enkash: enkash::Enkash) -> Result<(), enkash::Error> {
    /// use std::time::Duration;
    ///
    /// use enkash::config::CallOptions;
    ///
    /// let quick = enkash.with_options(CallOptions::new().operation_timeout(Duration::from_secs(8)))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The connect timeout is not shorter than the attempt's, the attempt's is longer than the operation's, or no attempt
    /// is allowed.
    pub fn with_options(&self, options: CallOptions) -> Result<Self, Error> {
        let options = self.options.then(options);
        self.session.config.timeouts.check_with(options)?;
        Ok(Self {
            session: Arc::clone(&self.session),
            options,
        })
    }

    /// The same client for a request of so many rows, whose response may be longer.
    pub(crate) fn of_rows(&self, rows: usize) -> Self {
        Self {
            session: Arc::clone(&self.session),
            options: CallOptions { rows, ..self.options },
        }
    }

    /// The same client with the tokens of somebody else: limits and the retry budget are shared.
    pub(crate) fn with_tokens(&self, tokens: TokenSource) -> Result<Self, Error> {
        Ok(Self {
            session: Session::open(Arc::clone(&self.session.config), tokens)?,
            options: self.options,
        })
    }

    /// Tokens of somebody who logs in at this client's token host.
    pub(crate) fn token_source_for(&self, credentials: Credentials) -> Result<TokenSource, Error> {
        self.session.config.token_source_for(credentials)
    }

    /// When all calls of this client must be over, where its options say so.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.options.deadline
    }

    /// A reference that nobody has used, as long as [`EnkashBuilder::reference_length`] says. Store it before the call.
    #[must_use]
    pub fn new_reference(&self) -> ClientReference {
        let length = self.session.config.amount_rules.reference_length;
        // The builder has checked the length.
        ClientReference::generate_of_length(length).unwrap_or_else(|_| ClientReference::generate())
    }

    /// Makes sure that there is a token, logging in if there is none, and says what is known of it. A login is no call of the API: it
    /// has limits of its own, and those of [`with_options`](Self::with_options) do not bound it here.
    ///
    /// # Errors
    ///
    /// The login gave no token: see [`Error::is_credentials_rejected`] and [`Error::is_account_at_risk`].
    pub async fn token(&self) -> Result<TokenState, Error> {
        self.session.tokens.cache().token().await.map_err(Error::login)?;
        Ok(self.token_state())
    }

    /// What is known of the token. Sends nothing.
    #[must_use]
    pub fn token_state(&self) -> TokenState {
        self.session.tokens.state()
    }

    /// Where this client's tokens come from: refresh it, look at its strikes, or reset its latch.
    #[must_use]
    pub fn token_source(&self) -> &TokenSource {
        &self.session.tokens
    }

    /// What is asked of an amount and of a reference before they are sent.
    pub(crate) fn policies(&self) -> &Arc<Policies> {
        &self.session.config.policies
    }

    pub(crate) fn amount_rules(&self) -> &AmountRules {
        &self.session.config.amount_rules
    }

    fn observer(&self) -> &MetricsHook {
        &self.session.config.observer
    }

    pub(crate) fn partner(&self) -> &str {
        self.session.config.partner.as_str()
    }
}

impl std::fmt::Debug for Enkash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Enkash")
            .field("partner", &self.session.config.partner)
            .field("token", &self.token_state())
            .finish_non_exhaustive()
    }
}
