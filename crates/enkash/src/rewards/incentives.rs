//! Incentive Allocation: the pages repeat those of Reward Allocation for an incentive account, with the same paths and
//! bodies. The handle keeps the two kinds of account apart in a program's own types.

use crate::{
    error::Error,
    model::{
        ids::{CardAccountId, CompanyId},
        ticket::Ticket,
    },
    outcome::Outcome,
    response::Response,
    rewards::{
        Rewards,
        allocate::{Allocation, AllocationReceipt, Unallocation},
        cards::{Card, CardSearch},
        person_check::CheckedPerson,
        transactions::{TransactionSearch, Transactions},
    },
};

/// An incentive account of a company: see [`Enkash::incentives`](crate::Enkash::incentives).
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
/// let ticket = incentives.ticket_of(&bonus); // store it before the call
/// match incentives.allocate(bonus).await {
///     Outcome::Done(done) => println!("card {:?} now holds {:?}", done.value().card, done.value().card_balance),
///     other => println!("{}: {}", ticket.reference, other.as_str()),
/// }
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Incentives {
    rewards: Rewards,
}

impl Incentives {
    pub(crate) fn new(rewards: Rewards) -> Self {
        Self { rewards }
    }

    /// The company.
    #[must_use]
    pub fn company(&self) -> &CompanyId {
        self.rewards.company()
    }

    /// The account.
    #[must_use]
    pub fn account_id(&self) -> &CardAccountId {
        self.rewards.account_id()
    }

    /// Gives an incentive (page: Incentive Create And Allocation, api-9796911). As [`Rewards::allocate`].
    pub async fn allocate(&self, allocation: Allocation) -> Outcome<Response<AllocationReceipt>> {
        self.rewards.allocate(allocation).await
    }

    /// Takes an incentive back (page: Incentive Create And Allocation, api-9796911). As [`Rewards::unallocate`].
    pub async fn unallocate(&self, unallocation: Unallocation) -> Outcome<Response<AllocationReceipt>> {
        self.rewards.unallocate(unallocation).await
    }

    /// What an allocation could be looked up with: store it before the call.
    #[must_use]
    pub fn ticket_of(&self, allocation: &Allocation) -> Ticket {
        self.rewards.ticket_of(allocation)
    }

    /// What an unallocation could be looked up with: store it before the call.
    #[must_use]
    pub fn ticket_of_unallocation(&self, unallocation: &Unallocation) -> Ticket {
        self.rewards.ticket_of_unallocation(unallocation)
    }

    /// Compares a person with the card of the account that has the same mobile number. As [`Rewards::check_person`].
    ///
    /// # Errors
    ///
    /// As [`Rewards::check_person`].
    pub async fn check_person(&self, person: crate::model::person::Person) -> Result<CheckedPerson, Error> {
        self.rewards.check_person(person).await
    }

    /// The people of the account with their cards (page: Get User Details, api-9796913). As [`Rewards::cards`].
    ///
    /// # Errors
    ///
    /// As [`Rewards::cards`].
    pub async fn users(&self, search: CardSearch) -> Result<Response<Vec<Card>>, Error> {
        self.rewards.cards(search).await
    }

    /// Looks for transactions (page: Get Incentive Transaction details; path inferred, answer unknown). As
    /// [`Rewards::transactions`].
    ///
    /// # Errors
    ///
    /// As [`Rewards::transactions`].
    pub async fn transactions(&self, search: TransactionSearch) -> Result<Response<Transactions>, Error> {
        self.rewards.transactions(search).await
    }
}
