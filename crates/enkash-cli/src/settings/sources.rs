//! Where the values of settings come from: the environment first, then the profile and the files that it names. What is wrong with one
//! is kept, with its place, so that all of it is named at once.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use enkash::Secret;

use super::{Profile, SettingKey, Settings, fleet, mentions, profile, secret};

/// Nothing is read from it, and who sets it would believe that it is.
pub(super) const FLEET_KEY: &str = "ENKASH_FLEET_KEY";

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ValueSource {
    Environment(&'static str),
    /// The file of profiles, by its line.
    Profile(u64),
    /// A file of its own, which the profile names in this line.
    SecretFile(PathBuf, u64),
    Terminal,
}

/// A value, and where it comes from.
#[derive(Debug)]
pub(crate) struct ResolvedValue {
    pub(crate) value: Secret,
    pub(crate) origin: ValueSource,
}

impl Settings {
    pub(super) fn resolve_all(&mut self, lookup: &dyn Fn(&str) -> Option<OsString>) {
        for key in SettingKey::ALL {
            self.resolve_variable(key, lookup);
        }
        if lookup(FLEET_KEY).is_some_and(|value| !value.is_empty()) {
            self.problems.push(format!(
                "{FLEET_KEY} is set, and the key of a fleet never stands in the environment: take it out, put the key into a file \
                 that only you can read, and name that with {}",
                SettingKey::FleetKey.variable()
            ));
        }
        self.resolve_profile();
        match fleet::read(self) {
            Ok(fleet) => self.fleet = fleet,
            Err(problems) => self.problems.extend(problems),
        }
    }

    fn resolve_variable(&mut self, key: SettingKey, lookup: &dyn Fn(&str) -> Option<OsString>) {
        let variable = key.variable();
        let Some(text) = self.text(lookup, variable) else {
            return;
        };
        if key.is_url()
            && let Err(problem) = profile::check_url(&text)
        {
            self.problems.push(format!("{variable} {problem}"));
        }
        let value = match key.is_file_only() {
            true => secret::read(key, Path::new(&text)),
            false => Ok(text.into()),
        };
        match value {
            Ok(value) => {
                let origin = ValueSource::Environment(variable);
                self.values.insert(key, ResolvedValue { value, origin });
            }
            Err(problem) => self.problems.push(format!("{variable}: {problem}")),
        }
    }

    fn resolve_profile(&mut self) {
        let Some((path, profile)) = &self.profile else {
            return;
        };
        self.problems
            .extend(profile.diagnostics.iter().map(|diagnostic| diagnostic.in_file(path)));
        // The hosts of a profile belong together: its token host must not get the login of another API.
        let has_own_hosts = self.values.contains_key(&SettingKey::BaseUrl);
        for (key, found) in &profile.values {
            if *key == SettingKey::TokenUrl && has_own_hosts {
                continue;
            }
            self.values.entry(*key).or_insert_with(|| ResolvedValue {
                value: found.value.as_str().into(),
                origin: ValueSource::Profile(found.line),
            });
        }
        for (key, file) in &profile.secret_files {
            if self.values.contains_key(key) {
                continue;
            }
            match secret::read(*key, &file.value) {
                Ok(value) => {
                    let origin = ValueSource::SecretFile(file.value.clone(), file.line);
                    self.values.insert(*key, ResolvedValue { value, origin });
                }
                Err(problem) => self
                    .problems
                    .push(format!("{}:{}: {problem}", path.display(), file.line)),
            }
        }
    }

    /// Whether somebody gives it, be it a value or one that something is wrong with.
    pub(super) fn is_given(&self, key: SettingKey) -> bool {
        let names_file = |(_, profile): &(PathBuf, Profile)| profile.secret_files.contains_key(&key);
        self.values.contains_key(&key)
            || self.profile.as_ref().is_some_and(names_file)
            || self.problems.iter().any(|problem| mentions(problem, key))
    }

    /// Where a value stands, as problems begin: the variable, or the line of the profile.
    pub(super) fn location(&self, key: SettingKey) -> String {
        let file = || self.profile.as_ref().map(|(path, _)| path.display().to_string());
        match self.values.get(&key).map(|found| &found.origin) {
            Some(ValueSource::SecretFile(_, line)) => format!(
                "{}:{line}: {}",
                file().unwrap_or_default(),
                key.file_key().unwrap_or(key.name())
            ),
            Some(ValueSource::Profile(line)) => format!("{}:{line}: {}", file().unwrap_or_default(), key.name()),
            _ => key.variable().to_owned(),
        }
    }

    /// The text of a variable. An empty one counts as missing.
    pub(super) fn text(&mut self, lookup: &dyn Fn(&str) -> Option<OsString>, name: &str) -> Option<String> {
        match lookup(name).filter(|value| !value.is_empty())?.into_string() {
            Ok(text) if text.contains(char::is_control) => {
                // Such as the end of the line of a file that it was read from: it would cost a failed login.
                self.problems
                    .push(format!("{name} has a line break or another control character"));
                None
            }
            Ok(text) => Some(text),
            Err(_) => {
                self.problems.push(format!("{name} is not UTF-8"));
                None
            }
        }
    }
}
