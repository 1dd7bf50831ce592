//! The seed itself: what it holds, how it is read from YAML and how a test changes it. The builder takes one.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::company::{AccountSeed, CompanySeed, PersonSeed};
use super::error::SeedError;
use super::product::{CoinEventSeed, ProductSeed};

/// The default seed, which is also the example of the format.
pub(super) const DEFAULT: &str = include_str!("../../seed/default.yaml");

/// What a sandbox starts with.
///
/// ```
/// use enkash_sandbox::{Seed, seed::PersonSeed};
///
/// let seed = Seed::small()
///     .account_balance(500)
///     .person(PersonSeed::new("9000000001").first_name("Meera").balance(20));
/// # let _ = seed;
/// ```
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Seed {
    /// Companies. The first company's first login and first account are what the sandbox announces.
    pub companies: Vec<CompanySeed>,
    /// Products of the voucher catalogue.
    #[serde(default)]
    pub catalogue: Vec<ProductSeed>,
    /// Coin events.
    #[serde(default)]
    pub coin_events: Vec<CoinEventSeed>,
}

impl Seed {
    /// The default: one company with a partner's and a card holder's login, one account, two products, one event.
    #[must_use]
    pub fn small() -> Self {
        match Seed::from_yaml(DEFAULT) {
            Ok(seed) => seed,
            // A test reads the file, so this seed is never seen.
            Err(_) => Seed {
                companies: Vec::new(),
                catalogue: Vec::new(),
                coin_events: Vec::new(),
            },
        }
    }

    /// Reads a seed in YAML.
    ///
    /// # Errors
    ///
    /// When it is not YAML of a seed's form, with the place, or names something twice or not at all.
    pub fn from_yaml(text: &str) -> Result<Self, SeedError> {
        let seed: Seed = serde_saphyr::from_str(text).map_err(|error| SeedError::Unreadable(error.to_string()))?;
        seed.check()?;
        Ok(seed)
    }

    /// Adds a company.
    #[must_use]
    pub fn company(mut self, company: CompanySeed) -> Self {
        self.companies.push(company);
        self
    }

    /// Sets the balance of the first account.
    #[must_use]
    pub fn account_balance(mut self, balance: impl Into<Decimal>) -> Self {
        if let Some(account) = self.first_account() {
            account.balance = balance.into();
        }
        self
    }

    /// Adds a person with a card to the first account.
    #[must_use]
    pub fn person(mut self, person: PersonSeed) -> Self {
        if let Some(account) = self.first_account() {
            account.people.push(person);
        }
        self
    }

    fn first_account(&mut self) -> Option<&mut AccountSeed> {
        self.companies.first_mut()?.accounts.first_mut()
    }
}

impl Default for Seed {
    fn default() -> Self {
        Seed::small()
    }
}
