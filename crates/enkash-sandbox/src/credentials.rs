//! What a client needs to use a sandbox: where it is, and a log-in that it accepts. The builder makes it from the seed,
//! tests hand it to their client, and a command can print it as the one line that announces the sandbox.

use std::fmt;

use serde::Serialize;

/// Address and log-in of a running sandbox. All values are synthetic.
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
