//! Companies' logins and the tokens that they got. The token operation logs in here, every other call has its bearer checked
//! here, and the lock after three failures in a row is kept here. The documentation states the lock (api-9796904) but not how
//! long it lasts: in the sandbox until it is lifted.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::id_generator::IdGenerator;
use crate::switches::TokenReuse;

/// Failed logins in a row that lock an account, by the prose of the documentation.
const LOCKOUT_THRESHOLD: u32 = 3;

/// Dead tokens are cleared away when so many are kept.
const MAX_TOKENS: usize = 1_024;

/// A company at EnKash.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Company {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) partner_id: String,
    pub(crate) client_secret: String,
}

/// Who is behind a token.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Caller {
    pub(crate) company: Arc<Company>,
    pub(crate) username: Arc<str>,
    /// The EnKash user; the cart is this user's.
    pub(crate) user_id: Arc<str>,
    /// The card of a card holder; `None` for a partner's login.
    pub(crate) card_id: Option<Arc<str>>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    caller: Caller,
    password: String,
    strikes: u32,
    locked: bool,
    /// The token that a new login gives again, or revokes.
    latest: Option<String>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
    caller: Caller,
    refresh: String,
    expires: Timestamp,
}

/// A token that was just given.
pub(crate) struct Grant {
    pub(crate) token: String,
    pub(crate) refresh: String,
    pub(crate) expires: Timestamp,
}

/// Why a login failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoginFailure {
    /// The Basic credentials, or the client id of the form, are wrong.
    Client,
    /// Name or password are wrong.
    Password,
    /// The account is locked.
    Locked,
}

/// Why a bearer is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BearerFault {
    Unknown,
    Expired,
}

/// What a caller claims to be.
pub(crate) struct LoginAttempt<'a> {
    pub(crate) basic: Option<(&'a str, &'a str)>,
    pub(crate) client_id: &'a str,
    pub(crate) username: &'a str,
    pub(crate) password: &'a str,
}

/// What of a claim is as the seed has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RightParts {
    pub(crate) client: bool,
    pub(crate) password: bool,
    /// A password that is not that of the login.
    pub(crate) wrong_password: &'static str,
}

impl Login {
    fn right_parts(&self, attempt: &LoginAttempt<'_>) -> RightParts {
        let company = &self.caller.company;
        RightParts {
            client: attempt.basic == Some((&company.id, &company.client_secret)) && attempt.client_id == company.id,
            password: attempt.password == self.password,
            wrong_password: if self.password == "wrong" { "other" } else { "wrong" },
        }
    }
}

/// All logins and tokens.
#[derive(Default, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Logins {
    logins: HashMap<Arc<str>, Login>,
    tokens: HashMap<String, Token>,
}

impl Logins {
    pub(crate) fn add(&mut self, caller: Caller, password: String) {
        let username = caller.username.clone();
        self.logins.insert(
            username,
            Login {
                caller,
                password,
                strikes: 0,
                locked: false,
                latest: None,
            },
        );
    }

    /// Checks a claim and gives a token. A failure counts towards the lock of the account that it named, if there is one.
    pub(crate) fn login(
        &mut self,
        attempt: &LoginAttempt<'_>,
        ids: &mut IdGenerator,
        now: Timestamp,
        life: Duration,
        reuse: TokenReuse,
    ) -> Result<Grant, LoginFailure> {
        let login = self.logins.get_mut(attempt.username).ok_or(LoginFailure::Password)?;
        if login.locked {
            return Err(LoginFailure::Locked);
        }
        let right = login.right_parts(attempt);
        if !right.client || !right.password {
            login.strikes = login.strikes.saturating_add(1);
            login.locked = login.strikes >= LOCKOUT_THRESHOLD;
            return Err(if right.client {
                LoginFailure::Password
            } else {
                LoginFailure::Client
            });
        }
        login.strikes = 0;
        if let Some(latest) = &login.latest {
            match (reuse, self.tokens.get(latest)) {
                (TokenReuse::Live, Some(token)) if token.expires > now => {
                    return Ok(Grant {
                        token: latest.clone(),
                        refresh: token.refresh.clone(),
                        expires: token.expires,
                    });
                }
                (TokenReuse::RevokeOld, _) => {
                    self.tokens.remove(latest);
                }
                _ => {}
            }
        }
        if self.tokens.len() >= MAX_TOKENS {
            self.tokens.retain(|_, token| token.expires > now);
        }
        let life = SignedDuration::try_from(life).unwrap_or(SignedDuration::MAX);
        let expires = now.checked_add(life).unwrap_or(Timestamp::MAX);
        let grant = Grant {
            token: ids.token(),
            refresh: ids.token(),
            expires,
        };
        let token = Token {
            caller: login.caller.clone(),
            refresh: grant.refresh.clone(),
            expires,
        };
        login.latest = Some(grant.token.clone());
        self.tokens.insert(grant.token.clone(), token);
        Ok(grant)
    }

    /// What of a claim is as the seed has it. `None` where the seed has no such login.
    pub(crate) fn right_parts(&self, attempt: &LoginAttempt<'_>) -> Option<RightParts> {
        let login = self.logins.get(attempt.username);
        login.map(|login| login.right_parts(attempt))
    }

    /// A name that no login has.
    pub(crate) fn unknown_name(&self) -> String {
        let longest = self.logins.keys().map(|name| name.len()).max().unwrap_or_default();
        "?".repeat(longest + 1)
    }

    /// Takes back the last failure of an account: its response never arrived, and a switch says that such a failure does not
    /// count.
    pub(crate) fn undo_failure(&mut self, username: &str) {
        if let Some(login) = self.logins.get_mut(username) {
            login.strikes = login.strikes.saturating_sub(1);
            login.locked = false;
        }
    }

    /// Lifts a lock. `false` where there is no such login.
    pub(crate) fn unlock(&mut self, username: &str) -> bool {
        let Some(login) = self.logins.get_mut(username) else {
            return false;
        };
        login.strikes = 0;
        login.locked = false;
        true
    }

    /// Whether an account is locked.
    pub(crate) fn is_locked(&self, username: &str) -> bool {
        self.logins.get(username).is_some_and(|login| login.locked)
    }

    /// Who is behind a bearer token.
    pub(crate) fn caller(&self, token: &str, now: Timestamp) -> Result<&Caller, BearerFault> {
        let token = self.tokens.get(token).ok_or(BearerFault::Unknown)?;
        if token.expires > now {
            Ok(&token.caller)
        } else {
            Err(BearerFault::Expired)
        }
    }

    /// Who has this login.
    pub(crate) fn of_username(&self, username: &str) -> Option<&Caller> {
        self.logins.get(username).map(|login| &login.caller)
    }

    /// Kills every token.
    pub(crate) fn revoke_all(&mut self) {
        self.tokens.clear();
    }
}
