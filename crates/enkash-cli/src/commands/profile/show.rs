//! `enkash profile show`: which settings a command would use. Secrets and the user name are never shown; where they come from
//! is.

use enkash::encryption::EncryptionMode;
use serde_json::{Value, json};

use super::HELP;
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    output::Format,
    settings::{ENCRYPTION_MODES, Profile, Requirements, SettingKey, Settings, ValueSource},
};

/// Show the settings in use, and where each comes from; never a secret
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Show {
    /// The profile; --profile and ENKASH_PROFILE name it as well
    name: Option<String>,
}

/// One setting as it is shown.
struct SettingRow {
    name: String,
    /// `None` where it is kept back.
    value: Option<String>,
    from: Option<ValueSource>,
}

impl Command for Show {
    const EFFECT: Effect = Effect::Local;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let settings = Settings::read(self.name.as_deref().or(context.target.profile.as_deref()));
        let shown = all(&settings);
        match context.output.format {
            Format::Json => {
                let rows = shown.iter().map(|setting| {
                    json!({
                        "name": setting.name,
                        "value": setting.value,
                        "is_set": setting.from.is_some(),
                        "from": setting.from.as_ref().map(|origin| as_json(origin, &settings)),
                    })
                });
                let profile = settings.profile.as_ref().map(|(_, profile)| &profile.name);
                context
                    .output
                    .json(&json!({ "profile": profile, "settings": rows.collect::<Vec<_>>() }))?;
            }
            Format::Table | Format::Csv => {
                let rows: Vec<_> = shown
                    .iter()
                    .map(|setting| {
                        let value = match (&setting.value, &setting.from) {
                            (Some(value), _) => value.clone(),
                            (None, Some(_)) => "set, not shown".to_owned(),
                            (None, None) => "-".to_owned(),
                        };
                        let from = setting.from.as_ref().map(|origin| describe(origin, &settings));
                        vec![setting.name.clone(), value, from.unwrap_or_default()]
                    })
                    .collect();
                context.output.table(&["setting", "value", "from"], &rows)?;
            }
        }
        match settings.problems(Requirements::ALL) {
            problems if problems.is_empty() => Ok(ExitStatus::Done),
            problems => Err(CliError::bad_input(problems.join("\n"))),
        }
    }
}

impl SettingRow {
    fn from_profile(name: impl Into<String>, value: impl Into<String>, line: u64) -> Self {
        Self {
            name: name.into(),
            value: Some(value.into()),
            from: Some(ValueSource::Profile(line)),
        }
    }
}

fn all(settings: &Settings) -> Vec<SettingRow> {
    let mut shown: Vec<_> = SettingKey::ALL
        .into_iter()
        .map(|key| SettingRow {
            name: key.name().to_owned(),
            value: settings.shown(key),
            from: settings.values.get(&key).map(|found| found.origin.clone()),
        })
        .collect();
    let hosts = settings.profile_hosts();
    shown.extend(hosts.map(|(tag, host)| SettingRow::from_profile(format!("host of {tag}"), &host.value, host.line)));
    if let Some((_, profile)) = &settings.profile {
        shown.extend(all_of_profile(profile));
    }
    shown
}

/// What a profile sets beside single texts and hosts.
fn all_of_profile(profile: &Profile) -> impl Iterator<Item = SettingRow> {
    let paths = profile
        .paths
        .iter()
        .map(|(operation, path)| SettingRow::from_profile(format!("path of {operation}"), &path.value.text, path.line));
    let limits = profile.response_limits.iter().map(|(name, limit)| {
        let name = format!("response limit of {name}");
        SettingRow::from_profile(name, limit.value.to_string(), limit.line)
    });
    let encryption = profile.encryption.as_ref();
    let encryption = encryption.map(|mode| SettingRow::from_profile("encryption", label(mode.value), mode.line));
    let overlay = profile.policy.overlay.as_ref();
    let overlay = overlay
        .map(|overlay| SettingRow::from_profile("policy_overlay", overlay.value.display().to_string(), overlay.line));
    let loosened: Vec<_> = profile.policy.allow_loosening.iter().map(ToString::to_string).collect();
    let lists = [
        ("allow_loosening", loosened.join(", ")),
        ("allow_plain_http", profile.plain_http_hosts.join(", ")),
    ];
    let lists = lists.into_iter().filter(|(_, names)| !names.is_empty());
    let lists = lists.map(|(name, names)| SettingRow::from_profile(name, names, profile.line));
    paths.chain(limits).chain(encryption).chain(overlay).chain(lists)
}

fn label(mode: EncryptionMode) -> &'static str {
    ENCRYPTION_MODES
        .iter()
        .find(|(_, known)| *known == mode)
        .map_or("-", |(label, _)| label)
}

fn describe(origin: &ValueSource, settings: &Settings) -> String {
    let file = || settings.profile.as_ref().map(|(path, _)| path.display().to_string());
    match origin {
        ValueSource::Environment(variable) => (*variable).to_owned(),
        ValueSource::Profile(line) => format!("{}:{line}", file().unwrap_or_default()),
        ValueSource::SecretFile(path, _) => path.display().to_string(),
        ValueSource::Terminal => "the terminal".to_owned(),
    }
}

fn as_json(origin: &ValueSource, settings: &Settings) -> Value {
    let file = settings.profile.as_ref().map(|(path, _)| path);
    match origin {
        ValueSource::Environment(variable) => json!({ "variable": variable }),
        ValueSource::Profile(line) => json!({ "file": file, "line": line }),
        ValueSource::SecretFile(path, line) => json!({ "file": file, "line": line, "secret_file": path }),
        ValueSource::Terminal => json!("terminal"),
    }
}
