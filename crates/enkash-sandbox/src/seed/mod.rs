//! The world that a sandbox starts with: companies with card accounts, people and log-ins, a catalogue, coin events.
//! The builder takes a [`Seed`], which is written in YAML, built in code, or the small default that stands in
//! `seed/default.yaml`.

mod check;
mod redacted;

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::money;

/// The default seed, which is also the example of the format.
const DEFAULT: &str = include_str!("../../seed/default.yaml");

/// A seed cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    /// The YAML cannot be read. The text says where and why.
    #[error("the seed cannot be read: {0}")]
    Unreadable(String),
    /// The world does not fit together.
    #[error("the seed does not fit together: {0}")]
    Inconsistent(String),
}

/// What a sandbox starts with.
///
/// ```
/// use enkash_sandbox::{PersonSeed, Seed};
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
    /// Companies. The first company's first log-in and first account are what the sandbox announces.
    pub companies: Vec<CompanySeed>,
    /// Products of the voucher catalogue.
    #[serde(default)]
    pub catalogue: Vec<ProductSeed>,
    /// Coin events.
    #[serde(default)]
    pub coin_events: Vec<CoinEventSeed>,
}

/// A company at EnKash.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CompanySeed {
    /// Company id, which is also the client id.
    pub id: String,
    /// Name of the company.
    pub name: String,
    /// Value of the `partnerId` header.
    pub partner_id: String,
    /// Client secret. One that is plainly no secret is used where it is left out.
    #[serde(default = "plain_secret")]
    pub client_secret: String,
    /// Log-ins.
    #[serde(default)]
    pub logins: Vec<LoginSeed>,
    /// Card accounts.
    #[serde(default)]
    pub accounts: Vec<AccountSeed>,
}

/// A log-in.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LoginSeed {
    /// Login name.
    pub username: String,
    /// Password.
    pub password: String,
    /// Mobile of the card holder whose log-in this is. Left out, it is the partner's log-in.
    #[serde(default)]
    pub person: Option<String>,
}

/// A card account of a company.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AccountSeed {
    /// Card account id.
    pub id: String,
    /// What is open for allocation.
    #[serde(deserialize_with = "money::from_seed")]
    pub balance: Decimal,
    /// The person on the account's primary card. Without one, bulk allocation is refused as documented.
    #[serde(default)]
    pub primary: Option<PersonSeed>,
    /// Whether the primary card's KYC is done. If not, bulk allocation is refused as documented.
    #[serde(default = "yes")]
    pub kyc_done: bool,
    /// Whether the account's BIN type is mapped. If not, bulk allocation is refused as documented.
    #[serde(default = "yes")]
    pub bin_mapped: bool,
    /// People who have a card on this account.
    #[serde(default)]
    pub people: Vec<PersonSeed>,
}

/// A person with a card.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PersonSeed {
    /// Mobile, ten digits: the person's key within a card account.
    pub mobile: String,
    /// Salutation.
    #[serde(default = "mr")]
    pub title: String,
    /// First name.
    #[serde(default)]
    pub first_name: String,
    /// Gender.
    #[serde(default = "male")]
    pub gender: String,
    /// E-mail.
    #[serde(default)]
    pub email: String,
    /// What is on the card.
    #[serde(default, deserialize_with = "money::from_seed")]
    pub balance: Decimal,
}

/// A product of the voucher catalogue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ProductSeed {
    /// Product catalogue id.
    pub id: String,
    /// Brand.
    pub brand: String,
    /// Category.
    pub category: String,
    /// Description.
    #[serde(default)]
    pub description: String,
    /// Days until a voucher expires.
    #[serde(default = "a_year")]
    pub expiry_days: u32,
    /// Denominations.
    pub denominations: Vec<DenominationSeed>,
}

/// A denomination of a product.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DenominationSeed {
    /// Product config id.
    pub id: String,
    /// Face value.
    #[serde(deserialize_with = "money::from_seed")]
    pub mrp: Decimal,
    /// Discount in percent.
    #[serde(default, deserialize_with = "money::from_seed")]
    pub discount: Decimal,
    /// Most pieces of one order.
    pub max_quantity: u32,
    /// Whether any amount can be ordered.
    #[serde(default)]
    pub custom_amount: bool,
}

/// A coin event of a company.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CoinEventSeed {
    /// Company id.
    pub company: String,
    /// Name of the event.
    pub event: String,
    /// Coins for it.
    pub amount: i64,
}

fn yes() -> bool {
    true
}

fn mr() -> String {
    "Mr".to_owned()
}

fn male() -> String {
    "M".to_owned()
}

fn a_year() -> u32 {
    365
}

