//! The client: hosts, credentials and the pipeline that all calls share. Programs make one and clone it;
//! `call` holds the two ways of calling that every wrapper ends up in.

mod builder;
mod call;

use std::{collections::BTreeMap, sync::Arc};

pub use self::builder::EnkashBuilder;
use crate::{
    CallOptions, CardAccountId, CompanyId, Error, PartnerId, Rewards, Sso, TokenSource, TokenState, observe::Observer,
    pipeline::Timeouts,
};

/// A client of the Reward APIs. Cloning is cheap and shares the token, the connections and the settings.
///
/// * One log-in serves any number of concurrent calls; a token is refreshed before it ends.
/// * The first rejected log-in stops all further ones: three would lock the account.
/// * A call that moves value is sent at most once, and says what became of it: see [`Outcome`](crate::Outcome).
///
/// # Example
///
/// ```
/// use enkash::{Allocation, ClientReference, Credentials, Enkash, Hosts, Outcome, Person};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = enkash_sandbox::Sandbox::start().await?;
/// # let c = sandbox.credentials();
/// # let (url, secret, user, password) = (c.url.as_str(), c.client_secret.as_str(), c.username.as_str(), c.password.as_str());
/// # let (client_id, partner, company, account) = (c.client_id.as_str(), c.partner_id.as_str(), c.company_id.as_str(), c.card_account_id.as_str());
/// let enkash = Enkash::builder(Hosts::new(url))
///     .credentials(Credentials::new(client_id, secret, user, password))
///     .partner_id(partner)
///     .build()?;
/// let rewards = enkash.rewards(company, account);
///
/// let person = Person::new("Ms", "Asha", "asha@example.com", "9000000004", "F")?;
/// let reference = ClientReference::generate(); // store it before the call
/// match rewards.allocate(Allocation::to_person(person, "250.50".parse()?, reference)).await {
///     Outcome::Done(done) => println!("card {:?} now holds {:?}", done.card, done.card_balance),
///     Outcome::Refused(error) => println!("the portal said no: {error}"),
///     Outcome::NotSent(error) => println!("nothing was sent: {error}"),
///     Outcome::Pending(ticket) => println!("accepted, not finished: {}", ticket.reference),
///     Outcome::Unknown(unknown) => println!("look it up: {}", unknown.ticket.reference),
/// }
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone)]
pub struct Enkash {
    shared: Arc<Shared>,
    options: CallOptions,
}

struct Shared {
    tokens: TokenSource,
    /// One low-level client for each tag of the description: their hosts may differ.
    clients: BTreeMap<&'static str, enkash_api::Client>,
    partner: PartnerId,
    timeouts: Timeouts,
    observer: Observer,
}

impl Enkash {
    /// Starts a client that talks to these hosts.
    pub fn builder(hosts: crate::Hosts) -> EnkashBuilder {
        EnkashBuilder::new(hosts)
    }

    /// The same client with other times or attempts for the calls made through it. Cheap; it shares everything else: the
    /// token, the connections, the limits and the retry budget.
    ///
    /// ```
    /// # fn example(enkash: enkash::Enkash) -> Result<(), enkash::Error> {
    /// use std::time::Duration;
    ///
    /// use enkash::CallOptions;
    ///
    /// let quick = enkash.with(CallOptions::new().operation_timeout(Duration::from_secs(8)))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The connect timeout is not shorter than the attempt's, the attempt's is longer than the operation's, or no attempt
    /// is allowed.
    pub fn with(&self, options: CallOptions) -> Result<Self, Error> {
        let options = self.options.then(options);
        self.shared.timeouts.check_with(options)?;
        Ok(Self {
            shared: Arc::clone(&self.shared),
            options,
        })
    }

    /// The reward account of a company: allocate points and look things up (portal: Reward Allocation).
    #[must_use]
    pub fn rewards(&self, company: impl Into<CompanyId>, account: impl Into<CardAccountId>) -> Rewards {
        Rewards::new(self.clone(), company.into(), account.into())
    }

    /// Sign-in links for card holders (portal: Single Sign On).
    #[must_use]
    pub fn sso(&self) -> Sso {
        Sso::new(self.clone())
    }

    /// Makes sure that there is a token, logging in if there is none, and says what is known of it.
    ///
    /// # Errors
    ///
    /// The log-in gave no token: see [`Error::is_credentials_rejected`] and [`Error::is_account_at_risk`].
    pub async fn token(&self) -> Result<TokenState, Error> {
        self.shared.tokens.cache().token().await.map_err(Error::log_in)?;
        Ok(self.token_state())
    }

    /// What is known of the token. Sends nothing.
    #[must_use]
    pub fn token_state(&self) -> TokenState {
        self.shared.tokens.state()
    }

    /// Where this client's tokens come from: refresh it, look at its strikes, or reset its latch.
    #[must_use]
    pub fn token_source(&self) -> &TokenSource {
        &self.shared.tokens
    }

    pub(crate) fn partner(&self) -> &str {
        self.shared.partner.as_str()
    }
}

impl std::fmt::Debug for Enkash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Enkash")
            .field("partner", &self.shared.partner)
            .field("token", &self.token_state())
            .finish_non_exhaustive()
    }
}
