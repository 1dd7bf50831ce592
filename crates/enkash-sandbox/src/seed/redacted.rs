//! `Debug` of the seed's parts, without people and without secrets.

use std::fmt;

use super::company::{AccountSeed, CompanySeed, LoginSeed, PersonSeed};
use super::contents::Seed;

impl fmt::Debug for Seed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Seed")
            .field("companies", &self.companies)
            .field("products", &self.catalogue.len())
            .field("coin_events", &self.coin_events.len())
            .finish()
    }
}

impl fmt::Debug for CompanySeed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CompanySeed")
            .field("id", &self.id)
            .field("accounts", &self.accounts)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for AccountSeed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AccountSeed")
            .field("id", &self.id)
            .field("balance", &self.balance)
            .field("people", &self.people.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for LoginSeed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LoginSeed").finish_non_exhaustive()
    }
}

impl fmt::Debug for PersonSeed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PersonSeed")
            .field("balance", &self.balance)
            .finish_non_exhaustive()
    }
}
