//! A client from environment variables, by the names that the command line uses too. Everything that is missing is named
//! at once.

use std::{env, ffi::OsString};

use crate::{
    client::{Enkash, builder::EnkashBuilder},
    error::Error,
    model::{credentials::Credentials, hosts::Hosts},
};

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
}

fn from_variables(variable: impl Fn(&str) -> Option<OsString>) -> Result<EnkashBuilder, Error> {
    let mut missing = Vec::new();
    let mut broken = Vec::new();
    let mut read = |name: &'static str, is_required: bool| {
        let value = variable(name).filter(|value| !value.is_empty());
        match value.map(OsString::into_string) {
            // Such as the end of the line of a file that it was read from: it would cost a failed log-in.
            Some(Ok(text)) if text.contains(char::is_control) => broken.push(name),
            Some(Ok(text)) => return Some(text),
            Some(Err(_)) => broken.push(name),
            None if is_required => missing.push(name),
            None => {}
        }
        None
    };
    let mut required = |name| read(name, true).unwrap_or_default();
    let base = required("ENKASH_BASE_URL");
    let partner = required("ENKASH_PARTNER_ID");
    let credentials = Credentials::new(
        required("ENKASH_CLIENT_ID"),
        required("ENKASH_CLIENT_SECRET"),
        required("ENKASH_USERNAME"),
        required("ENKASH_PASSWORD"),
    );
    let token = read("ENKASH_TOKEN_URL", false);

    let mut problems = Vec::new();
    if !missing.is_empty() {
        problems.push(format!("missing in the environment: {}", missing.join(", ")));
    }
    if !broken.is_empty() {
        problems.push(format!("not UTF-8, or with a line break: {}", broken.join(", ")));
    }
    if !problems.is_empty() {
        return Err(Error::settings(problems.join("; ")));
    }
    let mut hosts = Hosts::new(base);
    if let Some(token) = token {
        hosts = hosts.token(token);
    }
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
}
