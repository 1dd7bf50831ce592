//! What a token store keeps of one set of credentials, and the rules of a change. They stand here, once; a
//! [`TokenStore`](super::TokenStore) only keeps the record.

use enkash_api::Secret;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::auth::{
    fence::Fence,
    store::{StoredToken, stored_time},
};

/// What is kept of one set of credentials: the token, and the number of its login. `Debug` does not show the token; serialising
/// does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRecord {
    /// Without one, the API refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<Secret>,
    #[serde(rename = "born", with = "stored_time")]
    issued_at: Timestamp,
    #[serde(rename = "ends", with = "stored_time")]
    expires_at: Timestamp,
    #[serde(default)]
    fence: Fence,
}

impl TokenRecord {
    /// The record of a token, to be kept in place of `kept`. `None` where the login of what is kept began later: then the token is
    /// [overtaken](crate::token::SaveResult::Overtaken), and nothing is to be changed.
    #[must_use]
    pub fn replacing(kept: Option<&Self>, token: StoredToken, fence: Fence) -> Option<Self> {
        if kept.is_some_and(|kept| kept.fence > fence) {
            return None;
        }
        Some(Self {
            token: Some(token.token),
            issued_at: token.issued_at,
            expires_at: token.expires_at,
            fence,
        })
    }

    /// Forgets the token, if it is still this one. `false` where nothing changed.
    #[must_use = "a record that changed is to be kept"]
    pub fn remove(&mut self, token: &Secret) -> bool {
        self.token.take_if(|kept| kept == token).is_some()
    }

    /// The token, if it was not removed.
    #[must_use]
    pub fn into_token(self) -> Option<StoredToken> {
        Some(StoredToken::new(self.token?, self.issued_at, self.expires_at))
    }

    /// When the record is of no use to anybody any more.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// The number of the login.
    #[must_use]
    pub fn fence(&self) -> Fence {
        self.fence
    }
}