/// Forty hexadecimal digits, as a client secret has, that nobody takes for one.
fn plain_secret() -> String {
    "5a".repeat(20)
}

impl Seed {
    /// The default: one company with a partner's and a card holder's log-in, one account, two products, one event.
    #[must_use]
    pub fn small() -> Self {
        match Seed::from_yaml(DEFAULT) {
            Ok(seed) => seed,
            // A test reads the file, so this world is never seen.
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

/// Ten digits: the form of every mobile on the portal, which states no rule.
pub(crate) fn is_mobile(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Default for Seed {
    fn default() -> Self {
        Seed::small()
    }
}

impl CompanySeed {
    /// A company without log-ins and accounts, with a client secret that is plainly none.
    #[must_use]
    pub fn new(id: impl Into<String>, name: impl Into<String>, partner_id: impl Into<String>) -> Self {
        CompanySeed {
            id: id.into(),
            name: name.into(),
            partner_id: partner_id.into(),
            client_secret: plain_secret(),
            logins: Vec::new(),
            accounts: Vec::new(),
        }
    }

    /// Adds a log-in.
    #[must_use]
    pub fn login(mut self, login: LoginSeed) -> Self {
        self.logins.push(login);
        self
    }

    /// Adds a card account.
    #[must_use]
    pub fn account(mut self, account: AccountSeed) -> Self {
        self.accounts.push(account);
        self
    }
}

impl LoginSeed {
    /// The partner's log-in.
    #[must_use]
    pub fn partner(username: impl Into<String>, password: impl Into<String>) -> Self {
        LoginSeed {
            username: username.into(),
            password: password.into(),
            person: None,
        }
    }

    /// The own log-in of the card holder with this mobile.
    #[must_use]
    pub fn holder(username: impl Into<String>, password: impl Into<String>, mobile: impl Into<String>) -> Self {
        LoginSeed {
            username: username.into(),
            password: password.into(),
            person: Some(mobile.into()),
        }
    }
}

impl AccountSeed {
    /// An account without people and without a primary card.
    #[must_use]
    pub fn new(id: impl Into<String>, balance: impl Into<Decimal>) -> Self {
        AccountSeed {
            id: id.into(),
            balance: balance.into(),
            primary: None,
            kyc_done: true,
            bin_mapped: true,
            people: Vec::new(),
        }
    }

    /// Sets the person on the primary card.
    #[must_use]
    pub fn primary(mut self, person: PersonSeed) -> Self {
        self.primary = Some(person);
        self
    }

    /// Adds a person with a card.
    #[must_use]
    pub fn person(mut self, person: PersonSeed) -> Self {
        self.people.push(person);
        self
    }
}

impl PersonSeed {
    /// A person with this mobile, and an empty card.
    #[must_use]
    pub fn new(mobile: impl Into<String>) -> Self {
        PersonSeed {
            mobile: mobile.into(),
            title: mr(),
            first_name: String::new(),
            gender: male(),
            email: String::new(),
            balance: Decimal::ZERO,
        }
    }

    /// Sets the first name.
    #[must_use]
    pub fn first_name(mut self, name: impl Into<String>) -> Self {
        self.first_name = name.into();
        self
    }

    /// Sets what is on the card.
    #[must_use]
    pub fn balance(mut self, balance: impl Into<Decimal>) -> Self {
        self.balance = balance.into();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_seed_is_read() {
        let seed = Seed::from_yaml(DEFAULT).unwrap();
        assert_eq!(seed.companies[0].accounts[0].balance, Decimal::from(1_000_000));
        assert_eq!(
            seed.companies[0].accounts[0].people[0].balance,
            Decimal::new(250_050, 2)
        );
        assert_eq!(seed.companies[0].client_secret.len(), 40);
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        let text = DEFAULT.replace("balance: 1000000", "balanse: 1000000");
        let error = Seed::from_yaml(&text).unwrap_err().to_string();
        assert!(error.contains("balanse") && error.contains("line"), "{error}");
        let text = DEFAULT.replace("person: '9000000901'", "person: '9000000999'");
        assert!(matches!(Seed::from_yaml(&text), Err(SeedError::Inconsistent(_))));
        let text = DEFAULT.replace("PCN0SANDBOXBK0500", "PCN0SANDBOXBK0100");
        assert!(
            Seed::from_yaml(&text)
                .unwrap_err()
                .to_string()
                .contains("PCN0SANDBOXBK0100 is there twice")
        );
        assert!(Seed::from_yaml("companies: []").is_err());
    }

    #[test]
    fn debug_shows_no_person_and_no_secret() {
        let shown = format!("{:?}", Seed::small());
        for hidden in ["9000000901", "Ravi", "sandbox-password", "5a5a", "example.com"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
    }
}
