//! A company's reward account: give points, take them back, and look at the account, its cards and its
//! transactions (page: Reward Allocation). Each page has a method here; money calls return outcomes.

pub(crate) mod account;
pub(crate) mod allocate;
pub(crate) mod bulk;
mod bulk_successes;
pub(crate) mod cards;
pub(crate) mod person_check;
pub(crate) mod transactions;

pub use crate::rewards::{
    account::AccountDetails,
    allocate::{Allocation, AllocationReceipt, Unallocation},
    bulk::{BulkAllocation, BulkMode, BulkOutcome, BulkRow},
    cards::{Card, CardSearch},
    person_check::CheckedPerson,
    transactions::{Transaction, TransactionSearch, Transactions},
};
pub use enkash_api::types::TransactionType;

use crate::{
    client::Enkash,
    error::Error,
    model::ids::{CardAccountId, CompanyId},
    transport::options::CallOptions,
};

/// A reward account of a company: see [`Enkash::rewards`].
///
/// ```
/// use enkash::{ClientReference, Outcome, Person, rewards::{Allocation, CardSearch}};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = enkash_sandbox::Sandbox::start().await?;
/// # let c = sandbox.credentials();
/// # let enkash = enkash::Enkash::from_settings(c.settings())?;
/// # let (company, account) = (c.company_id.as_str(), c.card_account_id.as_str());
/// let rewards = enkash.rewards(company, account);
/// println!("{:?} can be allocated", rewards.account().await?.value().available_balance);
///
/// let person = Person::new("Ms", "Asha", "asha@example.com", "9000000004", "F")?;
/// let allocation = Allocation::for_person(person, "250.50".parse()?, ClientReference::generate());
/// let ticket = rewards.ticket(&allocation); // store it before the call
/// match rewards.allocate(allocation).await {
///     Outcome::Done(done) => println!("card {:?} now holds {:?}", done.value().card, done.value().card_balance),
///     Outcome::Refused(error) | Outcome::NotSent(error) => println!("nothing moved: {error}"),
///     Outcome::Pending(pending) => println!("not finished: {}", pending.ticket.reference),
///     Outcome::Unknown(_) => println!("{}", enkash.settle(ticket).await.as_str()),
/// }
///
/// for card in rewards.cards(CardSearch::all()).await?.value() {
///     println!("{:?}: {:?}", card.id, card.balance);
/// }
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Rewards {
    pub(crate) enkash: Enkash,
    pub(crate) company: CompanyId,
    pub(crate) account: CardAccountId,
}

/// An incentive account of a company: see [`Enkash::incentives`]. The pages of Incentive Allocation repeat those of Reward
/// Allocation, with the same paths and bodies; their Get User Details is [`cards`](Rewards::cards).
///
/// ```
/// use enkash::{ClientReference, Outcome, Person, rewards::Allocation};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = enkash_sandbox::Sandbox::start().await?;
/// # let c = sandbox.credentials();
/// # let enkash = enkash::Enkash::from_settings(c.settings())?;
/// # let (company, account) = (c.company_id.as_str(), c.card_account_id.as_str());
/// let incentives = enkash.incentives(company, account);
///
/// let person = Person::new("Mr", "Vikram", "vikram@example.com", "9000000007", "M")?;
/// let bonus = Allocation::for_person(person, "1200".parse()?, ClientReference::generate());
/// let ticket = incentives.ticket(&bonus); // store it before the call
/// match incentives.allocate(bonus).await {
///     Outcome::Done(done) => println!("card {:?} now holds {:?}", done.value().card, done.value().card_balance),
///     other => println!("{}: {}", ticket.reference, other.as_str()),
/// }
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
pub type Incentives = Rewards;

impl Enkash {
    /// The reward account of a company: allocate points and look things up (page: Reward Allocation).
    #[must_use]
    pub fn rewards(&self, company: impl Into<CompanyId>, account: impl Into<CardAccountId>) -> Rewards {
        Rewards {
            enkash: self.clone(),
            company: company.into(),
            account: account.into(),
        }
    }

    /// The incentive account of a company: the same calls under the incentive pages (page: Incentive Allocation).
    #[must_use]
    pub fn incentives(&self, company: impl Into<CompanyId>, account: impl Into<CardAccountId>) -> Incentives {
        self.rewards(company, account)
    }
}

impl Rewards {
    /// The same handle with other times or attempts for its calls: see [`Enkash::with_options`].
    ///
    /// # Errors
    ///
    /// As [`Enkash::with_options`].
    pub fn with_options(&self, options: CallOptions) -> Result<Self, Error> {
        Ok(Self {
            enkash: self.enkash.with_options(options)?,
            ..self.clone()
        })
    }

    /// The company.
    #[must_use]
    pub fn company(&self) -> &CompanyId {
        &self.company
    }

    /// The account.
    #[must_use]
    pub fn account_id(&self) -> &CardAccountId {
        &self.account
    }
}

#[cfg(test)]
mod tests;
