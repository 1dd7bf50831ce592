//! The client: hosts, credentials and the pipeline that all calls share, and the two ways of calling:
//! a read gives a result or an error, a call that moves value gives an outcome.

mod builder;

use std::{collections::BTreeMap, sync::Arc};

use enkash_api::OperationId;
use http::StatusCode;
use serde_json::Value;

pub use self::builder::EnkashBuilder;
use crate::{
    Answer, CardAccountId, CompanyId, Error, Outcome, PartnerId, Rewards, Sso, Ticket, TokenSource, TokenState,
    envelope::{Envelope, Verdict},
    outcome::{self, Observed},
    pipeline::CallRecord,
};

/// A client of the Reward APIs. Cloning is cheap and shares the token, the connections and the settings.
///
/// * One log-in serves any number of concurrent calls; a token is refreshed before it ends.
/// * The first rejected log-in stops all further ones: three would lock the account.
/// * A call that moves value is sent at most once, and says what became of it: see [`Outcome`].
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
}

struct Shared {
    tokens: TokenSource,
    /// One low-level client for each tag of the description: their hosts may differ.
    clients: BTreeMap<&'static str, enkash_api::Client>,
    partner: PartnerId,
}

impl Enkash {
    /// Starts a client that talks to these hosts.
    pub fn builder(hosts: crate::Hosts) -> EnkashBuilder {
        EnkashBuilder::new(hosts)
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

    fn low_level(&self, operation: OperationId, record: &Arc<CallRecord>) -> enkash_api::Client {
        self.shared.clients[operation.operation().tag].for_call(Arc::clone(record))
    }

    /// A call that moves no value: its answer, typed and raw, or an error.
    pub(crate) async fn read<T, F>(&self, operation: OperationId, send: F) -> Result<Answer<T>, Error>
    where
        F: AsyncFnOnce(enkash_api::Client) -> Result<T, enkash_api::Error>,
    {
        let record = Arc::new(CallRecord::default());
        let decoded = send(self.low_level(operation, &record)).await;
        let Some(answer) = record.answer() else {
            return Err(match decoded {
                Err(error) => Error::no_answer(operation, &record, error),
                Ok(_) => Error::unreadable(operation, StatusCode::OK),
            });
        };
        let unreadable = || Error::unreadable(operation, answer.status);
        let raw: Value = answer.json().ok_or_else(unreadable)?;
        let envelope = Envelope::of(&raw);
        let is_portal_error = matches!(
            answer.status,
            StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY
        );
        match envelope.verdict() {
            Verdict::Failure { code } if answer.status.is_success() || is_portal_error => {
                Err(Error::refused(operation, answer.status, Some(code), envelope.message()))
            }
            _ if is_portal_error && raw.is_object() => {
                Err(Error::refused(operation, answer.status, None, envelope.message()))
            }
            _ => match decoded {
                Ok(value) if answer.status.is_success() => Ok(Answer::new(operation, value, raw)),
                _ => Err(unreadable()),
            },
        }
    }

    /// A call that moves value: sent at most once, and judged by what was observed.
    pub(crate) async fn move_value<F>(&self, operation: OperationId, ticket: Ticket, send: F) -> Outcome<Value>
    where
        F: AsyncFnOnce(enkash_api::Client) -> Result<(), enkash_api::Error>,
    {
        let record = Arc::new(CallRecord::default());
        let decoded = send(self.low_level(operation, &record)).await;
        let observed = Observed {
            operation,
            sent: record.sent(),
            answer: record.answer(),
        };
        outcome::judge(&observed, ticket, || match decoded {
            Err(error) => Error::no_answer(operation, &record, error),
            Ok(()) => Error::unreadable(operation, StatusCode::OK),
        })
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
