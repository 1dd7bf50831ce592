//! A client from settings by name: environment variables, or pairs such as those that a sandbox gives. Everything that is missing
//! is named at once.

use std::{collections::BTreeMap, env, ffi::OsString};

use crate::{
    client::{Enkash, builder::EnkashBuilder},
    error::Error,
    model::{credentials::Credentials, hosts::Hosts},
};

/// The settings of a client.
const NAMES: [&str; 7] = [
    "base_url",
    "partner_id",
    "client_id",
    "client_secret",
    "username",
    "password",
    "token_url",
];
/// Settings that may stand beside them: they are given to [`Enkash::rewards`].
const ACCOUNT_NAMES: [&str; 2] = ["company_id", "card_account_id"];

impl Enkash {
    /// A client from `ENKASH_BASE_URL`, `ENKASH_PARTNER_ID`, `ENKASH_CLIENT_ID`, `ENKASH_CLIENT_SECRET`, `ENKASH_USERNAME`
    /// and `ENKASH_PASSWORD`; `ENKASH_TOKEN_URL` where tokens come from another host. Sends nothing.
    ///
    /// ```no_run
    /// let enkash = enkash::Enkash::from_env()?;
    /// # Ok::<(), enkash::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Names every variable that is missing, empty, not UTF-8 or has a line break, or what cannot be right in them.
    pub fn from_env() -> Result<Self, Error> {
        EnkashBuilder::from_env()?.build()
    }

    /// A client from settings with the names of a profile of the command line: `base_url`, `partner_id`, `client_id`,
    /// `client_secret`, `username`, `password` and, where tokens come from another host, `token_url`. `company_id` and
    /// `card_account_id` may stand beside them; they belong to [`rewards`](Self::rewards). Sends nothing.
    ///
    /// ```
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = enkash_sandbox::Sandbox::start().await?;
    /// let enkash = enkash::Enkash::from_settings(sandbox.credentials().settings())?;
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// Names every setting that is missing or unknown, or what cannot be right in them.
    pub fn from_settings<N, V>(settings: impl IntoIterator<Item = (N, V)>) -> Result<Self, Error>
    where
        N: Into<String>,
        V: Into<OsString>,
    {
        EnkashBuilder::from_settings(settings)?.build()
    }
}

impl EnkashBuilder {
    /// A builder with the settings of [`Enkash::from_env`], to add more to.
    ///
    /// # Errors
    ///
    /// Names every variable that is missing, empty, not UTF-8 or has a line break.
    pub fn from_env() -> Result<Self, Error> {
        from_variables(|name| env::var_os(name))
    }

    /// A builder with the settings of [`Enkash::from_settings`], to add more to.
    ///
    /// # Errors
    ///
    /// Names every setting that is missing, unknown, empty, not UTF-8 or has a line break.
    pub fn from_settings<N, V>(settings: impl IntoIterator<Item = (N, V)>) -> Result<Self, Error>
    where
        N: Into<String>,
        V: Into<OsString>,
    {
        let settings: BTreeMap<String, OsString> = settings
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        let is_known = |name: &str| NAMES.contains(&name) || ACCOUNT_NAMES.contains(&name);
        if let Some(name) = settings.keys().find(|name| !is_known(name)) {
            return Err(Error::settings(format!("no setting is called {name:?}")));
        }
        from_named("in the settings", str::to_owned, |name| settings.get(name).cloned())
    }
}

fn from_variables(variable: impl Fn(&str) -> Option<OsString>) -> Result<EnkashBuilder, Error> {
    let name = |name: &str| format!("ENKASH_{}", name.to_ascii_uppercase());
    from_named("in the environment", name, |setting| variable(&name(setting)))
}

/// Reads the settings, and names those that are missing or broken by `label`.
fn from_named(
    place: &str,
    label: impl Fn(&str) -> String,
    value: impl Fn(&str) -> Option<OsString>,
) -> Result<EnkashBuilder, Error> {
    let mut missing = Vec::new();
    let mut broken = Vec::new();
    let [base, partner, client_id, client_secret, username, password, token] = NAMES.map(|name| {
        match value(name).filter(|value| !value.is_empty()).map(OsString::into_string) {
            // Such as the end of the line of a file that it was read from: it would cost a failed login.
            Some(Ok(text)) if text.contains(char::is_control) => broken.push(label(name)),
            Some(Ok(text)) => return text,
            Some(Err(_)) => broken.push(label(name)),
            None if name != "token_url" => missing.push(label(name)),
            None => {}
        }
        String::new()
    });
    let mut problems = Vec::new();
    if !missing.is_empty() {
        problems.push(format!("missing {place}: {}", missing.join(", ")));
    }
    if !broken.is_empty() {
        problems.push(format!("not UTF-8, or with a line break: {}", broken.join(", ")));
    }
    if !problems.is_empty() {
        return Err(Error::settings(problems.join("; ")));
    }
    let mut hosts = Hosts::new(base);
    if !token.is_empty() {
        hosts = hosts.token(token);
    }
    let credentials = Credentials::new(client_id, client_secret, username, password);
    Ok(Enkash::builder(hosts).credentials(credentials).partner_id(partner))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [&str; 6] = [
        "ENKASH_BASE_URL",
        "ENKASH_PARTNER_ID",
        "ENKASH_CLIENT_ID",
        "ENKASH_CLIENT_SECRET",
        "ENKASH_USERNAME",
        "ENKASH_PASSWORD",
    ];

    #[test]
    fn everything_missing_is_named_at_once_and_no_value_is_shown() {
        let error = from_variables(|_| None).unwrap_err().to_string();
        assert!(ALL.iter().all(|name| error.contains(name)), "{error}");

        let error = from_variables(|name| Some(if name == "ENKASH_PASSWORD" { "hidden\n" } else { "x" }.into()));
        let error = error.unwrap_err().to_string();
        assert_eq!(error, "not UTF-8, or with a line break: ENKASH_PASSWORD");
    }

    #[test]
    fn the_six_variables_are_enough() {
        let value = |name: &str| match name {
            "ENKASH_BASE_URL" => Some("https://portal.test".into()),
            name if ALL.contains(&name) => Some("x".into()),
            _ => None,
        };
        from_variables(value).unwrap().build().unwrap();
    }

    #[test]
    fn settings_that_are_unknown_or_missing_are_named() {
        let error = |settings: &[(&'static str, &'static str)]| {
            let settings = settings.iter().copied();
            EnkashBuilder::from_settings(settings).unwrap_err().to_string()
        };
        assert_eq!(error(&[("pasword", "hidden")]), "no setting is called \"pasword\"");
        let missing = error(&[
            ("base_url", "https://api.test"),
            ("company_id", "C"),
            ("password", "hidden\n"),
        ]);
        assert!(
            missing.starts_with("missing in the settings: partner_id, client_id"),
            "{missing}"
        );
        assert!(missing.ends_with("with a line break: password"), "{missing}");
    }
}
