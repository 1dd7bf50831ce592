//! The settings of live calls: from the environment, and from the profile that the command line names. The environment
//! comes first, so that one value can be changed for one run. Everything that is missing or wrong is named at once.
//! Sessions ask for them; `profile` and `doctor` show where each comes from.

mod call_hosts;
mod fleet;
mod key;
mod located;
mod policy;
mod profile;
mod profile_lookup;
mod response_limits;
mod run_limits;
mod secret;
mod sources;
mod toml_text;
mod variables;

use std::{collections::BTreeMap, env, path::PathBuf};

use enkash::{
    Credentials, Hosts, OperationId, Secret,
    ids::{CardAccountId, CompanyId, PartnerId},
};
use enkash_ledger::Scope;

pub(crate) use self::{
    call_hosts::CallHosts,
    key::{Login, SettingKey},
    located::Located,
    profile::{ENCRYPTION_MODES, Profile},
    profile_lookup::{config_path, profiles},
    response_limits::response_limits,
    run_limits::RunLimits,
    sources::{ResolvedValue, ValueSource},
};
use crate::{exit::CliError, fleet::FleetDatabases};

/// What a client is built of.
#[derive(Debug)]
pub(crate) struct LiveSettings {
    pub(crate) hosts: Hosts,
    pub(crate) token_url: String,
    pub(crate) partner: PartnerId,
    pub(crate) credentials: Credentials,
    /// Whose account the calls are about; empty where a command does not need them.
    pub(crate) company: CompanyId,
    pub(crate) account: CardAccountId,
    /// The database of the ledger, where it is none in the state folder.
    pub(crate) ledger_url: Option<Secret>,
    /// Where the token and the strikes are, where they are in no files.
    pub(crate) fleet: Option<FleetDatabases>,
    pub(crate) call_hosts: CallHosts,
    /// What the profile sets beside these.
    pub(crate) profile: Profile,
}

/// What a command cannot do without.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requirements {
    pub(crate) account: bool,
    /// Not required in a dry run, which sends nothing.
    pub(crate) secrets: bool,
}

impl Requirements {
    pub(crate) const ALL: Self = Self {
        account: true,
        secrets: true,
    };
}

/// All settings, with what is wrong with them.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// The file of profiles and the one in use.
    pub(crate) profile: Option<(PathBuf, Profile)>,
    pub(crate) values: BTreeMap<SettingKey, ResolvedValue>,
    /// What many machines share, where the settings name it and it is right.
    pub(crate) fleet: Option<FleetDatabases>,
    login: Login,
    problems: Vec<String>,
}

impl Settings {
    /// Reads the environment, and this profile or the one that the environment names.
    pub(crate) fn read(profile: Option<&str>) -> Self {
        let lookup = |name: &str| env::var_os(name);
        let mut settings = Self::default();
        let named = profile
            .map(str::to_owned)
            .or_else(|| settings.text(&lookup, "ENKASH_PROFILE"));
        if let Some(name) = named {
            match profile_lookup::load(&name) {
                Ok((path, profile)) => settings.profile = Some((path, profile)),
                Err(problem) => settings.problems.push(problem),
            }
        }
        settings.resolve_all(&lookup);
        settings.refuse_misspelt(env::vars_os().map(|(name, _)| name));
        settings
    }

    /// The same settings for somebody else's login.
    pub(crate) fn for_login(mut self, login: Login) -> Self {
        self.login = login;
        self
    }

    /// The hosts, where the base URL is not overridden by the environment.
    pub(crate) fn profile_hosts(&self) -> impl Iterator<Item = (&str, &Located<String>)> {
        let own = matches!(
            self.values.get(&SettingKey::BaseUrl),
            Some(ResolvedValue {
                origin: ValueSource::Environment(_),
                ..
            })
        );
        let hosts = self
            .profile
            .iter()
            .filter(move |_| !own)
            .flat_map(|(_, profile)| &profile.hosts);
        hosts.map(|(tag, host)| (tag.as_str(), host))
    }

    /// The host, and the company and account where they are named: what a ledger tells accounts apart by.
    pub(crate) fn scope(&self) -> Scope {
        let text = |key| self.get(key).unwrap_or_default().to_owned();
        Scope {
            host: self.call_hosts().of(OperationId::CreateAllocatePoints).to_owned(),
            company: text(SettingKey::CompanyId),
            account: text(SettingKey::CardAccountId),
        }
    }

    /// Where each operation is called.
    pub(crate) fn call_hosts(&self) -> CallHosts {
        CallHosts::new(self.get(SettingKey::BaseUrl), self.profile_hosts())
    }

    /// The database of the ledger, where it is none in the state folder.
    pub(crate) fn ledger_url(&self) -> Option<Secret> {
        Some(self.values.get(&SettingKey::LedgerUrl)?.value.clone())
    }

    pub(crate) fn get(&self, key: SettingKey) -> Option<&str> {
        self.values.get(&key).map(|found| found.value.expose())
    }

