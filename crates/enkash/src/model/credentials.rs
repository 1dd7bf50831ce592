//! What a client logs in with.

use base64::{Engine, prelude::BASE64_STANDARD};
use enkash_api::{PersonalData, Secret};

/// The four values that EnKash issues for the password grant (page: Authentication).
///
/// `Debug` shows the client id only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    pub(crate) username: PersonalData,
    pub(crate) password: Secret,
}

impl Credentials {
    /// Takes the values as they were issued. The client id is the company's id, such as `CEK1PU9AOO`.
    #[must_use]
    pub fn new(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
        username: impl Into<PersonalData>,
        password: impl Into<Secret>,
    ) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            username: username.into(),
            password: password.into(),
        }
    }

    /// The whole value of the `Authorization` header of a login.
    pub(crate) fn basic(&self) -> Secret {
        let pair = Secret::new(format!("{}:{}", self.client_id, self.client_secret.expose()));
        Secret::new(format!("Basic {}", BASE64_STANDARD.encode(pair.expose())))
    }
}
