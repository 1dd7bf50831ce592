//! The companies of a seed, with their logins, card accounts and people. [`Seed`](super::Seed) holds them, and the state is
//! made from them.

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::money;

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
    #[serde(default = "default_client_secret")]
    pub client_secret: String,
    /// Logins.
    #[serde(default)]
    pub logins: Vec<LoginSeed>,
    /// Card accounts.
    #[serde(default)]
    pub accounts: Vec<AccountSeed>,
}

/// A login.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LoginSeed {
    /// Login name.
    pub username: String,
    /// Password.
    pub password: String,
    /// Mobile of the card holder whose login this is. Left out, it is the partner's login.
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
    #[serde(default = "default_true")]
    pub kyc_done: bool,
    /// Whether the account's BIN type is mapped. If not, bulk allocation is refused as documented.
    #[serde(default = "default_true")]
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
    #[serde(default = "default_title")]
    pub title: String,
    /// First name.
    #[serde(default)]
    pub first_name: String,
    /// Gender.
    #[serde(default = "default_gender")]
    pub gender: String,
    /// E-mail.
    #[serde(default)]
    pub email: String,
    /// What is on the card.
    #[serde(default, deserialize_with = "money::from_seed")]
    pub balance: Decimal,
}

fn default_true() -> bool {
    true
}

fn default_title() -> String {
    "Mr".to_owned()
}

fn default_gender() -> String {
    "M".to_owned()
}

/// Forty hexadecimal digits, as a client secret has, that nobody takes for one.
fn default_client_secret() -> String {
    "5a".repeat(20)
}

/// Ten digits: the form of every mobile in the documentation, which states no rule.
pub(crate) fn is_mobile(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl CompanySeed {
    /// A company without logins and accounts, with a client secret that is plainly none.
    #[must_use]
    pub fn new(id: impl Into<String>, name: impl Into<String>, partner_id: impl Into<String>) -> Self {
        CompanySeed {
            id: id.into(),
            name: name.into(),
            partner_id: partner_id.into(),
            client_secret: default_client_secret(),
            logins: Vec::new(),
            accounts: Vec::new(),
        }
    }

    /// Adds a login.
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
    /// The partner's login.
    #[must_use]
    pub fn partner(username: impl Into<String>, password: impl Into<String>) -> Self {
        LoginSeed {
            username: username.into(),
            password: password.into(),
            person: None,
        }
    }

    /// The own login of the card holder with this mobile.
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
            title: default_title(),
            first_name: String::new(),
            gender: default_gender(),
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
