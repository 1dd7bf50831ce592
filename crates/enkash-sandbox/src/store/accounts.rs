//! Card accounts of companies: what is open for allocation and the totals that the account's page lists. The allocation
//! and order operations move money here, together with the cards.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Sums that start again with each month of the sandbox's clock (UTC).
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Month {
    key: (i16, i8),
    pub(crate) allocated: Decimal,
    pub(crate) redeemed: Decimal,
}

impl Month {
    fn at(&mut self, now: Timestamp) -> &mut Self {
        let date = now.to_zoned_datetime(TimeZone::UTC).date();
        let key = (date.year(), date.month());
        if self.key != key {
            *self = Month {
                key,
                ..Month::default()
            };
        }
        self
    }
}

/// A card account.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Account {
    pub(crate) id: Arc<str>,
    pub(crate) company_id: String,
    pub(crate) company_name: String,
    pub(crate) available: Decimal,
    pub(crate) primary_card: Option<Arc<str>>,
    pub(crate) kyc_done: bool,
    pub(crate) bin_mapped: bool,
    /// Cards in the order in which they were made.
    pub(crate) cards: VecDeque<Arc<str>>,
    /// What is on all its cards together, with those that are forgotten.
    pub(crate) on_cards: Decimal,
    /// What was on cards that are forgotten.
    pub(crate) on_forgotten_cards: Decimal,
    /// What pending transactions hold.
    pub(crate) held: Decimal,
    pub(crate) allocated: Decimal,
    pub(crate) redeemed: Decimal,
    month: Month,
}

impl Account {
    pub(crate) fn new(id: &str, company_id: &str, company_name: &str, available: Decimal) -> Self {
        Account {
            id: Arc::from(id),
            company_id: company_id.to_owned(),
            company_name: company_name.to_owned(),
            available,
            primary_card: None,
            kyc_done: true,
            bin_mapped: true,
            cards: VecDeque::new(),
            on_cards: Decimal::ZERO,
            on_forgotten_cards: Decimal::ZERO,
            held: Decimal::ZERO,
            allocated: Decimal::ZERO,
            redeemed: Decimal::ZERO,
            month: Month::default(),
        }
    }

    /// This month's sums.
    pub(crate) fn month(&mut self, now: Timestamp) -> Month {
        *self.month.at(now)
    }

    /// A running sum that a snapshot brought may be anything: it ends at the greatest number.
    pub(crate) fn count_allocation(&mut self, amount: Decimal, now: Timestamp) {
        self.allocated = self.allocated.saturating_add(amount);
        let month = self.month.at(now);
        month.allocated = month.allocated.saturating_add(amount);
    }

    pub(crate) fn count_redemption(&mut self, amount: Decimal, now: Timestamp) {
        self.redeemed = self.redeemed.saturating_add(amount);
        let month = self.month.at(now);
        month.redeemed = month.redeemed.saturating_add(amount);
    }
}

/// All card accounts, by id.
#[derive(Default, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accounts {
    accounts: HashMap<Arc<str>, Account>,
}

impl Accounts {
    pub(crate) fn add(&mut self, account: Account) {
        self.accounts.insert(account.id.clone(), account);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Account> {
        self.accounts.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Account> {
        self.accounts.get_mut(id)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// The account of a company that pays for what the company itself orders: the one with the first id.
    pub(crate) fn paying(&self, company_id: &str) -> Option<&Account> {
        self.accounts
            .values()
            .filter(|account| account.company_id == company_id)
            .min_by_key(|account| &account.id)
    }
}
