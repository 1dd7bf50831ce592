//! The settings by name: what each is called in the environment and in a profile, and which must not be shown.

/// A setting that is one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    BaseUrl,
    TokenUrl,
    PartnerId,
    ClientId,
    ClientSecret,
    Username,
    Password,
    CompanyId,
    CardAccountId,
}

impl Key {
    pub(crate) const ALL: [Self; 9] = [
        Self::BaseUrl,
        Self::TokenUrl,
        Self::PartnerId,
        Self::ClientId,
        Self::ClientSecret,
        Self::Username,
        Self::Password,
        Self::CompanyId,
        Self::CardAccountId,
    ];
    /// What a log-in cannot be made without.
    pub(super) const OF_LOG_IN: [Self; 6] = [
        Self::BaseUrl,
        Self::PartnerId,
        Self::ClientId,
        Self::ClientSecret,
        Self::Username,
        Self::Password,
    ];
    /// Whose account the calls are about.
    pub(super) const OF_ACCOUNT: [Self; 2] = [Self::CompanyId, Self::CardAccountId];

    /// Its name in a profile.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BaseUrl => "base_url",
            Self::TokenUrl => "token_url",
            Self::PartnerId => "partner_id",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::Username => "username",
            Self::Password => "password",
            Self::CompanyId => "company_id",
            Self::CardAccountId => "card_account_id",
        }
    }

    /// Its variable in the environment.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::BaseUrl => "ENKASH_BASE_URL",
            Self::TokenUrl => "ENKASH_TOKEN_URL",
            Self::PartnerId => "ENKASH_PARTNER_ID",
            Self::ClientId => "ENKASH_CLIENT_ID",
            Self::ClientSecret => "ENKASH_CLIENT_SECRET",
            Self::Username => "ENKASH_USERNAME",
            Self::Password => "ENKASH_PASSWORD",
            Self::CompanyId => "ENKASH_COMPANY_ID",
            Self::CardAccountId => "ENKASH_CARD_ACCOUNT_ID",
        }
    }

    /// The profile's key for the file that holds it.
    pub(super) fn file_key(self) -> Option<&'static str> {
        match self {
            Self::ClientSecret => Some("client_secret_file"),
            Self::Password => Some("password_file"),
            _ => None,
        }
    }

    pub(super) fn is_url(self) -> bool {
        matches!(self, Self::BaseUrl | Self::TokenUrl)
    }

    /// Whether it is a secret, which no file of settings may hold.
    pub(crate) fn is_secret(self) -> bool {
        self.file_key().is_some()
    }

    /// Whether it is shown. The user name is a person's mobile number or address.
    pub(crate) fn is_shown(self) -> bool {
        !self.is_secret() && self != Self::Username
    }
}
