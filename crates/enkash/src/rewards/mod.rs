//! A company's reward account: give points, take them back, and look at the account, its cards and its
//! transactions (portal: Reward Allocation). Each page has a method here; money calls return outcomes.

mod account;
mod allocate;
mod bulk;
mod cards;
mod person_check;
mod transactions;

pub use self::{
    account::AccountDetails,
    allocate::{Allocated, Allocation, Unallocation},
    bulk::{BulkAllocation, BulkMode, BulkOutcome, BulkRow},
    cards::{Card, CardSearch},
    person_check::CheckedPerson,
    transactions::{TransactionSearch, Transactions},
};
use crate::{CardAccountId, CompanyId, Enkash};

/// A reward account of a company: see [`Enkash::rewards`].
#[derive(Clone, Debug)]
pub struct Rewards {
    enkash: Enkash,
    company: CompanyId,
    account: CardAccountId,
}

impl Rewards {
    pub(crate) fn new(enkash: Enkash, company: CompanyId, account: CardAccountId) -> Self {
        Self {
            enkash,
            company,
            account,
        }
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
