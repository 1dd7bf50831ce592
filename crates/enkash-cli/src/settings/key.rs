//! The settings by name: what each is called in the environment and in a profile, and which must not be shown.

/// Who logs in, with the client's id and secret in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Login {
    /// The partner's own user.
    #[default]
    Partner,
    /// The person whose cart and orders redemption is about.
    RedemptionUser,
}

/// A setting that is one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SettingKey {
    BaseUrl,
    TokenUrl,
    PartnerId,
    ClientId,
    ClientSecret,
    Username,
    Password,
    CompanyId,
    CardAccountId,
    RedemptionUsername,
    RedemptionPassword,
    LedgerUrl,
    FleetUrl,
    FleetTokenUrl,
    FleetKey,
}

impl SettingKey {
    pub(crate) const ALL: [Self; 15] = [
        Self::BaseUrl,
        Self::TokenUrl,
        Self::PartnerId,
        Self::ClientId,
        Self::ClientSecret,
        Self::Username,
        Self::Password,
        Self::CompanyId,
        Self::CardAccountId,
        Self::RedemptionUsername,
        Self::RedemptionPassword,
        Self::LedgerUrl,
        Self::FleetUrl,
        Self::FleetTokenUrl,
        Self::FleetKey,
    ];
    /// What a login cannot be made without.
    pub(super) const OF_LOGIN: [Self; 6] = [
        Self::BaseUrl,
        Self::PartnerId,
        Self::ClientId,
        Self::ClientSecret,
        Self::Username,
        Self::Password,
    ];
    /// Whose account the calls are about.
    pub(super) const OF_ACCOUNT: [Self; 2] = [Self::CompanyId, Self::CardAccountId];

    /// Its name in a profile, its variable in the environment, and for a secret the profile's key for the file that holds it.
    fn names(self) -> (&'static str, &'static str, Option<&'static str>) {
        match self {
            Self::BaseUrl => ("base_url", "ENKASH_BASE_URL", None),
            Self::TokenUrl => ("token_url", "ENKASH_TOKEN_URL", None),
            Self::PartnerId => ("partner_id", "ENKASH_PARTNER_ID", None),
            Self::ClientId => ("client_id", "ENKASH_CLIENT_ID", None),
            Self::ClientSecret => ("client_secret", "ENKASH_CLIENT_SECRET", Some("client_secret_file")),
            Self::Username => ("username", "ENKASH_USERNAME", None),
            Self::Password => ("password", "ENKASH_PASSWORD", Some("password_file")),
            Self::CompanyId => ("company_id", "ENKASH_COMPANY_ID", None),
            Self::CardAccountId => ("card_account_id", "ENKASH_CARD_ACCOUNT_ID", None),
            Self::RedemptionUsername => ("redemption_username", "ENKASH_REDEMPTION_USERNAME", None),
            Self::RedemptionPassword => (
                "redemption_password",
                "ENKASH_REDEMPTION_PASSWORD",
                Some("redemption_password_file"),
            ),
            // They hold passwords.
            Self::LedgerUrl => ("ledger_url", "ENKASH_LEDGER_URL", Some("ledger_url_file")),
            Self::FleetUrl => ("fleet_url", "ENKASH_FLEET_URL", Some("fleet_url_file")),
            Self::FleetTokenUrl => (
                "fleet_token_url",
                "ENKASH_FLEET_TOKEN_URL",
                Some("fleet_token_url_file"),
            ),
            Self::FleetKey => ("fleet_key", "ENKASH_FLEET_KEY_FILE", Some("fleet_key_file")),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        self.names().0
    }

    pub(crate) fn variable(self) -> &'static str {
        self.names().1
    }

    pub(super) fn file_key(self) -> Option<&'static str> {
        self.names().2
    }

    pub(super) fn is_url(self) -> bool {
        matches!(self, Self::BaseUrl | Self::TokenUrl)
    }

    /// Whether it comes from a file alone, which the environment names as a profile does. It opens what a whole fleet shares, and an
    /// environment is copied to every program that is started, and into reports of crashes.
    pub(super) fn is_file_only(self) -> bool {
        self == Self::FleetKey
    }

    /// Whether it is a secret, which no file of settings may hold.
    pub(crate) fn is_secret(self) -> bool {
        self.file_key().is_some()
    }

    /// Whether it is shown. A user name is a person's mobile number or address.
    pub(crate) fn is_shown(self) -> bool {
        !self.is_secret() && !matches!(self, Self::Username | Self::RedemptionUsername)
    }

    /// The setting that stands in for it where somebody else logs in.
    pub(super) fn for_login(self, login: Login) -> Self {
        match (login, self) {
            (Login::RedemptionUser, Self::Username) => Self::RedemptionUsername,
            (Login::RedemptionUser, Self::Password) => Self::RedemptionPassword,
            _ => self,
        }
    }
}
