//! What a client needs to use a sandbox: where it is, and a login that it accepts. The builder makes it from the seed,
//! tests hand it to their client, and a command can print it as the one line that announces the sandbox.

use std::fmt;

use serde::Serialize;

/// Address and login of a running sandbox. All values are synthetic.
///
/// It serialises to one flat JSON object with the secrets in it, so that it can be announced to another process;
/// `Debug` hides them.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Credentials {
    /// Base URL, without a slash at the end.
    pub url: String,
    /// Client id: the first half of the Basic credentials, and `clientId` of the token request.
    pub client_id: String,
    /// Client secret: the second half of the Basic credentials.
    pub client_secret: String,
    /// Login name.
    pub username: String,
    /// Password.
    pub password: String,
    /// Value of the `partnerId` header.
    pub partner_id: String,
    /// Company.
    pub company_id: String,
    /// The company's card account.
    pub card_account_id: String,
}

impl Credentials {
    /// The same as settings by name, for a client that takes its connection from settings. The names are those of a profile of
    /// the `enkash` command: `base_url`, `token_url`, `client_id`, `client_secret`, `username`, `password`, `partner_id`,
    /// `company_id`, `card_account_id`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), enkash_sandbox::SandboxError> {
    /// use std::collections::BTreeMap;
    ///
    /// let sandbox = enkash_sandbox::Sandbox::start().await?;
    /// let settings: BTreeMap<_, _> = sandbox.credentials().settings().collect();
    /// assert_eq!(settings["base_url"], sandbox.url());
    /// # Ok(()) }
    /// ```
    pub fn settings(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let settings = [
            ("base_url", &self.url),
            // There is one host here.
            ("token_url", &self.url),
            ("client_id", &self.client_id),
            ("client_secret", &self.client_secret),
            ("username", &self.username),
            ("password", &self.password),
            ("partner_id", &self.partner_id),
            ("company_id", &self.company_id),
            ("card_account_id", &self.card_account_id),
        ];
        settings.into_iter().map(|(name, value)| (name, value.as_str()))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("url", &self.url)
            .field("client_id", &self.client_id)
            .field("client_secret", &"[redacted]")
            .field("username", &"[redacted]")
            .field("password", &"[redacted]")
            .field("partner_id", &self.partner_id)
            .field("company_id", &self.company_id)
            .field("card_account_id", &self.card_account_id)
            .finish()
    }
}
