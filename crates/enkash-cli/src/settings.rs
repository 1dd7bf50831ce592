//! The settings of live calls, from the environment: a secret in an argument would be seen by every process
//! of the machine. Everything that is missing is named at once. Sessions ask for them.

use std::{env, ffi::OsString};

use enkash::{CardAccountId, CompanyId, Credentials, PartnerId};

use crate::exit::Failure;

const BASE_URL: &str = "ENKASH_BASE_URL";
const TOKEN_URL: &str = "ENKASH_TOKEN_URL";
const PARTNER_ID: &str = "ENKASH_PARTNER_ID";
const CLIENT_ID: &str = "ENKASH_CLIENT_ID";
const CLIENT_SECRET: &str = "ENKASH_CLIENT_SECRET";
const USERNAME: &str = "ENKASH_USERNAME";
const PASSWORD: &str = "ENKASH_PASSWORD";
const COMPANY_ID: &str = "ENKASH_COMPANY_ID";
const CARD_ACCOUNT_ID: &str = "ENKASH_CARD_ACCOUNT_ID";

/// What a client logs in with, and where.
#[derive(Debug)]
pub(crate) struct LogInSettings {
    pub(crate) base_url: String,
    /// Where tokens are issued, if elsewhere.
    pub(crate) token_url: Option<String>,
    pub(crate) partner: PartnerId,
    pub(crate) credentials: Credentials,
}

/// Whose account the calls are about.
#[derive(Debug)]
pub(crate) struct AccountSettings {
    pub(crate) company: CompanyId,
    pub(crate) account: CardAccountId,
}

/// What logging in alone needs.
pub(crate) fn log_in() -> Result<LogInSettings, Failure> {
    Environment::new(&|name| env::var_os(name)).finish(Environment::log_in)
}

/// What all other calls need.
pub(crate) fn account() -> Result<(LogInSettings, AccountSettings), Failure> {
    Environment::new(&|name| env::var_os(name)).finish(|read| (read.log_in(), read.account()))
}

/// Reads variables, and keeps what is wrong with them.
struct Environment<'a> {
    lookup: &'a dyn Fn(&str) -> Option<OsString>,
    missing: Vec<&'static str>,
    wrong: Vec<String>,
}

impl<'a> Environment<'a> {
    fn new(lookup: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        Self {
            lookup,
            missing: Vec::new(),
            wrong: Vec::new(),
        }
    }

    fn optional(&mut self, name: &'static str) -> Option<String> {
        let value = (self.lookup)(name).filter(|value| !value.is_empty())?;
        match value.into_string() {
            Ok(text) if text.contains(char::is_control) => {
                // Such as the end of the line of a file that it was read from: it would cost a failed log-in.
                self.wrong
                    .push(format!("{name} has a line break or another control character"));
                None
            }
            Ok(text) => Some(text),
            Err(_) => {
                self.wrong.push(format!("{name} is not UTF-8"));
                None
            }
        }
    }

    fn required(&mut self, name: &'static str) -> String {
        let wrong = self.wrong.len();
        match self.optional(name) {
            Some(text) => text,
            None => {
                if self.wrong.len() == wrong {
                    self.missing.push(name);
                }
                String::new()
            }
        }
    }

    fn log_in(&mut self) -> LogInSettings {
        LogInSettings {
            base_url: self.required(BASE_URL),
            token_url: self.optional(TOKEN_URL),
            partner: self.required(PARTNER_ID).into(),
            credentials: Credentials::new(
                self.required(CLIENT_ID),
                self.required(CLIENT_SECRET),
                self.required(USERNAME),
                self.required(PASSWORD),
            ),
        }
    }

    fn account(&mut self) -> AccountSettings {
        AccountSettings {
            company: self.required(COMPANY_ID).into(),
            account: self.required(CARD_ACCOUNT_ID).into(),
        }
    }

    fn finish<T>(mut self, read: impl FnOnce(&mut Self) -> T) -> Result<T, Failure> {
        let settings = read(&mut self);
        let mut problems = Vec::new();
        if !self.missing.is_empty() {
            problems.push(format!("missing in the environment: {}", self.missing.join(", ")));
        }
        problems.append(&mut self.wrong);
        if problems.is_empty() {
            return Ok(settings);
        }
        problems.push("Set them, or add --sandbox to try the command without an account.".to_owned());
        Err(Failure::bad_input(problems.join("\n")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(values: &[(&str, &str)]) -> String {
        let lookup = |name: &str| {
            values
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.into())
        };
        let read = Environment::new(&lookup).finish(|read| (read.log_in(), read.account()));
        read.unwrap_err().message
    }

    #[test]
    fn everything_missing_is_named_at_once_and_empty_counts_as_missing() {
        let all = "missing in the environment: ENKASH_BASE_URL, ENKASH_PARTNER_ID, ENKASH_CLIENT_ID, \
                   ENKASH_CLIENT_SECRET, ENKASH_USERNAME, ENKASH_PASSWORD, ENKASH_COMPANY_ID, ENKASH_CARD_ACCOUNT_ID\n";
        assert!(failure(&[]).starts_with(all));
        assert!(failure(&[("ENKASH_BASE_URL", "")]).starts_with(all));
    }

    #[test]
    fn a_password_with_a_line_end_is_stopped_before_it_costs_a_log_in() {
        let message = failure(&[("ENKASH_PASSWORD", "hidden\n"), ("ENKASH_USERNAME", "u")]);
        assert!(
            message.contains("\nENKASH_PASSWORD has a line break or another control character\n"),
            "{message}"
        );
        assert!(
            !message.contains("hidden") && !message.contains("ENKASH_USERNAME"),
            "{message}"
        );
    }
}