    /// What people may see of it: of a fleet's address hosts and database.
    pub(crate) fn shown(&self, key: SettingKey) -> Option<String> {
        match (key, &self.fleet) {
            (SettingKey::FleetUrl, Some(fleet)) => Some(fleet.strikes.place().to_owned()),
            (SettingKey::FleetTokenUrl, Some(fleet)) => {
                fleet.own_tokens.as_ref().map(|tokens| tokens.place().to_owned())
            }
            _ => self.get(key).filter(|_| key.is_shown()).map(str::to_owned),
        }
    }

    /// What is wrong or missing, each by its name; nothing where the command can go on. A secret that somebody at the
    /// terminal can be asked for is not missing.
    pub(crate) fn problems(&self, needs: Requirements) -> Vec<String> {
        let missing = self.missing(needs);
        let mut problems = Vec::new();
        let askable = self.problems.is_empty() && missing.iter().all(|key| key.is_secret()) && secret::can_ask();
        if !missing.is_empty() && !askable {
            problems.push(match &self.profile {
                None => {
                    let names: Vec<_> = missing.iter().map(|key| key.variable()).collect();
                    format!("missing in the environment: {}", names.join(", "))
                }
                Some((path, profile)) => {
                    let name = |key: &SettingKey| {
                        let name = key.file_key().unwrap_or(key.name());
                        format!("{name} (or {})", key.variable())
                    };
                    let names: Vec<_> = missing.iter().map(name).collect();
                    format!(
                        "{}:{}: missing in profile {}: {}",
                        path.display(),
                        profile.line,
                        profile.name,
                        names.join(", ")
                    )
                }
            });
        }
        problems.extend(self.problems.iter().cloned());
        problems
    }

    /// What is wrong, whether it is needed or not.
    pub(crate) fn mistakes(&self) -> &[String] {
        &self.problems
    }

    fn missing(&self, needs: Requirements) -> Vec<SettingKey> {
        let account = SettingKey::OF_ACCOUNT.into_iter().filter(|_| needs.account);
        SettingKey::OF_LOGIN
            .into_iter()
            .map(|key| key.for_login(self.login))
            .filter(|key| needs.secrets || !key.is_secret())
            .chain(account)
            .filter(|key| !self.values.contains_key(key))
            // What is wrong is not missing as well.
            .filter(|key| !self.problems.iter().any(|problem| mentions(problem, *key)))
            .collect()
    }

    /// All that a client is built of. Asks for secrets that are missing, where somebody is there to answer.
    pub(crate) fn live(mut self, needs: Requirements) -> Result<LiveSettings, CliError> {
        let mut problems = self.problems(needs);
        if problems.is_empty() {
            for key in self.missing(needs) {
                match secret::ask(key.name()) {
                    Ok(value) => {
                        let origin = ValueSource::Terminal;
                        self.values.insert(key, ResolvedValue { value, origin });
                    }
                    Err(problem) => problems.push(problem),
                }
            }
        }
        if !problems.is_empty() {
            if !self.missing(needs).is_empty() {
                problems.push(
                    "Set them, name a profile with --profile, or add --sandbox to try the command without an account."
                        .to_owned(),
                );
            }
            return Err(CliError::bad_input(problems.join("\n")));
        }
        Ok(self.build())
    }

    fn build(self) -> LiveSettings {
        let text = |key| self.get(key).unwrap_or_default().to_owned();
        let secret = |key| {
            let value = self.values.get(&key).map(|found| found.value.clone());
            // Missing in dry runs only, which send nothing.
            value.unwrap_or_else(|| Secret::new("none"))
        };
        let base_url = text(SettingKey::BaseUrl);
        let token_url = self.get(SettingKey::TokenUrl).unwrap_or(&base_url).to_owned();
        let hosts = Hosts::new(&base_url).token(&token_url);
        LiveSettings {
            hosts: self
                .profile_hosts()
                .fold(hosts, |hosts, (tag, host)| hosts.tag(tag, host.value.as_str())),
            token_url,
            partner: text(SettingKey::PartnerId).into(),
            credentials: Credentials::new(
                text(SettingKey::ClientId),
                secret(SettingKey::ClientSecret),
                text(SettingKey::Username.for_login(self.login)),
                secret(SettingKey::Password.for_login(self.login)),
            ),
            company: text(SettingKey::CompanyId).into(),
            account: text(SettingKey::CardAccountId).into(),
            ledger_url: self.ledger_url(),
            fleet: self.fleet.clone(),
            call_hosts: self.call_hosts(),
            profile: self.profile.map(|(_, profile)| profile).unwrap_or_default(),
        }
    }
}

/// Whether a problem is about this setting.
fn mentions(problem: &str, key: SettingKey) -> bool {
    let is_it = |name: &str| {
        problem
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .any(|word| word == name)
    };
    is_it(key.variable()) || is_it(key.name()) || key.file_key().is_some_and(is_it)
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
        let mut settings = Settings::default();
        settings.resolve_all(&lookup);
        settings.live(Requirements::ALL).unwrap_err().message
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
