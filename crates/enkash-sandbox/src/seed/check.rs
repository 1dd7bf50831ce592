//! Whether a seed fits together: ids that are there once, logins of people who are there, balances that are not negative.
//! The seed's reader asks it, and the builder once more, because a seed can be changed in code.

use std::collections::HashSet;

use super::company::{AccountSeed, PersonSeed, is_mobile};
use super::contents::Seed;
use super::error::SeedError;
use super::product::CoinEventSeed;

impl Seed {
    /// Whether the parts fit together.
    pub(crate) fn check(&self) -> Result<(), SeedError> {
        let Some(first) = self.companies.first() else {
            return wrong("there is no company".to_owned());
        };
        if first.logins.is_empty() || first.accounts.is_empty() {
            return wrong(format!(
                "the first company, {}, needs a log-in and an account",
                first.id
            ));
        }
        let mut seen = HashSet::new();
        let ids = self.companies.iter().flat_map(|company| {
            let accounts = company.accounts.iter().map(|account| &account.id);
            std::iter::once(&company.id).chain(accounts)
        });
        let configs = self.catalogue.iter().flat_map(|product| {
            let denominations = product.denominations.iter().map(|denomination| &denomination.id);
            std::iter::once(&product.id).chain(denominations)
        });
        for id in ids.chain(configs) {
            if !seen.insert(id) {
                return wrong(format!("{id} is there twice"));
            }
        }
        let mut usernames = HashSet::new();
        for company in &self.companies {
            let mut mobiles = HashSet::new();
            for account in &company.accounts {
                account.check()?;
                mobiles.extend(account.holders().map(|person| &person.mobile));
            }
            for login in &company.logins {
                if !usernames.insert(&login.username) {
                    return wrong(format!("a username of company {} is there twice", company.id));
                }
                if login.person.as_ref().is_some_and(|person| !mobiles.contains(person)) {
                    return wrong(format!(
                        "a log-in of company {} names a person who has no card there",
                        company.id
                    ));
                }
            }
        }
        let unknown = |event: &&CoinEventSeed| !self.companies.iter().any(|company| company.id == event.company);
        if let Some(event) = self.coin_events.iter().find(unknown) {
            return wrong(format!(
                "coin event {} is of company {}, which is not there",
                event.event, event.company
            ));
        }
        Ok(())
    }
}

impl AccountSeed {
    /// Everybody who has a card on it.
    fn holders(&self) -> impl Iterator<Item = &PersonSeed> {
        self.primary.iter().chain(&self.people)
    }

    fn check(&self) -> Result<(), SeedError> {
        let id = &self.id;
        if self.balance.is_sign_negative() {
            return wrong(format!("the balance of account {id} is negative"));
        }
        let mut mobiles = HashSet::new();
        for person in self.holders() {
            if !is_mobile(&person.mobile) {
                return wrong(format!("a mobile of account {id} is not ten digits"));
            }
            if person.balance.is_sign_negative() {
                return wrong(format!("the balance of a card of account {id} is negative"));
            }
            if !mobiles.insert(&person.mobile) {
                return wrong(format!("a mobile of account {id} is there twice"));
            }
        }
        Ok(())
    }
}

fn wrong(text: String) -> Result<(), SeedError> {
    Err(SeedError::Inconsistent(text))
}
